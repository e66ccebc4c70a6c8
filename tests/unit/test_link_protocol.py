# SPDX-License-Identifier: MIT
"""The link can always stop and can never start; every line gets its answer, no line harm."""

from __future__ import annotations

import base64
import itertools
import json
import re
from binascii import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core import states
from guard.link import commands, requests
from tests.conftest import ROOT
from tests.support.link_app import Bench, line

CHANGES = [name for name, flags in commands.TABLE if flags & commands.CHANGE]
LIVE = [name for name, flags in commands.TABLE if flags & commands.LIVE]
RESTING = [name for name, flags in commands.TABLE if not flags & commands.LIVE]
FIELDS = {
    "describe": {"of": "states"},
    "watch": {"every_ms": 200},
    "config.set": {"values": {"rail_grace_ms": 300}},
    "clock.set": {"epoch_s": 1800000000},
    "log.read": {"name": "j00000001.bin"},
    "log.ack": {"seq": 5},
    "blackbox.read": {"name": "b00000001.bin"},
}


def asking(do, number=7):
    return {"id": number, "do": do, **FIELDS.get(do, {})}


@pytest.fixture
def bench():
    made = Bench()
    made.controller.maintenance_granted = True
    made.controller.recorder.files["j00000001.bin"] = bytes(range(256)) * 20
    made.controller.recorder.files["b00000001.bin"] = b"box"
    return made


@pytest.fixture
def walking(bench):
    bench.controller.enter(states.BACKWARD)
    bench.ticks(20)
    bench.heard.clear()
    return bench


def code_of(answer):
    assert answer["ok"] is False
    assert answer["say"].endswith(".")
    return answer["error"]


# Requests


def test_every_command_has_one_handler_and_every_handler_is_a_command():
    assert [name for name, _ in commands.TABLE] == list(requests.HANDLERS)


@pytest.mark.parametrize("do", requests.HANDLERS)
def test_every_request_is_answered_with_its_id(bench, do):
    answer = bench.ask(asking(do))
    assert (answer["id"], answer["ok"]) == (7, True)
    assert bench.link.internal_errors == 0


@pytest.mark.parametrize("do", CHANGES)
def test_what_changes_something_needs_a_crc(bench, do):
    assert code_of(bench.ask(asking(do), crc=False)) == "NEEDS_CRC"
    assert not bench.controller.sample.host_stop
    assert not bench.controller.changes.pending
    assert bench.controller.recorder.clock == bench.controller.recorder.acked == []


@pytest.mark.parametrize("do", [n for n in requests.HANDLERS if n not in CHANGES])
def test_what_only_reads_may_be_typed_by_hand(bench, do):
    message = {k: v for k, v in asking(do).items() if k != "id"}
    answer = bench.ask(message, crc=False)
    assert (answer["id"], answer["ok"]) == (None, True)


@pytest.mark.parametrize("do", [n for n in CHANGES if n != "stop"])
def test_what_changes_something_needs_an_id(bench, do):
    message = {k: v for k, v in asking(do).items() if k != "id"}
    assert (code_of(bench.ask(message)), "id") == ("BAD_VALUE", "id")


@pytest.mark.parametrize("number", [True, "7", -1, 1 << 30, 1.5, [], {}])
def test_an_id_is_a_number_of_at_most_30_bits(bench, number):
    assert code_of(bench.ask({"id": number, "do": "status"})) == "BAD_VALUE"


@pytest.mark.parametrize("do", ["start", "close", "", None, 7, [], {"do": "stop"}, "Status"])
def test_unknown_requests_are_named_as_such(bench, do):
    assert code_of(bench.ask({"id": 7, "do": do})) == "UNKNOWN_REQUEST"


def test_the_documentation_names_every_request_and_every_error():
    page = (ROOT / "docs/protocol.md").read_text()
    sources = "".join(
        (ROOT / "firmware/guard" / name).read_text()
        for name in ("facade.py", "changes.py", "link/requests.py", "link/protocol.py")
    )
    errors = set(re.findall(r'"([A-Z]+_[A-Z_]+|BUSY|INTERNAL)"', sources))
    assert len(errors) >= 13
    assert all(f"| {code} |" in page for code in errors)
    assert all(re.search(rf"^###.*\b{re.escape(do)}\b", page, re.M) for do in requests.HANDLERS)


