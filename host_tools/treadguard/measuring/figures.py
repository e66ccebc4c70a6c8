# SPDX-License-Identifier: MIT
"""The bench sheet: every figure that only a real board can show, declared once.

What the board measures of itself, and what somebody reads off an instrument. The docs, the
command and the support bundle take names, expected values and limits from here.
"""

from __future__ import annotations

from dataclasses import dataclass

from treadguard.setting_up.handrails import APART_PERMILLE


@dataclass(frozen=True)
class Time:
    """Measured by `treadguard bench`, in us; above `largest_us` somebody should look."""

    name: str
    what: str
    expected: str
    largest_us: int


@dataclass(frozen=True)
class Count:
    """Counted by `treadguard bench`: edges that should have come against edges that came."""

    name: str
    what: str
    expected: str
    off_percent: int = 1


@dataclass(frozen=True)
class Reading:
    """Read off an instrument and noted with `treadguard bench --record`. `lowest` and `highest`
    are as expected; no unit = words, no limits = nobody knows yet."""

    name: str
    what: str
    expected: str
    how: str
    unit: str = ""
    lowest: float | None = None
    highest: float | None = None

    @property
    def example(self) -> str:
        """What to type."""
        return f'{self.name}="{"..." if not self.unit else f"... {self.unit}"}"'


WIRE = " (wire)"
MEASURED: tuple[Time | Count, ...] = (
    Time("flash_write", "512 bytes appended to a file", "20 to 120 ms, at most 0.8 s", 800_000),
    Time("tick_late", "a 10 ms tick, late", "below 0.1 ms, at most 1 ms", 1_000),
    Time("collection", "memory clean-up", "2 to 2.5 ms; 286 ms with PSRAM", 10_000),
    Time("edge_late", "a magnet's edge, stamped late" + WIRE, "20 to 50 us", 1_000),
    Time(
        "edge_late_collecting", "the same during memory clean-up" + WIRE, "at most 2.5 ms", 10_000
    ),
    Time("edge_late_talking", "the same while the port is busy" + WIRE, "20 to 50 us", 1_000),
    Count("counter_wrap", "edges counted past the counter's end" + WIRE, "within 1 %"),
    Count("counter_writing", "edges counted during flash writes" + WIRE, "within 1 %"),
    Time("restart", "reset to the first line of the controller", "below 5 s", 5_000_000),
)
READINGS: tuple[Reading, ...] = (
    Reading(
        "drop_frozen", "relay drop-out after a frozen program", "84 ms, at most 128",
        "scope on the coil, freeze with the debugger", "ms", 0, 128,
    ),
    Reading(
        "drop_enable", "drop-out by `RELAY_EN`", "9 ms, at most 15",
        "scope on the coil, START while the relay is closed", "ms", 0, 15,
    ),
    Reading(
        "coil_current", "coil current while held", "28 mA with a 178 Ω coil, 21 to 31",
        "meter in the coil supply", "mA", 21, 31,
    ),
    Reading(
        "pulse_power_up", "relay pins at power-up", "low, no pulse longer than 1 ms",
        "scope on `PUMP_A`, `PUMP_B`, `RELAY_EN`, supply on; the longest pulse", "ms", 0, 1,
    ),
    Reading(
        "pulse_reset", "relay pins at a reset", "low, no pulse longer than 1 ms",
        "the same, press EN", "ms", 0, 1,
    ),
    Reading(
        "pulse_usb", "relay pins while USB is opened and closed", "low, no pulse longer than 1 ms",
        "the same, `treadguard status` ten times", "ms", 0, 1,
    ),
    Reading(
        "low_after_reset", "relay pins low after a reset", "within 1 s of the reset",
        "scope on `RELAY_EN` and EN, press EN while the relay is closed", "ms", 0, 1000,
    ),
    Reading(
        "low_after_watchdog", "relay pins low after the watchdog's reset",
        "within 3.5 s of the last tick",
        "scope on `RELAY_EN` and `PUMP_A`, freeze with the debugger", "ms", 0, 3500,
    ),
    Reading("reset_to_ready", "reset to READY", "below 5 s", "stopwatch", "s", 0, 5),
    Reading(
        "late_ticks", "longest tick", "below 10 ms: none is counted",
        "the `LOOP_OVERRUN` counter in `treadguard status` after an hour", "times", 0, 0,
    ),
    Reading(
        "pulls", "GPIO 25, 26 and 27 during a reset", "not known; nothing depends on it",
        "meter to ground, EN held down: three voltages",
    ),
    Reading(
        "key_loop", "the treadmill's key loop, key out", "below 30 V DC",
        "meter, [the key loop](key-loop.md)", "V", 0, 30,
    ),
    Reading(
        "touch_span", "touch pads on the real rail, free less held",
        f"at least {APART_PERMILLE} permille", "`treadguard setup rails` prints it",
        "permille", APART_PERMILLE, 1000,
    ),
    Reading(
        "uart", "`machine.UART(0)` beside the console", "refused with an OSError; nothing uses it",
        "in maintenance, `mpremote resume exec \"import machine; machine.UART(0)\"`, then EN",
    ),
)  # fmt: skip
BY_NAME = {reading.name: reading for reading in READINGS}
