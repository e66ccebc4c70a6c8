# SPDX-License-Identifier: MIT
"""hardware/simulation.md, made from the figures."""

from __future__ import annotations

from typing import Any

HEAD = """<!-- SPDX-License-Identifier: MIT -->
<!-- Made by hardware/tools/report.py from exports/figures.json. -->
# Relay driver: what the simulation says

The deck comes from the drawing: `hardware/tools/deck.py` turns KiCad's netlist into ngspice, part
by part. **Simulated, never measured on a bench.**

Times count from the last edge of a pump pin until the contact of K1 opens: coil current below
10 % of its rated value, then 4 ms for the armature (5 ms in the longest corner; data sheets say
4 at most). *Holds* means that the coil current never falls below the must-operate value.

## Drop-out
"""

REST = """

One phase dead: at 50 Hz it {at_50} (opens after {opens} ms), at 25 Hz it {at_25}.
One single edge with RELAY_EN high closes the relay for {edge} ms ({edge_most} ms at most): so
RELAY_EN stays low until T1 to T3 have passed. From the first edge to full coil current it takes
{pull_in} ms. The e-stop's second contact takes the current away in {estop} ms; the first opens the
loop itself.
"""

CORNERS = """
## Worst corners

R3 and R4 ±2 % (1 % parts), other resistors ±5 %, C1 to C3 ±15 % (10 % X7R) each for itself, pins
3.0 or 3.6 V, supply 4.75 or 5.25 V, MOSFET thresholds, Vbe, current gain and diode leakage from
one end of their data sheets to the other, 0 or 60 °C: {corners} combinations for each row.
Frozen low is frozen high with C1 and C2 exchanged, so both are in.
"""

LIVE = """
The driver rides through a tick that is {late:.0f} ms late in the shortest corner (edges are 10 ms
apart, and the coil may let go {shortest:.1f} ms after the last one). The slowest rate that holds
without a gap is {slow} Hz there. **A fast rate is no fault to it: it is no window watchdog.**

**Both pins high** is the one state that lasts longer than the rest, because getting there is one
more edge: {both:.0f} ms in the longest corner. That is why the firmware writes the falling pin
first: a program that dies between the two writes of a toggle leaves both low.

Warm Schottky diodes leak. With a leaky BAT54S at 60 °C the coil may let go after {leaky} ms: no
room for a late tick. That is why D1 and D2 are BAS70-04.

## Odd states

Peak coil current; K1 needs {operate:.0f} mA to close.
"""

FAULTS = """
## Every part, shorted and open

{count} faults, each alone. {alone} of them keep the relay closed after a freeze although nothing
toggles, {en} ignore RELAY_EN, **{neither} do both**. T1 RELAY_EN alone, T2 one static pump pin,
T3 toggling without RELAY_EN, T4 the relay does not close, T5 drop-out outside 50 to 160 ms (below
50 ms is written down, not judged).

| fault | closes | opens after a freeze | opens with RELAY_EN low | found by |
|---|---|---|---|---|
"""


def page(figures: dict[str, Any]) -> str:
    """The whole page."""
    sweeps = figures["sweeps"]
    shortest = min(s["shortest_ms"] for s in sweeps.values())
    text = HEAD + _frozen(figures)
    text += CORNERS.format(corners=next(iter(sweeps.values()))["corners"]) + _sweeps(sweeps)
    text += LIVE.format(
        late=shortest - 10,
        shortest=shortest,
        slow=figures["slowest_hz"]["shortest"],
        both=figures["frozen"]["longest"]["both high"]["50"],
        operate=0.75 * 5 / 178 * 1000,
        leaky=figures["leaky_diode_ms"],
    )
    return text + _odd(figures) + _faults(figures["faults"])


def _frozen(figures: dict[str, Any]) -> str:
    frozen = figures["frozen"]
    lines = ["", "| pins after the last edge | nominal 25 Hz | nominal 50 Hz | longest 50 Hz |"]
    lines.append("|---|---|---|---|")
    words = {
        "high": "as they are, PUMP_A high",
        "low": "as they are, PUMP_B high",
        "EN low": "as they are, RELAY_EN low",
    }
    for how, nominal in frozen["nominal"].items():
        longest = frozen["longest"][how]["50"]
        lines.append(
            f"| {words.get(how, how)} | {nominal['25']} ms | {nominal['50']} ms | {longest} ms |"
        )
    one, times = figures["one_phase"], figures["times"]
    holds = {hz: "holds" if f["holds"] else "chatters" for hz, f in one.items()}
    return "\n".join(lines) + REST.format(
        at_50=holds["50"],
        opens=one["50"]["opens_ms"],
        at_25=holds["25"],
        edge=times["nominal"]["single_edge_ms"],
        edge_most=times["longest"]["single_edge_ms"],
        pull_in=times["nominal"]["pull_in_ms"],
        estop=times["nominal"]["estop_ms"],
    )


def _sweeps(sweeps: dict[str, Any]) -> str:
    lines = ["", "| toggling at | holds | may open after | has opened after |"]
    lines.append("|---|---|---|---|")
    for name, s in sweeps.items():
        holds = "in every corner" if not s["chattering"] else f"not in {s['chattering']} corners"
        lines.append(f"| {name} | {holds} | {s['shortest_ms']} ms | {s['longest_ms']} ms |")
    return "\n".join(lines) + "\n"


def _odd(figures: dict[str, Any]) -> str:
    lines = ["", "| state | nominal | longest corner |", "|---|---|---|"]
    for name, ma in figures["odd_ma"]["nominal"].items():
        lines.append(f"| {name} | {ma:.2f} mA | {figures['odd_ma']['longest'][name]:.2f} mA |")
    return "\n".join(lines) + "\n"


def _faults(faults: list[dict[str, Any]]) -> str:
    stays = [f["fault"] for f in faults if f["closes"] and f["after_freeze_ms"] < 0]
    deaf = [f["fault"] for f in faults if ignores_enable(f)]
    text = FAULTS.format(
        count=len(faults), alone=len(stays), en=len(deaf), neither=len(set(stays) & set(deaf))
    )
    for f in faults:
        opens, en = f["after_freeze_ms"], f["after_en_low_ms"]
        row = [
            f["fault"],
            "yes" if f["closes"] else "no",
            "-" if not f["closes"] else "**never**" if opens < 0 else f"{opens} ms",
            "-" if not f["closes"] else "**never**" if en < 0 else f"{en} ms",
            ", ".join(f["found_by"]) or "not needed: safe",
        ]
        text += "| " + " | ".join(row) + " |\n"
    return text


def ignores_enable(fault: dict[str, Any]) -> bool:
    """RELAY_EN low is no quicker than the pump alone."""
    return fault["closes"] and not 0 <= fault["after_en_low_ms"] <= 15
