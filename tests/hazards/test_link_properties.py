# SPDX-License-Identifier: MIT
"""Any bytes on the link, at any moment: they can always stop and can never start (I3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from tests.hazards import needs_fork, traffic, way
from tests.hazards.outcome import JUDGED_MS
from tests.hazards.zygote import Zygote, end_in

pytestmark = needs_fork
POLL_MS = 1
STATES = ("READY", "ARMING", "WAIT_BELT", "FORWARD", "BACKWARD", "STOPPING", "TRIPPED", "LOCKOUT")


@pytest.fixture(scope="module", params=STATES)
def board(request: pytest.FixtureRequest) -> Iterator[tuple[str, Zygote]]:
    with Zygote(way.scenario(request.param)) as z:
        yield request.param, z


def says_stop(data: bytes) -> bool:
    """A complete request to stop is in it: a CRC that fits, or what is left of one by chance."""
    return b'"stop"' in data


@settings(max_examples=12)
@given(data=traffic.traffic())
@example(data=traffic.line({"id": 1, "do": "config.set", "values": {"rail_grace_ms": 600}}, True))
@example(data=b"U" * 900 + b"\x03")
def test_no_bytes_close_the_relay_or_clear_a_latch(board: tuple[str, Zygote], data: bytes) -> None:
    state, z = board
    heard = z.run(traffic.send, data)
    o = heard.o
    assert o.violations == []
    assert o.boots == 0
    assert o.late_ms <= 25
    if state in way.CLOSED_STATES and o.opened_ms is None:
        assert heard.dropped == 0  # flash, written with the relay open, may lose some
    if state == "ARMING":
        return  # its press of START was there before; the violations say that it was one
    assert o.closed_again == 0
    if heard.latched:
        assert o.latched == heard.latched
    if state in way.CLOSED_STATES and b"\x03" not in data and not says_stop(data):
        assert o.opened_ms is None, "nobody asked to stop"
        assert not heard.pending


@settings(max_examples=8)
@given(before=traffic.traffic(with_ctrl_c=False), after=some.binary(max_size=100))
@example(before=b"\x00" * 1000, after=b"")
@example(before=b'{"id":1,"do":"sta', after=b'tus"}\n')
def test_ctrl_c_within_any_traffic_stops_within_two_ticks(
    board: tuple[str, Zygote], before: bytes, after: bytes
) -> None:
    state, z = board
    heard = z.run(traffic.send, before + b"\x03" + after)
    assert heard.o.violations == []
    if state in way.CLOSED_STATES:
        wire_ms = traffic.arrives_ms(before, len(before))
        assert heard.o.opened_ms is not None
        assert heard.o.opened_ms <= wire_ms + POLL_MS + 10 + JUDGED_MS
        assert heard.o.faults[0] in ("CTRL_C_STOP", "HOST_STOP")
    elif state != "ARMING":
        assert heard.o.closed_again == 0
        assert heard.o.latched == heard.latched


@settings(max_examples=6)
@given(data=traffic.traffic())
def test_ctrl_c_while_arming_ends_it(data: bytes) -> None:
    with Zygote(way.scenario("ARMING")) as z:
        heard = z.run(traffic.send, b"\x03" + data, 3000)
    assert heard.o.closed_again == 0
    assert heard.o.state == "READY"


@pytest.mark.parametrize("state", ["WAIT_BELT", "FORWARD", "BACKWARD"])
def test_a_stop_in_a_flood_of_requests_is_heard(state: str) -> None:
    """It neither waits for its turn nor gets lost behind another line."""
    stop = traffic.line({"id": 9, "do": "stop"}, True)
    status = traffic.line({"do": "status"}, False)
    with Zygote(way.scenario(state)) as z:
        heard = z.run(traffic.send, status * 30 + stop)
    assert heard.o.faults[:1] == ["HOST_STOP"]
    wire_ms = traffic.arrives_ms(b"", len(status * 30 + stop))
    assert heard.o.opened_ms <= wire_ms + POLL_MS + 30 + JUDGED_MS


def test_a_stop_does_not_wait_for_room_for_its_answer() -> None:
    """A black box was being pulled when the relay closed: 1.5 KB are still on their way."""
    with Zygote(way.scenario("ARMING")) as z:
        took_ms = z.run(stop_behind_a_file, 570)
    assert took_ms <= 40


def test_a_request_to_stop_is_heard_while_a_host_floods() -> None:
    """A host that does not wait for answers: status without end, a stop among them."""
    noise = b'{"do":"status"}\n'
    stop = traffic.line({"id": 9, "do": "stop"}, True)
    before, after = noise * (2000 // len(noise)), noise * (30_000 // len(noise))
    with Zygote(way.scenario("BACKWARD")) as z:
        heard = z.run(traffic.send, before + stop + after, 0)
    wire_ms = traffic.arrives_ms(b"", len(before + stop))
    assert heard.o.opened_ms is not None
    assert heard.o.opened_ms <= wire_ms + POLL_MS + 10 + JUDGED_MS


def stop_behind_a_file(world: Any, first_ms: int = 0) -> Callable[[], float]:
    world.flash.files["b00000001.bin"] = bytes(3072)
    read = traffic.line({"id": 1, "do": "log.read", "name": "b00000001.bin"}, True)
    stop = traffic.line({"id": 2, "do": "stop"}, True)
    sent_us = []
    moved = world.contact_moved

    def closed_now(closed: bool) -> None:
        moved(closed)
        if closed:
            world.uart.host_send(stop)
            sent_us.append(world.now + len(stop) * 100_000 // 1152)

    world.contact_moved = closed_now
    for at_ms in range(first_ms, 2000, 600):
        world.call_in(at_ms * 1000, lambda _: sent_us or world.uart.host_send(read), 0)
    end_in(world, 3000)
    return lambda: float(world.recorder.opened_after(sent_us[0])) / 1000
