# SPDX-License-Identifier: MIT
"""Read KiCad's s-expressions: a netlist, or the labels and parts of a schematic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Union

HARDWARE = Path(__file__).resolve().parents[1]
EXPORTS = HARDWARE / "exports"
SHEETS = ("treadguard", "relay", "controller", "belt", "panel", "options")

Node = list[Union[str, "Node"]]
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([()])|([^\s()"]+)')


@dataclass(frozen=True)
class Part:
    """One component of the schematic, all its units together."""

    ref: str
    value: str
    fields: dict[str, str]
    sheet: str
    dnp: bool


@dataclass(frozen=True)
class Netlist:
    """parts by reference; nets by name, each a sorted tuple of (reference, pin)."""

    parts: dict[str, Part]
    nets: dict[str, tuple[tuple[str, str], ...]]
    _by_pin: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def net_of(self, ref: str, pin: str) -> str:
        """The name of the net at this pin; KeyError if the schematic has no such pin."""
        if not self._by_pin:
            for name, pins in self.nets.items():
                self._by_pin.update(dict.fromkeys(pins, name))
        return self._by_pin[ref, pin]

    def pins_of(self, ref: str) -> dict[str, str]:
        """{pin: net} of one part."""
        return {
            p: name for name, pins in self.nets.items() for r, p in pins if r == ref
        }  # fmt: skip


def parse(text: str) -> Node:
    """The first s-expression of a text, as nested lists of strings."""
    stack: list[Node] = [[]]
    for match in _TOKEN.finditer(text):
        quoted, bracket, word = match.groups()
        if bracket == "(":
            stack.append([])
        elif bracket == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(re.sub(r"\\(.)", r"\1", quoted) if word is None else word)
    top = stack[0][0]
    if not isinstance(top, list):
        raise ValueError("not an s-expression")
    return top


def children(node: Node, name: str) -> Iterator[Node]:
    """Every direct child list that begins with this word."""
    for child in node:
        if isinstance(child, list) and child and child[0] == name:
            yield child


def text_of(node: Node, name: str, default: str = "") -> str:
    """The word after this name, as in (value "10k")."""
    for child in children(node, name):
        if len(child) > 1 and isinstance(child[1], str):
            return child[1]
    return default


def properties(symbol: Node) -> dict[str, str]:
    """A placed symbol's fields."""
    return {str(p[1]): str(p[2]) for p in children(symbol, "property")}


def load_netlist(path: Path) -> Netlist:
    """A netlist as `kicad-cli sch export netlist` writes it."""
    tree = parse(path.read_text("utf-8"))
    parts = {}
    for component in next(children(tree, "components"))[1:]:
        assert isinstance(component, list)
        ref = text_of(component, "ref")
        fields = {}
        for block in children(component, "fields"):
            for f in children(block, "field"):
                fields[text_of(f, "name")] = str(f[2]) if len(f) > 2 else ""
        sheet = text_of(next(children(component, "sheetpath")), "names").strip("/")
        dnp = any(text_of(p, "name") == "dnp" for p in children(component, "property"))
        parts[ref] = Part(ref, text_of(component, "value"), fields, sheet, dnp)
    nets = {}
    for net in children(next(children(tree, "nets")), "net"):
        pins = [(text_of(n, "ref"), text_of(n, "pin")) for n in children(net, "node")]
        nets[text_of(net, "name")] = tuple(sorted(pins))
    return Netlist(parts, nets)


def committed() -> Netlist:
    """The netlist in the repository."""
    return load_netlist(EXPORTS / "treadguard.net")


def sheet_tree(name: str, folder: Path = HARDWARE) -> Node:
    """One sheet of the schematic itself."""
    return parse((folder / f"{name}.kicad_sch").read_text("utf-8"))


def global_labels(folder: Path = HARDWARE) -> list[str]:
    """Every global label that is drawn, repeats included."""
    return [str(n[1]) for s in SHEETS for n in children(sheet_tree(s, folder), "global_label")]


def placed(folder: Path = HARDWARE) -> dict[str, dict[str, str]]:
    """{reference: fields} of every part that is drawn, power symbols left out."""
    found: dict[str, dict[str, str]] = {}
    for name in SHEETS:
        for symbol in children(sheet_tree(name, folder), "symbol"):
            fields = properties(symbol)
            if not fields["Reference"].startswith("#"):
                known = found.setdefault(fields["Reference"], fields)
                if known != fields:
                    raise ValueError(f"the units of {fields['Reference']} have different fields")
    return found
