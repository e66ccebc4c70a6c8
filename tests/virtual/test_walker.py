# SPDX-License-Identifier: MIT
"""The walker, the hands, and the truth about each hazard."""

from __future__ import annotations

import pytest

from tests.virtual.stub import Stub
from treadguard.virtual import actions
from treadguard.virtual.adaptors import clock


def walking(mm_s: int = 800, **treadmill: int) -> Stub:
    """A stub that pumps until told otherwise, belt up to speed at 20 s, somebody on it."""
    stub = Stub({"treadmill": {"ripple_permille": 0, "regulation_permille": 0, **treadmill}})

    def begin(world) -> None:
        world.belt.console_speed(mm_s)
        world.walker.step_on(True)

    return stub.at(2000, begin)


def stop_at(stub: Stub, ms: int) -> Stub:
    """The stub's firmware decides to open at a time."""

    def on_tick(running: Stub) -> None:
        if running.world.now >= ms * 1000 and running.pumping:
            running.pumping = False
            running.en.value(0)

    stub.on_tick = on_tick
    return stub


def do(stub: Stub, at_ms: int, name: str, /, **values: object) -> Stub:
    return stub.at(at_ms, lambda world: actions.do(world, name, values))


def test_a_healthy_walker_stays_in_place() -> None:
    stub = walking(ripple_permille=80, regulation_permille=8).run(300000)
    assert abs(stub.world.walker.place_mm) < 150


def test_letting_go_carries_the_walker_as_far_as_the_belt_runs_on() -> None:
    stub = stop_at(walking(coast_mm_s2=1000), 20400)
    do(do(stub, 5000, "grip", side="both"), 20000, "let_go", side="both").run(30000)
    (hazard,) = stub.world.truth.hazards
    assert hazard.hazard_at_us == 20000000
    assert 20400000 <= hazard.decided_at_us <= 20410000
    assert hazard.opened_at_us - hazard.decided_at_us == 9000
    assert hazard.speed_at_open == 800
    coasting_s = 0.8
    metres = 0.8 * (hazard.opened_at_us - 20000000 + 40000) / 1e6 + 0.8 * coasting_s / 2
    assert hazard.carried_um == pytest.approx(metres * 1e6, rel=0.02)
    assert hazard.still_at_us - hazard.opened_at_us == pytest.approx(840000, abs=20000)


def test_gripping_again_before_the_stop_is_no_hazard() -> None:
    stub = do(walking(), 5000, "grip", side="both")
    do(do(stub, 20000, "let_go", side="both"), 20300, "grip", side="both").run(25000)
    assert stub.world.truth.hazards == []
    assert ("hazard", "over: let_go") in [event[1:] for event in stub.world.events]


def test_a_runaway_begins_when_the_belt_passes_the_limit() -> None:
    stub = stop_at(walking(mm_s=600), 22000)
    do(stub, 20000, "runaway", mm_s=2000, accel_mm_s2=500, above_mm_s=833).run(30000)
    (hazard,) = stub.world.truth.hazards
    assert hazard.hazard_at_us == pytest.approx(20000000 + 466000, abs=11000)
    assert hazard.speed_at_open == pytest.approx(600 + 1005, abs=6)


def test_a_runaway_carries_only_what_the_pace_does_not_cover() -> None:
    stub = stop_at(walking(mm_s=800, coast_mm_s2=1000), 21000)
    do(stub, 20000, "runaway", mm_s=1200).run(30000)
    (hazard,) = stub.world.truth.hazards
    # 0.4 m/s too fast for 1.05 s, then 0.4 s of coasting down to the walker's own pace.
    assert hazard.carried_um == pytest.approx(400e3 * 1.05 + 400e3 * 0.4 / 2, rel=0.03)


def test_a_jump_over_the_limit_leaves_the_walker_at_the_old_pace() -> None:
    stub = stop_at(walking(mm_s=800, coast_mm_s2=1000), 21000)
    do(stub, 20000, "runaway", mm_s=1200, above_mm_s=833).run(30000)
    (hazard,) = stub.world.truth.hazards
    assert hazard.hazard_at_us == 20000000
    assert hazard.carried_um == pytest.approx(400e3 * 1.05 + 400e3 * 0.4 / 2, rel=0.03)


