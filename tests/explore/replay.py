# SPDX-License-Identifier: MIT
"""A counterexample as a file, and its replay from power-on, tick by tick.

A scenario TOML cannot flip a bit or place an edge against a timer, so the file is the list of
moves itself. It replays exactly, because a move depends on nothing but the state it begins in.
"""

from __future__ import annotations

import json
from pathlib import Path

from guard.core import faults as f
from guard.core.states import STATE_NAMES
from tests.explore.inputs import Move, move_from
from tests.explore.perform import perform
from tests.explore.search import Result
from tests.explore.wayout import WayOut
from tests.explore.world import World, roots

SCHEMA = 1


def write(result: Result, folder: Path) -> list[Path]:
    """One file for each kept violation, the shortest way into it."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("counterexample-*.json"):
        old.unlink()
    paths = []
    for at, (text, number, last) in enumerate(result.violations, 1):
        root, moves = result.path(number)
        moves += [last] if last else []
        path = folder / f"counterexample-{at:02d}.json"
        path.write_text(json.dumps(_as_json(text, root, moves, last is None), indent=1) + "\n")
        paths.append(path)
    return paths


def _as_json(text: str, root: int, moves: list[Move], then_way_out: bool) -> dict:
    return {
        "schema": SCHEMA,
        "violation": text,
        "root": root,
        "then_walk_the_way_out": then_way_out,
        "words": [move.words() for move in moves],
        "moves": moves,
    }


class BadFile(Exception):
    """Not a counterexample file."""


def replay(path: Path, worlds: list[World] | None = None) -> tuple[list[str], list[str]]:
    """(what happened, line by line; what was violated)."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        moves = [move_from(stored) for stored in data["moves"]]
        world = (worlds or roots())[data["root"]]
        way_out = data["then_walk_the_way_out"]
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise BadFile(f"{path}: cannot be replayed: {error!r}.") from error
    lines, broken = [_line(world, "power-on")], []
    for move in moves:
        world.broken.clear()
        perform(world, move)
        broken += world.broken
        lines.append(_line(world, move.words()))
        lines += [f"    VIOLATION {text}" for text in world.broken]
    trouble = WayOut()(world) if way_out else ""
    if trouble:
        broken.append(trouble)
        lines.append(f"    VIOLATION {trouble}")
    return lines, broken


def _line(world: World, words: str) -> str:
    sup = world.sup
    state = STATE_NAMES[sup.state]
    latch = world.memory.latch_code
    facts = f"{state:<11} {COMMANDS[sup.relay_command]:<11}"
    facts += f" latch {f.name(latch)}" if latch else ""
    return f"{world.us / 1e6:10.3f} s  {facts}  <- {words}"


COMMANDS = (
    "open", "closed", "EN only", "A only", "A and EN", "B only", "B and EN", "toggle only", "hold"
)  # fmt: skip
