# SPDX-License-Identifier: MIT
"""The black box holds the last 20 s, freezes 5 s after a stop, and reads back as it was."""

from __future__ import annotations

import subprocess
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core import events as e
from guard.core.events import EventRing
from guard.core.guard import Guard
from guard.core.memory import Memory
from guard.core.parameters import Settings
from guard.core.sample import Sample
from guard.core.states import BACKWARD, CONTACT_NAMES, MODE_NAMES, STATE_NAMES
from guard.record.blackbox import AFTER_TICKS, SAMPLES, BlackBox
from guard.record.checkpoint import restore
from guard.record.frames import PIECE_BYTES, frame
from guard.record.trace import RECORDS, TICKS_PER_RECORD, Trace
from tests.conftest import ROOT
from tests.support.memory_files import MemoryFiles
from treadguard import firmware
from treadguard.errors import FileInvalid
from treadguard.logbook import decode

PERIOD = 1 << 30


def new_guard():
    return Guard(Settings(), Memory(), EventRing())


def new_box():
    guard = new_guard()
    box = BlackBox()
    box.attach(guard)
    return box, guard


def tick(box, guard, s, edges=0, age_us=0, fault=0, dt_us=10000):
    s.now_us = (s.now_us + dt_us) % PERIOD
    s.now_ms = (s.now_ms + 10) % PERIOD
    s.channel = (s.channel + 1) % 3
    box.sample(s, guard.speed, fault, edges, (s.now_us - age_us) % PERIOD)


def saved(box, guard):
    files = MemoryFiles()
    pieces = box.pieces(guard.settings, guard.memory, guard.supervisor.stop, 833, 12345)
    while box.save_piece(files, "b.tmp", pieces):
        pass
    assert files.largest <= PIECE_BYTES
    return files.files["b.tmp"]


def frozen(edges_at=lambda i: 0, ticks=300):
    box, guard = new_box()
    s = Sample()
    s.state = BACKWARD
    for i in range(ticks):
        tick(box, guard, s, edges_at(i), 1234)
    box.trigger()
    for _ in range(AFTER_TICKS):
        tick(box, guard, s)
    return box, guard


def test_it_freezes_500_ticks_after_the_stop_and_takes_nothing_more():
    box, guard = new_box()
    s = Sample()
    box.trigger()
    for i in range(AFTER_TICKS):
        assert not box.frozen, i
        tick(box, guard, s)
    assert box.frozen
    before = bytes(box.ring)
    tick(box, guard, s, 3, 5, 7)
    assert bytes(box.ring) == before


def test_a_second_stop_does_not_put_the_freezing_off():
    box, guard = new_box()
    s = Sample()
    box.trigger()
    for _ in range(AFTER_TICKS - 1):
        tick(box, guard, s)
        box.trigger()
    tick(box, guard, s)
    assert box.frozen


@given(
    edges=st.integers(0, 40),
    age_us=st.integers(0, 10000),
    dt_us=st.integers(1, 65534),
    left=st.integers(0, 2),
    right=st.integers(0, 2),
    mode=st.integers(0, 2),
    state=st.integers(0, 10),
    fault=st.integers(0, 50),
    bools=st.lists(st.booleans(), min_size=5, max_size=5),
    start_us=st.integers(0, PERIOD - 1),
)
def test_a_sample_reads_back_as_it_was(
    edges, age_us, dt_us, left, right, mode, state, fault, bools, start_us
):
    box, guard = new_box()
    s = Sample()
    s.now_us = start_us
    tick(box, guard, s)
    s.left, s.right, s.mode, s.state = left, right, mode, state
    s.estop_pressed, s.start_down, s.feedback_closed = bools[:3]
    s.late_us = 25001 if bools[3] else 25000
    s.count_ahead = 2 if bools[4] else 1
    tick(box, guard, s, edges, age_us, fault, dt_us)
    row = decode.blackbox(saved(box, guard)).rows[-1]
    assert row["edges"] == min(edges, 15)
    assert row["several"] == (edges > 1)
    assert row["last_edge_us_ago"] == (age_us if edges else None)
    assert row["dt_us"] == dt_us
    assert (row["left"], row["right"]) == (CONTACT_NAMES[left], CONTACT_NAMES[right])
    assert (row["mode"], row["state"]) == (MODE_NAMES[mode], STATE_NAMES[state])
    assert [row["estop"], row["start"], row["relay_feedback"] == "closed"] == bools[:3]
    assert [row["late"], row["counter_ahead"]] == bools[3:]
    assert row["fault"] == firmware.fault_names().get(fault)


