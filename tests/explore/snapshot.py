# SPDX-License-Identifier: MIT
"""Save and restore every mutable integer of an object graph, quickly.

The graph is walked once; what the walk finds becomes one generated function that reads all of
it into a tuple, and one that writes such a tuple back. A test walks the graph again after long
runs and finds nothing that is not on the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

# Nobody decides by these: texts for people, counters, and what every judgement writes anew.
WRITE_ONLY = ("counters", "flags", "events", "happened", "broken", "seen_edges", "seen_steps")
# Settings that the core or a confirmed change writes; the others are constants of a run.
SETTINGS = ("calibration", "stop_a_min_mm_s2", "stop_a_max_mm_s2")
OURS = ("guard.core.", "tests.explore.")


def walk(root: object) -> Iterator[tuple[str, object, str]]:
    """(path, owner, attribute) of every integer that can be reached, each object once."""
    seen: set[int] = set()
    waiting = [("", root)]
    while waiting:
        path, owner = waiting.pop(0)
        if id(owner) in seen:
            continue
        seen.add(id(owner))
        for name, value in sorted(vars(owner).items()):
            if name in WRITE_ONLY or callable(value):
                continue
            here = f"{path}.{name}" if path else name
            if isinstance(value, int):
                if type(owner).__name__ != "Settings" or name in SETTINGS:
                    yield here, owner, name
            else:
                waiting += [(f"{here}{at}", part) for at, part in _parts(value)]


def _parts(value: object) -> list[tuple[str, object]]:
    """Objects of the core inside a value."""
    several: Iterable[object] = value if isinstance(value, list | tuple) else ()
    found = [(f"[{at}]", part) for at, part in enumerate(several) if _is_ours(part)]
    return [("", value)] if _is_ours(value) else found


def _is_ours(value: object) -> bool:
    return type(value).__module__.startswith(OURS) and not isinstance(value, int)


class Snapshots:
    """capture() and restore(tuple) of one graph; the tuples fit every graph of the same shape."""

    capture: Callable[[], tuple[int, ...]]
    restore: Callable[[tuple[int, ...]], None]

    def __init__(self, root: object) -> None:
        slots = list(walk(root))
        self.paths = [path for path, _, _ in slots]
        owners = {id(owner): owner for _, owner, _ in slots}
        names = {key: f"o{at}" for at, key in enumerate(owners)}
        cells = ", ".join(f"{names[id(owner)]}.{attribute}" for _, owner, attribute in slots)
        code = (
            f"def capture():\n    return ({cells},)\ndef restore(values):\n    ({cells},) = values\n"
        )
        made: dict = {names[key]: owner for key, owner in owners.items()}
        exec(compile(code, "<snapshots>", "exec"), made)
        self.capture = made["capture"]
        self.restore = made["restore"]
