# SPDX-License-Identifier: MIT
"""What outlives which reset, and what the chip says about it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.virtual.stub import Stub
from treadguard.virtual import wiring
from treadguard.virtual.chip import KINDS, NAMES
from treadguard.virtual.variants import NOWHERE, VARIANTS
from treadguard.virtual.world import World

CPU_RESETS = ("soft", "hard", "crash", "watchdog")
CHIP_RESETS = ("en", "brownout", "watchdog_core")


def levels_after(kind: str) -> tuple[int, Stub]:
    """RELAY_EN in the first statement after a reset of this kind, having been set high."""
    seen = []

    def first_statement(stub: Stub) -> None:
        seen.append(stub.world.outputs[wiring.RELAY_EN])

    stub = Stub()
    stub.setup = first_statement
    stub.at(1000, lambda world: world.reset_now(kind)).run(3000)
    return seen[-1], stub


@pytest.mark.parametrize("kind", CPU_RESETS)
def test_a_cpu_reset_keeps_the_level_of_every_output(kind: str) -> None:
    assert levels_after(kind)[0] == 1


@pytest.mark.parametrize("kind", CHIP_RESETS)
def test_a_chip_reset_releases_the_pins(kind: str) -> None:
    assert levels_after(kind)[0] == 0


@pytest.mark.parametrize("kind", CPU_RESETS)
def test_the_relay_drops_although_the_pins_keep_their_level(kind: str) -> None:
    _, stub = levels_after(kind)
    opened = [ms for ms, detail in stub.log("relay") if detail == "open"]
    assert 1000 + 69 <= opened[0] <= 1000 + 97


@pytest.mark.parametrize("kind", CHIP_RESETS)
def test_released_pins_drop_the_relay_within_36_ms(kind: str) -> None:
    _, stub = levels_after(kind)
    assert next(ms for ms, detail in stub.log("relay") if detail == "open") <= 1000 + 36


@pytest.mark.parametrize(
    ("kind", "cause", "raw"),
    [
        ("en", 1, 0x01),
        ("brownout", 1, 0x0F),
        ("hard", 2, 0x0C),
        ("crash", 2, 0x0C),
        ("watchdog", 3, 0x0C),
        ("watchdog_core", 3, 0x07),
        ("soft", 5, 0x0C),
    ],
)
def test_reset_cause_merges_what_the_chip_merges(kind: str, cause: int, raw: int) -> None:
    assert levels_after(kind)[1].boots == [(1, 0x01), (cause, raw)]


@pytest.mark.parametrize("kind", NAMES)
def test_rtc_memory_survives_what_keeps_it_powered(kind: str) -> None:
    found = []

    def remember(stub: Stub) -> None:
        rtc = stub.machine.RTC()
        found.append(rtc.memory())
        rtc.memory(b"crumb")

    stub = Stub()
    stub.setup = remember
    stub.at(1000, lambda world: world.reset_now(kind)).run(3000)
    assert found == [b"", b"crumb" if KINDS[kind][3] else b""]


def test_nothing_the_program_does_on_its_way_out_reaches_a_pin() -> None:
    stub = Stub()
    stub.left = lambda: stub.en.value(0)  # a finally block: the chip would never run it
    stub.at(1000, lambda world: world.reset_now("watchdog")).run(1020)
    assert stub.world.relay.en == 1


def test_a_program_that_lingers_after_its_reset_is_thrown_out_again() -> None:
    from treadguard.virtual.adaptors import clock

    stub = Stub()
    stub.left = lambda: clock.sleep_ms(5000)
    stub.at(1000, lambda world: world.reset_now("hard")).run(2000)
    assert len(stub.boots) == 2


def test_a_power_cut_opens_the_relay_and_waits_for_power() -> None:
    stub = Stub()
    stub.at(1000, lambda world: world.cut_power())
    stub.at(4000, lambda world: world.restore_power()).run(6000)
    assert stub.log("relay")[1] == (1009, "open")
    assert [ms for ms, detail in stub.log("chip") if detail == "boot power_on"] == [0, 4000]


def test_power_may_fail_again_while_the_chip_boots() -> None:
    stub = Stub()
    stub.at(1000, lambda world: world.cut_power()).at(2000, lambda world: world.restore_power())
    stub.at(2300, lambda world: world.cut_power()).at(3000, lambda world: world.restore_power())
    assert len(stub.run(5000).boots) == 2


def test_ticks_begin_anew_at_each_boot_and_wrap_at_2_to_the_30() -> None:
    stub = Stub({"clock_start_us": (1 << 30) - 5000, "clock_start_ms": (1 << 30) - 5})
    stub.run(700)
    assert stub.world.tick_us == 100000 - 5000
    assert stub.world.tick_ms == 100 - 5


def test_an_output_made_an_input_falls_to_its_pull_down() -> None:
    def release(stub: Stub) -> None:
        if stub.ticks == 50:
            stub.pumping = False
            stub.pin(wiring.RELAY_EN, stub.pin.IN)

    assert Stub(on_tick=release).run(2000).world.relay.en == 0


def test_the_harness_ends_on_the_gpios_that_the_firmware_uses() -> None:
    from guard.board import pins

    for name in dir(pins):
        if name.isupper():
            assert getattr(pins, name) == getattr(wiring, name), name


def test_an_s3s_wires_end_on_the_gpios_of_its_own_map() -> None:
    from guard.board.esp32s3 import pins

    variant = VARIANTS["esp32s3"]
    for name in dir(pins):
        if name.isupper():
            assert variant.line(getattr(pins, name)) == getattr(wiring, name), name
    assert len(variant.wires) == len([name for name in dir(pins) if name.isupper()])


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`machine` on a board with an ESP32-S3."""
    import machine

    monkeypatch.setattr(World, "current", World({"chip": "esp32s3"}))
    return machine


@pytest.mark.parametrize("gpio", [-1, 22, 25, 26, 32, 49])
def test_a_pin_an_s3_does_not_have_is_an_error(s3: Any, gpio: int) -> None:
    with pytest.raises(ValueError, match="invalid pin"):
        s3.Pin(gpio, s3.Pin.IN)


@pytest.mark.parametrize("gpio", [0, 3, 33, 46])
def test_a_pin_that_an_s3_has_and_nothing_is_wired_to_moves_nothing(s3: Any, gpio: int) -> None:
    s3.Pin(gpio, s3.Pin.OUT).value(1)
    assert [n for n, level in enumerate(World.current.outputs) if level] == [NOWHERE]
    assert NOWHERE not in VARIANTS["esp32s3"].wires.values()


def test_an_s3_touches_and_converts_only_where_it_can(s3: Any) -> None:
    with pytest.raises(ValueError, match="touchpad"):
        s3.TouchPad(s3.Pin(15))
    with pytest.raises(ValueError, match="invalid pin"):
        s3.ADC(s3.Pin(47))


def test_a_hand_raises_an_s3s_count_and_lowers_an_esp32s(s3: Any) -> None:
    for chip, rises in (("esp32s3", True), ("esp32", False)):
        World.current = World({"chip": chip})
        free, held = World.current.left, World.current.right
        held.set(True)
        assert (held.touch_count() > free.touch_count()) is rises


def test_an_s3_tells_its_cause_in_another_register(s3: Any) -> None:
    assert (s3.mem32[0x60008038], s3.mem32[0x3FF48034]) == (0x01, 0)


def test_a_world_starts_with_every_contact_in_its_safe_position() -> None:
    world = World({})
    assert world.inputs[wiring.RELAY_FB] == 0
    assert world.inputs[wiring.START] == 1
    assert not world.loop_closed()
