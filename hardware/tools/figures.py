# SPDX-License-Identifier: MIT
"""Every figure that hardware/simulation.md prints: run ngspice, keep the answers as JSON.

    nice -n 15 .venv/bin/python -m hardware.tools.figures     takes some five minutes

The tests run a part of it again and compare.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import sys
from typing import Any

from hardware.tools import bench
from hardware.tools.bench import ARMATURE_MS, ARMATURE_SLOW_MS, FROZEN, OPERATE_A, freeze, toggling
from hardware.tools.deck import CORNER_AXES, NOMINAL, Case
from hardware.tools.faults import all_faults, examine
from hardware.tools.netlist import EXPORTS, Netlist, committed

FIGURES = EXPORTS / "figures.json"
RATES_HZ = (25, 50)
# All of these at both ends, in every combination; what moves the drop-out by less than 1 ms
# (screened one by one) goes along with `vgs`.
CROSSED = ("r3", "r4", "c1", "c2", "c3", "vio", "vgs", "vbe", "leak", "temp_c")
TOGETHER = ("r_rest", "v5", "hfe")
WHOLE = Case((), 0)


def corners() -> list[dict[str, float]]:
    """Every combination of the crossed axes: 1024."""
    made = []
    for ends in itertools.product((0, 1), repeat=len(CROSSED)):
        corner = {a: CORNER_AXES[a][e] for a, e in zip(CROSSED, ends, strict=True)}
        with_vgs = ends[CROSSED.index("vgs")]
        made.append(corner | {a: CORNER_AXES[a][1 - with_vgs] for a in TOGETHER})
    return made


def sweep(netlist: Netlist, hz: int, how: str) -> dict[str, Any]:
    """The least hold, the shortest and the longest drop-out of all corners, and where."""
    nowhere: dict[str, float] = {}
    least, short, long = 1.0, (1e9, nowhere), (-1.0, nowhere)
    chatter = 0
    for corner in corners():
        found = freeze(netlist, WHOLE.at(**corner), how, hz, watch_s=0.2)
        least = min(least, found.hold_a)
        if found.hold_a < OPERATE_A:
            chatter += 1
            continue
        if found.off_ms < 0:
            raise ValueError(f"the coil stays on: {corner}")
        short = min(short, (found.below_operate_ms, corner), key=lambda x: x[0])
        long = max(long, (found.off_ms, corner), key=lambda x: x[0])
    return {
        "corners": len(corners()),
        "chattering": chatter,
        "least_hold_permille_of_operate": round(least / OPERATE_A * 1000),
        "shortest_ms": round(short[0], 1),
        "shortest_corner": short[1],
        "longest_ms": round(long[0] + ARMATURE_SLOW_MS, 1),
        "longest_corner": long[1],
    }


def frozen(netlist: Netlist, corner: dict[str, float], armature_ms: float) -> dict[str, Any]:
    """{how: {rate: contact opens, ms after the last edge}} in one corner."""
    return {
        how: {
            str(hz): round(freeze(netlist, WHOLE.at(**corner), how, hz).off_ms + armature_ms, 1)
            for hz in RATES_HZ
        }
        for how in FROZEN
    }


def one_phase(netlist: Netlist) -> dict[str, Any]:
    """One pump pin dead: does the relay hold, and its drop-out."""
    found = {}
    for hz in RATES_HZ:
        f = freeze(netlist, WHOLE, "high", hz, "A")
        found[str(hz)] = {
            "holds": f.hold_a >= OPERATE_A,
            "opens_ms": round(f.off_ms + ARMATURE_MS, 1),
        }
    return found


def odd_states(netlist: Netlist, corner: dict[str, float]) -> dict[str, float]:
    """Peak coil current in mA of what happens besides walking."""
    case = WHOLE.at(**corner)
    boot = dataclasses.replace(case, pull_ups=True)
    floating: list[bench.Row] = [(0.0, None, None, None)]
    static: dict[str, list[bench.Row]] = {
        f"static {a}{b}": [(0.0, 0, 0, 1), (0.01, a, b, 1)] for a in (0, 1) for b in (0, 1)
    }
    found = {
        "boot, pull-ups on": bench.peak_ma(netlist, boot, floating, 0.0, 0.3),
        "boot, pull-ups on, RELAY_EN stuck high": bench.peak_ma(
            netlist, boot, [(0.0, None, None, 1)], 0.0, 0.3
        ),
        "pins floating": bench.peak_ma(netlist, case, floating, 0.0, 0.3),
        "toggling, RELAY_EN low": bench.peak_ma(netlist, case, toggling(0.3, en=0), 0.0, 0.3),
    }
    for name, rows in static.items():
        found[name] = bench.peak_ma(netlist, case, rows, 0.3, 0.4)
    return {name: round(ma, 3) for name, ma in found.items()}


def times(netlist: Netlist, corner: dict[str, float]) -> dict[str, float]:
    """Pull-in, one single edge, and the e-stop's second contact; ms, armature not included."""
    case = WHOLE.at(**corner)

    def run(rows: list[bench.Row], end_s: float, estop_s: float | None = None) -> dict[str, float]:
        what = (
            f".meas tran on WHEN i(LK1)={OPERATE_A} RISE=1",
            f".meas tran low WHEN i(LK1)={OPERATE_A} FALL=LAST",
            f".meas tran off WHEN i(LK1)={bench.RELEASE_A} FALL=LAST",
        )
        made = dataclasses.replace(
            case, pins=tuple(rows), end_s=end_s, measures=what, estop_s=estop_s
        )
        return bench.run(netlist, made)

    pull_in = run(toggling(0.3), 0.3)["on"] - 0.02
    single = run([(0.0, 0, 0, 1), (0.1, 1, 0, 1)], 0.5)
    estop = run(toggling(0.5), 0.5, 0.3)["off"] - 0.3
    return {
        "pull_in_ms": round(pull_in * 1000, 1),
        "single_edge_ms": round((single["off"] - 0.1) * 1000, 1) if "off" in single else 0.0,
        "single_edge_hold_ms": round((single["low"] - 0.1) * 1000, 1) if "low" in single else 0.0,
        "estop_ms": round(estop * 1000, 1),
    }