def test_the_example_of_the_documentation_is_a_request(bench):
    page = (ROOT / "docs/protocol.md").read_text()
    example = re.search(r"^    (\{.*\}\*[0-9a-f]{8})$", page, re.M)
    assert bench.ask(example[1].encode() + b"\n")["ok"]


# Damaged lines


@pytest.mark.parametrize("at", [0, 1, 5, 12, -9, -3, -2])
def test_a_flipped_bit_is_never_carried_out(bench, at):
    data = bytearray(line(asking("stop")))
    data[at] ^= 0x01
    answer = bench.ask(bytes(data) if data[-1] == 10 else bytes(data) + b"\n")
    assert code_of(answer) in ("BAD_CRC", "BAD_LINE", "NEEDS_CRC")
    assert not bench.controller.sample.host_stop


@pytest.mark.parametrize("n", range(1, 31))
def test_a_half_line_is_answered_and_never_carried_out(bench, n):
    whole = line(asking("stop"))[:-1]
    answer = bench.ask(whole[: len(whole) - n] + b"\n")
    assert code_of(answer) in ("BAD_LINE", "NEEDS_CRC")
    assert not bench.controller.sample.host_stop


def test_noise_before_a_request_is_skipped(bench):
    assert bench.ask(b"\x00\xffboot: " + line(asking("status")))["ok"]


def test_200_bytes_are_taken_and_201_are_not(bench):
    room = 200 - len(line({"id": 7, "do": "status", "x": ""})) + 1
    assert bench.ask({"id": 7, "do": "status", "x": "y" * room})["ok"]
    assert code_of(bench.ask({"id": 7, "do": "status", "x": "y" * (room + 1)})) == "BAD_LINE"


@pytest.mark.parametrize("text", [b"[1]\n", b"{}}\n", b'{"do":"status"\n', b"{'do':1}\n", b"hi\n"])
def test_what_is_no_object_is_a_bad_line(bench, text):
    answer = bench.ask(text)
    assert (code_of(answer), answer["id"]) == ("BAD_LINE", None)


def test_an_empty_line_is_no_line(bench):
    assert bench.ask(b"\r\n\n\r", ticks=5) is None


def test_our_own_line_echoed_is_not_answered(bench):
    for ours in ({"id": 7, "ok": True}, {"ev": "state"}, {"id": None, "ok": False}):
        assert bench.ask(ours, ticks=5) is None


def test_a_line_that_came_too_early_is_answered_too(walking):
    walking.feed(line(asking("status", 1)) + line(asking("status", 2)))
    walking.ticks(40)
    answers = [(a["id"], a["ok"]) for a in walking.heard if "ev" not in a]
    assert sorted(answers, key=str) == [(1, True), (None, False)]


# Repetitions


def test_a_repeated_id_gives_the_same_answer_and_is_not_done_twice(bench):
    first = bench.ask(asking("clock.set"))
    assert bench.ask(asking("clock.set")) == first
    assert len(bench.controller.recorder.clock) == 1


def test_a_repeated_refusal_is_the_same_refusal(bench):
    wrong = {"id": 9, "do": "config.set", "values": {"rail_grace_ms": 1}}
    assert bench.ask(wrong) == bench.ask(wrong)


def test_the_last_eight_ids_are_remembered(bench):
    for number in range(1, 9):
        bench.ask(asking("clock.set", number))
    bench.ask(asking("clock.set", 1))
    assert len(bench.controller.recorder.clock) == 8
    bench.ask(asking("clock.set", 9))
    bench.ask(asking("clock.set", 1))
    assert len(bench.controller.recorder.clock) == 10


def test_the_same_id_with_other_content_is_a_request_of_its_own(bench):
    bench.ask(asking("clock.set"))
    bench.ask({"id": 7, "do": "clock.set", "epoch_s": 1800000001})
    assert len(bench.controller.recorder.clock) == 2


def test_a_repeated_stop_stops_again(walking):
    for _ in range(2):
        walking.controller.sample.host_stop = False
        assert walking.ask(asking("stop"))["ok"]
        assert walking.controller.sample.host_stop


# Relay closed


