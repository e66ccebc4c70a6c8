# SPDX-License-Identifier: MIT
"""The journal loses nothing that was acknowledged, whatever happens to its last bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core import events as e
from guard.core import faults as f
from guard.record import journal as j
from guard.record import notes
from guard.record.frames import LARGEST, PIECE_BYTES, SMALLEST, frame, frame_at
from tests.support.memory_files import MemoryFiles, PowerCut
from treadguard.logbook import decode

I32 = st.integers(-(2**31) + 1, 2**31 - 1)
EVENT = st.tuples(
    st.integers(0, 2**30 - 1),
    st.sampled_from(range(1, len(e.KIND_NAMES))),
    I32,
    I32,
    I32,
    st.binary(max_size=LARGEST - SMALLEST),
)


def opened(files, boot=1, next_seq=1):
    journal = j.Journal(files)
    journal.resume(boot, next_seq)
    return journal


def save_all(journal):
    while journal.save_piece():
        pass


def frames_of(data):
    found, at = [], 0
    while at < len(data):
        frame_found = frame_at(data, at)
        if frame_found is None:
            return found
        found.append(frame_found)
        at += data[at]
    return found


def stored(files):
    """Every frame on flash by number."""
    by_seq = {}
    for name in files.names():
        if name.startswith("j") and name.endswith(".bin"):
            by_seq.update({found[0]: found for found in frames_of(files.files[name])})
    return by_seq


def filled(count, kind=e.STATE, text=b""):
    files = MemoryFiles()
    journal = opened(files)
    for i in range(count):
        journal.append(i, kind, i, 0, 0, text)
        save_all(journal)
    return files, journal


def stored_segments(journal):
    """(name, size), oldest first."""
    return [row for row in journal.files.listing() if row[0][0] == "j"]


@given(st.lists(EVENT, min_size=1, max_size=40))
def test_what_was_appended_reads_back_in_order(given_events):
    files = MemoryFiles()
    journal = opened(files, boot=70000)
    for event in given_events:
        journal.append(*event)
    save_all(journal)
    found = frames_of(files.files["j00000001.bin"])
    assert [frame[2:] for frame in found] == given_events
    assert [frame[0] for frame in found] == list(range(1, len(given_events) + 1))
    assert {frame[1] for frame in found} == {70000 & 0xFFFF}


def test_a_torn_tail_of_any_length_is_cut_off_and_noted():
    files, _ = filled(4)
    whole = files.files["j00000001.bin"]
    for cut in range(len(whole)):
        torn = MemoryFiles({"j00000001.bin": whole[:cut]})
        journal = opened(torn, boot=2)
        intact = cut // SMALLEST
        assert torn.files["j00000001.bin"] == whole[: intact * SMALLEST]
        assert journal.torn == cut % SMALLEST
        assert journal.next_seq == intact + 1 + (journal.torn > 0)
        save_all(journal)
        last = frames_of(torn.files["j00000001.bin"])[-1:]
        noted = [(frame[3], frame[4], frame[6]) for frame in last if frame[3] == e.NOTE]
        assert noted == ([(e.NOTE, notes.TORN, journal.torn)] if journal.torn else [])


def test_power_lost_at_any_byte_loses_nothing_acknowledged():
    """Write, cut, boot, write on: everything whose save_piece returned is still there."""
    for cut in range(0, 700, 1):
        files = MemoryFiles()
        files.cut_after = cut
        acknowledged = []
        journal = opened(files)
        try:
            for i in range(20):
                journal.append(i, e.STATE, i, 0, 0)
                number = journal.next_seq - 1
                save_all(journal)
                acknowledged.append(number)
        except PowerCut:
            pass
        files.cut_after = -1
        again = opened(files, boot=2)
        again.append(0, e.BOOT, 0, 0, 0)
        save_all(again)
        found = stored(files)
        assert set(acknowledged) <= set(found)
        assert again.next_seq > max(acknowledged, default=0) + 1


def test_power_lost_while_the_tail_is_cut_changes_nothing():
    files, _ = filled(60)
    torn = files.files["j00000001.bin"] + b"\x1c\x01"
    for cut in range(0, len(torn) + 4, 37):
        files = MemoryFiles({"j00000001.bin": torn})
        files.cut_after = cut
        try:
            opened(files, boot=2)
        except PowerCut:
            pass
        files.cut_after = -1
        opened(files, boot=3)
        assert len(frames_of(files.files["j00000001.bin"])) == 60
        assert "j.tmp" not in files.files


@given(st.integers(0, 5 * SMALLEST - 1), st.integers(0, 7))
def test_a_flipped_bit_costs_one_frame_and_no_other(at, bit):
    files, _ = filled(5)
    data = bytearray(files.files["j00000001.bin"])
    data[at] ^= 1 << bit
    events = list(decode.journal(bytes(data)))
    lost = at // SMALLEST + 1
    assert [ev["seq"] for ev in events if "seq" in ev] == [n for n in range(1, 6) if n != lost]
    assert [ev["bytes"] for ev in events if ev["kind"] == "damaged"] == [SMALLEST]


@given(st.integers(0, 3 * SMALLEST - 1), st.integers(0, 7))
def test_damage_before_good_frames_is_left_in_place_at_boot(at, bit):
    files, _ = filled(5)
    data = bytearray(files.files["j00000001.bin"])
    data[at] ^= 1 << bit
    files.files["j00000001.bin"] = bytes(data)
    assert opened(files, boot=2).next_seq == 6
    assert files.files["j00000001.bin"] == bytes(data)


@given(st.binary(max_size=600))
def test_any_bytes_in_a_segment_open(data):
    files = MemoryFiles({"j00000007.bin": data})
    journal = opened(files)
    assert journal.next_seq >= 7
    journal.append(1, e.BOOT, 1, 2, 3)
    save_all(journal)
    assert max(stored(files)) == journal.next_seq - 1


def test_numbering_goes_on_after_the_files_were_flashed_away():
    journal = opened(MemoryFiles(), boot=9, next_seq=500)
    journal.append(0, e.BOOT, 0, 0, 0)
    save_all(journal)
    assert journal.files.names() == ["j00000500.bin"]
    assert (journal.first_seq, journal.next_seq) == (500, 501)


def test_a_piece_is_never_longer_than_512_bytes():
    files = MemoryFiles()
    journal = opened(files)
    for i in range(j.QUEUE):
        journal.append(i, e.CONFIG, i, 0, 0, b"a_name_of_a_parameter")
    calls = 1
    while journal.save_piece():
        calls += 1
    assert files.largest <= PIECE_BYTES
    assert files.writes == calls
    assert not journal.queue


def test_on_a_broken_store_nothing_leaves_the_queue():
    files = MemoryFiles()
    journal = opened(files)
    journal.append(1, e.BOOT, 0, 0, 0)
    files.broken = True
    with pytest.raises(OSError):
        journal.save_piece()
    files.broken = False
    save_all(journal)
    assert list(stored(files)) == [1]


def test_a_full_queue_keeps_trips_and_says_what_it_lost():
    files = MemoryFiles()
    journal = opened(files)
    journal.append(0, e.STOP, f.OVERSPEED, 0, 0)
    for i in range(j.QUEUE + 10):
        journal.append(i, e.STATE, i, 0, 0)
    save_all(journal)
    found = stored(files)
    assert found[1][3:5] == (e.STOP, f.OVERSPEED)
    note = [frame for frame in found.values() if frame[3] == e.NOTE]
    assert [(frame[4], frame[5]) for frame in note] == [(notes.LOST, 11)]


# Bounded space.


def evict(journal):
    steps = 0
    while journal.evict_piece():
        steps += 1
        assert steps < 10000
    return steps


def grown(kind, a, segments):
    """Files of a journal that has seen `segments` segments of events and was kept in bounds."""
    files = MemoryFiles()
    journal = opened(files)
    while len(stored_segments(journal)) < j.SEGMENTS:
        for _ in range(60):
            journal.append(0, kind, a, 0, 0, b"x" * 60)
        save_all(journal)
    wanted = int(stored_segments(journal)[-1][0][1:9]) + segments * 190
    while journal.next_seq < wanted:
        for _ in range(60):
            journal.append(0, kind, a, 0, 0, b"x" * 60)
        save_all(journal)
        evict(journal)
    return files, journal


@pytest.mark.parametrize(("kind", "a"), [(e.STATE, 1), (e.CONFIG, 1), (e.STOP, f.OVERSPEED)])
def test_space_is_bounded_even_when_everything_is_important(kind, a):
    files, journal = grown(kind, a, 40)
    total = sum(size for _, size in stored_segments(journal))
    assert len(stored_segments(journal)) <= j.SEGMENTS
    assert total <= j.SEGMENTS * j.SEGMENT_BYTES
    assert files.largest <= PIECE_BYTES


def test_trips_and_changes_outlive_their_segment_and_ordinary_events_do_not():
    files = MemoryFiles()
    journal = opened(files)
    journal.append(11, e.CONFIG, 0, 833, 900, b"backward_limit_mm_s")
    journal.append(12, e.STOP, f.SENSOR_LOST, 500, 3)
    journal.append(13, e.STOP, f.BELT_STOPPED, 100, 0)
    journal.append(14, e.STATE, 1, 0, 0)
    for _ in range(60 * j.SEGMENTS):
        for _ in range(12):
            journal.append(0, e.STATE, 1, 2, 0, b"y" * 60)
        save_all(journal)
        evict(journal)
    found = stored(files)
    assert found[1][2:] == (11, e.CONFIG, 0, 833, 900, b"backward_limit_mm_s")
    assert found[2][2:] == (12, e.STOP, f.SENSOR_LOST, 500, 3, b"")
    assert 3 not in found
    assert 4 not in found


def test_power_lost_in_any_step_of_an_eviction_keeps_every_trip():
    files = MemoryFiles()
    journal = opened(files)
    journal.append(0, e.STOP, f.OVERSPEED, 1, 2)
    while len(stored_segments(journal)) <= j.SEGMENTS:
        for _ in range(60):
            journal.append(0, e.STATE, 1, 2, 0, b"y" * 60)
        save_all(journal)
    before = dict(files.files)
    for cut in (0, 1, 10, 27, 28, 29, 100):
        files.files = dict(before)
        again = opened(files, boot=2)
        files.cut_after = cut
        try:
            evict(again)
        except PowerCut:
            pass
        files.cut_after = -1
        last = opened(files, boot=3)
        evict(last)
        assert stored(files)[1][3:5] == (e.STOP, f.OVERSPEED)


def test_a_carried_frame_is_read_once():
    one = frame(5, 1, 0, e.CONFIG, 0, 1, 2, b"")
    other = frame(9, 1, 0, e.STATE, 1, 0, 0, b"")
    merged = decode.merged([one, one + other])
    assert [ev["seq"] for ev in merged] == [5, 9]


def test_clock_events_map_uptime_to_wall_time():
    data = frame(1, 3, 5000, e.CLOCK, 30_000_000, 7, 0, b"")
    assert decode.wall_clock(list(decode.journal(data))) == {
        3: (30_000_000 * 60 + 7) * 1000 - 5000
    }


@given(EVENT)
def test_every_event_has_a_line_for_people(event):
    data = frame(1, 1, *event)
    (_, line), *_ = decode.records("j00000001.bin", data)
    assert line.strip()
