# SPDX-License-Identifier: MIT
"""A board in virtual time whose files are a dict: a deployment can be cut at every step it takes.

The controller that runs is the one its files hold. In maintenance the scripts of the deployment
run here, on these files; `cut_at` a number of changes of the swap the power goes. That LittleFS
makes each of them whole or not at all is shown with the real one, in tests/real_tools.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import time
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.virtual_line import VirtualLine
from tests.support.whole_board import PROMPT, STEP_US, stays
from treadguard.deploying import program
from treadguard.errors import LinkError
from treadguard.link.client import Client
from treadguard.virtual import actions

FOLDER, FILE = 0x4000, 0x8000
FREE_BLOCKS = 500


class PowerCut(Exception):
    """In the middle of a script."""


class CutBoard:
    """Stands for the port and for mpremote. A Transport for as long as a client has it open."""

    name = "the board"

    def __init__(self, files: dict[str, bytes], folder: Path) -> None:
        self.files = dict(files)
        self.empty: set[str] = set()
        """Folders that hold nothing."""
        self.nvs: dict[str, bytes] = {}
        self.line: VirtualLine | None = None
        self.at_prompt = False
        self.person = True
        """Somebody holds START when a change waits."""
        self.cut_at = -1
        self.steps: list[str] = []
        """What the swap changed, one word each."""
        self.seen: set[tuple[str, bytes, bytes]] = set()
        """Every record that was here when a script ran: name, content, and the tables of whoever
        could have written it."""
        self.starts = 0
        self._folder = folder
        self._held_us = 0
        self._out = b""

    # Transport.

    def write(self, data: bytes) -> None:
        """To whoever has the port."""
        self._power_on()
        if self.at_prompt:
            self._out += PROMPT
        elif self.line is not None:
            self.line.write(data)

    def read(self, deadline: float) -> bytes:
        """What came, as VirtualLine tells it; the prompt when maintenance was granted."""
        self._power_on()
        while self.line is not None and not self._out and time.monotonic() < deadline:
            self._hold_start()
            self.line.wait(STEP_US)
            self._out, self.line._arrived = self.line._arrived, b""
            if any(entry[2] == "repl" for entry in self.line.world.events[-20:]):
                self.power_off()
                self.at_prompt = True
                self._out += PROMPT
        out, self._out = self._out, b""
        return out

    def close(self) -> None:
        """The port, not the board."""

    def _hold_start(self) -> None:
        """What a person does when a change waits."""
        assert self.line is not None
        world = self.line.world
        waits = any("change_pending" in str(e[2]).lower() for e in world.events[-30:])
        if self.person and waits and world.now > self._held_us + 8_000_000:
            self._held_us = world.now
            actions.do(world, "start", {"what": "hold", "ms": 3600})

    # Power.

    def _power_on(self) -> None:
        if self.line is not None or self.at_prompt:
            return
        self.starts += 1
        if "main.py" not in self.files or "guard/controller.py" not in self.files:
            self.at_prompt = True
            return
        folder = self._folder / f"start{self.starts}"
        program_files = {p: d for p, d in self.files.items() if is_program(p)}
        for path, data in program_files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        stored = {p: d for p, d in self.files.items() if p not in program_files}
        self.line = VirtualLine(folder, stored)
        flash = self.line.world.flash
        flash.manifest = self.files.get("manifest.txt", b"")
        if self.starts > 1:  # the first time its memory is that of a board that was set up
            flash.files.clear()
            flash.files.update(stored)
            flash.nvs.clear()
            flash.nvs.update(self.nvs)
        self._held_us = 0
        self.line.world.press_estop(True)

    def power_off(self) -> None:
        """Its files and its memory of lockouts and numbers stay."""
        self.at_prompt = False
        if self.line is None:
            return
        self.line.close()
        flash = self.line.world.flash
        self.nvs = dict(flash.nvs)
        self.files = {p: d for p, d in self.files.items() if not stays(p)}
        self.files |= {p: d for p, d in flash.files.items() if stays(p)}
        self.line = None

    # mpremote.

    def run(self, port: str, *words: str, timeout_s: float = 0) -> str:
        """The commands that a deployment uses."""
        assert self.at_prompt, words
        if words == ("reset",):
            self.power_off()
            return ""
        if words == ("fs", "ls"):
            return "".join(f"{'0':>12} {n}\n" for n in sorted(self._root()))
        if words[:2] == ("fs", "cp") and words[2].startswith(":"):
            Path(words[3]).write_bytes(self.files[words[2].lstrip(":")])
            return ""
        if words[:2] == ("fs", "cp"):
            *sources, target = words[2:]
            for source in sources:
                path = target.lstrip(":") + Path(source).name
                self.files[path] = Path(source).read_bytes()
            return ""
        assert words[:2] == ("fs", "sha256sum"), words
        paths = [word.lstrip(":") for word in words[2:]]
        return "\n".join(hashlib.sha256(self.files[path]).hexdigest() for path in paths)

    def _root(self) -> set[str]:
        return {path.partition("/")[0] + "/" * ("/" in path) for path in self.files}

    def run_script(self, port: str, name: str, timeout_s: float = 0, **values: Any) -> str:
        """One of deploying/on_board, whose `os` and `open` are this board's."""
        assert self.at_prompt, name
        by = self.files.get("guard/link/describe.py", b"")
        self.seen |= {(p, d, by) for p, d in self.files.items() if p.endswith(".bin")}
        self.steps = []
        said = io.StringIO()
        shim = Files(self, cut=name == "swap")
        names: dict[str, Any] = {
            **values,
            "open": shim.open,
            "print": lambda *w: print(*w, file=said),
            "__builtins__": {**vars(__import__("builtins")), "__import__": shim.imported},
        }
        try:
            exec((program.SCRIPTS / f"{name}.py").read_text(encoding="ascii"), names)
        except PowerCut:
            self.power_off()
            raise LinkError(f"lost during {name}: run the command again") from None
        return said.getvalue()

    def answer(self, port: str, name: str, timeout_s: float = 0, **values: Any) -> Any:
        """The object a script prints."""
        return json.loads(self.run_script(port, name, **values))

    @contextlib.contextmanager
    def in_place(self, monkeypatch: Any) -> Iterator[None]:
        """For as long as this lasts, every port leads here."""
        with monkeypatch.context() as patched:
            for name in ("run", "run_script", "answer"):
                patched.setattr(program, name, getattr(self, name))
            patched.setattr("treadguard.flashing.loader.require_port", lambda _: None)
            opened = lambda *_: Client(self)  # noqa: E731
            patched.setattr("treadguard.link.client.open_client", opened)
            try:
                yield
            finally:
                self.power_off()