@pytest.mark.parametrize("do", RESTING)
@pytest.mark.parametrize("state", states.CLOSED_STATES)
def test_with_the_relay_closed_everything_else_is_busy(bench, do, state):
    bench.controller.enter(state)
    before = bench.controller.settings.as_dict()
    assert code_of(bench.ask(asking(do))) == "BUSY"
    assert not bench.controller.changes.pending
    assert bench.controller.maintenance_asked == 0
    assert bench.controller.settings.as_dict() == before


@pytest.mark.parametrize("do", LIVE)
def test_with_the_relay_closed_status_watch_and_stop_are_served(walking, do):
    assert LIVE == ["status", "watch", "stop"]
    assert walking.ask(asking(do))["ok"]


def test_with_the_relay_closed_one_line_in_100_ms_is_answered(walking):
    walking.ask(asking("status", 1))
    began = walking.now_ms
    walking.feed(line(asking("status", 2)))
    while walking.link.lines.length >= 0:
        walking.tick()
    assert walking.now_ms - began <= 100
    walking.feed(line(asking("status", 3)))
    began = walking.now_ms
    while walking.link.lines.length >= 0:
        walking.tick()
    assert walking.now_ms - began == 100


def test_a_stop_does_not_wait_for_its_turn(walking):
    walking.feed(line(asking("status", 1)))
    walking.tick()
    walking.feed(line(asking("status", 2)) + line(asking("stop", 3)))
    walking.tick()
    assert walking.controller.sample.host_stop


def test_a_transfer_ends_when_the_relay_closes_and_its_line_is_not_whole(bench):
    bench.feed(line({"id": 7, "do": "log.read", "name": "j00000001.bin", "n": 3072}))
    bench.ticks(3)
    bench.controller.enter(states.WAIT_BELT)
    bench.ticks(30)
    assert len(bench.broken_lines) == 1
    assert [a["error"] for a in bench.heard if "ok" in a] == ["BUSY"]
    assert bench.ask(asking("status"))["relay"] == "closed"


# Settings


def test_a_change_waits_for_start_and_alters_nothing(bench):
    before = bench.controller.settings.as_dict()
    answer = bench.ask(asking("config.set"))
    assert answer["within_s"] == 30
    assert answer["pending"] == bench.ask(asking("status"))["pending"]
    assert bench.controller.supervisor.pending.standing
    assert bench.controller.settings.as_dict() == before


def test_a_second_stage_drops_both(bench):
    bench.ask(asking("config.set", 1))
    assert code_of(bench.ask(asking("config.set", 2))) == "PENDING_DROPPED"
    assert not bench.controller.changes.pending
    assert not bench.controller.supervisor.pending.standing
    assert bench.ask(asking("config.set", 3))["ok"]


def test_parts_are_staged_until_the_last(bench):
    part = {"id": 1, "do": "config.set", "values": {"rail_grace_ms": 300}, "more": True}
    assert bench.ask(part) == {"id": 1, "ok": True, "staged": 1}
    assert not bench.controller.supervisor.pending.standing
    bench.ask({"id": 2, "do": "config.set", "values": {"session_limit_min": 10}})
    pending = bench.controller.changes.pending
    assert (pending["rail_grace_ms"], pending["session_limit_min"]) == (300, 10)


@pytest.mark.parametrize("state", [s for s in range(11) if s != states.READY])
def test_settings_change_in_ready_only(bench, state):
    bench.controller.enter(state)
    assert code_of(bench.ask(asking("config.set"))) in ("NOT_NOW", "BUSY")
    assert not bench.controller.changes.pending


def test_settings_do_not_change_while_the_belt_moves(bench):
    bench.controller.guard.speed.known = True
    assert code_of(bench.ask(asking("config.set"))) == "NOT_NOW"


