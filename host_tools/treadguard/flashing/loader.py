# SPDX-License-Identifier: MIT
"""The real esptool, run as a program, and its refusals in one sentence each.

The chip's own loader in ROM is used (`--no-stub`): it is the path that the tests drive. It is
slower than esptool's own loader, which would be copied into RAM first.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from treadguard import chips
from treadguard.chips import Chip
from treadguard.errors import (
    ExpectationFailed,
    FileInvalid,
    LinkError,
    NoBoardError,
    TreadguardError,
)
from treadguard.flashing.image import Image, Piece
from treadguard.link import discovery
from treadguard.link.transport import SerialTransport

MODULE = "esptool"
SHORT_S = 60.0
BAUD = 460800
# A byte on the wire ten bits, each read command 64 bytes and a few ms of its own.
SLOWEST_BYTES_S = 1500
MAC = re.compile(r"^MAC:\s+([0-9a-f:]{17})", re.MULTILINE)
VALID = re.compile(r"^(Checksum|Validation hash): \S+ \((\w+)", re.MULTILINE)
FLASH_SIZE = re.compile(r"Detected flash size: (\d+)(MB|KB)")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Loader:
    """How to reach the chip's loader. `by_hand`: somebody holds BOOT and presses EN, because
    the board has no circuit that does it."""

    port: str
    by_hand: bool = False
    baud: int = BAUD
    chip: Chip = chips.ESP32

    def words(self) -> list[str]:
        """esptool's own options in front of its command."""
        before, after = (
            ("no-reset", "no-reset") if self.by_hand else ("default-reset", "hard-reset")
        )
        words = ["--chip", self.chip.name, "--port", self.port, "--baud", str(self.baud)]
        return [*words, "--before", before, "--after", after, "--no-stub"]


def require_port(port: str) -> None:
    """Open it once: busy, missing and forbidden ports get our own sentence with its remedy."""
    discovery.require_bridge(port)
    SerialTransport(port).close()


def require_intact(image: Image) -> None:
    """esptool's own verdict on checksum and hash. FileInvalid for a damaged image."""
    with tempfile.TemporaryDirectory(prefix="treadguard-") as folder:
        for piece in image.pieces:
            if piece.name == "partition table":
                continue  # it carries an MD5 of its own, which was checked when it was read
            path = Path(folder) / "piece.bin"
            path.write_bytes(piece.data)
            done = _run(["--chip", image.chip.name, "image-info", str(path)], SHORT_S)
            said = dict(VALID.findall(done.stdout))
            if done.returncode or set(said.values()) != {"valid"} or len(said) != 2:
                raise FileInvalid(
                    f"{image.path} is damaged or cut off (its {piece.name} does not match its"
                    " checksum): download it again"
                )


def mac_of(loader: Loader) -> str:
    """The chip's address as twelve hex digits: what the controller calls itself."""
    found = MAC.search(_asked(loader, ["read-mac"], SHORT_S))
    if found is None:
        raise LinkError(f"the chip on {loader.port} did not tell its address: try again")
    return found.group(1).replace(":", "")


def read(loader: Loader, at: int, size: int) -> bytes:
    """Bytes of the chip's flash; slow: 64 bytes a command."""
    with tempfile.TemporaryDirectory(prefix="treadguard-") as folder:
        path = Path(folder) / "read.bin"
        words = ["read-flash", "--no-progress", hex(at), hex(size), str(path)]
        _asked(loader, words, SHORT_S + size / SLOWEST_BYTES_S)
        data = path.read_bytes()
    if len(data) != size:
        raise LinkError(f"the chip on {loader.port} sent {len(data)} bytes of {size}: try again")
    return data


def write(loader: Loader, pieces: Sequence[Piece]) -> None:
    """Write the pieces in their order, in one call; esptool verifies each with the chip's MD5."""
    with tempfile.TemporaryDirectory(prefix="treadguard-") as folder:
        words = write_words(pieces, folder)
        for name, piece in zip(words[4::2], pieces, strict=True):
            Path(name).write_bytes(piece.data)
        size = sum(len(piece.data) for piece in pieces)
        said = _asked(loader, words, SHORT_S + size / SLOWEST_BYTES_S)
    if said.count("Hash of data verified.") != len(pieces):
        raise ExpectationFailed(
            f"what was written to the chip on {loader.port} was not verified: run the command"
            " again; until then the controller does not start"
        )


def write_words(pieces: Sequence[Piece], folder: str) -> list[str]:
    """The write command; compressed, because most of a file system is empty."""
    words = ["write-flash", "--no-progress", "--compress"]
    for number, piece in enumerate(pieces):
        words += [
            hex(piece.at),
            str(Path(folder) / f"{number}-{piece.name.replace(' ', '-')}.bin"),
        ]
    return words


def _asked(loader: Loader, words: list[str], timeout_s: float) -> str:
    done = _run([*loader.words(), *words], timeout_s)
    if done.returncode:
        raise _refusal(loader, words[0], done.stdout + done.stderr)
    return done.stdout


def _run(words: list[str], timeout_s: float) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", MODULE, *words]
    try:
        return subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=timeout_s
        )
    except subprocess.TimeoutExpired as error:
        text = error.stdout.decode(errors="replace") if error.stdout else ""
        return subprocess.CompletedProcess(command, 1, text, "the chip stopped answering")


def _wrong_chip(title: str, wanted: Chip, where: str) -> str:
    known = next((c for c in chips.CHIPS.values() if c.title == title), None)
    remedy = (
        f"repeat with --chip {known.name} and MicroPython for {known.image}"
        if known
        else f"treadguard runs on {' and '.join(c.title for c in chips.CHIPS.values())} alone"
    )
    return (
        f"the chip {where} is an {title}, and this is for the {wanted.title}: {remedy}; nothing"
        " was changed"
    )


def _refusal(loader: Loader, step: str, said: str) -> Exception:
    where = f"on {loader.port}"
    if "Usage:" in said:
        return TreadguardError(f"this esptool does not know {step} as it is used here")
    wrong = re.search(r"This chip is (\S+), not ESP32", said)
    if wrong:
        return NoBoardError(_wrong_chip(wrong.group(1), loader.chip, where))
    if "No serial data received" in said or "Failed to connect" in said:
        return NoBoardError(
            f"the chip {where} does not enter its loader: hold its BOOT button, press EN shortly,"
            " let BOOT go, and run the command again with --by-hand"
        )
    if "port is busy" in said:
        require_port(loader.port)  # raises our own sentence, unless it has come back
    if "will not fit in" in said:
        return NoBoardError(
            f"the chip {where} has too little flash for this image: at least 4 MB are needed, and"
            " an image made for what it has"
        )
    if "MD5" in said and "match" in said:
        return ExpectationFailed(
            f"what the chip {where} stored is not what was sent: run the command again with a"
            " shorter cable; until then the controller does not start"
        )
    after = (
        "plug it in again and run the command again; until then the controller does not start"
        if step == "write-flash"
        else "plug it in again and run the command again; nothing was changed"
    )
    return LinkError(f"the link to the chip {where} was lost during {step}: {after}")
