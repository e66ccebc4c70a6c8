# SPDX-License-Identifier: MIT
"""The chips a controller can be built for, and how each names itself.

A board's version says its chip behind a plus sign, `0.1.0+esp32s3`. The ESP32's says none: that is
what every board said before there was a second chip.
"""

from __future__ import annotations

from dataclasses import dataclass

from treadguard.errors import BoardRefused


@dataclass(frozen=True)
class Chip:
    """One chip; `name` is what esptool, the build and a board's version call it."""

    name: str
    title: str
    image: str
    """MicroPython's name of the download."""
    id: int
    """In the header of an image."""
    begins_at: int
    """Where the download belongs in the flash."""
    machine: str
    """Last word of what MicroPython calls the module it runs on."""


ESP32 = Chip("esp32", "ESP32", "ESP32_GENERIC", 0, 0x1000, "ESP32")
ESP32_S3 = Chip("esp32s3", "ESP32-S3", "ESP32_GENERIC_S3", 9, 0x0, "ESP32S3")
CHIPS = {chip.name: chip for chip in (ESP32, ESP32_S3)}
NAMES = tuple(CHIPS)


def version_on(version: str, chip: str) -> str:
    """What a board with this chip calls a version."""
    return version if chip == ESP32.name else f"{version}+{chip}"


def plain(version: str) -> str:
    """A board's version without its chip: what the host tools' version is compared with."""
    return version.partition("+")[0]


def of_version(version: str) -> str:
    """The chip a board's version names."""
    return version.partition("+")[2] or ESP32.name


def of_machine(said: str) -> str:
    """The chip of MicroPython's `Generic ESP32S3 module with ESP32S3`; "" for none we know."""
    word = (said.split() or [""])[-1]
    return next((chip.name for chip in CHIPS.values() if chip.machine == word), "")


def require_same(port: str, wanted: Chip, found: str) -> None:
    """BoardRefused, with the option that helps, when another chip is there; "" is not known."""
    if found in ("", wanted.name):
        return
    there = CHIPS.get(found)
    title = f"an {there.title}" if there else f"a chip called {found}"
    remedy = f"repeat with --chip {found}" if there else "use the tools that know it"
    raise BoardRefused(
        f"the board on {port} is {title}, and this is the program for the {wanted.title}:"
        f" {remedy}; nothing was changed"
    )
