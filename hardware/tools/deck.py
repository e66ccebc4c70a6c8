# SPDX-License-Identifier: MIT
"""The ngspice deck of the relay driver, made from the netlist that KiCad exports.

Every part of the relay sheet becomes an element; its nodes and its value come from the drawing.
What the drawing cannot say (how a transistor behaves, how far a value may stray) stands here,
with its source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

from hardware.tools.netlist import Netlist

# R3 and R4 are 1 % parts, C1 to C3 10 % X7R; both with room for 0 to 60 C. Data sheets: BC847
# hFE 110 to 800, Vbe spread +-30 mV taken as IS / 3 to IS * 3; AO3401A Vgs(th) 0.5 to 1.3 V,
# AO3400A 0.65 to 1.45 V, both -2 mV/K;
# BAS70 leakage 0.1 uA at 25 C, 14 times that at 60 C.
CORNER_AXES: dict[str, tuple[float, float]] = {
    "r3": (0.98, 1.02),
    "r4": (0.98, 1.02),
    "r_rest": (0.95, 1.05),
    "c1": (0.85, 1.15),
    "c2": (0.85, 1.15),
    "c3": (0.85, 1.15),
    "vio": (3.0, 3.6),
    "v5": (4.75, 5.25),
    "vgs": (0.0, 1.0),
    "vbe": (1 / 3, 3.0),
    "hfe": (110.0, 800.0),
    "leak": (0.3, 30.0),
    "temp_c": (0.0, 60.0),
}
NOMINAL: dict[str, float] = {
    **dict.fromkeys(("r3", "r4", "r_rest", "c1", "c2", "c3"), 1.0),
    "vio": 3.3,
    "v5": 5.0,
    "vgs": 0.5,
    "vbe": 1.0,
    "hfe": 250.0,
    "leak": 1.0,
    "temp_c": 27.0,
}
COIL_OHM, COIL_HENRY = 178.0, 0.3  # TQ2-5V
COPPER_PER_K = 0.0039
PIN_OHM = 40.0
WEAK_PULL_OHM = 45000.0
TITLE = "treadguard relay driver"
_SUFFIX = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "R": 1.0, "k": 1e3, "M": 1e6}


@dataclass(frozen=True)
class Case:
    """One run: which corner, what is broken, what the pins do.

    pins are (time s, PUMP_A, PUMP_B, RELAY_EN), each level 0, 1 or None for floating, in force
    until the next row. fault is e.g. "Q1 C-E short", "R4 open" or "".
    """

    pins: tuple[tuple[float, int | None, int | None, int | None], ...]
    end_s: float
    corner: dict[str, float] = field(default_factory=lambda: dict(NOMINAL))
    fault: str = ""
    pull_ups: bool = False
    second_stop: bool = False
    estop_s: float | None = None  # when the e-stop opens the coil's supply
    measures: tuple[str, ...] = ()

    def at(self, **corner: float) -> Case:
        """The same case in another corner."""
        return replace(self, corner={**self.corner, **corner})


def number(value: str) -> float:
    """4k7, 470n, 680R or 10u 16V as ohms or farads."""
    match = re.fullmatch(r"(\d+)([pnuRkM])(\d*)(?: \d+V)?", value)
    if not match:
        raise ValueError(f"'{value}' is no value: write 4k7, 470n or 10u 16V")
    whole, unit, rest = match.groups()
    return float(f"{whole}.{rest or 0}") * _SUFFIX[unit]


def node(net: str) -> str:
    """A net's name as ngspice wants it."""
    return "0" if net == "GND" else re.sub(r"[^a-z0-9]+", "_", net.lower()).strip("_")