def test_a_pending_change_does_not_outlive_ready(bench):
    bench.ask(asking("config.set"))
    bench.controller.enter(states.LOCKOUT)
    bench.tick()
    assert not bench.controller.changes.pending
    assert not bench.controller.supervisor.pending.standing


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"rail_grace_ms": 99}, "OUT_OF_RANGE"),
        ({"rail_grace_ms": 601}, "OUT_OF_RANGE"),
        ({"backward_limit_mm_s": 1119}, "OUT_OF_RANGE"),
        ({"rail_grace_ms": True}, "OUT_OF_RANGE"),
        ({"rail_grace_ms": 300.5}, "OUT_OF_RANGE"),
        ({"stop_a_min_mm_s2": 5}, "UNKNOWN_NAME"),
        ({'odd"\\\n\u00e9': 5}, "UNKNOWN_NAME"),
        ([], "BAD_VALUE"),
        (None, "BAD_VALUE"),
    ],
)
def test_a_value_that_is_refused_leaves_nothing_behind(bench, values, error):
    assert code_of(bench.ask({"id": 1, "do": "config.set", "values": values})) == error
    assert bench.controller.changes.staged == {}
    assert not bench.controller.changes.pending


def test_defaults_leave_the_calibration_alone(bench):
    bench.controller.settings.load({"calibration": 2, "rail_grace_ms": 300})
    bench.ask(asking("config.defaults"))
    pending = bench.controller.changes.pending
    assert (pending["calibration"], pending["rail_grace_ms"]) == (2, 400)


# Records


@pytest.mark.parametrize(
    ("at", "n"), [(0, 1), (5, 256), (0, 3072), (7, 5000), (5119, 9), (5120, 9)]
)
def test_a_piece_of_a_file_arrives_whole(bench, at, n):
    answer = bench.ask({"id": 7, "do": "log.read", "name": "j00000001.bin", "at": at, "n": n})
    data = base64.b64decode(answer["data"])
    assert data == (bytes(range(256)) * 20)[at : at + min(n, 3072)]
    assert (answer["at"], answer["n"], answer["size"]) == (at, len(data), 5120)
    assert answer["crc"] == f"{crc32(data):08x}"


@pytest.mark.parametrize(
    "name",
    ["main.py", "config.bin", "../j00000001.bin", "j.bin", "guard/x.bin", "", 5, None, "b/a.bin"],
)
def test_nothing_but_records_can_be_read(bench, name):
    bench.controller.recorder.files[str(name)] = b"secret"
    if name == "j.bin":
        del bench.controller.recorder.files[name]
    answer = bench.ask({"id": 7, "do": "log.read", "name": name})
    assert code_of(answer) == "NO_SUCH_FILE"


def test_a_file_that_vanishes_ends_the_line_and_says_so(bench):
    bench.feed(line({"id": 7, "do": "log.read", "name": "j00000001.bin", "n": 3072}))
    bench.ticks(3)
    bench.controller.recorder.files.clear()
    bench.ticks(30)
    assert len(bench.broken_lines) == 1
    assert bench.heard[-1]["error"] == "NO_SUCH_FILE"


def test_a_broken_store_is_named(bench):
    bench.controller.recorder.broken = True
    assert code_of(bench.ask(asking("log.read"))) == "STORE_FAILED"


def test_the_list_names_the_journals_end_and_the_space_that_is_left(bench):
    files = bench.controller.recorder.files
    files["j00000002.bin"] = b"..." + bytes([0x9E, 0x3B, 0x0C, 0x41])
    answer = bench.ask(asking("log.list"))
    assert answer["journal"]["tail"] == "9e3b0c41"
    assert answer["journal"]["bytes"] == 256 * 20 + 7
    assert answer["free"] == 123456
    assert bench.ask({"id": 7, "do": "log.list", "at": 1})["free"] == -1


def test_the_list_of_an_empty_board_has_no_end(bench):
    bench.controller.recorder.files.clear()
    assert bench.ask(asking("log.list"))["journal"]["tail"] == ""


def test_every_file_is_listed_once_over_all_pages(bench):
    files = bench.controller.recorder.files
    files.update({f"{kind}{n:08d}.bin": b"x" for kind in "jbt" for n in range(1, 40)})
    listed, at = [], 0
    while at >= 0:
        answer = bench.ask({"id": 7, "do": "log.list", "at": at})
        listed += answer["journal"]["segments"] + answer["boxes"]
        at = answer["next"]
    assert sorted(map(tuple, listed)) == sorted((n, len(d)) for n, d in files.items())


@pytest.mark.parametrize("epoch_s", [0, 1704067199, 4102444801, "1800000000", 1.8e9, None])
def test_an_impossible_time_is_refused(bench, epoch_s):
    assert code_of(bench.ask({"id": 7, "do": "clock.set", "epoch_s": epoch_s})) in (
        "OUT_OF_RANGE",
        "BAD_VALUE",
    )


