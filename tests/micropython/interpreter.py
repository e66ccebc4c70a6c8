# SPDX-License-Identifier: MIT
"""Look for a MicroPython that can run the firmware, and start it once to be sure.

The ESP32 has 31-bit small ints and ticks that wrap at 2**30. So has the 32-bit (i386) unix
build, which is why it is preferred over a 64-bit one on PATH: a sum that no longer fits
allocates there as it would on the chip.

Looked for in this order: TREADGUARD_MICROPYTHON (a command line), build/micropython, PATH.
"""

from __future__ import annotations

import functools
import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
OLDEST = (1, 25)
LOADERS = {"i386": "ld-linux.so.2", "amd64": "ld-linux-x86-64.so.2"}

PROBE = """
import sys, time
print(sys.implementation[0], sys.implementation[1][0], sys.implementation[1][1],
      time.ticks_add(0, -1) + 1)
"""


class Found(NamedTuple):
    """A MicroPython that has been started once and answered."""

    command: tuple[str, ...]
    version: tuple[int, int]
    small_int_bits: int

    def __str__(self) -> str:
        version = ".".join(map(str, self.version))
        return f"MicroPython {version}, {self.small_int_bits}-bit small ints: {self.command[-1]}"


def prefix_of(architecture: str) -> Path:
    """Where the build of an architecture is kept."""
    name = "micropython" if architecture == "i386" else f"micropython-{architecture}"
    return ROOT / "build" / name


def probe(command: list[str]) -> Found | None:
    """Start the command once; None when it is not a MicroPython that can run the firmware."""
    try:
        run = subprocess.run(
            [*command, "-c", PROBE], capture_output=True, text=True, timeout=20, check=False
        )
        name, major, minor, ticks_period = run.stdout.split()
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    version = (int(major), int(minor))
    if name != "micropython" or version < OLDEST:
        return None
    # ticks wrap at half of the largest small int + 1: 2**30 with 31 bits, 2**62 with 63
    return Found(tuple(command), version, int(ticks_period).bit_length())


def installed(architecture: str) -> list[str]:
    """The command line of a build in build/, loader first; empty when not installed."""
    tree = prefix_of(architecture) / "root"
    loader = next(tree.glob(f"**/{LOADERS[architecture]}"), None)
    if loader is None:
        return []
    folders = sorted({str(path.parent) for path in tree.glob("usr/lib/**/lib*.so.*")})
    return [str(loader), "--library-path", ":".join(folders), str(tree / "usr/bin/micropython")]


@functools.cache
def find(*, amd64: bool = False) -> Found | None:
    """The best MicroPython there is, without installing anything."""
    if amd64:
        command = installed("amd64")
        return probe(command) if command else None
    wanted = os.environ.get("TREADGUARD_MICROPYTHON")
    if wanted:
        return probe(shlex.split(wanted))
    on_path = shutil.which("micropython")
    candidates = [installed("i386"), [on_path] if on_path else [], installed("amd64")]
    answers = [answer for answer in map(probe, filter(None, candidates)) if answer]
    return min(answers, key=lambda answer: answer.small_int_bits, default=None)
