# SPDX-License-Identifier: MIT
"""A deployment to another record format, cut inside the swap and run again.

Whatever was cut: in the end no record of the old format is on the board, nothing that it had
written is lost, its settings and calibration come back with START, no number is used twice.
"""

from __future__ import annotations

import re
from binascii import crc32
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.cut_board import CutBoard
from tests.support.written import Written
from treadguard import firmware, manifest
from treadguard.deploying import Deployed, DeployPlan, deploy, program
from treadguard.deploying.procedure import of_folder
from treadguard.errors import LinkError
from treadguard.logbook import store, tables

OLDER, NEWER = 0, 9
FORMATS = {
    "guard/link/describe.py": rb'\("journal", 1\)',
    "guard/record/blackbox.py": rb"SCHEMA = const\(1\)",
    "guard/record/trace.py": rb"SCHEMA = const\(1\)",
    "guard/record/config_store.py": rb"SCHEMA = const\(1\)",
}
SETTINGS = {"backward_limit_mm_s": 710, "distance_per_edge_um": 98765, "calibration": 2}
WHOLE = 10
"""Changes of the swap until the new version is whole, with one journal, black box and trace."""


@pytest.fixture(autouse=True)
def own_files_stay_away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TREADGUARD_LOGBOOK", str(tmp_path / "logbook.db"))


@pytest.fixture(scope="module")
def ours() -> dict[str, bytes]:
    return of_folder(ROOT / "firmware")


def of_format(files: dict[str, bytes], number: int) -> dict[str, bytes]:
    """This firmware as it would be if all its formats had another number."""
    made = dict(files)
    for path, wanted in FORMATS.items():
        now = re.search(wanted, made[path])
        assert now is not None, path
        text = now[0].replace(b"1", b"%d" % number)
        made[path] = made[path].replace(now[0], text)
    lines = "".join(
        f"{path} {crc32(data):08x}\n" for path, data in made.items() if path != manifest.NAME
    )
    own = f"{manifest.NAME} {crc32(lines.encode()):08x}\n"
    return {**made, manifest.NAME: (lines + own).encode()}


def config_of(number: int) -> bytes:
    encoded = firmware.load("guard.record.config_store").encode(SETTINGS, 4)
    text = encoded.split(b"\n")[0].replace(b'"schema": 1', b'"schema": %d' % number)
    return text + b"\n%08x\n" % crc32(text)


@pytest.fixture
def board(ours: dict[str, bytes], tmp_path: Path) -> Callable[[int], CutBoard]:
    def made(number: int) -> CutBoard:
        journal = Written().power_on().walk(60_000, 1, 30)
        records = {
            "j00000001.bin": b"".join(journal.frames),
            "b00000001.bin": b"a box of that format",
            "t00000001.bin": b"a trace of that format",
            "config.json": config_of(number),
        }
        return CutBoard({**of_format(ours, number), **records}, tmp_path)

    return made


def plan(files: dict[str, bytes], tmp_path: Path) -> DeployPlan:
    return DeployPlan("board", files, tmp_path / "saved")


def events_of(board: CutBoard) -> list[int]:
    frames = firmware.load("guard.record.frames")
    found = []
    for name in sorted(n for n in board.files if n.startswith("j")):
        data, at = board.files[name], 0
        while at < len(data):
            assert frames.frame_at(data, at) is not None, name
            found.append(int(frames.seq_of(data[at : at + 5])))
            at += data[at]
    return found


