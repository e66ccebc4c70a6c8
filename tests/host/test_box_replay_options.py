# SPDX-License-Identifier: MIT
"""Black boxes of boards with options: pulled from a virtual board, decided the same again."""

from __future__ import annotations

import csv
import dataclasses
import io
from pathlib import Path
from typing import Any

import pytest

from guard.record.blackbox import AFTER_TICKS
from guard.record.frames import block
from tests.bench import device
from tests.host.conftest import CommandLine
from tests.support.pulled import box_of, boxes_of, events_of, files_of, pulled
from treadguard import errors, firmware, simulation
from treadguard.errors import FileInvalid
from treadguard.logbook import decode, replay
from treadguard.logbook.box_options import Fitted

SETTINGS = ("hall_sensors", "second_stop_fitted", "key_sense_fitted", "incline_sensor")
NEVER_CLOSED = {
    "bypassed_loop_is_found_while_still",
    "inclinometer_set_but_not_fitted_blocks",
    "inclinometer_without_its_zero_blocks",
    "second_sensor_set_but_not_fitted_blocks",
    "second_stop_set_but_not_fitted_blocks",
    "wrong_chip_at_the_address_blocks",
}
EVERYTHING = "every_option_together_walks_as_without"
B_DIES = "the_second_sensor_dies_while_walking"


def with_options() -> list[str]:
    """Scenarios of the library whose board has an option set."""
    found = []
    for path in simulation.library():
        board = simulation.read(path).get("board", {})
        if any(board.get("config", {}).get(name) for name in SETTINGS):
            found.append(path.stem)
    return found


def stop_of(files: dict[str, bytes]) -> str:
    """As the board's own journal has it."""
    return str(next(e["fault"] for e in events_of(files) if e["kind"] == "stop"))


def test_every_scenario_with_an_option_is_replayed_or_known_to_keep_the_relay_open():
    found = with_options()
    assert len(found) >= 30
    assert set(found) >= NEVER_CLOSED


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", [n for n in with_options() if n not in NEVER_CLOSED])
def test_a_box_of_a_board_with_options_is_decided_the_same_again(name):
    files = files_of(name)
    box = box_of(name)
    verdict = replay.replay(box)
    assert box.fitted.bits
    assert box.intact
    assert verdict.decided == stop_of(files)
    if verdict.decided in replay.ASKED:
        assert verdict.result == replay.UNDECIDED
        assert verdict.decided in verdict.line()
    else:
        assert (verdict.result, verdict.again) == (replay.SAME, verdict.decided)
        assert verdict.ticks > AFTER_TICKS + 100  # a second before the stop, and all after it


@pytest.mark.micropython
@pytest.mark.timeout(300)
@pytest.mark.parametrize("form", ["source", "built"])
def test_a_box_written_by_micropython_is_the_same_and_decided_the_same(
    form, micropython_31_bit, tmp_path
):
    folder = device.built() if form == "built" else firmware.folder()
    command = [*micropython_31_bit, "-X", simulation.HEAP]
    files = pulled(EVERYTHING, command, folder)
    assert boxes_of(files) == boxes_of(files_of(EVERYTHING))
    (data,) = boxes_of(files)
    assert replay.replay(decode.blackbox(data)).result == replay.SAME


# Each input of an option decides: without it the replay differs.

CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "edges of B": (EVERYTHING, {"edges_b": 0}),
    "line of B": (EVERYTHING, {"hall_b_bad": True}),
    "counter of B": (EVERYTHING, {"counter_ahead_b": True}),
    "second stop": (EVERYTHING, {"second_stop": "dropped"}),
    "key loop": ("welded_pole_is_found_while_still", {"key_loop": "open"}),
    "incline": (EVERYTHING, {"incline_front_mg": 300}),
    "silence": (EVERYTHING, {"incline_up_mg": None, "incline_silent": True}),
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("what", CHANGES)
def test_what_an_option_read_decides(what):
    name, changes = CHANGES[what]
    box = box_of(name)
    assert box.checkpoint is not None
    after = box.checkpoint["after"]
    later = [{**row, **_where_there(row, changes)} for row in box.rows[after:]]
    verdict = replay.replay(dataclasses.replace(box, rows=[*box.rows[:after], *later]))
    assert verdict.result == replay.DIFFERENT


