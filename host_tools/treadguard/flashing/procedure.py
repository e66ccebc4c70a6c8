# SPDX-License-Identifier: MIT
"""The whole of `treadguard flash`: plan, back up, write, wait for the controller, restore.

Whatever is cut short, the chip cannot arm: the file system's first blocks are written last, so
until then MicroPython finds no program to run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from treadguard import __version__, chips, firmware
from treadguard.chips import Chip
from treadguard.errors import (
    LinkError,
    NoBoardError,
    NotRunningError,
    NotTreadguardError,
)
from treadguard.flashing import (
    backup,
    filesystem,
    image,
    loader,
    partitions,
    restore,
    unfinished,
)
from treadguard.flashing.backup import Backup
from treadguard.flashing.image import Image, Piece
from treadguard.flashing.loader import Loader
from treadguard.flashing.partitions import Partition
from treadguard.flashing.safe import require_safe
from treadguard.link import client as link

HEAD_BYTES = 2 * filesystem.BLOCK  # the file system's two superblocks

Say = Callable[[str], None]


def _quiet(_: str) -> None:
    pass


@dataclass(frozen=True)
class FlashPlan:
    """What `flash` will do; everything in it has been checked."""

    image: Image
    loader: Loader
    files: Mapping[str, bytes]
    """The compiled application, path -> content."""
    folder: Path | None = None
    """For the backup; None = logs/BOARD."""
    logbook: Path | None = None
    replace: bool = False
    """Overwrite a chip that runs something else."""
    restore: bool = True

    def pieces(self, extra: Mapping[str, bytes] | None = None) -> list[Piece]:
        """What is written, in this order. `extra` files join the application's."""
        area = self.image.files
        made = filesystem.build({**self.files, **(extra or {})}, area.size)
        head = Piece("file system, first blocks", area.offset, made[:HEAD_BYTES])
        rest = Piece("file system", area.offset + HEAD_BYTES, made[HEAD_BYTES:])
        return [rest, *self.image.pieces, head]

    def lines(self) -> list[str]:
        """The plan for people."""
        size = sum(len(data) for data in self.files.values())
        made, nvs = self.image, self.image.nvs
        version = chips.version_on(__version__, made.chip.name)
        return [
            f"image       {made.path}: MicroPython {made.version} for the {made.chip.title}",
            f"program     treadguard {version}, {len(self.files)} files, {size} bytes",
            f"chip        on {self.loader.port}, with esptool and the chip's own loader",
            f"first       settings and records are saved to {self.folder or 'logs/BOARD'}",
            *(
                f"write       {p.name}: {p.at:#x} to {p.at + len(p.data):#x}"
                for p in self.pieces()
            ),
            f"not touched lockouts and counters: {nvs.offset:#x} to {nvs.end:#x}",
            "afterwards  settings come back when you hold START; a stop test is due",
        ]


@dataclass
class Flashed:
    """What `flash` did."""

    board: str
    found: str
    """treadguard, micropython, unfinished, empty or other: what was on the chip."""
    saved: Backup | None = None
    logbook: str = ""
    version: str = ""
    restored: bool = False
    not_restored: str = ""
    blockers: list[str] = field(default_factory=list)
    state: str = ""
    stop_test_due: bool = True


def make_plan(
    path: Path,
    port: str,
    *,
    by_hand: bool = False,
    replace: bool = False,
    folder: Path | None = None,
    logbook: Path | None = None,
    restore: bool = True,
    chip: Chip = chips.ESP32,
) -> FlashPlan:
    """Check the image and build the application; touches no port.

    Raises FileInvalid for an image that cannot be used.
    """
    found = image.read(path, chip)
    loader.require_intact(found)
    reach = Loader(port, by_hand, chip=chip)
    plan = FlashPlan(found, reach, built(chip), folder, logbook, replace, restore)
    _require_apart(plan.pieces(), found.nvs)
    return plan


def built(chip: Chip = chips.ESP32) -> dict[str, bytes]:
    """The application as a board with this chip gets it."""
    from treadguard.board.build import build

    with tempfile.TemporaryDirectory(prefix="treadguard-") as folder:
        out = Path(folder) / "firmware"
        build(firmware.folder(), out, chip=chip.name)
        return filesystem.folder_files(out)


def flash(plan: FlashPlan, say: Say = _quiet) -> Flashed:
    """Carry the plan out. Raises NoBoardError, LinkError, BoardRefused or ExpectationFailed, each
    with what to do next; until it returns, the chip either is as it was or cannot arm.
    """
    loader.require_port(plan.loader.port)
    done = _look(plan, say)
    folder = plan.folder or backup.default_folder(done.board)
    unfinished.note(done.board, folder, done.saved)
    say("writing; this takes some minutes, leave the cable alone ...")
    seed = backup.seed(done.saved.next_seq) if done.saved else {}
    loader.write(plan.loader, plan.pieces(seed))
    unfinished.forget(folder)
    if plan.loader.by_hand:
        say("press the board's EN button")
    _await_start(plan, done, say)
    return done


