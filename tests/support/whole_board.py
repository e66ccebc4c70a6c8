# SPDX-License-Identifier: MIT
"""A whole board behind a port: the firmware in virtual time, and in maintenance a real
MicroPython with LittleFS on a NOR flash, from one image; its NVS outlives both.

The controller runs from the files in the flash, so that what was deployed is what starts.
"""

from __future__ import annotations

import contextlib
import os
import struct
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.support.rom_loader import Nor
from tests.support.virtual_line import VirtualLine
from treadguard.flashing import backup, filesystem
from treadguard.virtual import actions

HERE = Path(__file__).parent
FILES_AT = 0x200000
PROMPT = b"\r\nMicroPython v1.26.1 on 2025-09-11; Generic ESP32 module with ESP32\r\n>>> "
STEP_US = 50_000
HEAP = "heapsize=64M"
ENDS_S = 20

Operation = tuple[int, int, int, bytes]


class WholeBoard:
    """A `Program` of chip_port. `hands` does what a person would, asked after every step."""

    def __init__(
        self,
        flash: Nor,
        micropython: Sequence[str],
        size: int,
        folder: Path,
        hands: Callable[[WholeBoard], None] = lambda _: None,
        controller: bool = True,
        chip: str = "esp32",
    ) -> None:
        self.flash = flash
        self.micropython = list(micropython)
        self.size = size
        self.hands = hands
        self.chip = chip
        self.controller = controller
        """Without one, compiled files can be in the flash: only MicroPython's prompt answers."""
        self.nvs: dict[str, bytes] = {}
        self.line: VirtualLine | None = None
        self.repl: Repl | None = None
        self.starts = 0
        self.operations: list[Operation] = []
        self.image_before = b""
        self._folder = folder

    # The flash, as files.

    def image(self) -> bytes:
        return bytes(self.flash.data[FILES_AT : FILES_AT + self.size])

    def files(self) -> dict[str, bytes]:
        return filesystem.read(self.image()) or {}

    def put(self, files: Mapping[str, bytes]) -> None:
        """Lay the files into the flash."""
        self._store(filesystem.build(files, self.size))

    def _store(self, image: bytes) -> None:
        self.flash.data[FILES_AT : FILES_AT + self.size] = image

    # Program.

    def exchange(self, data: bytes) -> bytes:
        if self.repl is not None:
            return self._in_repl(data)
        if self.line is None and not self.controller:
            self.prompt()
            return PROMPT
        if self.line is None:
            self.start()
        assert self.line is not None
        self.hands(self)
        if data:
            self.line.write(data)
        else:
            self.line.wait(STEP_US)
        out, self.line._arrived = self.line._arrived, b""
        if any(entry[2] == "repl" for entry in self.world.events[-20:]):
            self._into_repl()
            return out + PROMPT
        return out

    def close(self) -> None:
        self._stop()
        if self.repl is not None:
            self.repl.end()
            self._keep()

    @property
    def world(self) -> Any:
        assert self.line is not None
        return self.line.world

    def do(self, name: str, **values: object) -> None:
        """What a person does at the board."""
        actions.do(self.world, name, values)

    # The controller.

    def start(self) -> None:
        """Power on with what is in the flash."""
        files = self.files()
        self.starts += 1
        folder = self._folder / str(self.starts)
        stored = {}
        for path, data in files.items():
            if path in ("boot.py", "main.py") or path.startswith("guard/"):
                file = folder / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
            else:
                stored[path] = data
        self.line = VirtualLine(folder, stored, self.chip)
        if self.starts > 1:  # the first time it comes as a board that was set up
            self.world.flash.files.clear()
            self.world.flash.files.update(stored)
            self.world.flash.nvs.clear()
            self.world.flash.nvs.update(self.nvs)
        self.world.press_estop(True)

    def _stop(self) -> None:
        """The power of the controller goes; its files stay."""
        if self.line is None:
            return
        self.line.close()
        world = self.line.world
        self.nvs = dict(world.flash.nvs)
        program = {p: d for p, d in self.files().items() if not stays(p)}
        self.put({**program, **world.flash.files})
        self.line = None

    # Maintenance.

    def prompt(self) -> None:
        """No controller runs: MicroPython's prompt."""
        self._into_repl()

    def _into_repl(self) -> None:
        self._stop()
        self.image_before = self.image()
        self.repl = Repl(self.micropython, self._folder, self.image_before)

    def _in_repl(self, data: bytes) -> bytes:
        assert self.repl is not None
        out = self.repl.exchange(data)
        if self.repl.ended():
            self._keep()
        return out

    def _keep(self) -> None:
        assert self.repl is not None
        self.repl.let_go()
        self._store(self.repl.image())
        self.operations += self.repl.operations()
        self.repl = None


def stays(path: str) -> bool:
    """What the controller itself writes."""
    return backup.is_record(path) or path.endswith((".json", ".old", ".tmp"))


class Repl:
    """MicroPython with the image mounted, until somebody resets it."""

    def __init__(self, micropython: Sequence[str], folder: Path, image: bytes) -> None:
        self.folder = folder
        (folder / "image").write_bytes(image)
        script = HERE / "raw_repl_flash.py"
        files = [str(folder / name) for name in ("image", "out", "log")]
        self.child = subprocess.Popen(
            [*micropython, "-X", HEAP, str(script), str(HERE), *files],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        os.set_blocking(self.child.stdout.fileno(), False)

    def exchange(self, data: bytes) -> bytes:
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        try:
            if data:
                self.child.stdin.write(data)
                self.child.stdin.flush()
        except BrokenPipeError:
            return b""
        return self.child.stdout.read() or b""

    def ended(self) -> bool:
        return self.child.poll() is not None

    def image(self) -> bytes:
        if self.child.returncode:
            raise AssertionError(f"the board's MicroPython ended with {self.child.returncode}")
        return (self.folder / "out").read_bytes()

    def operations(self) -> list[Operation]:
        data = (self.folder / "log").read_bytes()
        found, at = [], 0
        while at < len(data):
            kind, block, offset, size = struct.unpack_from("<BHHH", data, at)
            found.append((kind, block, offset, data[at + 7 : at + 7 + size]))
            at += 7 + size
        return found

    def end(self) -> None:
        """No more input; what was done to the flash is kept."""
        assert self.child.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.child.stdin.close()
        try:
            self.child.wait(ENDS_S)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def let_go(self) -> None:
        for pipe in (self.child.stdin, self.child.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
