# SPDX-License-Identifier: MIT
"""A stored black box is decided again by this firmware, and a difference is shown."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from guard.core import states as st
from tests.host.conftest import CommandLine
from tests.support.walked_year import lived
from treadguard import errors
from treadguard.errors import FileInvalid
from treadguard.logbook import decode, replay
from treadguard.logbook.decode import Box

HAZARDS = {
    "OVERSPEED": {"speed": 1000},
    "SENSOR_LOST": {"sensor": False},
    "RAILS_RELEASED": {"left": False, "right": False},
    "ONE_HAND": {"right": False},
    "RAIL_WIRING": {"left": 1000},
    "ESTOP": {"estop": True},
    "LOOP_OVERRUN": {"late_us": 30000},
    "START_PRESSED": {"start": True},
    "MODE_CHANGED": {"mode": st.MODE_NONE},
}


def box_of(changes: dict[str, object]) -> Box:
    data, _ = lived(changes, 1, 1)
    return decode.blackbox(data)


@pytest.mark.parametrize("fault", HAZARDS)
def test_every_kind_of_stop_is_decided_the_same_again(fault):
    verdict = replay.replay(box_of(HAZARDS[fault]))
    assert (verdict.result, verdict.decided) == (replay.SAME, fault)
    assert verdict.ticks >= 1500


@pytest.mark.parametrize("request_", [("host_stop", "HOST_STOP"), ("ctrl_c", "CTRL_C_STOP")])
def test_what_was_asked_for_over_the_link_is_not_called_a_difference(request_):
    attribute, fault = request_
    verdict = replay.replay(box_of({attribute: True}))
    assert verdict.result == replay.UNDECIDED
    assert fault in verdict.why


def test_a_difference_is_shown_with_its_tick_and_both_decisions():
    box = box_of(HAZARDS["RAILS_RELEASED"])
    assert box.settings is not None
    looser = {**box.settings, "rail_grace_ms": 600}
    verdict = replay.replay(dataclasses.replace(box, settings=looser))
    assert verdict.result == replay.DIFFERENT
    opened = next(row for row in box.rows if row["state"] == "STOPPING")
    assert verdict.differs_ms == opened["ms"]
    assert verdict.decided == "STOPPING RAILS_RELEASED"
    assert verdict.again == "BACKWARD"


def test_a_tick_longer_than_a_sample_can_count_gets_its_time_back_from_the_header():
    box = box_of(HAZARDS["SENSOR_LOST"])
    at = next(i for i, row in enumerate(box.rows) if row["state"] == "STOPPING") + 9
    rows = [dict(row) for row in box.rows]
    rows[at]["dt_us"] = 65535
    header = {**box.header, "end_us": (box.header["end_us"] + 120_000 - 10_000) & replay.MASK}
    long = dataclasses.replace(box, rows=rows, header=header)
    mended, guessed = replay._whole_times(rows[box.checkpoint["after"] :], long)
    assert mended[at - box.checkpoint["after"]]["dt_us"] == 120_000
    assert guessed == len(mended)


def test_a_damaged_box_or_one_of_another_version_is_refused():
    box = box_of(HAZARDS["ESTOP"])
    with pytest.raises(FileInvalid, match="damaged"):
        replay.replay(dataclasses.replace(box, intact=False))
    with pytest.raises(FileInvalid, match="another version"):
        replay.replay(dataclasses.replace(box, settings=None))
    short = {**box.checkpoint, "values": box.checkpoint["values"][:-1]}
    with pytest.raises(FileInvalid, match="another version"):
        replay.replay(dataclasses.replace(box, checkpoint=short))


@pytest.mark.parametrize("door", [("logs", "replay"), ("simulate", "replay", "--box")], ids=str)
def test_the_command_replays_a_file_and_fails_on_a_difference(
    door: tuple[str, ...],
    treadguard: CommandLine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "b00000001.bin"
    path.write_bytes(lived(HAZARDS["RAILS_RELEASED"], 1, 1)[0])
    ran = treadguard(*door, path, "--json")
    assert ran.code == errors.OK
    assert json.loads(ran.out)["result"] == "same"
    real = decode.blackbox

    def other(data: bytes, by: object = None) -> Box:
        box = real(data)
        return dataclasses.replace(box, settings={**box.settings, "rail_grace_ms": 600})

    monkeypatch.setattr(decode, "blackbox", other)
    ran = treadguard(*door, path)
    assert ran.code == errors.NOT_AS_EXPECTED
    assert "DIFFERENT at" in ran.out
    path.write_bytes(path.read_bytes()[:-100])
    monkeypatch.setattr(decode, "blackbox", real)
    ran = treadguard(*door, path)
    assert (ran.code, ran.out) == (errors.BAD_FILE, "")
    assert "damaged" in ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "give either EDGES or --box FILE"),
        (("edges.csv", "--box", "b.bin"), "give either EDGES or --box FILE"),
        (("--box", "b.bin", "--limit", "3 km/h"), "leave them out"),
    ],
)
def test_edges_and_a_box_do_not_mix(
    treadguard: CommandLine, words: tuple[str, ...], said: str
) -> None:
    ran = treadguard("simulate", "replay", *words)
    assert ran.code == errors.USAGE
    assert said in ran.err


def test_a_file_that_is_no_box_is_refused_by_the_second_door_too(
    treadguard: CommandLine, tmp_path: Path
) -> None:
    assert treadguard("simulate", "replay", "--box", tmp_path / "b1.bin").code == errors.BAD_FILE
    (tmp_path / "b1.bin").write_bytes(b"holiday")
    ran = treadguard("simulate", "replay", "--box", tmp_path / "b1.bin")
    assert ran.code == errors.BAD_FILE
    assert "no black box of treadguard" in ran.err