def _look(plan: FlashPlan, say: Say) -> Flashed:
    """What is on the chip, and its backup."""
    done = _over_link(plan, say)
    if plan.loader.by_hand:
        say("hold the board's BOOT button, press EN shortly, let BOOT go")
    on_chip = loader.read(plan.loader, partitions.TABLE_AT, partitions.TABLE_BYTES)
    table = partitions.parse(on_chip)
    if done is None:
        done = _from_chip(plan, table, partitions.blank(on_chip), say)
    if table is not None and done.found in ("treadguard", "micropython"):
        _require_same_nvs(plan, table)
    if done.saved is not None:
        if done.saved.warning():
            say(done.saved.warning())
        done.logbook = backup.into_logbook(done.saved, plan.logbook)
    return done


def _over_link(plan: FlashPlan, say: Say) -> Flashed | None:
    """Ask the controller; None when none answers."""
    port = plan.loader.port
    say(f"asking {port} what is there ...")
    with link.open_client(port) as client:
        try:
            status = client.attach()
        except NotTreadguardError:
            if not plan.replace:
                raise NotTreadguardError(
                    f"the board on {port} runs something else: choose another port, or repeat"
                    " with --replace, which keeps nothing of it"
                ) from None
            return None
        except (NotRunningError, LinkError):
            return None
        chips.require_same(port, plan.image.chip, chips.of_version(str(status.get("version", ""))))
        if client.reset_note:
            say(client.reset_note)
        require_safe(restore.settled_status(client))
        say("saving settings and records ...")
        saved = backup.over_link(client, plan.folder, say)
        noted = unfinished.found(saved.board, saved.folder)
        if noted is not None:
            saved = unfinished.merged(noted, saved)
    return Flashed(saved.board, "treadguard", saved)


def _from_chip(plan: FlashPlan, table: list[Partition] | None, blank: bool, say: Say) -> Flashed:
    board = loader.mac_of(plan.loader)
    noted = unfinished.found(board, plan.folder or backup.default_folder(board))
    if noted is not None and table in (None, plan.image.table):
        say("an earlier flash or update was cut short: going on with what it had saved")
    else:
        noted = None
    if blank:
        return Flashed(board, "unfinished" if noted else "empty", noted)
    area = partitions.named(table, image.FILES) if table else None
    files: dict[str, bytes] | None = None
    if area is not None:
        say(f"reading the chip's files, {area.size // 1024} KB; this takes up to 20 minutes ...")
        files = filesystem.read(loader.read(plan.loader, area.offset, area.size))
    saved = None
    if files is not None and backup.is_treadguard(files):
        saved = backup.from_files(files, board, plan.folder)
    if noted is not None:
        return Flashed(board, "unfinished", unfinished.merged(noted, saved))
    if saved is not None:
        return Flashed(board, "micropython", saved)
    if not plan.replace:
        raise NotTreadguardError(
            f"the chip on {plan.loader.port} holds another program: choose another board, or"
            " repeat with --replace, which overwrites it; nothing was changed"
        )
    return Flashed(board, "other", backup.from_files(files, board, plan.folder) if files else None)


def _require_same_nvs(plan: FlashPlan, table: list[Partition]) -> None:
    here, there = partitions.nvs_of(table), plan.image.nvs
    if here is None or (here.offset, here.size) != (there.offset, there.size):
        raise NoBoardError(
            f"{plan.image.path} keeps lockouts elsewhere on the chip than the board does, so that"
            " they would be lost: use a MicroPython image with the board's layout"
        )


def _require_apart(pieces: list[Piece], nvs: Partition) -> None:
    for piece in pieces:
        if piece.at < nvs.end and nvs.offset < piece.end:
            raise AssertionError(f"{piece.name} overlaps the lockouts")


def _await_start(plan: FlashPlan, done: Flashed, say: Say) -> None:
    say("waiting for the controller ...")
    with restore.await_controller(plan.loader.port, plan.loader.by_hand) as client:
        if done.saved is not None and done.saved.values:
            if plan.restore:
                done.not_restored = restore.restore(client, done.saved, say)
                done.restored = not done.not_restored
            else:
                done.not_restored = restore.later(done.saved.config_file)
        status = client.request("status")
    done.version = str(status.get("version", ""))
    done.board = str(status.get("board") or done.board)
    done.state = str(status.get("state", ""))
    done.stop_test_due = bool(status.get("stop_test_due"))
    done.blockers = [str(name) for name in status.get("blockers") or ()]
