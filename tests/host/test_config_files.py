# SPDX-License-Identifier: MIT
"""Configuration files are checked whole, on the host, before a byte goes to the board."""

from __future__ import annotations

import contextlib
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.host.conftest import CommandLine
from tests.support import fake_board
from tests.support.fake_board import FakeBoard
from treadguard import config_files, config_push, firmware
from treadguard.errors import BAD_FILE, OK, REFUSED, USAGE, FileInvalid

ABOUT = {"board": "a1b2", "version": 'a "quoted" one'}
SETTABLE = [p for p in firmware.parameters().values() if p.settable]
GOOD = """\
schema = 1
[limit]
backward_limit_mm_s = "2 km/h"
mount_limit_mm_s = 400
[time]
session_limit_min = 10
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "limits.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(FileInvalid) as refused:
        config_files.read(written(tmp_path, text))
    return str(refused.value)


def defaults() -> dict[str, int]:
    return {name: p.default for name, p in firmware.parameters().items()}


# -- reading ----------------------------------------------------------------------------


def test_integers_in_the_keys_unit_and_typed_values_are_read(tmp_path: Path) -> None:
    values = config_files.read(written(tmp_path, GOOD)).values
    assert values == {
        "backward_limit_mm_s": 556,
        "mount_limit_mm_s": 400,
        "session_limit_min": 10,
    }


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("mount_limit_mm_s = 400\nbackward_limit = 3\n", "line 2", "did you mean"),
        ("[limit]\nmount_limit_mm_s = 400\nmount_limit_mm_s = 401\n", "line 3", "twice"),
        ("mount_limit_mm_s = 400\n[limit]\nmount_limit_mm_s = 401\n", "lines 1 and 3", "twice"),
        ("[limit]\nmount_limit_mm_s = \n", "line 2", "invalid value"),
        ("[limit]\nmount_limit_mm_s = [400,\n", "line 2", "TOML"),
        ("[limit\n", "line 1", "TOML"),
        ("[time]\nmount_limit_mm_s = 400\n", "line 2", "belongs under [limit]"),
        ("[limit]\nbackward_limit_mm_s = 1119\n", "line 2", "140 mm/s to 1118 mm/s"),
        ('[limit]\nbackward_limit_mm_s = "3"\n', "line 2", "no unit"),
        ('[limit]\nbackward_limit_mm_s = "400 ms"\n', "line 2", "no unit of speed"),
        ("[limit]\nbackward_limit_mm_s = 833.0\n", "line 2", "no whole number"),
        ("[limit]\nbackward_limit_mm_s = true\n", "line 2", "no whole number"),
        ("[measured]\nstop_a_min_mm_s2 = 900\n", "line 2", "measured by the board"),
        ("schema = 2\n", "line 1", "schema 2"),
        ("[calibration]\nmagnets_per_turn = 2\n", "magnets_per_turn", "second hall sensor"),
    ],
)
def test_each_problem_is_named_with_its_line(
    tmp_path: Path, text: str, line: str, says: str
) -> None:
    sentence = refusal(tmp_path, text)
    assert "limits.toml" in sentence
    assert line in sentence
    assert says in sentence
    assert "\n" not in sentence


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    sentence = refusal(tmp_path, "[limit]\nnonsense = 1\nmount_limit_mm_s = 5\nmore = 2\n")
    for line in ("line 2", "line 3", "line 4"):
        assert line in sentence


@given(st.binary(max_size=80))
def test_no_file_crashes_it(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(data)
    with contextlib.suppress(FileInvalid):
        config_files.read(path)


def test_every_half_of_a_good_file_is_refused_or_a_valid_part(tmp_path: Path) -> None:
    whole = config_files.read(written(tmp_path, GOOD)).values
    for end in range(len(GOOD)):
        try:
            values = config_files.read(written(tmp_path, GOOD[:end])).values
        except FileInvalid:
            continue
        # "session_limit_min = 1" is a valid file too: TOML has no end mark.
        assert values.keys() <= whole.keys()


# -- writing ----------------------------------------------------------------------------


@given(st.fixed_dictionaries({p.name: st.integers(p.lowest, p.highest) for p in SETTABLE}))
def test_an_export_reads_back_as_the_same_values(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, int]
) -> None:
    path = tmp_path_factory.getbasetemp() / "exported.toml"
    path.write_text(config_files.export(values, ABOUT), encoding="utf-8")
    if config_files.combination_problems(values):
        with pytest.raises(FileInvalid):
            config_files.read(path)
    else:
        assert config_files.read(path).values == values


def test_an_export_carries_units_and_hides_what_cannot_be_set() -> None:
    text = config_files.export(defaults(), ABOUT)
    assert "backward_limit_mm_s = 833  # 833 mm/s (3.0 km/h, 1.9 mph)" in text
    assert "# 140 mm/s to 1118 mm/s, default 833 mm/s" in text
    assert "stop_a_min_mm_s2" not in tomllib.loads(text).get("measured", {})


# -- what permits more ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "loosens"),
    [
        ("backward_limit_mm_s", 833, 834, True),
        ("backward_limit_mm_s", 833, 832, False),
        ("rails_fitted", 2, 1, True),
        ("turn_confirm_ms", 2000, 1500, True),
        ("turn_confirm_ms", 2000, 2500, False),
        ("distance_per_edge_um", 100000, 90000, True),
    ],
)
def test_what_permits_more_must_be_meant(name: str, old: int, new: int, loosens: bool) -> None:
    assert config_push.Change(name, "", old, new).loosens is loosens


# -- through the command line -----------------------------------------------------------


def test_import_pushes_confirms_and_reads_back(
    treadguard: CommandLine, board: FakeBoard, port: str, tmp_path: Path
) -> None:
    ran = treadguard("config", "import", written(tmp_path, GOOD), "--port", port)
    assert ran.code == OK, ran.err
    assert "hold START" in ran.err
    assert "backward_limit_mm_s: 833 mm/s (3.0 km/h, 1.9 mph) -> 556 mm/s" in ran.err
    assert (board.values["backward_limit_mm_s"], board.values["session_limit_min"]) == (556, 10)


@pytest.mark.parametrize("start", ["short", "nothing"])
def test_an_unconfirmed_import_changes_nothing(
    treadguard: CommandLine, board: FakeBoard, port: str, tmp_path: Path, start: str
) -> None:
    board.start = start
    ran = treadguard("config", "import", written(tmp_path, GOOD), "--port", port)
    assert ran.code == REFUSED
    assert "was not confirmed" in ran.err
    assert board.values == defaults()


def test_a_dry_run_shows_and_sends_nothing(
    treadguard: CommandLine, board: FakeBoard, port: str, tmp_path: Path
) -> None:
    ran = treadguard("config", "import", written(tmp_path, GOOD), "--port", port, "--dry-run")
    assert ran.code == OK
    assert "-> 556 mm/s" in ran.err
    assert "config.set" not in board.done


def test_a_raised_limit_needs_yes_where_nobody_can_be_asked(
    treadguard: CommandLine, board: FakeBoard, port: str
) -> None:
    command = ("config", "set", "backward_limit", "2.5 mph", "--port", port)
    ran = treadguard(*command)
    assert ran.code == USAGE
    assert "--yes" in ran.err
    assert board.values == defaults()
    assert treadguard(*command, "--yes").code == OK
    assert board.values["backward_limit_mm_s"] == 1118


def test_a_lowered_limit_needs_no_question(
    treadguard: CommandLine, board: FakeBoard, port: str
) -> None:
    assert treadguard("config", "set", "backward_limit=2km/h", "--port", port).code == OK
    assert board.values["backward_limit_mm_s"] == 556


def test_a_fresh_board_takes_equal_values_as_its_first_configuration(
    treadguard: CommandLine, board: FakeBoard, port: str
) -> None:
    board.status["blockers"] = ["NOT_CONFIGURED"]
    ran = treadguard("config", "set", "backward_limit", "3 km/h", "--port", port)
    assert ran.code == OK, ran.err
    assert "config.set" in board.done


def test_an_exported_file_imports_without_a_change(
    treadguard: CommandLine, board: FakeBoard, port: str, tmp_path: Path
) -> None:
    path = tmp_path / "backup.toml"
    assert treadguard("config", "export", "--output", path, "--port", port).code == OK
    ran = treadguard("config", "import", path, "--port", port)
    assert ran.code == OK, ran.err
    assert "already has these values" in ran.out
    assert "config.set" not in board.done


def test_a_lost_line_in_mid_import_is_repeated_not_done_twice(
    treadguard: CommandLine, board: FakeBoard, tmp_path: Path
) -> None:
    board.mangle = lambda line, n: b"" if n == 6 else line
    with fake_board.on_pty(board.feed) as port:
        ran = treadguard("config", "import", written(tmp_path, GOOD), "--port", port)
    assert ran.code == OK, ran.err
    assert board.values["session_limit_min"] == 10


def test_what_another_client_left_staged_is_not_mixed_in(
    treadguard: CommandLine, board: FakeBoard, port: str, tmp_path: Path
) -> None:
    board.staged = {"forward_limit_mm_s": 5556}
    ran = treadguard("config", "import", written(tmp_path, GOOD), "--port", port)
    assert ran.code == OK, ran.err
    assert board.values["session_limit_min"] == 10
    assert board.values["forward_limit_mm_s"] == defaults()["forward_limit_mm_s"]


def test_check_needs_no_board(treadguard: CommandLine, tmp_path: Path) -> None:
    assert treadguard("config", "check", written(tmp_path, GOOD)).code == OK
    ran = treadguard("config", "check", written(tmp_path, "[limit]\nnonsense = 1\n"))
    assert ran.code == BAD_FILE
    assert ran.err.count("\n") == 1
