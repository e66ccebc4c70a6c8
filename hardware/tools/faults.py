# SPDX-License-Identifier: MIT
"""Each part of the relay driver shorted and open, once: does it hold the relay, who finds it?"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hardware.tools.bench import OPERATE_A, RELEASE_A, Row, freeze, peak_ma, toggling
from hardware.tools.deck import Case
from hardware.tools.netlist import Netlist

# The feedback and the e-stop sense hang on the coil's supply, not on the coil.
NOT_THE_DRIVER = ("R11", "R12", "C6", "R13", "R14", "C5")
T5_MS = (50, 160)
NPN_SHORTS, MOS_SHORTS = ("C-E", "B-C", "B-E"), ("D-S", "D-G", "G-S")


@dataclass(frozen=True)
class Verdict:
    """What one fault does. Times in ms after the last edge, -1 = the coil stays on."""

    fault: str
    closes: bool  # toggling with RELAY_EN still closes the relay
    after_freeze_ms: float  # the worse of frozen high and frozen low
    after_en_low_ms: float
    found_by: tuple[str, ...]

    @property
    def pump_alone_drops(self) -> bool:
        return not self.closes or self.after_freeze_ms >= 0

    @property
    def en_drops(self) -> bool:
        return not self.closes or self.after_en_low_ms >= 0


def all_faults(netlist: Netlist) -> list[str]:
    """The name of every single fault, in the order of the parts."""
    found = []
    for ref in sorted(netlist.parts, key=lambda r: (r.rstrip("0123456789"), len(r), r)):
        part = netlist.parts[ref]
        if part.sheet != "relay" or ref in NOT_THE_DRIVER or ref[0] not in "RCDQKF":
            continue
        if ref[0] == "Q":
            npn = part.value == "BC847"
            found += [f"{ref} {s} short" for s in (NPN_SHORTS if npn else MOS_SHORTS)]
            found += [f"{ref} open {p}" for p in ("BCE" if npn else "GDS")]
        elif part.value == "BAS70-04":
            found += [f"{ref} {s}" for s in ("lower short", "upper short")]
            found += [f"{ref} open {p}" for p in "123"]
        else:
            found += [f"{ref} short", f"{ref} open" + (" A1" if ref[0] == "K" else "")]
    return found


def examine(netlist: Netlist, fault: str) -> Verdict:
    """Run one fault through freeze, RELAY_EN and the self-test's steps."""
    case = Case((), 0, fault=fault)
    high, low = freeze(netlist, case, "high"), freeze(netlist, case, "low")
    closes = min(high.hold_a, low.hold_a) >= OPERATE_A
    worst = -1.0 if -1.0 in (high.off_ms, low.off_ms) else max(high.off_ms, low.off_ms)
    en_low = freeze(netlist, case, "EN low")
    found = [name for name, rows in SELF_TEST.items() if _closed(netlist, case, rows)]
    if not closes:
        found.append("T4")
    elif not T5_MS[0] <= worst <= T5_MS[1]:
        found.append("T5")
    return Verdict(fault, closes, round(worst, 1), round(en_low.off_ms, 1), tuple(found))


def _closed(netlist: Netlist, case: Case, rows: list[Row]) -> bool:
    at_s = rows[-1][0]
    start = 0.29 if len(rows) < 5 else 0.05
    return peak_ma(netlist, replace(case), rows, start, max(at_s, start) + 0.06) > RELEASE_A * 1000


# As firmware/guard/core/relay_test.py drives them; the pump has been idle before.
SELF_TEST: dict[str, list[Row]] = {
    "T1": [(0.0, 0, 0, 0), (0.3, 0, 0, 1), (0.45, 0, 0, 1)],
    "T2": [(0.0, 0, 0, 0), (0.01, 1, 0, 0), (0.31, 1, 0, 1)],
    "T2 B": [(0.0, 0, 0, 0), (0.01, 0, 1, 0), (0.31, 0, 1, 1)],
    "T3": toggling(0.22, en=0),
}