def test_a_dead_sensor_is_a_hazard_that_carries_nobody() -> None:
    stub = stop_at(walking(), 20500)
    do(stub, 20000, "sensor", fault="dead").run(30000)
    (hazard,) = stub.world.truth.hazards
    assert (hazard.name, hazard.carried_um) == ("sensor", 0)
    assert hazard.opened_at_us == 20509000


def test_a_pump_that_stops_is_dated_to_its_last_edge() -> None:
    stub = walking()
    stub.on_tick = lambda s: s.world.chip.hang(False) if s.world.now > 20500000 else None
    stub.watchdog_ms = 2000
    do(stub, 20505, "fall").run(30000)
    (hazard,) = stub.world.truth.hazards
    assert hazard.decided_at_us <= 20510000
    assert 0 < hazard.opened_at_us - hazard.decided_at_us <= 97000


def test_a_hazard_that_is_never_met_has_no_opening() -> None:
    stub = do(walking(), 20000, "fall").run(25000)
    (hazard,) = stub.world.truth.hazards
    assert hazard.opened_at_us == -1
    assert hazard.carried_um == pytest.approx(800e3 * 5, rel=0.01)


def test_hands_slip_chatter_and_stay_taped() -> None:
    stub = Stub()
    do(stub, 1000, "grip", side="both")
    do(stub, 2000, "slip", side="left", ms=300)
    do(stub, 3000, "chatter", side="right", period_ms=20, times=3)
    do(stub, 4000, "tape", side="left")
    do(stub, 4100, "let_go", side="left")
    seen = []

    def look(s: Stub) -> None:
        seen.append((s.world.left.permille() < 400, s.world.right.permille() < 400))

    stub.on_tick = look
    stub.run(5000)

    def at(ms: int) -> tuple[bool, bool]:
        return seen[(ms - 600) // 10]

    assert at(2150) == (False, True)
    assert at(2310) == (True, True)
    right = [seen[i][1] for i in range(240, 260)]
    assert right.count(False) == 6
    assert at(4500) == (True, True)


@pytest.mark.parametrize(("permille", "reads"), [(0, 0), (1000, 1000), (700, 700)])
def test_a_rail_wire_may_read_anything(permille: int, reads: int) -> None:
    stub = do(Stub(), 700, "rail", side="left", permille=permille)
    values = []
    stub.setup = lambda s: setattr(s, "adc", s.machine.ADC(s.pin(32)))
    stub.on_tick = lambda s: values.append(s.adc.read_u16() * 1000 // 65535)
    stub.run(800)
    assert values[-1] == reads
    assert 490 < values[0] < 510


def test_a_touch_pad_is_fresh_every_31_ms_and_falls_on_touch() -> None:
    stub = do(Stub(), 2000, "grip", side="left")
    values = []
    stub.setup = lambda s: setattr(s, "pad", s.machine.TouchPad(s.pin(32)))
    stub.on_tick = lambda s: values.append((clock.now_us() // 31000, s.pad.read()))
    stub.run(3000)
    by_slot: dict[int, set[int]] = {}
    for slot, value in values:
        by_slot.setdefault(slot, set()).add(value)
    assert all(len(counts) == 1 for counts in by_slot.values())
    assert values[0][1] > 600
    assert values[-1][1] < 250


def test_a_touch_pad_may_read_zero_or_fail() -> None:
    stub = Stub()
    stub.setup = lambda s: setattr(s, "pad", s.machine.TouchPad(s.pin(33)))
    do(
        do(stub, 800, "touch", side="right", fault="zero"),
        900,
        "touch",
        side="right",
        fault="error",
    )
    seen = []

    def look(s: Stub) -> None:
        try:
            seen.append(s.pad.read())
        except ValueError:
            seen.append(-1)

    stub.on_tick = look
    stub.run(1000)
    assert seen[0] > 600
    assert 0 in seen
    assert seen[-1] == -1
