# SPDX-License-Identifier: MIT
"""Flipped bits in the running program, and damaged files and NVS at a start."""

from __future__ import annotations

import random
from functools import partial

import pytest

from tests.hazards import damage, jobs, needs_fork, way
from tests.hazards.outcome import JUDGED_MS
from tests.hazards.zygote import Zygote
from treadguard import firmware

pytestmark = needs_fork
BITS = (0, 1, 2, 3, 9, 30)
FORWARD = {"mode": "forward", "seed": 3}
SOURCES = sorted(str(p.relative_to(firmware.folder())) for p in firmware.folder().rglob("*.py"))


def flips(job: object, state: str, word: str) -> list[str]:
    wrong = []
    with Zygote(way.scenario(state)) as z:
        for bit in BITS:
            o = z.run(job, word, bit)
            fine = o.opened_ms is not None and o.opened_ms <= JUDGED_MS and not o.closed_again
            latched = "RELAY_WELDED" if state == "LOCKOUT" else (
                "LOOP_OVERRUN" if state == "TRIPPED" else "STATE_CORRUPT")  # fmt: skip
            if not fine or o.violations or o.latched != latched:
                wrong.append(f"{word} bit {bit} in {state}: {o}")
    return wrong


@pytest.mark.parametrize("state", way.CLOSED_STATES)
@pytest.mark.parametrize("word", jobs.SEALED[::2])
def test_a_flipped_bit_between_two_ticks_opens_the_relay(word: str, state: str) -> None:
    assert flips(jobs.flip, state, word) == []


@pytest.mark.parametrize("word", jobs.SEALED[1::2])
def test_a_flipped_bit_of_a_complement_within_a_tick_opens_the_relay(word: str) -> None:
    assert flips(jobs.flip_within, "BACKWARD", word) == []


@pytest.mark.parametrize("state", ["READY", "ARMING", "TRIPPED", "LOCKOUT"])
def test_a_flipped_bit_of_the_state_never_closes_the_relay(state: str) -> None:
    assert flips(jobs.flip, state, "state") == []


@pytest.mark.parametrize(("state", "bit"), [("ARMING", 3), ("TRIPPED", 1)])
def test_a_flipped_bit_does_not_end_in_maintenance(state: str, bit: int) -> None:
    """MAINTENANCE needs the e-stop pressed: its contact holds the key loop open, not software."""
    with Zygote(way.scenario(state)) as z:
        o = z.run(jobs.flip, "state", bit, 6000)
    assert o.latched in ("STATE_CORRUPT", "LOOP_OVERRUN")
    assert "repl" not in o.chip


def starts(*harms: object, cycles: int = 0, **board: object) -> list[damage.Start]:
    with Zygote({**FORWARD, "board": board}, after_ms=4000) as z:
        return [z.run(damage.try_to_arm, harm, cycles) for harm in harms]


def test_an_undamaged_board_arms_after_the_same_power_cycle() -> None:
    [start] = starts(damage.nothing)
    assert start.closings == 1
    assert start.o.violations == []


def test_a_flipped_bit_in_the_settings_blocks_arming() -> None:
    draw = random.Random(1)
    harms = [partial(damage.flip_file, "config.json", draw.randrange(552), draw.randrange(8))
             for _ in range(12)]  # fmt: skip
    for start in starts(*harms, partial(damage.truncate_file, "config.json", 500)):
        assert start.closings == 0
        assert "CONFIG_DAMAGED" in start.blockers


def test_missing_settings_block_arming() -> None:
    [start] = starts(partial(damage.remove_file, "config.json"))
    assert start.closings == 0
    assert "NOT_CONFIGURED" in start.blockers


def test_a_flipped_bit_in_the_firmware_blocks_arming() -> None:
    draw = random.Random(2)
    paths = draw.sample([p for p in SOURCES if "__init__" not in p], 8)
    harms = [partial(damage.flip_file, p, draw.randrange(9999), draw.randrange(8)) for p in paths]
    for start in starts(*harms, partial(damage.truncate_file, "manifest.txt", 0)):
        assert start.closings == 0
        assert "FIRMWARE_DAMAGED" in start.blockers


def test_a_manifest_that_ends_early_blocks_arming() -> None:
    [start] = starts(damage.cut_manifest)
    assert start.closings == 0


def locks_out(start: damage.Start) -> None:
    """What cannot be read may have held a lockout."""
    assert start.closings == 0
    assert start.o.state == "LOCKOUT"
    assert start.o.latched == "MEMORY_DAMAGED"


@pytest.mark.parametrize("length", [0, 64, 127, 129])
def test_an_nvs_blob_of_a_wrong_length_locks_out(length: int) -> None:
    [start] = starts(partial(damage.resize_nvs, length))
    locks_out(start)


def test_a_flipped_bit_in_nvs_locks_out() -> None:
    draw = random.Random(3)
    harms = [partial(damage.flip_nvs, draw.randrange(128), draw.randrange(8)) for _ in range(12)]
    for start in starts(*harms):
        locks_out(start)


def test_an_empty_nvs_is_a_new_board() -> None:
    """It may not be taken for a damaged one: nobody could ever commission it."""
    [start] = starts(damage.erase_nvs)
    assert start.o.latched == ""
    assert start.closings == 1


LOCKED = {"memory": {"latch_code": 24, "cause": 24}}


def test_a_lockout_survives_power_cycles() -> None:
    [start] = starts(damage.nothing, cycles=2, **LOCKED)
    assert start.closings == 0
    assert start.o.latched == "RELAY_WELDED"


def test_a_damaged_lockout_is_not_cleared_by_one_more_power_cycle() -> None:
    [start] = starts(partial(damage.flip_nvs, 11, 0), cycles=1, **LOCKED)
    locks_out(start)
