# SPDX-License-Identifier: MIT
"""The cables of the harness: what the netlist cannot know, colours, lengths, far ends."""

from __future__ import annotations

from dataclasses import dataclass

WORDS = {"RD": "red", "BK": "black", "WH": "white", "YE": "yellow", "GN": "green", "BU": "blue",
         "BN": "brown", "OG": "orange", "VT": "violet", "GY": "grey", "PK": "pink"}  # fmt: skip


@dataclass(frozen=True)
class Cable:
    """One cable: from terminal block `block` to `far`, made of these parts of the schematic."""

    name: str
    block: str
    far: str
    what: str
    parts: tuple[str, ...]
    colours: tuple[str, ...]
    length_m: float
    gauge_mm2: float
    shield: bool = False
    note: str = ""


STANDARD = (
    Cable("W1", "J1", "SUPPLY", "5 V 1 A, class II", ("PS1",), ("RD", "BK"), 1.5, 0.5),
    Cable("W3", "J3", "E_STOP", "button, two NC contacts", ("S1",), ("OG", "BN", "RD", "VT"),
          1.5, 0.5, note="orange, brown: key loop, apart"),
    Cable("W4", "J4", "KEY_LOOP", "treadmill: key and console", ("S2", "X1"), ("OG", "BN"),
          1.0, 0.5, note="isolated and below 30 V"),
    Cable("W5", "J5", "HALL_A", "sensor board at the roller", ("U4", "C20", "R20", "R21"),
          ("RD", "WH", "BK"), 2.0, 0.25, shield=True, note="away from the motor's leads"),
    Cable("W6", "J6", "RAIL_LEFT", "contact with 3k3 and 10k", ("R30", "R31", "S3"),
          ("GN", "BK"), 1.5, 0.25, shield=True),
    Cable("W8", "J8", "RAIL_RIGHT", "contact with 3k3 and 10k", ("R35", "R36", "S4"),
          ("BU", "BK"), 1.5, 0.25, shield=True),
    Cable("W71", "J7", "START", "push button", ("S5",), ("GN", "BK"), 0.2, 0.25),
    Cable("W72", "J7", "MODE", "switch, centre off", ("S6",), ("YE", "BU", "BK"), 0.2, 0.25),
    Cable("W73", "J7", "LED", "amber", ("D43",), ("YE", "BK"), 0.2, 0.25),
    Cable("W74", "J7", "BUZZER", "active, 5 V", ("BZ1",), ("RD", "GY"), 0.2, 0.25),
)  # fmt: skip
OPTIONS = (
    Cable("W12", "J12", "HALL_B", "second sensor board", ("U7", "C60", "R60", "R61"),
          ("RD", "WH", "BK"), 2.0, 0.25, shield=True, note="away from the motor's leads"),
    Cable("W9", "J9", "CONTACTOR", "electrician's box: coil circuit, mirror contact", (),
          ("OG", "BN", "GN", "BK"), 2.0, 0.5, note="24 V SELV at most, never mains"),
    Cable("W10", "J10", "LOOP_RETURN", "the key loop's other wire", (), ("VT",), 1.0, 0.5,
          note="isolated, low voltage"),
    Cable("W11", "J11", "INCLINE", "accelerometer on the deck", ("U5",),
          ("RD", "BK", "YE", "GN"), 1.0, 0.25),
)  # fmt: skip
