# SPDX-License-Identifier: MIT
"""Save and restore every mutable integer of an object graph, quickly.

The graph is walked once; what the walk finds becomes one generated function that reads all of
it into a tuple, and one that writes such a tuple back. What is left out is named here with the
reason, and a test shows that none of it decides anything: tests/explore/test_snapshot.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

# Records and outputs: written by the core, read by nobody in it.
WRITE_ONLY = (
    "counters", "flags", "events", "chirp", "drone", "boot", "session", "sessions_total",
    "backward_minutes_total", "proof_epoch_min", "box_next", "journal_next_seq", "drop_time_ms",
    "max_speed_mm_s", "max_lead_us", "backward_ms",
)  # fmt: skip
# Constants of a build, set by configure().
CONSTANT = (
    "d_um", "blanking_us", "closed_still_us", "open_still_us", "turn_edges", "window_edges",
)  # fmt: skip
# The exploration's own notes about one move.
OWN = ("happened", "broken", "trail", "snapshots", "fresh_snapshot")
LEFT_OUT = frozenset(WRITE_ONLY + CONSTANT + OWN)
# Of these only some attributes outlive a tick, or change at all.
KEPT = {
    "Settings": ("calibration", "stop_a_min_mm_s2", "stop_a_max_mm_s2"),
    "Sample": ("now_us", "now_ms", "channel", "estop_pressed", "host_stop", "ctrl_c"),
    "Estop": ("reads",), "SensorNoise": ("reads",), "HallWiring": ("reads",),
    "ModeChanged": ("reads",), "RailsReleased": ("standing",), "OneHand": ("standing",),
    "RelayNotClosed": ("standing",),
}  # fmt: skip
RULES_WITHOUT_MEMORY = (
    "OverspeedExtreme", "Overspeed", "Silence", "Acceleration", "RailWiring", "SessionTime",
    "TimedOut", "Requests", "LoopOverrun",
)  # fmt: skip
OURS = ("guard.core.", "tests.explore.")


def walk(root: object, everything: bool = False) -> Iterator[tuple[str, object, str]]:
    """(path, owner, attribute) of every integer that can be reached, each object once."""
    seen: set[int] = set()
    waiting = [("", root)]
    while waiting:
        path, owner = waiting.pop(0)
        if id(owner) in seen:
            continue
        seen.add(id(owner))
        for name, value in sorted(vars(owner).items()):
            if name in OWN or callable(value) or not (everything or _kept(owner, name)):
                continue
            here = f"{path}.{name}" if path else name
            if isinstance(value, int):
                yield here, owner, name
            else:
                waiting += [(f"{here}{at}", part) for at, part in _parts(value)]


def _kept(owner: object, name: str) -> bool:
    kind = type(owner).__name__
    if kind in RULES_WITHOUT_MEMORY or name in LEFT_OUT:
        return False
    return kind not in KEPT or name in KEPT[kind]


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
        bound = ", ".join(f"{name}={name}" for name in names.values())
        code = (
            f"def capture({bound}):\n    return ({cells},)\n"
            f"def restore(values, {bound}):\n    ({cells},) = values\n"
        )
        made: dict = {names[key]: owner for key, owner in owners.items()}
        exec(compile(code, "<snapshots>", "exec"), made)
        self.capture = made["capture"]
        self.restore = made["restore"]