def _where_there(row: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    missing = row.get("incline_up_mg") is None and any("incline" in key for key in changes)
    return {} if missing else changes


# What cannot be replayed says why.


def test_a_box_of_an_older_firmware_says_that_it_lacks_the_options():
    box = dataclasses.replace(box_of(EVERYTHING), fitted=Fitted())
    with pytest.raises(FileInvalid, match=r"of different options .second hall sensor, second"):
        replay.replay(box)


def test_readings_that_are_missing_before_the_first_tick_are_named():
    box = box_of(EVERYTHING)
    assert box.checkpoint is not None
    rows = [dict(row) for row in box.rows]
    for row in rows[: box.checkpoint["after"]]:
        row["incline_up_mg"] = None
    short = dataclasses.replace(box, rows=rows, fitted=Fitted(box.fitted.bits))
    with pytest.raises(FileInvalid, match="readings from before its first tick are not all"):
        replay.replay(short)


def test_blocks_of_a_newer_board_are_named(treadguard: CommandLine, tmp_path: Path):
    (data,) = boxes_of(files_of(B_DIES))
    path = tmp_path / "b00000001.bin"
    path.write_bytes(data + block(77, 0, b"news"))
    ran = treadguard("logs", "show", path)
    assert ran.code == errors.OK
    assert "blocks of kind 77, which these tools do not know" in ran.out
    ran = treadguard("logs", "replay", path)
    assert (ran.code, ran.out) == (errors.BAD_FILE, "")
    assert "holds blocks of kind 77, which these tools do not know" in ran.err


def test_an_option_of_a_newer_board_is_named():
    box = box_of(B_DIES)
    newer = dataclasses.replace(box, fitted=Fitted(box.fitted.bits | 16))
    with pytest.raises(FileInvalid, match="it holds option 4, which these tools do not know"):
        replay.replay(newer)


def test_numbers_under_other_names_are_refused():
    box = box_of(B_DIES)
    other = dataclasses.replace(box, checkpoint={**(box.checkpoint or {}), "names_hash": 1})
    with pytest.raises(FileInvalid, match="another version"):
        replay.replay(other)


@pytest.mark.parametrize("cut", [3000, 9000, 15000])
def test_a_torn_box_with_options_is_never_taken_for_whole(cut):
    (data,) = boxes_of(files_of(EVERYTHING))
    assert not decode.blackbox(data[:cut]).intact


# Shown and exported.


def test_a_shown_box_names_the_options_and_what_they_read(
    treadguard: CommandLine, tmp_path: Path
) -> None:
    (data,) = boxes_of(files_of(EVERYTHING))
    path = tmp_path / "b00000001.bin"
    path.write_bytes(data)
    shown = treadguard("logs", "show", path).out
    head = shown.splitlines()[0]
    assert head.endswith("with second hall sensor, second stop, key sense, inclinometer")
    for part in ("1 of B", "second stop closed", "key loop closed", "mg\n"):
        assert part in shown


def test_an_exported_box_has_columns_of_the_options(
    treadguard: CommandLine, tmp_path: Path
) -> None:
    folder = tmp_path / "a1b2c3d4e5f6"
    folder.mkdir()
    for file, data in files_of(EVERYTHING).items():
        (folder / file).write_bytes(data)
    assert treadguard("logs", "import", folder).code == errors.OK
    ran = treadguard("logs", "export", "blackbox", "--session", "1")
    assert ran.code == errors.OK, ran.err
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    closed = [row for row in rows if row["state"] == "BACKWARD"]
    assert {row["second_stop"] for row in closed} == {"closed"}
    assert {row["key_loop"] for row in closed} == {"closed"}
    assert sum(int(row["edges_b"]) for row in closed) > 50
    fronts = [int(row["incline_front_mg"]) for row in closed if row["incline_front_mg"]]
    assert len(fronts) > len(closed) // 3
    assert 40 <= sum(fronts) / len(fronts) <= 130, "9 percent"
    assert all(80 <= int(row["incline_permille"]) <= 100 for row in closed)
    assert "spare" not in rows[0]


def test_a_box_without_options_has_no_such_column():
    (data,) = boxes_of(files_of("cut_rail_lead_trips"))
    box = decode.blackbox(data)
    assert box.fitted == Fitted()
    assert not {"edges_b", "second_stop", "key_loop", "incline_up_mg", "spare"} & set(box.rows[0])
