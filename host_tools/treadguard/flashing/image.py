# SPDX-License-Identifier: MIT
"""A MicroPython image as somebody downloaded it: is it the right one, and is it whole?

The file holds bootloader, partition table and program with 0xFF between them, as one piece for
address 0x1000 of an ESP32, or 0 of an ESP32-S3. Written as one piece it would blank what lies
between: the NVS partition with its lockouts. So it is taken apart here, and each part is written
by itself.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from pathlib import Path

from treadguard import chips
from treadguard.chips import Chip
from treadguard.errors import FileInvalid
from treadguard.flashing import partitions
from treadguard.flashing.partitions import Partition

MAGIC = 0xE9
CHIP_AT = 12
OTHERS = {
    2: "ESP32-S2",
    5: "ESP32-C3",
    12: "ESP32-C2",
    13: "ESP32-C6",
    16: "ESP32-H2",
    18: "ESP32-P4",
    20: "ESP32-C61",
    23: "ESP32-C5",
}
OLDEST = (1, 26)  # the first with the pulse counter
SMALLEST_FILES_BYTES = 1 << 20
FILES = "vfs"
SECTOR = 4096

BANNER = re.compile(rb"MicroPython v(\d+)\.(\d+)(?:\.(\d+))?(-[\w.+-]+)? on \d{4}-\d\d-\d\d")
COUNTER = b"PCNT\0"
PSRAM_SIGNS = (b"with SPIRAM", b"quad_psram", b"esp_psram")
PSRAM_SAYS = (
    "this MicroPython uses PSRAM: its memory clean-up may pause the controller for 286 ms, the"
    " belt then stops with LOOP_OVERRUN; take the build without SPIRAM in its name"
)
# Of the S3 there is no build without: it looks for PSRAM when it starts.
PSRAM_FOUND_SAYS = (
    "this MicroPython uses PSRAM where the module has some: its memory clean-up may pause the"
    " controller for 286 ms, the belt then stops with LOOP_OVERRUN; take a module without PSRAM,"
    " with N8 or N16 at the end of its name and no R"
)


def download(chip: Chip) -> str:
    """What to do about a file that does not fit."""
    return f"download the .bin for {chip.image}, version 1.26 or later, again"


@dataclass(frozen=True)
class Piece:
    """Bytes for one address of the chip."""

    name: str
    at: int
    data: bytes

    @property
    def end(self) -> int:
        """The first byte behind it, in whole sectors: what an erase takes with it."""
        return self.at + (len(self.data) + SECTOR - 1) // SECTOR * SECTOR


@dataclass(frozen=True)
class Image:
    """A MicroPython image that fits this chip."""

    path: Path
    chip: Chip
    version: str
    table: list[Partition]
    files: Partition
    nvs: Partition
    pieces: list[Piece]
    warnings: list[str] = field(default_factory=list)


def read(path: Path, chip: Chip = chips.ESP32) -> Image:
    """Read and check an image for that chip; FileInvalid with one sentence when it cannot be used.

    Chip, layout, version and pulse counter; whether its bytes are intact is esptool's to say.
    """
    data = _bytes(path)
    _require_chip(path, data, chip)
    again = download(chip)
    table = partitions.parse(data[partitions.TABLE_AT - chip.begins_at :])
    if table is None:
        raise FileInvalid(
            f"{path} has no partition table: it is cut off, or an image for updates only; {again}"
        )
    app, files, nvs = (
        partitions.first_app(table),
        partitions.named(table, FILES),
        partitions.nvs_of(table),
    )
    if app is None or files is None or nvs is None or files.size < SMALLEST_FILES_BYTES:
        raise FileInvalid(
            f"{path} has no room for files (a partition '{FILES}' of at least"
            f" {SMALLEST_FILES_BYTES // 1024} KB): {again}"
        )
    pieces = _pieces(path, data, app, chip)
    program = pieces[-1].data
    version = _version(path, program, chip)
    if COUNTER not in program:
        raise FileInvalid(
            f"{path} is built without the pulse counter (PCNT), which counts the magnets: {again}"
        )
    says = PSRAM_SAYS if chip is chips.ESP32 else PSRAM_FOUND_SAYS
    warnings = [says] if any(sign in program for sign in PSRAM_SIGNS) else []
    return Image(path, chip, version, table, files, nvs, pieces, warnings)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise FileInvalid(f"{path} does not exist: check the name") from None
    except OSError as error:
        raise FileInvalid(f"{path} cannot be read: {error.strerror}") from None


def _require_chip(path: Path, data: bytes, chip: Chip) -> None:
    if len(data) <= CHIP_AT + 2 or data[0] != MAGIC:
        raise FileInvalid(f"{path} is no program for an {chip.title}: {download(chip)}")
    found = struct.unpack_from("<H", data, CHIP_AT)[0]
    if found == chip.id:
        return
    known = next((c for c in chips.CHIPS.values() if c.id == found), None)
    name = known.title if known else OTHERS.get(found, f"another chip ({found})")
    remedy = f", or, if the chip is an {known.title}, give --chip {known.name}" if known else ""
    raise FileInvalid(
        f"{path} is for {name}, and what is asked for is the {chip.title}: {download(chip)}"
        f"{remedy}"
    )


def _pieces(path: Path, data: bytes, app: Partition, chip: Chip) -> list[Piece]:
    table_in_file = partitions.TABLE_AT - chip.begins_at
    app_in_file = app.offset - chip.begins_at
    program = data[app_in_file:]
    if not program or program[0] != MAGIC:
        raise FileInvalid(f"{path} ends before its program begins: {download(chip)}")
    if len(program) > app.size:
        raise FileInvalid(f"{path} is longer than its own layout allows: {download(chip)}")
    boot = data[:table_in_file].rstrip(b"\xff")
    table = data[table_in_file : table_in_file + partitions.TABLE_BYTES]
    return [
        Piece("bootloader", chip.begins_at, _padded(boot, 16)),
        Piece("partition table", partitions.TABLE_AT, table),
        Piece("MicroPython", app.offset, program),
    ]


def _padded(data: bytes, to: int) -> bytes:
    # A digest may end in 0xFF; images are padded to 16 bytes anyway.
    return data + b"\xff" * (-len(data) % to)


def _version(path: Path, program: bytes, chip: Chip) -> str:
    found = BANNER.search(program)
    if found is None:
        raise FileInvalid(f"{path} is not MicroPython: {download(chip)}")
    number = tuple(int(part) for part in found.groups()[:3] if part)
    version = ".".join(map(str, number)) + (found.group(4) or b"").decode()
    if number[:2] < OLDEST:
        raise FileInvalid(
            f"{path} is MicroPython {version}; the pulse counter needs"
            f" {OLDEST[0]}.{OLDEST[1]} or later: {download(chip)}"
        )
    return version
