# SPDX-License-Identifier: MIT
"""The whole of `treadguard deploy`: save, stage, verify on the board, swap, manifest last."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from treadguard import __version__, chips, config_push, firmware, manifest
from treadguard.chips import Chip
from treadguard.deploying import late, maintenance, program
from treadguard.errors import BoardRefused, ExpectationFailed, NotRunningError
from treadguard.flashing import backup, loader, restore, unfinished
from treadguard.flashing.backup import Backup
from treadguard.flashing.procedure import built
from treadguard.flashing.safe import require_safe
from treadguard.link import client as link
from treadguard.link import interface
from treadguard.link.client import Client
from treadguard.link.frames import Message

STAGE = "next"
SPARE_BYTES = 65536  # for the records of the next walk
BLOCK = 4096
RECORDS = {"journal": "j", "blackbox": "b", "trace": "t"}
DAMAGED = "FIRMWARE_DAMAGED"
READY = "READY"  # the state in which a board judges what stands against a walk
# A file of this name would be imported in place of MicroPython's own module.
IMPORTED = (
    "binascii", "builtins", "errno", "esp32", "gc", "guard", "json", "machine", "micropython",
    "os", "select", "struct", "sys", "time",
)  # fmt: skip
KNOWN = ("boot.py", "main.py", "guard", "guard.old", STAGE)

Say = Callable[[str], None]


def _quiet(_: str) -> None:
    pass


@dataclass(frozen=True)
class DeployPlan:
    """What `deploy` will do."""

    port: str
    files: Mapping[str, bytes]
    folder: Path | None = None
    """For the backup; None = logs/BOARD."""
    logbook: Path | None = None
    chip: Chip = chips.ESP32

    def lines(self) -> list[str]:
        """The plan for people."""
        size = sum(len(data) for data in self.files.values())
        version = chips.version_on(__version__, self.chip.name)
        return [
            f"program     treadguard {version}, {len(self.files)} files, {size} bytes",
            f"board       on {self.port}, with the red button pressed and the belt still",
            f"first       settings and records are saved to {self.folder or 'logs/BOARD'}",
            f"copy        into {STAGE}/, beside the running version",
            "verify      the SHA-256 of every file, on the board",
            "swap        by rename, the manifest last: cut short, the board refuses to arm",
        ]


@dataclass
class Deployed:
    """What `deploy` did."""

    board: str = ""
    before: str = ""
    """The version that was there; "" when none answered."""
    version: str = ""
    saved: Backup | None = None
    logbook: str = ""
    cleared: list[str] = field(default_factory=list)
    """Kinds of records that were saved and cleared, because the new version writes others."""
    foreign: list[str] = field(default_factory=list)
    """Files on the board that are not treadguard's, and stay."""
    not_restored: str = ""
    state: str = ""
    blockers: list[str] = field(default_factory=list)

    @property
    def letters(self) -> str:
        """The first letters of the records that are cleared."""
        return "".join(RECORDS[kind] for kind in self.cleared)


def make_plan(
    port: str,
    *,
    folder: Path | None = None,
    logbook: Path | None = None,
    chip: Chip = chips.ESP32,
) -> DeployPlan:
    """Build the application; touches no port."""
    return DeployPlan(port, built(chip), folder, logbook, chip)


def deploy(plan: DeployPlan, say: Say = _quiet) -> Deployed:
    """Carry the plan out. Raises NoBoardError, LinkError, BoardRefused or ExpectationFailed; the
    board then runs the old version, or refuses to arm with FIRMWARE_DAMAGED.
    """
    loader.require_port(plan.port)
    done = Deployed()
    theirs = _leave_controller(plan, done, say)
    done.cleared = changed_records(theirs)
    found = program.answer(plan.port, "prepare", WANTED=sorted(plan.files))
    _require_chip(plan, str(found.get("machine", "")))
    _require_room(plan, int(found["free"]))
    done.foreign = foreign([str(name) for name in found["root"]], plan.port)
    if done.saved is not None:
        late.save(plan.port, done.saved, done.letters, found["records"])
        done.logbook = backup.into_logbook(done.saved, plan.logbook)
    _stage(plan, say)
    _verify(plan)
    say("putting the new version in place ...")
    if done.saved is not None:
        unfinished.note(done.board, done.saved.folder, done.saved)
    seeds = backup.seed(done.saved.next_seq) if done.saved and "j" in done.letters else {}
    program.run_script(plan.port, "swap", CLEAR=done.letters, SEED="".join(seeds))
    program.run(plan.port, "reset")
    _await_start(plan, done, say)
    return done


def _leave_controller(plan: DeployPlan, done: Deployed, say: Say) -> dict[str, int] | None:
    """Save what the controller knows and let it go; its record formats, None without one."""
    say(f"asking the board on {plan.port} ...")
    with link.open_client(plan.port) as client:
        try:
            status = client.attach()
        except NotRunningError:
            client.close()
            if late.started_anew(plan.port, say):
                return _leave_controller(plan, done, say)
            say("no controller is running there: only its program is written")
            return None
        done.board, done.before = str(status.get("board", "")), str(status.get("version", ""))
        chips.require_same(plan.port, plan.chip, chips.of_version(done.before))
        if client.reset_note:
            say(client.reset_note)
        require_safe(restore.settled_status(client))
        theirs = record_formats(client)
        say("saving settings and records ...")
        done.saved = backup.over_link(client, plan.folder, say)
        noted = unfinished.found(done.board, done.saved.folder)
        if noted is not None:
            if client.request("status").get("state") != READY:
                done.saved.values = {}  # there a board does not say that they are the defaults
            done.saved = unfinished.merged(noted, done.saved)
        if done.saved.warning():
            say(done.saved.warning())
        maintenance.enter(client)
    return theirs


