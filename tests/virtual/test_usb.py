# SPDX-License-Identifier: MIT
"""The S3's own USB as a console: when a byte costs half a second, and when nothing."""

from __future__ import annotations

import pytest

from treadguard.virtual import actions
from treadguard.virtual.usb import FIFO, TIMEOUT_US, Usb
from treadguard.virtual.world import World


class Clock:
    """Of a world, what the port needs."""

    def __init__(self) -> None:
        self.now = 0

    def stall(self, us: int, masked: bool) -> None:
        self.now += us

    def log(self, kind: str, detail: str) -> None:
        pass


def said(usb: Usb, count: int) -> int:
    """How long so many bytes take."""
    before = usb.world.now
    for _ in range(count):
        usb.put()
    return int(usb.world.now - before)


@pytest.mark.parametrize("laptop", ["out", "reading"])
def test_nobody_there_or_somebody_who_reads_costs_nothing(laptop: str) -> None:
    usb = Usb(Clock(), True)
    usb.plug(laptop)
    assert said(usb, 10 * FIFO) == 0


def test_a_laptop_that_does_not_read_costs_half_a_second_a_byte_once_the_fifo_is_full() -> None:
    usb = Usb(Clock(), True)
    usb.plug("stuck")
    assert said(usb, FIFO) == 0
    assert said(usb, 3) == 3 * TIMEOUT_US
    usb.plug("reading")
    assert said(usb, 10 * FIFO) == 0


def test_what_is_switched_off_costs_nothing_until_the_next_start() -> None:
    usb = Usb(Clock(), True)
    usb.plug("stuck")
    usb.off()
    assert said(usb, 2 * FIFO) == 0
    usb.reset()
    assert said(usb, FIFO + 1) == TIMEOUT_US


def test_an_image_may_lack_the_switch() -> None:
    with pytest.raises(AttributeError):
        Usb(Clock(), False).off()


def test_a_plain_esp32_has_no_such_socket() -> None:
    with pytest.raises(actions.Refused, match="no USB of its own"):
        actions.do(World({}), "usb", {"laptop": "stuck"})
