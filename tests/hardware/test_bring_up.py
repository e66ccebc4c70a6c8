# SPDX-License-Identifier: MIT
"""What the pages tell a builder to measure, against the drawing and its simulation."""

from __future__ import annotations

from hardware.tools.deck import COIL_OHM, number
from tests.conftest import ROOT
from tests.hardware.test_circuit import HOLD_UP_MS

BRING_UP = (ROOT / "docs/build/bring-up.md").read_text("utf-8")
LIMITS = (ROOT / "docs/safety/limits.md").read_text("utf-8")


def reading(start: str) -> str:
    """The row of the bring-up page that begins so."""
    return next(row for row in BRING_UP.splitlines() if row.replace("☐ | ", "").startswith(start))


def test_feedback_reads_the_resistor_between_pin_and_contact(netlist):
    ends = {netlist.net_of("R12", end) for end in "12"}
    assert len([end for end in ends if "RELAY_FB" in end]) == 1
    assert f"about {number(netlist.parts['R12'].value) / 1000:.0f} kΩ, R12" in reading(
        "| `RELAY_FB`"
    )


def test_drop_out_is_what_the_simulation_says(known):
    nominal = known["frozen"]["nominal"]["high"]["50"]
    assert f"{nominal:.0f} ms, at most {HOLD_UP_MS}" in reading("| relay drop-out")
    longest = max(sweep["longest_ms"] for sweep in known["sweeps"].values())
    said = f"drop-out of {nominal:.0f} ms nominal and {longest:.0f} ms in the worst corner"
    assert said in " ".join(LIMITS.split())
    assert known["frozen"]["longest"]["EN low"]["50"] <= 9
    assert "| 9 ms, at most" in reading("| drop-out by `RELAY_EN`")


def test_coil_current_is_that_of_the_drawn_relay():
    assert f"{5000 / COIL_OHM:.0f} mA with a {COIL_OHM:.0f} Ω coil" in reading("| coil current")
