# SPDX-License-Identifier: MIT
"""UART0 at 115200: 11.52 bytes a ms, a ring of 259 that drops, a FIFO of 128 that blocks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.virtual.stub import Stub
from treadguard.virtual.adaptors import stdio
from treadguard.virtual.uart import bytes_us


def send_at(stub: Stub, ms: int, data: bytes) -> Stub:
    return stub.at(ms, lambda world: world.uart.host_send(data))


@given(st.binary(min_size=1, max_size=2000))
def test_a_program_that_drains_in_its_slack_gets_every_byte_in_order(data: bytes) -> None:
    stub = send_at(Stub(), 1000, data).run(1300)
    assert bytes(stub.read) == data
    assert stub.world.uart.dropped == 0


def test_bytes_arrive_no_faster_than_the_line() -> None:
    stub = send_at(Stub(), 1000, b"x" * 1152).run(1050)
    assert 560 <= len(stub.read) <= 576


@given(st.integers(1, 1000))
def test_a_stall_loses_what_the_ring_of_259_does_not_hold(n: int) -> None:
    def write_flash(stub: Stub) -> None:
        if stub.ticks == 41:
            stub.world.stall(100000, True)

    stub = send_at(Stub(on_tick=write_flash), 1000, b"y" * n).run(1400)
    arrived = min(n, 1152)
    assert len(stub.read) == min(arrived, 259) + n - arrived
    assert stub.world.uart.dropped == max(0, arrived - 259)


def test_a_stall_of_22_ms_is_what_the_ring_survives() -> None:
    def write_flash(stub: Stub) -> None:
        if stub.ticks == 41:
            stub.world.stall(22000, True)

    stub = send_at(Stub(on_tick=write_flash), 1000, b"z" * 1000).run(1400)
    assert stub.world.uart.dropped == 0


def test_0x03_is_an_ordinary_byte_in_the_middle_of_a_flood() -> None:
    stub = send_at(Stub(), 1000, b"a" * 500 + b"\x03" + b"a" * 500).run(1300)
    assert stub.read.index(3) == 500


@given(st.integers(1, 1500))
def test_a_write_beyond_the_fifo_blocks_in_whole_10_ms(n: int) -> None:
    taken = []

    def talk(stub: Stub) -> None:
        if stub.ticks == 41:
            before = stub.world.now
            stdio.write(bytearray(n), n)
            taken.append(stub.world.now - before)

    Stub(on_tick=talk).run(2000)
    if n <= 128:
        assert taken == [0]
    else:
        wait_us = bytes_us(n) - bytes_us(128)
        assert taken[0] % 10000 == 0
        assert wait_us <= taken[0] < wait_us + 10000


def test_100_bytes_a_tick_never_block() -> None:
    buf = bytearray(100)
    stub = Stub(on_tick=lambda stub: stdio.write(buf, 100)).run(1600)
    assert stub.ticks == 100


def test_110_bytes_a_tick_are_within_the_line_and_120_are_not() -> None:
    for size, ticks in ((115, 100), (120, 99)):
        stub = Stub(on_tick=lambda stub, n=size: stdio.write(bytearray(n), n)).run(1600)
        assert (stub.ticks >= ticks) == (size == 115)


def test_lines_with_a_crc_are_logged_and_boot_noise_is_told_apart() -> None:
    def talk(stub: Stub) -> None:
        if stub.ticks == 5:
            line = b'{"ev":"state","state":"READY","fault":null}*00000000\nhalf a li'
            stdio.write(line, len(line))

    stub = Stub(on_tick=talk).run(1000)
    assert stub.log("state") == [(640, "READY")]
    assert stub.log("console")[0][1].startswith("ets ")


def test_a_reset_empties_the_ring() -> None:
    stub = Stub()
    stub.world.uart.host_send(b"lost while booting")
    assert stub.run(900).read == list(b"lost while booting")
    stub = send_at(Stub(), 1000, b"before").at(1000, lambda world: world.reset_now("hard"))
    assert bytes(stub.run(2000).read) == b"before"