@pytest.mark.parametrize(
    ("permille", "bad"), [(200, False), (119, True), (500, True), (900, False)]
)
def test_the_hall_line_is_judged_on_its_fresh_reading(permille, bad):
    box, guard = new_box()
    s = Sample()
    s.hall_permille = permille
    for _ in range(3):
        tick(box, guard, s)
    assert decode.blackbox(saved(box, guard)).rows[-1]["hall_bad"] == bad


@pytest.mark.parametrize(
    "ticks", [1, 61, 62, 63, SAMPLES - 1, SAMPLES, SAMPLES + 1, 3 * SAMPLES + 7]
)
def test_it_holds_the_newest_2000_ticks_oldest_first(ticks):
    box, guard = new_box()
    s = Sample()
    for i in range(ticks):
        tick(box, guard, s, 1, i % 9000)
    found = decode.blackbox(saved(box, guard))
    expected = [i % 9000 for i in range(max(0, ticks - SAMPLES), ticks)]
    assert [row["last_edge_us_ago"] for row in found.rows] == expected
    assert found.intact


def test_the_deciding_sample_is_kept_for_the_journal():
    box, guard = new_box()
    s = Sample()
    for _ in range(SAMPLES - 100):
        tick(box, guard, s)
    assert box.deciding() == b""
    box.trigger()
    tick(box, guard, s, 2, 4321, 13)
    for _ in range(AFTER_TICKS):
        tick(box, guard, s)
    data = frame(1, 1, 0, e.STOP, 13, 0, 0, box.deciding())
    (event,) = decode.journal(data)
    assert event["sample"]["last_edge_us_ago"] == 4321
    assert event["sample"]["edges"] == 2


def test_saving_begins_a_new_recording():
    box, guard = frozen()
    saved(box, guard)
    assert not box.frozen
    assert box.filled == 0


def test_a_file_cut_at_any_byte_is_never_taken_for_whole():
    whole = saved(*frozen(ticks=100))
    for n in range(0, len(whole), 7):
        try:
            box = decode.blackbox(whole[:n])
        except FileInvalid:
            continue
        assert not box.intact


