# SPDX-License-Identifier: MIT
"""The resistors of the drawing put every healthy voltage inside the firmware's bands."""

from __future__ import annotations

from itertools import product

import pytest

from guard.core import rails
from guard.core.interlocks import hall_band_good
from hardware.tools.deck import number

SPREAD = (0.95, 1.0, 1.05)
ON_OHM = (0, 50)  # of a closed contact or a conducting sensor
VIH, VIL, ABSOLUTE_V = 0.75 * 3.3, 0.25 * 3.3, 3.6


def permille(upper: float, lower: float) -> int:
    return int(1000 * lower / (upper + lower))


def parallel(a: float, b: float) -> float:
    return a * b / (a + b)


def spread(netlist, *refs: str):
    """Every combination of the parts at their limits, ohms."""
    values = [number(netlist.parts[r].value) for r in refs]
    for factors in product(SPREAD, repeat=len(refs)):
        yield [v * f for v, f in zip(values, factors, strict=True)]


@pytest.mark.parametrize(
    ("series", "bleed", "pull"), [("R20", "R21", "R22"), ("R60", "R61", "R62")]
)
def test_a_healthy_hall_line_is_in_a_band_and_a_broken_one_in_none(netlist, series, bleed, pull):
    for s, b, p in spread(netlist, series, bleed, pull):
        assert hall_band_good(permille(p, b))
        for on in ON_OHM:
            assert hall_band_good(permille(p, parallel(s + on, b)))
            assert permille(p, parallel(s + on, b)) < VIL / 3.3 * 1000  # a low for the Schmitt
        assert permille(p, b) > VIH / 3.3 * 1000
    for broken in (0, 1000):
        assert not hall_band_good(broken)


@pytest.mark.parametrize(("series", "eol", "pull"), [("R30", "R31", "R32"), ("R35", "R36", "R37")])
def test_a_rail_is_held_released_or_a_fault_as_the_firmware_thinks(netlist, series, eol, pull):
    band = rails.ContactBand()
    for s, e, p in spread(netlist, series, eol, pull):
        assert band.classify(permille(p, e)) == rails.RELEASED
        for on in ON_OHM:
            assert band.classify(permille(p, parallel(s + on, e))) == rails.HELD
        assert band.classify(permille(p, s)) != rails.RELEASED  # end-of-line resistor gone
    for broken in (0, 1000):
        assert band.classify(broken) == rails.WIRING


def test_the_e_stop_sense_is_a_clear_high_and_never_too_high_for_the_chip(netlist):
    for upper, lower in spread(netlist, "R13", "R14"):
        assert 5.25 * lower / (upper + lower) < ABSOLUTE_V
        pulled = parallel(lower, 30000)  # the firmware's own pull-down, at its strongest
        fuse_drop_v = 0.15
        assert (4.75 - fuse_drop_v) * pulled / (upper + pulled) > VIH


@pytest.mark.parametrize("pull_down", ["R8", "R9", "R10", "R52"])
def test_a_booting_chip_cannot_lift_a_relay_pin(netlist, pull_down):
    ohm = number(netlist.parts[pull_down].value) * 1.05
    chip_pull_up_ohm = 30000
    lifted_v = 3.6 * ohm / (ohm + chip_pull_up_ohm)
    assert lifted_v < (0.57 if pull_down in ("R10", "R52") else 1.0)  # AO3400A opens above 0.57


def test_contacts_are_pulled_up_by_ten_kilohms_and_held_off_the_chip_by_one(netlist):
    for pull_up, series in (("R41", "R40"), ("R43", "R42"), ("R45", "R44"), ("R11", "R12")):
        assert netlist.parts[pull_up].value == "10k"
        assert netlist.parts[series].value == "1k"
