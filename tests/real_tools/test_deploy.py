# SPDX-License-Identifier: MIT
"""`treadguard deploy` with the real mpremote against a real MicroPython with LittleFS."""

from __future__ import annotations

import json
import re
import struct
import subprocess
from collections.abc import Callable, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.real_tools.conftest import another
from tests.support.chip_port import ChipPort, plugged_in
from tests.support.rom_loader import Nor, Rom
from tests.support.whole_board import WholeBoard
from treadguard import manifest
from treadguard.deploying import Deployed, DeployPlan, deploy, procedure, program
from treadguard.errors import BoardRefused, ExpectationFailed, LinkError, TreadguardError
from treadguard.flashing import filesystem

SIZE = 0x100000
CUT_SCRIPT = ROOT / "tests" / "real_tools" / "cuts_script.py"


@contextmanager
def board_at(link: Path, board: WholeBoard) -> object:
    with plugged_in(Rom(board.flash), link, lambda _: board) as plugged:
        plugged.program = board
        yield plugged


@pytest.fixture
def make(plain_micropython: Sequence[str], tmp_path: Path) -> Callable[..., WholeBoard]:
    def made(files: dict[str, bytes], controller: bool = False) -> WholeBoard:
        size = 2 * SIZE if controller else SIZE  # a program in text needs more
        board = WholeBoard(Nor(), plain_micropython, size, tmp_path, controller=controller)
        board.put(files)
        if not controller:
            board.prompt()
        return board

    return made


def without_controller(plan: DeployPlan) -> None:
    """All but the wait for a controller, which compiled files cannot start here."""
    with suppress(LinkError):
        deploy(plan)