def record_formats(client: Client) -> dict[str, int]:
    """Name -> number of everything the board stores or speaks."""
    return {str(name): int(number) for name, number in client.pages("describe", of="records")}


def changed_records(theirs: Mapping[str, int] | None) -> list[str]:
    """Kinds of records that the new version cannot go on writing in the old files."""
    ours = dict(firmware.load("guard.link.describe").RECORDS)
    return [kind for kind in RECORDS if theirs is not None and theirs.get(kind) != ours[kind]]


def foreign(root: list[str], port: str) -> list[str]:
    """What is not treadguard's; BoardRefused when it would replace a module of MicroPython."""
    names = [name for name in root if name not in KNOWN and not backup.belongs(name)]
    for name in names:
        stem, _, ending = name.rpartition(".")
        if ending in ("py", "mpy") and stem in IMPORTED:
            raise BoardRefused(
                f"the board has a file {name}, which would take the place of MicroPython's own"
                f" module: remove it with `mpremote connect {port} resume fs rm :{name}` and run"
                " the command again"
            )
    return names


def _require_chip(plan: DeployPlan, machine: str) -> None:
    """By MicroPython's own word, which counts where no controller runs, or another chip's."""
    chips.require_same(plan.port, plan.chip, chips.of_machine(machine))


def _require_room(plan: DeployPlan, free_bytes: int) -> None:
    folders = {path.rpartition("/")[0] for path in plan.files}
    blocks = sum(-(-len(data) // BLOCK) for data in plan.files.values()) + 2 * len(folders)
    needed = SPARE_BYTES + blocks * BLOCK
    if free_bytes < needed:
        raise BoardRefused(
            f"the board has {free_bytes // 1024} KB left and {needed // 1024} KB are needed for a"
            " second version: `treadguard flash` saves its records and makes room"
        )


def _stage(plan: DeployPlan, say: Say) -> None:
    with tempfile.TemporaryDirectory(prefix="treadguard-") as folder:
        for name in sorted({path.rpartition("/")[0] for path in plan.files}):
            here = [path for path in sorted(plan.files) if path.rpartition("/")[0] == name]
            say(f"copying {name or 'boot.py, main.py, manifest.txt'} ...")
            local = []
            for path in here:
                file = Path(folder) / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(plan.files[path])
                local.append(str(file))
            size = sum(len(plan.files[path]) for path in here)
            target = f":{STAGE}/{name}/" if name else f":{STAGE}/"
            limit_s = program.SHORT_S + size / program.SLOWEST_BYTES_S
            program.run(plan.port, "fs", "cp", *local, target, timeout_s=limit_s)


def _verify(plan: DeployPlan) -> None:
    """The board's own SHA-256 of what it stored."""
    paths = sorted(plan.files)
    said = program.run(plan.port, "fs", "sha256sum", *(f":{STAGE}/{path}" for path in paths))
    found = [line.strip() for line in said.splitlines() if len(line.strip()) == 64]
    wanted = [hashlib.sha256(plan.files[path]).hexdigest() for path in paths]
    if found != wanted:
        raise ExpectationFailed(
            f"what the board on {plan.port} stored is not what was sent: run the command again;"
            " it still has the old version"
        )


def _await_start(plan: DeployPlan, done: Deployed, say: Say) -> None:
    say("waiting for the controller ...")
    with restore.await_controller(plan.port) as client:
        interface.require_same(client)
        status = client.request("status")
        done.board, done.version = str(status.get("board", "")), str(status.get("version", ""))
        if done.saved is None:  # an earlier run may have noted what it had saved
            folder = plan.folder or backup.default_folder(done.board)
            done.saved = unfinished.found(done.board, folder)
        if done.saved is not None and _settings_gone(client, status, done.saved):
            done.not_restored = restore.restore(client, done.saved, say)
            status = client.request("status")
    if done.saved is not None and not done.not_restored:
        unfinished.forget(done.saved.folder)
    done.state = str(status.get("state", ""))
    done.blockers = [str(name) for name in status.get("blockers") or ()]
    if DAMAGED in done.blockers:
        raise ExpectationFailed(
            f"the board on {plan.port} says {DAMAGED}: run the command again, it refuses to arm"
            " until then"
        )


def _settings_gone(client: Client, status: Message, saved: Backup) -> bool:
    """Whether the new version could not read what the old one had stored."""
    if status.get("state") == READY:
        return config_push.unwritten(status)
    return bool(config_push.changes_to(config_push.read_values(client), saved.values))


def of_folder(folder: Path) -> dict[str, bytes]:
    """A firmware folder with a manifest of its own, as a plan's files."""
    from treadguard.flashing.filesystem import folder_files

    files = {n: d for n, d in folder_files(folder).items() if "__pycache__" not in n}
    return {**files, manifest.NAME: manifest.build(str(folder)).encode()}
