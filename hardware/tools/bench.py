# SPDX-License-Identifier: MIT
"""Run a case under ngspice and read the coil's current as a stop watch would."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from hardware.tools.deck import COIL_OHM, TITLE, Case, Deck
from hardware.tools.netlist import Netlist

OPERATE_A = 0.75 * 5 / COIL_OHM  # must-operate of the data sheet
RELEASE_A = 0.10 * 5 / COIL_OHM  # must-release
ARMATURE_MS = 4.0  # after the current has gone
ARMATURE_SLOW_MS = 5.0  # the data sheets of K1 and its substitutes say 4 at most
_MEASURED = re.compile(r"^\s*(\w+)\s*=\s*([-+.\de]+|failed)", re.MULTILINE)
Row = tuple[float, int | None, int | None, int | None]


class SimulatorError(Exception):
    """ngspice did not run the deck."""


class MissingSimulatorError(SimulatorError):
    """ngspice is not installed: the user's make skips what needs it."""


@dataclass(frozen=True)
class Freeze:
    """After toggling: the least current while it toggled, and the times after the last edge."""

    hold_a: float
    below_operate_ms: float  # the coil may let go from here on
    off_ms: float  # it has certainly let go; armature not included; -1 = never


def ngspice() -> str:
    """The program's path."""
    found = shutil.which("ngspice")
    if not found:
        raise MissingSimulatorError(
            "ngspice is missing: run `make hardware` to see what to install"
        )
    return found


def run(netlist: Netlist, case: Case) -> dict[str, float]:
    """{measurement: value}; what ngspice could not measure is left out."""
    with tempfile.TemporaryDirectory() as scratch:  # from a pipe, ngspice 46 loses the first line
        deck = Path(scratch) / "deck.cir"
        deck.write_text(Deck(netlist, case).text(), "utf-8")
        done = subprocess.run(
            [ngspice(), "-b", deck], capture_output=True, text=True, timeout=60, check=False
        )
    found = {m[1].lower(): m[2] for m in _MEASURED.finditer(done.stdout)}
    if f"Circuit: {TITLE}" not in done.stdout:
        raise SimulatorError("ngspice did not read the deck from its first line")
    if "simulation(s) aborted" in done.stdout + done.stderr or not found:
        raise SimulatorError(f"ngspice did not run '{case.fault}': {done.stderr[-400:]}")
    return {name: float(value) for name, value in found.items() if value != "failed"}


def toggling(until_s: float, hz: float = 50, phases: str = "AB", en: int = 1) -> list[Row]:
    """Both pins in antiphase from 20 ms on; one letter leaves the other phase dead, low."""
    rows: list[Row] = [(0.0, 0, 0, en)]
    half_s, at_s, level = 0.5 / hz, 0.02, 0
    while at_s < until_s - half_s / 2:
        level ^= 1
        a, b = level if "A" in phases else 0, level ^ 1 if "B" in phases else 0
        rows.append((at_s, a, b, en))
        at_s += half_s
    return rows


# After the last toggle: what the pins do. "high" and "low" name PUMP_A; PUMP_B is the opposite,
# as a program that hangs leaves them.
FROZEN: dict[str, tuple[int | None, int | None, int | None]] = {
    "high": (1, 0, 1),
    "low": (0, 1, 1),
    "both low": (0, 0, 1),
    "both high": (1, 1, 1),
    "floating": (None, None, None),
    "EN low": (1, 0, 0),
}


def freeze(
    netlist: Netlist,
    case: Case,
    how: str,
    hz: float = 50,
    phases: str = "AB",
    watch_s: float = 0.6,
) -> Freeze:
    """Toggle for 0.3 s, then freeze and watch; times count from the last edge."""
    rows = toggling(0.3, hz, phases)
    last_s = rows[-1][0] + 0.5 / hz
    rows.append((last_s, *FROZEN[how]))
    if how in ("high", "low"):  # the freeze is no edge: stay as the last toggle left them
        keep = 1 if how == "high" else 0
        if rows[-2][1] != keep:
            rows.insert(-1, (last_s, keep, keep ^ 1, 1))
            rows[-1] = (last_s, keep, keep ^ 1, 1)
            rows.pop(-2)
        else:
            rows.pop()
        last_s = rows[-1][0]
    end_s = last_s + watch_s
    found = run(
        netlist,
        replace(
            case,
            pins=tuple(rows),
            end_s=end_s,
            measures=(
                f".meas tran hold MIN i(LK1) FROM=0.15 TO={last_s:.6g}",
                f".meas tran tlow WHEN i(LK1)={OPERATE_A:.6g} FALL=LAST",
                f".meas tran toff WHEN i(LK1)={RELEASE_A:.6g} FALL=LAST",
                f".meas tran rest MAX i(LK1) FROM={end_s - 0.02:.6g} TO={end_s:.6g}",
            ),
        ),
    )
    dropped = found["rest"] < RELEASE_A and "toff" in found
    return Freeze(
        found["hold"],
        (found["tlow"] - last_s) * 1000 if "tlow" in found else -1.0,
        (found["toff"] - last_s) * 1000 if dropped else -1.0,
    )


def peak_ma(netlist: Netlist, case: Case, rows: list[Row], from_s: float, to_s: float) -> float:
    """The highest coil current within a window, mA."""
    what = f".meas tran peak MAX i(LK1) FROM={from_s:.6g} TO={to_s:.6g}"
    done = run(netlist, replace(case, pins=tuple(rows), end_s=to_s, measures=(what,)))
    return done["peak"] * 1000
