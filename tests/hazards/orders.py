# SPDX-License-Identifier: MIT
"""Anything in any order on the full stack: what can be done, and a job that does it.

The treadmill and the relay are sound, so every rule of the oscilloscope holds. The job ends with
power on, hands off and time enough for the belt to stop and the records to be written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Any

from hypothesis import strategies as some

from tests.fuzz import oracle
from tests.hazards import rules
from tests.hazards.traffic import line
from tests.hazards.zygote import end_in
from treadguard.virtual import actions

MS = 1000
LAST_MS = 14_000
SEEN_MS = 9  # two readings of START make a press
Move = tuple[int, dict[str, Any]]  # ms after the one before


def do(name: str, **values: Any) -> dict[str, Any]:
    return {"do": name, **values}


def send(ask: dict[str, Any]) -> dict[str, Any]:
    return {"do": "send", "bytes": line(ask, True)}


CHANGE = {"id": 5, "do": "config.set", "values": {"rail_grace_ms": 500, "session_limit_min": 9}}
PRESSES = tuple(do("start", what="press", ms=ms) for ms in (20, 60, 200, 200, 200, 700, 900))
HOLDS = tuple(do("start", what="hold", ms=ms) for ms in (1100, 1100, 3200, 5200, 11000))
MOVES: tuple[dict[str, Any], ...] = (
    *PRESSES, *PRESSES, *HOLDS,
    *[do(what, side=side) for what in ("grip", "let_go") for side in ("left", "right", "both")],
    do("grip", side="both"),
    do("estop", what="press"), do("estop", what="release"), do("estop", what="release"),
    do("mode", to="forward"), do("mode", to="backward"), do("mode", to="off"),
    do("console", what="speed", mm_s=800), do("console", what="speed", mm_s=800),
    do("console", what="speed", mm_s=1100), do("console", what="stop"),
    do("runaway", mm_s=2500), do("drive_ok"),
    do("key", to="out"), do("key", to="in"),
    do("step", on="on"), do("step", on="off"),
    do("push", mm_s=400, ms=2500), do("burst", count=30, gap_us=700),
    do("sensor", fault="dead"), do("sensor", fault="cut"), do("sensor", fault="none"),
    do("rail", side="left", permille=1000), do("rail", side="left", permille=-1),
    do("power", to="off"), do("power", to="on"), do("power", to="on"),
    *[do("reset", kind=kind) for kind in ("en", "brownout", "hard", "watchdog", "soft")],
    do("inject", kind="exception", where="read"), do("inject", kind="hang", where="drive"),
    do("inject", kind="slow", where="read", ms=60),
    do("store", how="fails"), do("store", how="ok"),
    do("ctrl_c"), send({"id": 6, "do": "stop"}), send(CHANGE), send({"id": 7, "do": "status"}),
)  # fmt: skip
FORWARD: tuple[Move, ...] = (
    (50, do("mode", to="forward")), (300, do("start", what="press")),
    (1700, do("console", what="speed", mm_s=800)),
)  # fmt: skip
BACKWARD: tuple[Move, ...] = (
    (50, do("mode", to="backward")), (50, do("let_go", side="both")),
    (100, do("grip", side="both")), (300, do("let_go", side="right")),
    (100, do("start", what="press")), (400, do("grip", side="right")),
    (1300, do("console", what="speed", mm_s=800)), (2500, do("let_go", side="left")),
    (200, do("grip", side="left")), (200, do("let_go", side="right")),
    (200, do("grip", side="right")), (1500, do("step", on="on")),
)  # fmt: skip
AMENDS: tuple[Move, ...] = (
    (20, do("power", to="on")), (20, do("estop", what="release")),
    (20, do("sensor", fault="none")), (20, do("rail", side="left", permille=-1)),
    (20, do("store", how="ok")), (20, do("key", to="in")), (6000, do("drive_ok")),
    (20, do("start", what="hold", ms=1100)), (4000, do("note", text="well")),
)  # fmt: skip


def orders() -> some.SearchStrategy[list[Move]]:
    """Single moves between whole sessions, and what makes a board serve again."""
    single = some.tuples(some.sampled_from((0, 7, 50, 300, 1000, 3100)), some.sampled_from(MOVES))
    part = some.one_of(
        single.map(lambda move: [move]),
        single.map(lambda move: [move]),
        some.sampled_from((list(FORWARD), list(BACKWARD), list(AMENDS))),
    )
    return some.lists(part, min_size=1, max_size=24).map(lambda parts: list(chain(*parts)))


@dataclass
class Lived:
    wrong: list[str]
    sessions: int
    states: list[str]


def live(world: Any, moves: list[Move]) -> Callable[[], Lived]:
    at_ms = 0
    for wait_ms, move in moves:
        at_ms += wait_ms
        world.call_in(at_ms * MS, _act, (world, move))
    world.call_in((at_ms + 3000) * MS, _let_it_rest, world)
    end_in(world, at_ms + LAST_MS)
    watch = _Watch(world)
    return lambda: Lived(watch.wrong() + rules.broken(world.recorder),
                         sum(closed for _, closed in world.recorder.contact),
                         [d for _, kind, d in world.events if kind == "state"])  # fmt: skip


def _act(order: tuple[Any, dict[str, Any]]) -> None:
    world, move = order
    if move["do"] == "send":
        world.uart.host_send(move["bytes"])
        return
    world.log("move", " ".join(str(value) for value in move.values()))
    try:
        actions.do(world, move["do"], move)
    except actions.Refused:
        return


def _let_it_rest(world: Any) -> None:
    for move in (do("sensor", fault="none"), do("console", what="stop"), do("key", to="out"),
                 do("start", what="release"), do("power", to="on")):  # fmt: skip
        actions.do(world, move["do"], move)


class _Watch:
    """I6 to I8 and one press, one meaning: from what the board says and does."""

    def __init__(self, world: Any):
        self.world = world
        self.odd_values: list[str] = []
        spin = world.spin

        def look(deadline_us: int, poll: Any) -> None:
            if poll is not None and not self.odd_values:
                values = poll.__self__.settings.as_dict()
                if not oracle.in_range(values):
                    self.odd_values.append(f"I7: {values}")
            spin(deadline_us, poll)

        world.spin = look

    def wrong(self) -> list[str]:
        return self.odd_values + self._presses() + self._latches()

    def _presses(self) -> list[str]:
        """Between one press of START and the next, START does one thing at most."""
        found = []
        presses = [down for down, _ in self.world.recorder.presses()]
        for i, down in enumerate(presses):
            until = presses[i + 1] if i + 1 < len(presses) else self.world.now
            did = self._did(down // MS, until // MS)
            if len(did) > 1:
                found.append(f"START pressed at {down // MS} ms does {did}")
        return found

    def _did(self, from_ms: int, until_ms: int) -> list[str]:
        did = []
        before = ""
        told = True  # False from a start until it has told what it found
        for ms, kind, detail in self.world.events:
            if kind == "chip" and detail.startswith("boot"):
                before = ""
                told = False
            began = from_ms + SEEN_MS < ms <= until_ms + SEEN_MS
            if kind == "state":
                arms = detail == "ARMING"
                resets = before == "TRIPPED" and detail == "SELF_TEST"
                proves = before == "LOCKOUT" and detail == "READY"
                if began and (arms or resets or proves):
                    did.append(f"{before}->{detail}")
                before = detail
                told = told or detail != "SELF_TEST"
            if began and told and kind == "fault" and detail == "START_PRESSED":
                did.append(detail)
        return did

    def _latches(self) -> list[str]:
        """What is latched goes by START held 1 s, a lockout not at all in these orders; power,
        resets and bytes take nothing of it away."""
        found = []
        latched = ""
        starting = False  # a start has not told yet what it has found
        holds = [up // MS for down, up in self.world.recorder.presses()
                 if up - down >= 980 * MS]  # fmt: skip
        for ms, kind, detail in self.world.events:
            if kind == "chip" and detail.startswith("boot"):
                starting = True
            if kind != "link" or '"ev":"state"' not in detail or '"latched":' not in detail:
                continue
            starting = starting and '"state":"SELF_TEST"' in detail
            if starting:
                continue
            now = detail.split('"latched":')[1].split(",")[0].strip('"')
            now = "" if now == "null" else now
            by_hand = any(0 <= ms - up <= 60 for up in holds)
            if latched and not now and not by_hand and not self._renamed(detail):
                found.append(f"I6: {latched} is gone at {ms} ms")
            latched = now
        return found

    def _renamed(self, detail: str) -> bool:
        """SENSOR_LOST may turn out to be a belt that stopped (DESIGN 5)."""
        return "BELT_STOPPED" in detail