class Files:
    """MicroPython's os and open, as far as the scripts use them."""

    def __init__(self, board: CutBoard, cut: bool) -> None:
        self.board = board
        self.cut = cut
        empty = board.empty
        self.module = types.SimpleNamespace(
            stat=self.stat, statvfs=self.statvfs, ilistdir=self.ilistdir, mkdir=empty.add,
            remove=self.remove, rmdir=empty.discard, rename=self.rename,
        )  # fmt: skip

    def imported(self, name: str, *rest: Any) -> Any:
        if name == "machine":
            raise ImportError
        return self.module if name == "os" else __import__(name, *rest)

    def _step(self, word: str) -> None:
        if self.cut and len(self.board.steps) == self.board.cut_at:
            raise PowerCut
        self.board.steps.append(word)

    def _below(self, path: str) -> list[str]:
        return [p for p in self.board.files if p.startswith(path + "/")]

    def stat(self, path: str) -> tuple[int, ...]:
        if path in self.board.files:
            return (FILE, 0, 0, 0, 0, 0, len(self.board.files[path]))
        if path in self.board.empty or self._below(path):
            return (FOLDER,)
        raise OSError(errno.ENOENT)

    def statvfs(self, _: str) -> tuple[int, ...]:
        return (4096, 4096, FREE_BLOCKS, FREE_BLOCKS)

    def ilistdir(self, folder: str) -> list[tuple[str, int]]:
        prefix = "" if folder == "/" else folder + "/"
        known = [*self.board.files, *(f"{path}/" for path in self.board.empty)]
        inside = [p.removeprefix(prefix) for p in known if p.startswith(prefix)]
        names = {name.split("/")[0]: FOLDER if "/" in name else FILE for name in inside if name}
        return sorted(names.items())

    def remove(self, path: str) -> None:
        self._step(f"remove {path}")
        del self.board.files[path]
        self._left(path)

    def _left(self, path: str) -> None:
        """A folder outlives what was in it."""
        parent = path.rpartition("/")[0]
        if parent and not self._below(parent):
            self.board.empty.add(parent)

    def rename(self, old: str, new: str) -> None:
        moved = {p: d for p, d in self.board.files.items() if (p + "/").startswith(old + "/")}
        if not moved or (old not in moved and self._below(new)):
            raise OSError(errno.ENOTEMPTY if moved else errno.ENOENT)
        self._step(f"rename {old}")
        for path, data in moved.items():
            del self.board.files[path]
            self.board.files[new + path[len(old) :]] = data
        self._left(old)

    def open(self, path: str, mode: str) -> io.BytesIO:
        assert mode == "wb"
        self._step(f"write {path}")
        self.board.files[path] = b""
        return io.BytesIO()


def is_program(path: str) -> bool:
    """What the folder of a virtual board holds; anything else is on its flash."""
    return path in ("boot.py", "main.py") or path.startswith("guard/")
