# SPDX-License-Identifier: MIT
"""What an oscilloscope may never see on a healthy relay. Written from DESIGN sections 4, 7 and
11, without a line of the core.

I1  RELAY_EN high without a toggling pump lasts no longer than T1 (150 ms), T2 (50 ms) or T5
    (170 ms); the pump toggles with RELAY_EN low for no longer than T3 (200 ms), after T1 and T2.
I2  The contact closes only after a press of START at the board: 50 to 800 ms long as the board
    reads it (a flash write may hide 400 ms of it), let go 1.1 to 2 s before, since the last
    opening and the last start of the chip, and each press once. Between opening and closing lie
    3 s. The e-stop is not pressed.
I3  No setting changes while the contact is closed.
"""

from __future__ import annotations

from typing import Any

MS = 1000
TOGGLE_GAP_MS = 140  # a longer silence is no toggling: a stop, a hang, the end of a test
STATIC_MS = 185
T3_MS = 230
ARMING_MS = (1100, 2100)  # T1 to T3 take 1.15 s, the session mark's NVS write up to 0.4 s
PRESS_MS = (10, 1230)  # two readings make a press; a flash write after them makes it look longer
PAUSE_MS = 3000


def broken(recorder: Any, healthy: bool = True) -> list[str]:
    """Every rule that was broken; with a broken relay only what software decides."""
    found = closings(recorder) if healthy else []
    found += [f"I3: settings changed at {at // MS} ms" for at in recorder.changed]
    found += static_levels(recorder)
    return found


def closings(recorder: Any) -> list[str]:
    found = []
    used: set[int] = set()
    openings = [at for at, closed in recorder.contact if not closed]
    for at, closed in recorder.contact:
        if not closed:
            continue
        why = unjustified(recorder, at, openings, used)
        if why:
            found.append(f"I2: the relay closed at {at // MS} ms: {why}")
    return found


def unjustified(recorder: Any, at: int, openings: list[int], used: set[int]) -> str:
    """Why this closing must not have happened, or ""."""
    opened = max([o for o in openings if o < at], default=0)
    boot = max([b for b in recorder.boots if b < at], default=0)
    if opened and at - opened < PAUSE_MS * MS:
        return "less than 3 s after it had opened"
    pressed = [p for when, p in recorder.estop if when <= at]
    if pressed and pressed[-1]:
        return "with the e-stop pressed"
    presses = [p for p in recorder.presses() if p[0] < at]
    if not presses:
        return "nobody ever pressed START"
    down, up = presses[-1]
    if up < 0 or up > at:
        return "START is still down"
    if down in used:
        return "the press of START has closed it before"
    if down < max(opened, boot):
        return "the press of START is older than the last opening or start"
    if not PRESS_MS[0] * MS <= up - down <= PRESS_MS[1] * MS:
        return f"START was down for {(up - down) // MS} ms"
    if not ARMING_MS[0] * MS <= at - up <= ARMING_MS[1] * MS:
        return f"{(at - up) // MS} ms after START"
    used.add(down)
    return ""


def static_levels(recorder: Any) -> list[str]:
    """I1: how long RELAY_EN is high without the pump, and the pump runs without RELAY_EN."""
    found = []
    levels = recorder.levels
    en_since = toggled = -1  # us; toggled: the last edge of a phase
    low_since = -1  # the pump has been toggling without RELAY_EN since
    before = (0, 0, 0)
    for at, en, a, b in levels:
        edge = (a, b) != before[1:]
        if before[0]:
            quiet_us = at - max(en_since, toggled)
            if quiet_us > STATIC_MS * MS and not _program_gone(recorder, max(en_since, toggled)):
                found.append(f"I1: RELAY_EN high without a pump for {quiet_us // MS} ms, "
                             f"until {at // MS} ms")  # fmt: skip
        if en and not before[0]:
            en_since = at
        if edge and a != b and (before[1], before[2]) == (b, a):
            if not en and low_since < 0:
                low_since = at
            if not en and at - low_since > T3_MS * MS:
                found.append(f"I1: the pump runs without RELAY_EN at {at // MS} ms")
                low_since = at
        if en or (a, b) == (0, 0):
            low_since = -1
        if edge:
            toggled = at
        before = (en, a, b)
    return found


def _program_gone(recorder: Any, since_us: int) -> bool:
    """No firmware drives the pins: a hang, a panic, a chip that starts."""
    kinds = ("inject", "chip", "power")
    return any(kind in kinds and ms * MS >= since_us - 20 * MS
               for ms, kind, _ in recorder.world.events)  # fmt: skip