class Deck:
    """Elements of one case."""

    def __init__(self, netlist: Netlist, case: Case) -> None:
        self.netlist = netlist
        self.case = case
        self.corner = case.corner
        self.broken, _, self.how = case.fault.partition(" ")
        self.lines = [f"{TITLE}: {case.fault or 'whole'}"]
        for ref, part in sorted(netlist.parts.items()):
            optional = case.second_stop and part.fields["Build"] == "second stop"
            if part.sheet == "relay" or optional:
                self._part(ref, part.value)

    def _nodes(self, ref: str, *pins: str) -> list[str]:
        """The part's nodes; an open pin hangs on a node of its own."""
        found = [node(self.netlist.net_of(ref, p)) for p in pins]
        if ref == self.broken and self.how.startswith("open"):
            pin = self.how.removeprefix("open").strip() or pins[0]
            if ref.startswith("Q"):
                pin = TERMINALS[pin]
            found[pins.index(pin)] += "_cut"
            self.lines.append(f"Rcut {found[pins.index(pin)]} 0 1e12")
        return found

    def _part(self, ref: str, value: str) -> None:
        kind = ref[0]
        if kind == "R":
            factor = self.corner.get(ref.lower(), self.corner["r_rest"])
            self._two(f"R{ref}", ref, f"{number(value) * factor:.6g}")
        elif kind == "C":
            factor = self.corner.get(ref.lower(), 1.0)
            self._two(f"C{ref}", ref, f"{number(value) * factor:.6g}")
        elif value == "BAS70-04":
            a, k, mid = self._nodes(ref, "1", "2", "3")
            self.lines += [f"D{ref}L {a} {mid} DSCH", f"D{ref}U {mid} {k} DSCH"]
            self._short(ref, {"lower": (a, mid), "upper": (mid, k)})
        elif value == "1N4148W":
            k, a = self._nodes(ref, "1", "2")
            self.lines.append(f"D{ref} {a} {k} DSI")
            self._short(ref, {"": (a, k)})
        elif kind == "Q":
            self._transistor(ref, value)
        elif kind == "K":
            a, b = self._nodes(ref, "A1", "A2")
            ohm = COIL_OHM * (1 + COPPER_PER_K * (self.corner["temp_c"] - 20))
            self.lines += [f"R{ref} {a} {ref}_l {ohm:.6g}", f"L{ref} {ref}_l {b} {COIL_HENRY}"]
            self._short(ref, {"": (a, b)})
        elif kind == "F":
            self._two(f"R{ref}", ref, "2")
        elif ref == "S1":
            a, b = self._nodes(ref, "21", "22")
            opens = self.case.estop_s or self.case.end_s + 1
            self.lines += [
                f"SS1 {a} {b} estop 0 CONTACT",
                f"VESTOP estop 0 {_pwl([(0.0, 1), (opens, 0)])}",
                ".model CONTACT SW(RON=0.05 ROFF=1e9 VT=0.5 VH=0.1)",
            ]
        elif kind not in ("J", "T", "X", "S") and not value.startswith("PESD"):
            raise ValueError(f"{ref} ({value}) on the relay sheet has no model in deck.py")

    def _two(self, name: str, ref: str, value: str) -> None:
        a, b = self._nodes(ref, "1", "2")
        self.lines.append(f"{name} {a} {b} {value}")
        self._short(ref, {"": (a, b)})

    def _short(self, ref: str, places: dict[str, tuple[str, str]]) -> None:
        if ref == self.broken and self.how.endswith("short"):
            a, b = places[self.how.removesuffix("short").strip()]
            self.lines.append(f"Rshort {a} {b} 0.01")

    def _transistor(self, ref: str, value: str) -> None:
        one, two, three = self._nodes(ref, "1", "2", "3")
        if value == "BC847":  # B E C as drawn: pin 1 base, 2 emitter, 3 collector
            self.lines.append(f"Q{ref} {three} {one} {two} QNPN")
            places = {"C-E": (three, two), "B-C": (one, three), "B-E": (one, two)}
        elif value in ("AO3401A", "AO3400A"):  # 1 gate, 2 source, 3 drain
            model = "MP" if value == "AO3401A" else "MN"
            self.lines.append(f"M{ref} {three} {one} {two} {two} {model}")
            body = f"{three} {two}" if model == "MP" else f"{two} {three}"
            self.lines.append(f"D{ref}B {body} DSI")
            places = {"D-S": (three, two), "D-G": (three, one), "G-S": (one, two)}
        else:
            raise ValueError(f"{ref} ({value}) has no model in deck.py")
        self._short(ref, places)

    def text(self) -> str:
        """The whole deck."""
        c, warm = self.corner, self.corner["temp_c"] - 25
        v_p = 0.5 + 0.8 * c["vgs"] - 0.002 * warm
        v_n = 0.65 + 0.8 * c["vgs"] - 0.002 * warm
        self._pins()
        self.lines += [
            f"V5 {node('+5V')} 0 {c['v5']}",
            f"V33 {node('+3V3')} 0 3.3",
            f".model DSCH D(IS={3e-9 * c['leak']:.4g} N=1.05 RS=20 CJO=2p EG=0.69 XTI=2)",
            ".model DSI D(IS=2.52n N=1.752 RS=0.57 CJO=4p)",
            f".model QNPN NPN(IS={1.2e-14 * c['vbe']:.4g} BF={c['hfe']:.6g} ISE=5e-15 NE=1.6)",
            f".model MP PMOS(VTO={-v_p:.4g} KP=15)",
            f".model MN NMOS(VTO={v_n:.4g} KP=60)",
            f".options temp={c['temp_c']:.4g} tnom=27",
            f".tran 0.5m {self.case.end_s} 0 0.5m uic",
            ".save i(LK1)" + (" i(LK2)" if self.case.second_stop else ""),
            *self.case.measures,
            ".end",
        ]
        return "\n".join(self.lines) + "\n"

    def _pins(self) -> None:
        pins = ("PUMP_A", "PUMP_B", "RELAY_EN")
        nets = [next(n for n in self.netlist.nets if n.startswith(f"{p}_GPIO")) for p in pins]
        for column, net in enumerate(nets, 1):
            levels = [(row[0], row[column]) for row in self.case.pins]
            name = node(net)
            high = [(t, self.corner["vio"] * (level or 0)) for t, level in levels]
            drive = [(t, 0.0 if level is None else 1.0) for t, level in levels]
            self.lines += [
                f"V{name} {name}_v 0 {_pwl(high)}",
                f"VC{name} {name}_c 0 {_pwl(drive)}",
                f"S{name} {name}_v {name} {name}_c 0 PIN",
            ]
            if self.case.pull_ups:
                self.lines.append(f"RU{name} {node('+3V3')} {name} {WEAK_PULL_OHM}")
        self.lines.append(f".model PIN SW(RON={PIN_OHM} ROFF=1e9 VT=0.5 VH=0.1)")
        if self.case.second_stop:
            net = next(n for n in self.netlist.nets if n.startswith("STOP2_EN_GPIO"))
            self.lines.append(f"VSTOP2 {node(net)} 0 {self.corner['vio']}")


TERMINALS = {"B": "1", "G": "1", "E": "2", "S": "2", "C": "3", "D": "3"}


def _pwl(points: list[tuple[float, float]]) -> str:
    """A staircase with edges of 1 us."""
    words = [f"0 {points[0][1]:g}"]
    for (_, before), (at_s, level) in pairwise(points):
        words += [f"{at_s:.7g} {before:g}", f"{at_s + 1e-6:.7g} {level:g}"]
    return "PWL(" + " ".join(words) + ")"