def require_all_in_order(
    board: CutBoard, done: Deployed, files: dict[str, bytes], here: Path
) -> None:
    """What every way through has in common."""
    assert {path: board.files[path] for path in files} == files
    assert not [path for path in board.files if path.startswith(("next", "guard.old"))]
    # nothing of the old format
    tables = files["guard/link/describe.py"]
    stale = {(name, data) for name, data, by in board.seen if data and by not in (tables, b"")}
    assert {name[0] for name, _ in stale} == {"j", "b", "t"}
    assert not [name for name, data in stale if board.files.get(name, b"").startswith(data)]
    # nothing lost
    kept = [path.read_bytes() for path in (here / "saved").rglob("*.bin")]
    assert not [name for name, data in stale if not any(k.startswith(data) for k in kept)]
    # settings and calibration
    assert done.not_restored == ""
    assert not {"NOT_CONFIGURED", "CONFIG_DAMAGED", "FIRMWARE_DAMAGED"} & set(done.blockers)
    values, _ = firmware.load("guard.record.config_store").decode(board.files["config.json"])
    assert {name: values[name] for name in SETTINGS} == SETTINGS
    # numbers go on
    numbers = events_of(board)
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    frames = firmware.load("guard.record.frames")
    old = [
        int(frames.seq_of(data[at : at + 5]))
        for name, data in stale
        if name.startswith("j")
        for at in range(len(data))
        if frames.frame_at(data, at) is not None
    ]
    assert numbers[0] == max(old) + 1


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("number", [OLDER, NEWER], ids=["up", "down"])
@pytest.mark.parametrize("step", range(WHOLE + 2))
def test_a_change_of_format_cut_anywhere_in_the_swap_is_finished_by_the_second_run(
    board: Callable[[int], CutBoard],
    ours: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    step: int,
) -> None:
    there = board(number)
    there.cut_at = step
    with there.in_place(monkeypatch):
        with pytest.raises(LinkError):
            deploy(plan(ours, tmp_path))
        assert len(there.steps) == step
        there.cut_at = -1
        done = deploy(plan(ours, tmp_path), print)
    require_all_in_order(there, done, ours, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("second", [2, 5, 6, 9])
@pytest.mark.parametrize("first", [2, 6, WHOLE])
def test_a_swap_cut_twice_is_finished_by_the_third_run(
    board: Callable[[int], CutBoard],
    ours: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    first: int,
    second: int,
) -> None:
    there = board(NEWER)
    with there.in_place(monkeypatch):
        for step in (first, second):
            there.cut_at = step
            with pytest.raises(LinkError):
                deploy(plan(ours, tmp_path))
        there.cut_at = -1
        done = deploy(plan(ours, tmp_path))
    require_all_in_order(there, done, ours, tmp_path)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("number", [OLDER, NEWER], ids=["up", "down"])
@pytest.mark.parametrize("swapped", [False, True], ids=["before the swap", "during the swap"])
def test_the_cable_pulled_leaves_a_prompt_and_the_second_run_does_all_the_same(
    board: Callable[[int], CutBoard],
    ours: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    swapped: bool,
) -> None:
    """The board has its power from elsewhere: what it was doing it does to the end."""
    there = board(number)
    run_script = there.run_script

    def pulled(port: str, name: str, **values: object) -> str:
        if name == "swap" and swapped:
            run_script(port, name, **values)
        if name == "swap":
            monkeypatch.setattr(there, "run_script", run_script)
            raise LinkError("lost")
        return run_script(port, name, **values)

    monkeypatch.setattr(there, "run_script", pulled)
    with there.in_place(monkeypatch):
        with pytest.raises(LinkError):
            deploy(plan(ours, tmp_path))
        assert there.at_prompt
        monkeypatch.setattr(program, "run_script", run_script)
        done = deploy(plan(ours, tmp_path))
    require_all_in_order(there, done, ours, tmp_path)


@pytest.mark.timeout(400)
def test_settings_that_nobody_confirmed_come_with_the_next_run_again(
    board: Callable[[int], CutBoard],
    ours: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = board(OLDER)
    there.person = False
    with there.in_place(monkeypatch):
        done = deploy(plan(ours, tmp_path))
        assert "START" in done.not_restored
        there.person = True
        done = deploy(plan(ours, tmp_path))
    require_all_in_order(there, done, ours, tmp_path)


@pytest.mark.timeout(400)
def test_the_steps_are_all_there_are_until_the_new_version_is_whole(
    board: Callable[[int], CutBoard],
    ours: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = board(OLDER)
    with there.in_place(monkeypatch):
        done = deploy(plan(ours, tmp_path))
    assert done.cleared == ["journal", "blackbox", "trace"]
    assert there.steps.index("rename next/manifest.txt") == WHOLE - 1
    require_all_in_order(there, done, ours, tmp_path)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("number", [OLDER, NEWER], ids=["up", "down"])
def test_what_the_new_version_records_reaches_the_logbook_beside_the_old_format(
    board: Callable[[int], CutBoard],
    ours: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
) -> None:
    """The copy of before keeps its tables; what comes now goes by this version's."""
    there = board(number)
    with there.in_place(monkeypatch):
        deploy(plan(ours, tmp_path))
        done = deploy(plan(ours, tmp_path))
    assert done.cleared == []
    assert "0 new events" not in done.logbook
    aside = tmp_path / "saved" / "earlier-format-1"
    assert {path.name[0] for path in aside.glob("*.bin")} == {"j", "b", "t"}
    assert tables.of_folder(aside).formats["journal"] == number
    with store.opened(None) as book:
        (known,) = book.boards()
        assert book.tables(known).readable() == {"j", "b", "t"}
        seq_of = firmware.load("guard.record.frames").seq_of
        kept = {seq_of(frame.data[:5]) for frame in book.frames(known)}
    assert events_of(there)[0] in kept