def test_nothing_is_acknowledged_that_was_never_written(bench):
    assert code_of(bench.ask({"id": 7, "do": "log.ack", "seq": 42})) == "OUT_OF_RANGE"


def test_maintenance_is_the_controllers_decision(bench):
    bench.controller.maintenance_granted = False
    assert code_of(bench.ask(asking("maintenance"))) == "NOT_NOW"


# Events


def test_hello_comes_first_and_once():
    bench = Bench()
    lines = bench.raw.split(b"\n")
    assert json.loads(lines[0][:-9])["ev"] == "hello"
    assert bench.raw.count(b'"hello"') == 1


def test_a_change_of_state_or_fault_is_told(bench):
    bench.controller.enter(states.WAIT_BELT)
    bench.ticks(5)
    bench.controller.enter(states.STOPPING)
    bench.controller.supervisor.fault = 1
    bench.ticks(5)
    told = [(e["state"], e["fault"], e["relay"]) for e in bench.events("state")]
    assert told == [("WAIT_BELT", None, "closed"), ("STOPPING", "ESTOP", "open")]


def test_watch_comes_as_often_as_asked_and_ends_by_itself(walking):
    walking.ask({"id": 7, "do": "watch", "every_ms": 200, "for_s": 2})
    walking.ticks(400)
    stamps = [e["ms"] for e in walking.events("watch")]
    assert len(stamps) == 9
    assert all(b - a >= 200 for a, b in itertools.pairwise(stamps))


@pytest.mark.parametrize("every_ms", [1, 199, 2001, -1])
def test_watch_is_not_faster_than_5_hz(bench, every_ms):
    answer = bench.ask({"id": 7, "do": "watch", "every_ms": every_ms})
    assert code_of(answer) == "OUT_OF_RANGE"


# Whatever comes


def test_a_handler_that_fails_is_answered_and_counted(bench, monkeypatch):
    def fail(app, ask, out):
        out.add(',"half":')
        raise MemoryError

    monkeypatch.setitem(requests.HANDLERS, "proof", fail)
    assert code_of(bench.ask(asking("proof"))) == "INTERNAL"
    assert bench.link.internal_errors == 1
    assert bench.ask(asking("status"))["ok"]


def test_a_failing_facade_does_not_reach_the_tick(bench, monkeypatch):
    monkeypatch.setattr(bench.link.app, "tend", lambda: 1 // 0)
    bench.ticks(3)
    assert bench.link.internal_errors == 3


requests_of_any_kind = st.one_of(
    st.binary(max_size=260),
    st.dictionaries(
        st.sampled_from(
            ["id", "do", "of", "at", "n", "name", "values", "more", "every_ms", "for_s"]
        ),
        st.one_of(
            st.sampled_from([*requests.HANDLERS, "parameters", "j00000001.bin", "text:faults"]),
            st.integers(-(1 << 70), 1 << 70),
            st.none(),
            st.booleans(),
            st.text(max_size=20),
            st.dictionaries(st.text(max_size=8), st.integers(), max_size=3),
        ),
    ).map(line),
    st.binary(max_size=120).map(lambda data: line(b"{" + data.replace(b"\n", b"") + b"}")),
)


@given(
    st.lists(requests_of_any_kind, max_size=6), st.sampled_from([states.READY, states.BACKWARD])
)
def test_no_byte_sequence_raises_closes_the_relay_or_changes_a_setting(pieces, state):
    bench = Bench(state)
    before = bench.controller.settings.as_dict()
    for piece in pieces:
        bench.feed(piece.replace(b"\x03", b""))
        bench.ticks(3)
    bench.feed(b"\n")
    bench.ticks(120)
    supervisor = bench.controller.supervisor
    assert bench.link.internal_errors == 0
    assert supervisor.state == state
    assert supervisor.relay_command == (states.CLOSED if state == states.BACKWARD else states.OPEN)
    assert bench.controller.settings.as_dict() == before
    assert all(byte == 10 or 32 <= byte <= 126 for byte in bench.raw)
    assert bench.ask({"id": 1 << 29, "do": "status"}, ticks=200)["id"] == 1 << 29
