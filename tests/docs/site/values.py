# SPDX-License-Identifier: MIT
"""Figures inside pages that are written by hand, kept equal to the firmware's.

A page writes `<!-- =start_wait -->45 seconds<!-- /= -->`; the name is a row of VALUES.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from guard.core import gestures, interlocks, proof, rails, ready, stopping
from tests.docs.site import commands
from treadguard import firmware, units

MARK = re.compile(r"<!-- =(?P<name>[\w ]+) -->(?P<text>.*?)<!-- /= -->", re.DOTALL)
WIZARD = (
    "`treadguard setup` leads you through parts B to E with live readings: find the board, flash,"
    " name it, wire check, speed buttons on the rails, rail calibration, belt calibration by hand,"
    " verification at two speeds, stop test, limits, printed summary. This page says what you"
    " should see at each step."
)
BY_COMMANDS = "Each step is a command of its own."
PERMILLE_VOLTS = Fraction(33, 10) / 1000


def speed(mm_s: int) -> str:
    """ "3 km/h (1.9 mph)"."""
    return f"{_short(mm_s / units.MM_S_PER_KMH)} km/h ({_short(mm_s / units.MM_S_PER_MPH)} mph)"


def span(ms: int) -> str:
    """1000 -> "1 second", 90000 -> "90 seconds", 300000 -> "5 minutes"."""
    if ms >= 120000:
        return f"{ms // 60000} minutes"
    number = f"{ms / 1000:g}"
    return f"{number} second" + ("" if number == "1" else "s")


def volts(low: int, high: int) -> str:
    """Permille of 3.3 V -> "0.53 to 1.12 V"."""
    return f"{float(low * PERMILLE_VOLTS):.2f} to {float(high * PERMILLE_VOLTS):.2f} V"


def _short(number: Fraction) -> str:
    return f"{float(number):.1f}".removesuffix(".0")


def values() -> Mapping[str, str]:
    """Every figure that a page may quote."""
    p = firmware.parameters()
    stop_test_s = Fraction(stopping.TEST_LIMIT_MS, 1500)  # the limit is 1.5 x the measured time
    return {
        "backward limit": speed(p["backward_limit_mm_s"].default),
        "backward ceiling": speed(p["backward_limit_mm_s"].highest),
        "mount limit": speed(p["mount_limit_mm_s"].default),
        "forward limit": speed(p["forward_limit_mm_s"].default),
        "belt wait": span(p["start_timeout_s"].default * 1000),
        "mount time": span(p["mount_timeout_s"].default * 1000),
        "session time": span(p["session_limit_min"].default * 60000),
        "rail grace": span(p["rail_grace_ms"].default),
        "one hand grace": span(p["one_hand_grace_ms"].default),
        "turn confirm": span(p["turn_confirm_ms"].default),
        "travel": f"{p['overspeed_travel_mm'].default} mm",
        "magnets": str(p["magnets_per_turn"].default),
        "restart delay": span(ready.RESTART_DELAY_MS),
        "hand turn": span(ready.HAND_TURN_MS),
        "pending": span(ready.PENDING_MS),
        "grip age": span(rails.GRIP_VALID_MS),
        "hold reset": span(gestures.RESET_MS),
        "hold confirm": span(gestures.CONFIRM_MS),
        "hold proof": span(gestures.PROOF_MS),
        "proof edges": str(proof.EDGES_NEEDED),
        "stop test slowest": speed(stopping.TEST_MIN_MM_S),
        "stop test fastest": speed(stopping.CEILING_MM_S),
        "stop test longest": f"{float(stop_test_s):g} seconds",
        "drop longest": f"{stopping.DROP_MAX_MS} ms",
        "rail held": _band(rails.HELD_LOW, rails.HELD_HIGH),
        "rail released": _band(rails.RELEASED_LOW, rails.RELEASED_HIGH),
        "hall magnet": _band(interlocks.MAGNET_LOW, interlocks.MAGNET_HIGH),
        "setup": _setup(),
        "hall clear": _band(interlocks.CLEAR_LOW, interlocks.CLEAR_HIGH),
    }


def _setup() -> str:
    return WIZARD if "setup" in commands.known() else BY_COMMANDS


def _band(low: int, high: int) -> str:
    return f"{low} to {high} permille ({volts(low, high)})"


def filled(text: str, known: Mapping[str, str]) -> str:
    """The page with every figure as it must be; KeyError for a name that does not exist."""
    return MARK.sub(lambda m: f"<!-- ={m['name']} -->{known[m['name']]}<!-- /= -->", text)


def unknown(text: str, known: Mapping[str, str]) -> list[str]:
    return sorted({m["name"] for m in MARK.finditer(text)} - set(known))
