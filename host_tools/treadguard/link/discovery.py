# SPDX-License-Identifier: MIT
"""Which port is the board on: --port, TREADGUARD_PORT, the remembered board, the only one.

Nothing here opens a port. Trying every port in turn toggles the modem lines of devices that
are none of our business; ambiguity is an error that lists the candidates.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from treadguard.errors import NoBoardError

ENVIRONMENT = "TREADGUARD_PORT"

# USB ids of ESP32 boards: the chip itself and the usual USB-serial bridges.
_ANY = None
ESP32_USB: tuple[tuple[int, tuple[int, ...] | None], ...] = (
    (0x303A, _ANY),  # Espressif
    (0x10C4, (0xEA60, 0xEA61, 0xEA62)),  # CP210x
    (0x1A86, (0x7522, 0x7523, 0x5523, 0x55D4)),  # CH340, CH9102
    (0x0403, (0x6001, 0x6010, 0x6015)),  # FTDI
)
# The own USB of an ESP32-S3: its loader in ROM, and MicroPython.
OWN_USB = ("303a:1001", "303a:4001")


@dataclass(frozen=True)
class Port:
    """One serial port of this computer; ids are "" where the system knows none."""

    device: str
    vid_pid: str
    serial: str
    product: str
    likely: bool
    """Probably an ESP32, by its USB ids."""

    def line(self) -> str:
        """The port in an error message."""
        return f"{self.device} ({self.product or self.vid_pid or 'no USB id'})"


@dataclass(frozen=True)
class Remembered:
    """The board `treadguard ports --remember` stored. The id is the chip's, not the bridge's:
    cheap CP2102 bridges all carry the same serial number and CH340 has none."""

    board: str
    device: str
    vid_pid: str
    serial: str


@dataclass(frozen=True)
class Choice:
    """The port to use and why."""

    url: str
    why: str
    board: str = ""


def list_ports() -> list[Port]:
    """Every serial port, probable boards first."""
    from serial.tools import list_ports as system

    ports = [_port(info) for info in system.comports()]
    if sys.platform == "darwin":  # tty.* waits for a carrier that never comes; cu.* does not
        ports = [port for port in ports if "/tty." not in port.device]
    return sorted(ports, key=lambda port: (not port.likely, port.device))


def choose(option: str | None) -> Choice:
    """The port to open; NoBoardError with the candidates when that is not clear."""
    if option:
        return Choice(option, "--port")
    if os.environ.get(ENVIRONMENT):
        return Choice(os.environ[ENVIRONMENT], ENVIRONMENT)
    ports = list_ports()
    remembered = recall()
    if remembered is not None:
        found = _find(remembered, ports)
        if found is not None:
            return Choice(found.device, "the remembered board", remembered.board)
    return _only(ports)


def _only(ports: list[Port]) -> Choice:
    likely = [port for port in ports if port.likely]
    if len(likely) == 1:
        return Choice(likely[0].device, "the only ESP32 found")
    if likely:
        names = ", ".join(port.line() for port in likely)
        raise NoBoardError(f"several boards are connected: {names}; choose one with --port")
    others = ", ".join(port.line() for port in ports)
    hint = f" (other ports: {others})" if others else ""
    raise NoBoardError(f"no board is connected{hint}: plug it in, or name its port with --port")


def require_bridge(url: str) -> None:
    """NoBoardError for the own USB of a chip, which the controller switches off when it starts."""
    for port in list_ports():
        if port.device == url and port.vid_pid.lower() in OWN_USB:
            raise NoBoardError(
                f"{url} is the chip's own USB, which the controller does not use: plug the"
                " cable into the kit's other socket, marked UART, and name that port; nothing was"
                " changed"
            )


def _find(remembered: Remembered, ports: list[Port]) -> Port | None:
    same = [
        port
        for port in ports
        if port.vid_pid == remembered.vid_pid and port.serial == remembered.serial
    ]
    here = [port for port in same if port.device == remembered.device]
    if here:
        return here[0]
    return same[0] if len(same) == 1 else None


def state_file() -> Path:
    """Where the remembered board is kept."""
    import platformdirs

    return platformdirs.user_state_path("treadguard", appauthor=False) / "board.json"


def recall() -> Remembered | None:
    """The remembered board; None when there is none or its note cannot be read."""
    try:
        note = json.loads(state_file().read_text(encoding="utf-8"))
        return Remembered(**{key: str(note[key]) for key in Remembered.__annotations__})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(board: str, url: str) -> Remembered:
    """Store the board behind `url` for the next command."""
    port = next((port for port in list_ports() if port.device == url), None)
    note = Remembered(board, url, port.vid_pid if port else "", port.serial if port else "")
    path = state_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(note), indent=2) + "\n", encoding="utf-8")
    return note


def forget() -> bool:
    """Remove the note; False when there was none."""
    try:
        state_file().unlink()
    except FileNotFoundError:
        return False
    return True


def _port(info: Any) -> Port:
    known = info.vid is not None and info.pid is not None
    return Port(
        device=str(info.device),
        vid_pid=f"{info.vid:04x}:{info.pid:04x}" if known else "",
        serial=str(info.serial_number or ""),
        product=str(info.product or (info.description if known else "") or ""),
        likely=known and _is_esp32(info.vid, info.pid),
    )


def _is_esp32(vid: int, pid: int) -> bool:
    return any(vid == v and (pids is None or pid in pids) for v, pids in ESP32_USB)