@pytest.fixture(autouse=True)
def no_controller_to_wait_for(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "source_files" in request.fixturenames:
        return

    def gone(*_: object, **__: object) -> None:
        raise LinkError("no controller here")

    monkeypatch.setattr("treadguard.flashing.restore.await_controller", gone)


def in_place(board: WholeBoard) -> dict[str, bytes]:
    """What runs; the staging folder is nobody's business."""
    return {path: data for path, data in board.files().items() if not path.startswith("next/")}


def plan_for(tmp_path: Path, files: dict[str, bytes]) -> DeployPlan:
    return DeployPlan(str(tmp_path / "port"), files, tmp_path / "saved")


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_new_version_takes_the_place_of_the_old_one_whole(
    make: Callable[..., WholeBoard], compiled: dict[str, bytes], tmp_path: Path
) -> None:
    """Also over half a deployment of before, and with a record and a setting in the way."""
    mine = {"j00000001.bin": b"journal", "config.json": b"{}", "notes.txt": b"mine"}
    half = {"next/guard/x.mpy": b"old", "next/main.py": b"", "guard.old/y.mpy": b"older"}
    board = make({**another(compiled), **mine, **half})
    with board_at(tmp_path / "port", board):
        without_controller(plan_for(tmp_path, compiled))
    assert board.files() == {**compiled, **mine}


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_nothing_is_left_of_a_module_that_would_shadow_the_new_one(
    make: Callable[..., WholeBoard], compiled: dict[str, bytes], tmp_path: Path
) -> None:
    board = make({**another(compiled), "guard/controller.py": b"old text"})
    with board_at(tmp_path / "port", board):
        without_controller(plan_for(tmp_path, compiled))
    assert board.files() == compiled


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_power_cut_at_any_step_leaves_the_old_version_or_a_board_that_cannot_arm(
    make: Callable[..., WholeBoard],
    compiled: dict[str, bytes],
    plain_micropython: Sequence[str],
    tmp_path: Path,
) -> None:
    """Every flash operation of the swap, cut in four places; every 40th of the copying."""
    old = another(compiled)
    board = make(old)
    before = board.image_before
    with board_at(tmp_path / "port", board):
        without_controller(plan_for(tmp_path, compiled))
    assert board.files() == compiled
    names = ("before", "log", "old", "new")
    contents = (before, packed(board.operations), old[manifest.NAME], compiled[manifest.NAME])
    for name, data in zip(names, contents, strict=True):
        (tmp_path / name).write_bytes(data)
    swap = first_of_swap(board)
    assert 0 < swap < len(board.operations)
    found = judged(plain_micropython, tmp_path, swap - 20, 4)
    assert found["end"] == "new"
    assert set(found["found"]) <= {"old", "damaged", "no main.py", "new"}, found
    assert found["order"][0] == "old"
    assert found["order"][-1] == "new"
    assert found["found"]["damaged"] > 10
    assert found["found"].get("no main.py", 0) == 0
    copying = judged(plain_micropython, tmp_path, 0, 1, every=40)
    assert set(copying["found"]) <= {"old", "damaged", "new"}


def packed(operations: list[tuple[int, int, int, bytes]]) -> bytes:
    return b"".join(struct.pack("<BHHH", *op[:3], len(op[3])) + op[3] for op in operations)


def first_of_swap(board: WholeBoard) -> int:
    """Where the staging ends: the last operation after which the old manifest still stands."""
    # The swap erases and programs little; the last file copied is a text of several KB.
    sizes = [len(op[3]) for op in board.operations]
    last_large = max(i for i, size in enumerate(sizes) if size == 128)
    return max(0, min(last_large, len(sizes) - 1) - 40)


def judged(
    micropython: Sequence[str], folder: Path, first: int, shares: int, every: int = 1
) -> dict:
    words = [ROOT, folder / "before", folder / "log", first, shares]
    words += [folder / "old", folder / "new", every]
    ran = subprocess.run(
        [str(w) for w in (*micropython, "-X", "heapsize=64M", CUT_SCRIPT, *words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert ran.stdout.startswith("{"), ran.stdout + ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("after_bytes", [3_000, 30_000, 90_000])
def test_the_cable_pulled_while_copying_leaves_the_old_version(
    make: Callable[..., WholeBoard], compiled: dict[str, bytes], tmp_path: Path, after_bytes: int
) -> None:
    old = another(compiled)
    board = make(old)
    heard = [0]
    exchange = board.exchange

    with board_at(tmp_path / "port", board) as plugged:
        assert isinstance(plugged, ChipPort)

        def counted(data: bytes) -> bytes:
            heard[0] += len(data)
            if heard[0] > after_bytes:
                plugged.pull_cable()
            return exchange(data)

        board.exchange = counted
        with pytest.raises(TreadguardError, match=r"lost|opened") as caught:
            deploy(plan_for(tmp_path, compiled))
        assert caught.value.exit_code in (3, 4)
    assert in_place(board) == old


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_byte_that_does_not_stick_keeps_the_old_version(
    make: Callable[..., WholeBoard],
    compiled: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = program.run

    def damaging(port: str, *words: str, timeout_s: float = 60) -> str:
        if words[:2] == ("fs", "sha256sum"):
            run(port, "exec", "f=open('next/main.py','ab'); f.write(b'#'); f.close()")
        return run(port, *words, timeout_s=timeout_s)

    monkeypatch.setattr(program, "run", damaging)
    board = make(another(compiled))
    with board_at(tmp_path / "port", board):
        with pytest.raises(ExpectationFailed, match="not what was sent"):
            deploy(plan_for(tmp_path, compiled))
        run(str(tmp_path / "port"), "reset")
    assert in_place(board) == another(compiled)


def test_a_file_that_would_replace_a_module_is_refused(
    make: Callable[..., WholeBoard], compiled: dict[str, bytes], tmp_path: Path
) -> None:
    board = make({**compiled, "machine.py": b"x"})
    with (
        board_at(tmp_path / "port", board),
        pytest.raises(BoardRefused, match=re.escape("fs rm :machine.py")),
    ):
        deploy(plan_for(tmp_path, compiled))


def test_a_full_board_is_refused_before_anything_is_copied(
    make: Callable[..., WholeBoard], compiled: dict[str, bytes], tmp_path: Path
) -> None:
    board = make({**compiled, "t00000001.bin": bytes(SIZE - 300_000)})
    with board_at(tmp_path / "port", board), pytest.raises(BoardRefused, match="makes room"):
        deploy(plan_for(tmp_path, compiled))


def test_mpremote_does_what_the_docs_say_it_does(
    make: Callable[..., WholeBoard], compiled: dict[str, bytes], tmp_path: Path
) -> None:
    board = make(compiled)
    port = str(tmp_path / "port")
    with board_at(tmp_path / "port", board):
        assert "main.py" in program.run(port, "fs", "ls")
        assert program.run(port, "exec", "print(6*7)").strip() == "42"
        assert program.run(port, "fs", "cat", ":main.py").encode() == compiled["main.py"]
        program.run(port, "reset")
    assert board.files() == compiled


# With a controller that runs


@pytest.fixture
def running(
    make: Callable[..., WholeBoard], source_files: dict[str, bytes], tmp_path: Path
) -> object:
    board = make(source_files, controller=True)
    with board_at(tmp_path / "port", board):
        yield board


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_running_controller_is_updated_and_keeps_its_settings(
    running: WholeBoard, source_files: dict[str, bytes], tmp_path: Path
) -> None:
    newer = another(source_files)
    said: list[str] = []
    done: Deployed = deploy(plan_for(tmp_path, newer), said.append)
    assert (done.before, done.state, done.not_restored) == (done.version, "READY", "")
    assert "FIRMWARE_DAMAGED" not in done.blockers
    assert "NOT_CONFIGURED" not in done.blockers
    assert done.saved is not None
    assert done.saved.config_file is not None
    files = running.files()
    assert {p: files[p] for p in newer} == newer
    assert filesystem.read(running.image()) is not None


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_without_the_red_button_nothing_is_deployed(
    running: WholeBoard, source_files: dict[str, bytes], tmp_path: Path
) -> None:
    def release(board: WholeBoard) -> None:
        board.world.press_estop(False)

    running.hands = release
    with pytest.raises(BoardRefused, match="press the red button"):
        deploy(plan_for(tmp_path, source_files))
    assert running.operations == []


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_records_of_another_format_move_to_the_logbook_and_the_numbering_goes_on(
    running: WholeBoard,
    source_files: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The way up and the way down are the same."""
    formats = procedure.record_formats
    monkeypatch.setattr(
        procedure, "record_formats", lambda client: {**formats(client), "journal": 99}
    )
    done = deploy(plan_for(tmp_path, source_files))
    assert done.cleared == ["journal"]
    assert done.saved is not None
    assert "new events" in done.logbook
    journals = [name for name in running.files() if name.startswith("j")]
    assert journals == [f"j{done.saved.next_seq:08d}.bin"]
    assert "FIRMWARE_DAMAGED" not in done.blockers