@given(st.data())
def test_a_flipped_bit_costs_one_block_and_is_told(data):
    whole = saved(*frozen(ticks=100))
    at = data.draw(st.integers(0, len(whole) - 1))
    flipped = bytearray(whole)
    flipped[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        box = decode.blackbox(bytes(flipped))
    except FileInvalid:
        return
    assert not box.intact
    assert len(box.rows) >= 600 - 62


class FullFiles(MemoryFiles):
    """Every other write is refused."""

    refuses = False

    def _store(self, name, before, data):
        self.refuses = not self.refuses
        if self.refuses:
            raise OSError(28)
        super()._store(name, before, data)


def test_a_piece_that_was_refused_comes_again():
    box, guard = frozen()
    pieces = box.pieces(guard.settings, guard.memory, guard.supervisor.stop, 833, 12345)
    files, more, refused = FullFiles(), True, 0
    while more:
        try:
            more = box.save_piece(files, "b.tmp", pieces)
        except OSError:
            refused += 1
    box, guard = frozen()
    assert refused > 5
    assert files.files["b.tmp"] == saved(box, guard)


def test_the_header_carries_the_settings_in_force():
    box, guard = frozen()
    guard.settings.load({"rail_grace_ms": 333})
    assert decode.blackbox(saved(box, guard)).settings == guard.settings.as_dict()


def drive(guard, s, edges, box=None):
    """One tick of a belt whose edges come with the tick; the guard's decisions."""
    s.now_us = (s.now_us + 10000) % PERIOD
    s.now_ms = (s.now_ms + 10) % PERIOD
    s.channel = (s.channel + 1) % 3
    stamp_us = (s.now_us - 777) % PERIOD
    if edges:
        guard.edge(stamp_us, edges, s.now_ms)
    guard.tick(s)
    if box is not None:
        box.sample(s, guard.speed, guard.supervisor.fault, edges, stamp_us)


def world_sample():
    s = Sample()
    s.estop_pressed, s.hall_permille, s.left_raw, s.right_raw = False, 200, 500, 199
    return s


def test_a_replay_from_the_checkpoint_decides_the_same():
    """Feed a guard, save, restore into a fresh guard, feed the stored ticks: equal numbers."""
    guard = new_guard()
    box = BlackBox()
    box.attach(guard)
    s = world_sample()
    pattern = [1 if i % 13 in (0, 6) or i % 97 == 5 else 0 for i in range(2600)]
    for i, edges in enumerate(pattern):
        if i == 2100:
            box.trigger()
        if not box.frozen:
            drive(guard, s, edges, box)
    found = decode.blackbox(saved(box, guard))
    other = new_guard()
    restore(other, found.checkpoint["values"])
    again = world_sample()
    again.now_us, again.now_ms = found.checkpoint["us"], found.checkpoint["ms"]
    again.channel = found.checkpoint["channel"]
    replayed = found.rows[found.checkpoint["after"] :]
    assert len(replayed) >= 1500
    for row in replayed:
        drive(other, again, row["edges"])
    assert vars(other.speed.noise) == vars(guard.speed.noise)
    assert vars(other.speed.surge) == vars(guard.speed.surge)
    for name in ("lead_us", "edges", "dt_us", "dt_before_us", "last_us", "v_mm_s", "known"):
        assert getattr(other.speed, name) == getattr(guard.speed, name), name
    assert other.supervisor.state == guard.supervisor.state


def test_a_checkpoint_of_another_version_is_refused():
    with pytest.raises(ValueError, match="another version"):
        restore(new_guard(), [1, 2, 3])


def test_a_sample_costs_less_than_3_us():
    box, guard = new_box()
    s = Sample()
    best = 1e9
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(1000):
            box.sample(s, guard.speed, 0, 1, 0)
        best = min(best, (time.perf_counter() - began) * 1000)
    assert best < 3, f"{best:.2f} us"


def test_recording_allocates_nothing(micropython_31_bit):
    script = ROOT / "tests/unit/recording_on_micropython.py"
    command = [*micropython_31_bit[:-1], "heapsize=400K", str(script), str(ROOT)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.splitlines()[-1] == "nothing allocated"


# The session trace.


def walked(ticks, v_mm_s=lambda i: 800, left=1, right=1):
    trace, guard = Trace(), new_guard()
    s = Sample()
    s.state, s.left, s.right = BACKWARD, left, right
    for i in range(ticks):
        guard.speed.v_mm_s = v_mm_s(i)
        trace.sample(s, guard.speed)
    files = MemoryFiles()
    while trace.save_piece(files, "t.tmp", 7, 3, 99):
        pass
    assert files.largest <= PIECE_BYTES
    return list(decode.trace(files.files["t.tmp"]))


def test_a_trace_keeps_the_highest_speed_of_each_2_s():
    rows = walked(3 * TICKS_PER_RECORD, lambda i: 900 if i == 250 else 700)
    assert [(row["s"], row["v_mm_s"]) for row in rows] == [(0, 700), (2, 900), (4, 700)]
    assert all(row["left"] and row["right"] and row["state"] == "BACKWARD" for row in rows)


def test_a_hand_that_was_off_once_in_2_s_shows():
    assert [(row["left"], row["right"]) for row in walked(200, left=0)] == [(False, True)]


def test_a_trace_ends_after_an_hour_and_says_how_much_is_missing():
    trace, guard = Trace(), new_guard()
    s = Sample()
    for _ in range((RECORDS + 3) * TICKS_PER_RECORD):
        trace.sample(s, guard.speed)
    assert (trace.records, trace.beyond) == (RECORDS, 3)
