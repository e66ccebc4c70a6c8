# SPDX-License-Identifier: MIT
"""The wiring harness: which terminal goes to which part is read from the netlist.

    python -m hardware.tools.harness     writes harness.yml, harness-options.yml and wires.md

What a netlist cannot know stands in cables.py.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from hardware.tools.cables import OPTIONS, STANDARD, WORDS, Cable
from hardware.tools.netlist import HARDWARE, Netlist, committed

RAILS = ("GND", "+5V", "+5V_MCU", "+5V_COIL", "+3V3")
RAIL_WORDS = {
    "GND": "GND",
    "+5V": "5 V",
    "+5V_MCU": "5 V",
    "+5V_COIL": "coil 5 V",
    "+3V3": "3.3 V",
}


def terminal_label(netlist: Netlist, block: str, pin: str) -> str:
    """What a terminal is called: its rail, or the pins of the chip it leads to."""
    net = netlist.net_of(block, pin)
    if net in RAILS:
        return RAIL_WORDS[net]
    found = sorted(_gpios(netlist, net), key=lambda name: (len(name), name))
    if found:
        return ", ".join(found)
    loop = re.search(r"LOOP_\w+", net)
    if loop:
        return loop[0].replace("_", " ").lower()
    beyond = _behind_fuse(netlist, net)
    return beyond or f"{netlist.parts[block].value.lower()} {pin}"


def _behind_fuse(netlist: Netlist, net: str) -> str:
    for ref, pin in netlist.nets[net]:
        if ref[0] == "F":
            other = netlist.net_of(ref, "2" if pin == "1" else "1")
            return RAIL_WORDS.get(other, "5 V")
    return ""


def _gpios(netlist: Netlist, start: str) -> set[str]:
    """Labels NAME_GPIOnn that a signal reaches through resistors, a buffer or a transistor."""
    seen, todo, found = set(RAILS), [start], set()
    while todo:
        net = todo.pop()
        if net in seen:
            continue
        seen.add(net)
        match = re.fullmatch(r"(\w+)_GPIO(\d+)", net)
        if match:
            found.add(f"{match[1]} GPIO{match[2]}")
            continue
        for ref, _ in netlist.nets[net]:
            value = netlist.parts[ref].value
            if netlist.parts[ref].fields["Place"] != "off board" and (
                ref[0] in "RQ" or value == "74LVC1G17"
            ):
                todo += netlist.pins_of(ref).values()
    return found


def wires(netlist: Netlist, cable: Cable) -> list[tuple[str, str]]:
    """(terminal, the far end's part and pin), one per wire, in the order of the terminals."""
    made: list[tuple[str, str]] = []
    for pin in sorted(netlist.pins_of(cable.block), key=int):
        net = netlist.net_of(cable.block, pin)
        ends = [f"{r}.{p}" for r, p in netlist.nets[net] if r in cable.parts]
        if ends and not (net in RAILS and len(made) == len(cable.colours)):
            made.append((pin, ends[0]))
        elif not cable.parts and len(made) < len(cable.colours):
            made.append((pin, ""))
    if cable.block == "J7":
        made = _panel(netlist, cable)
    if len(made) != len(cable.colours):
        raise ValueError(f"{cable.name}: {len(made)} wires drawn, {len(cable.colours)} colours")
    return made


def _panel(netlist: Netlist, cable: Cable) -> list[tuple[str, str]]:
    """On the panel several grounds end at one block: take the one beside the signal."""
    signal: list[tuple[str, str]] = []
    grounds: list[tuple[str, str]] = []
    for pin in sorted(netlist.pins_of("J7"), key=int):
        net = netlist.net_of("J7", pin)
        ends = [f"{r}.{p}" for r, p in netlist.nets[net] if r in cable.parts]
        if ends:
            (grounds if net == "GND" else signal).append((pin, ends[0]))
    last = int(signal[-1][0])
    after = [g for g in grounds if int(g[0]) > last]
    return sorted(signal + after[:1], key=lambda w: int(w[0]))


def shield_pin(netlist: Netlist, cable: Cable) -> str:
    """The block's last terminal, which must be ground."""
    pin = max(netlist.pins_of(cable.block), key=int)
    if netlist.net_of(cable.block, pin) != "GND":
        raise ValueError(f"{cable.name}: the shield's terminal {cable.block}.{pin} is not ground")
    return pin


def drawing(netlist: Netlist, cables: tuple[Cable, ...]) -> str:
    """A WireViz file; JSON is YAML."""
    connectors: dict[str, object] = {}
    drawn: dict[str, object] = {}
    connections: list[object] = []
    for cable in cables:
        pins = sorted(netlist.pins_of(cable.block), key=int)
        labels = [terminal_label(netlist, cable.block, p) for p in pins]
        if cable.shield:
            labels[-1] = "shield"
        connectors[cable.block] = {
            "type": f"{cable.block} {netlist.parts[cable.block].value}",
            "subtype": "terminals of the box",
            "pins": [int(p) for p in pins],
            "pinlabels": labels,
        }
        made = wires(netlist, cable)
        connectors[cable.far] = {
            "type": cable.what,
            "pinlabels": [end or labels[int(pin) - 1] for pin, end in made],
            "notes": cable.note,
        }
        count = list(range(1, len(made) + 1))
        drawn[cable.name] = {
            "wirecount": len(made),
            "colors": list(cable.colours),
            "length": cable.length_m,
            "gauge": f"{cable.gauge_mm2} mm2",
            "shield": cable.shield,
        }
        connections.append(
            [{cable.block: [int(p) for p, _ in made]}, {cable.name: count}, {cable.far: count}]
        )
        if cable.shield:
            connections.append(
                [{cable.block: [int(shield_pin(netlist, cable))]}, {cable.name: ["s"]}]
            )
    options = {"bgcolor": "WH", "color_mode": "SHORT", "fontname": "DejaVu Sans"}
    made_of = {"connectors": connectors, "cables": drawn, "connections": connections}
    head = (
        "# SPDX-License-Identifier: MIT\n# Made by hardware/tools/harness.py from the netlist.\n"
    )
    return head + json.dumps({"options": options} | made_of, indent=1) + "\n"


def wire_list(netlist: Netlist) -> str:
    """The same as a table to tick off with a meter in hand."""
    lines = [
        "<!-- SPDX-License-Identifier: MIT -->",
        "# Wire list",
        "",
        "Made from the netlist by `hardware/tools/harness.py`. Tick each wire off with a meter:",
        "end to end under 1 ohm, nothing to its neighbours. A shield ends at the box only.",
    ]
    for title, cables in (("Standard build", STANDARD), ("Options", OPTIONS)):
        lines += ["", f"## {title}", "", "| cable | terminal | signal | colour | goes to |"]
        lines.append("|---|---|---|---|---|")
        for cable in cables:
            where = cable.far.replace("_", " ").lower()
            for (pin, end), colour in zip(wires(netlist, cable), cable.colours, strict=True):
                signal = terminal_label(netlist, cable.block, pin)
                lines.append(
                    f"| {cable.name} | {cable.block}.{pin} | {signal} | {WORDS[colour]} | "
                    f"{where} {end}".rstrip()
                    + " |"
                )
            if cable.shield:
                lines.append(
                    f"| {cable.name} | {cable.block}.{shield_pin(netlist, cable)} | shield | bare "
                    "| nothing |"
                )
        lines += [
            "",
            "| cable | length at most | cross-section | shield | mind |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| {c.name} | {c.length_m:g} m | {c.gauge_mm2:g} mm² | {'yes' if c.shield else 'no'} "
            f"| {c.note or '-'} |"
            for c in cables
        ]
    return "\n".join(lines) + "\n"


def texts(netlist: Netlist) -> dict[str, str]:
    """{file in hardware/: its content}."""
    return {
        "harness.yml": drawing(netlist, STANDARD),
        "harness-options.yml": drawing(netlist, OPTIONS),
        "wires.md": wire_list(netlist),
    }


def main(folder: Path = HARDWARE) -> None:
    """Write the three files."""
    for name, text in texts(committed()).items():
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
