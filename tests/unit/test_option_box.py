# SPDX-License-Identifier: MIT
"""The box of a board with options reads back what the options read, tick by tick."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core.events import EventRing
from guard.core.guard import Guard
from guard.core.memory import Memory
from guard.core.options import fit
from guard.core.parameters import Settings
from guard.core.sample import HALL_DIAG, Sample
from guard.record.blackbox import AFTER_TICKS, SAMPLES, BlackBox
from guard.record.buffers import RING_BYTES
from guard.record.checkpoint import EVERY_TICKS
from guard.record.frames import PIECE_BYTES
from guard.record.option_box import READINGS_BEFORE, WARM_UP_TICKS, OptionBox
from tests.support.memory_files import MemoryFiles
from treadguard.logbook import decode

PERIOD = 1 << 30
ALL = {
    "hall_sensors": 2,
    "second_stop_fitted": 1,
    "key_sense_fitted": 1,
    "incline_sensor": 2,
}


class Board:
    def __init__(self, **values):
        settings = Settings()
        settings.load(values or ALL)
        self.guard = Guard(settings, Memory(), EventRing())
        self.plain = BlackBox()
        self.box = OptionBox(self.plain, fit(self.guard))
        self.box.attach(self.guard)
        self.s = Sample()
        self.s.hall_b_permille = 800
        self.s.incline_mg = [0, 0, 1000]

    def tick(self, edges=0, age_us=0, reading=None):
        s = self.s
        s.now_us = (s.now_us + 10000) % PERIOD
        s.now_ms = (s.now_ms + 10) % PERIOD
        s.channel = (s.channel + 1) % 3
        if edges:
            self.guard.options.hall.edge((s.now_us - age_us) % PERIOD, edges, s.now_ms)
        s.incline_fresh = reading is not None
        if reading is not None:
            s.incline_mg[:] = reading
            s.incline_errors = 0
        self.box.sample(s, self.guard.speed, 0, 0, 0)
        return self

    def saved(self):
        guard, files = self.guard, MemoryFiles()
        pieces = self.box.pieces(guard.settings, guard.memory, guard.supervisor.stop, 833, 1)
        while self.box.save_piece(files, "b.tmp", pieces):
            pass
        assert files.largest <= PIECE_BYTES
        return decode.blackbox(files.files["b.tmp"])


def test_it_takes_the_ring_of_the_plain_box():
    board = Board()
    assert board.box.ring is board.plain.ring


@given(
    edges=st.integers(0, 40),
    age_us=st.integers(0, 9999),
    bools=st.lists(st.booleans(), min_size=4, max_size=4),
    reading=st.none() | st.tuples(*[st.integers(-40000, 40000)] * 3),
)
def test_what_the_options_read_reads_back(edges, age_us, bools, reading):
    board = Board().tick()
    s = board.s
    s.count_ahead_b = 2 if bools[0] else 1
    s.second_dropped, s.key_closed = bools[1:3]
    s.hall_b_permille = 1000 if bools[3] else 200
    s.channel = HALL_DIAG - 1
    box = board.tick(edges, age_us, reading).saved()
    row = box.rows[-1]
    assert box.intact
    assert row["edges_b"] == min(edges, 15)
    assert row["several_b"] == (edges > 1)
    assert row["last_edge_b_us_ago"] == (age_us if edges else None)
    assert [row["counter_ahead_b"], row["hall_b_bad"]] == [bools[0], bools[3]]
    assert [row["second_stop"] == "dropped", row["key_loop"] == "closed"] == bools[1:3]
    names = ("incline_front_mg", "incline_across_mg", "incline_up_mg")
    kept = reading and tuple(max(-32767, min(32767, mg)) for mg in reading)
    assert tuple(row[name] for name in names) == (kept or (None, None, None))


MOST = Board().box.most


@pytest.mark.parametrize("ticks", [1, 165, 166, MOST, MOST + 1, 2 * MOST + 333])
def test_ticks_and_readings_stay_in_step_when_the_rings_go_round(ticks):
    board = Board()
    for i in range(ticks):
        board.tick(1, i % 9000, (i, 0, 1000) if i % 2 == 0 else None)
    box = board.saved()
    held = range(max(0, ticks - MOST), ticks)
    assert [row["last_edge_b_us_ago"] for row in box.rows] == [i % 9000 for i in held]
    fronts = [i if i % 2 == 0 else None for i in held]
    assert [row["incline_front_mg"] for row in box.rows] == fronts
    earlier = [mg[0] for mg in box.fitted.before]
    assert earlier == list(range(0, held.start, 2))[-READINGS_BEFORE:]


def test_a_checkpoint_has_a_mean_of_readings_before_it():
    board = Board()
    for i in range(AFTER_TICKS):
        board.tick(reading=(i, 0, 1000) if i % 2 == 0 else None)
    assert board.saved().checkpoint["after"] == WARM_UP_TICKS + 1


@pytest.mark.parametrize(
    ("values", "slots"),
    [
        (ALL, 3),
        ({"hall_sensors": 2}, 3),
        ({"incline_sensor": 2}, 3),
        ({"second_stop_fitted": 1}, 4),
    ],
)
def test_its_checkpoints_reach_back_as_far_as_its_samples(values, slots):
    box = Board(**values).box
    found = box.checkpoints
    assert len(found.values) == slots * found.width
    # The oldest sample's own 500 ticks hold one, wherever the recording ends.
    assert (slots - 1) * EVERY_TICKS < box.most <= slots * EVERY_TICKS


@pytest.mark.parametrize("more", [0, 1, 137, 499])
def test_the_checkpoint_of_a_long_recording_is_the_oldest_that_its_samples_reach(more):
    board = Board()
    for i in range(3 * EVERY_TICKS + WARM_UP_TICKS + 1 + more):
        board.tick(reading=(i % 7, 0, 1000) if i % 2 else None)
    ticks = 3 * EVERY_TICKS + WARM_UP_TICKS + 1 + more
    taken = range(WARM_UP_TICKS + 1, ticks + 1, EVERY_TICKS)
    oldest = next(tick for tick in taken if tick > ticks - MOST)
    assert board.saved().checkpoint["after"] == oldest - (ticks - MOST)


def test_a_silent_inclinometer_is_told_once_and_again_in_the_next_recording():
    board = Board()
    for errors in (3, 4, 5, 6, 7):
        board.s.incline_errors = errors
        board.tick()
    assert [row["incline_silent"] for row in board.saved().rows] == [0, 0, 1, 0, 0]
    board.tick()
    assert [row["incline_silent"] for row in board.saved().rows] == [1]


def test_edges_that_came_while_a_box_was_frozen_are_not_counted_later():
    board = Board()
    board.box.trigger()
    for _ in range(AFTER_TICKS + 7):
        board.tick(1, 5)
    board.saved()
    assert board.tick().saved().rows[-1]["edges_b"] == 0


@pytest.mark.parametrize(
    ("values", "bits", "samples"),
    [
        ({"hall_sensors": 2}, 1, 1454),
        ({"second_stop_fitted": 1}, 2, SAMPLES),
        ({"key_sense_fitted": 1}, 4, SAMPLES),
        ({"incline_sensor": 1}, 8, 1410),
        (ALL, 15, 1108),
    ],
)
def test_what_is_fitted_shares_the_memory_of_the_plain_box(values, bits, samples):
    board = Board(**values)
    box = board.box
    parts = box.end + len(box.hall_ring) + len(box.readings)
    assert box.most == samples
    assert parts <= RING_BYTES == len(box.ring)
    assert RING_BYTES - parts < 28, "no more than two ticks' worth of it lies idle"
    # A checkpoint falls into what is kept from before the stop, so that every stop replays.
    assert box.most - AFTER_TICKS > EVERY_TICKS
    box = board.tick().saved()
    assert box.fitted.bits == bits
    row = box.rows[0]
    assert ("edges_b" in row, "second_stop" in row) == (bool(bits & 1), bool(bits & 2))
    assert ("key_loop" in row, "incline_up_mg" in row) == (bool(bits & 4), bool(bits & 8))