def slowest_rate_hz(netlist: Netlist, corner: dict[str, float]) -> int:
    """The slowest rate that still holds without a gap, whole Hz."""
    for hz in range(25, 1, -1):
        if freeze(netlist, WHOLE.at(**corner), "high", hz).hold_a < OPERATE_A:
            return hz + 1
    raise ValueError("it holds at 2 Hz: the pump is no pump")


LEAKY_DIODE = 333.0  # times BAS70: a BAT54S at the end of its data sheet


def leaky_ms(netlist: Netlist) -> float:
    """How soon the coil may let go at 60 C with leaky Schottky diodes in place of D1 and D2."""
    warm = WHOLE.at(temp_c=60.0, leak=LEAKY_DIODE)
    return round(freeze(netlist, warm, "high").below_operate_ms, 1)


def collect(netlist: Netlist) -> dict[str, Any]:
    """All figures."""
    # Frozen low is frozen high with C1 and C2 exchanged, and both are among the corners.
    sweeps = {f"{hz} Hz": sweep(netlist, hz, "high") for hz in RATES_HZ}
    short = min(sweeps.values(), key=lambda s: s["shortest_ms"])
    long = max(sweeps.values(), key=lambda s: s["longest_ms"])
    ends = {"shortest": short["shortest_corner"], "longest": long["longest_corner"]}
    named = {"nominal": dict(NOMINAL), **ends}
    return {
        "sweeps": sweeps,
        "corners": ends,
        "frozen": {
            name: frozen(netlist, c, ARMATURE_SLOW_MS if name == "longest" else ARMATURE_MS)
            for name, c in named.items()
        },
        "one_phase": one_phase(netlist),
        "odd_ma": {name: odd_states(netlist, c) for name, c in named.items()},
        "times": {name: times(netlist, c) for name, c in named.items()},
        "leaky_diode_ms": leaky_ms(netlist),
        "slowest_hz": {name: slowest_rate_hz(netlist, c) for name, c in named.items()},
        "second_stop_fitted": dataclasses.asdict(
            freeze(netlist, dataclasses.replace(WHOLE, second_stop=True), "high")
        ),
        "faults": [dataclasses.asdict(examine(netlist, f)) for f in all_faults(netlist)],
    }


def main() -> int:
    """Run, then write; a failed run writes nothing."""
    try:
        found = collect(committed())
    except (bench.SimulatorError, ValueError) as problem:
        print(f"hardware: {problem}", file=sys.stderr)
        return 1
    FIGURES.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(f"hardware: {len(found['faults'])} faults, figures in {FIGURES}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
