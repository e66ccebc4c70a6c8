# SPDX-License-Identifier: MIT
"""What the controller told the core, tick by tick, on the full stack; and the same told again to
the fast engine.

A tape has one part per boot. Each tick of a part holds the sample's fields as the board read
them, the pairs the hall driver handed over, and whatever else of the core the controller or the
link had changed since the tick before (a blob that was written, a change that was offered). Side
by side stand what the core made of it: state, relay command, and its events.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from guard.core import events as e
from guard.core.memory import FIELDS, Memory
from guard.core.parameters import NAMES
from tests.campaign.full import QuietRunner
from treadguard.virtual.engine import MASK, TICK_US, Engine
from treadguard.virtual.runner import execute, fresh_modules, learn_sounds

READ = (
    "now_us", "now_ms", "late_us", "channel", "left_raw", "right_raw", "hall_permille",
    "estop_pressed", "start_down", "mode", "feedback_closed", "count_ahead", "host_stop", "ctrl_c",
    "hall_b_permille", "count_ahead_b", "second_dropped", "key_closed", "incline_fresh",
    "incline_errors", "incline_mg",
)  # fmt: skip
FEEDBACK = READ.index("feedback_closed")
# The core's own events; the rest of the ring comes from the recorder and the controller.
CORE_EVENTS = (
    e.STATE, e.ARM, e.STOP, e.RENAMED, e.STOPPED, e.SESSION, e.LOCKED, e.RESET, e.PROOF,
    e.STOP_TEST, e.INCLINE, e.SECOND_STOP,
)  # fmt: skip
# Parts of the supervisor that others may write between two ticks.
OPEN_TO_OTHERS = (
    "blob_wanted", "settings_measured", "maintenance_asked",
    "state", "relay_command", "limit_mm_s", "state_inverse", "command_inverse", "limit_inverse",
    "blockers.not_configured", "blockers.config_damaged", "blockers.firmware_damaged",
    "blockers.store_failed", "blockers.saving", "blockers.until_restart",
    "pending.standing", "pending.since_ms", "pending.answer",
    "button._counts", "button._up_ms", "button._up_long",
)  # fmt: skip
_read_sample = attrgetter(*READ)
read_open = attrgetter(*OPEN_TO_OTHERS)
read_settings = attrgetter(*NAMES)
Change = tuple[str, Any]
Pairs = tuple[tuple[int, int], ...]


def read_sample(s: Any) -> tuple[Any, ...]:
    """The accelerometer's three numbers are a list that it writes again and again."""
    *values, mg = _read_sample(s)
    return (*values, mg and tuple(mg))


# One tick: the sample; changes by others; calls of fail(); pairs (stamp, edges) of the first hall
# sensor and of the second; settings or (); and what came of it: (state, relay command, fault). A
# plain tuple of plain tuples: the collector lets go of those, and the firmware collects often.
Tick = tuple[
    tuple[Any, ...], tuple[Change, ...], tuple[int, ...], Pairs, Pairs,
    tuple[int, ...], tuple[int, int, int],
]  # fmt: skip


@dataclass
class Part:
    """From one boot to the next."""

    settings: tuple[int, ...]
    memory: dict[str, int]
    counters: bytes
    boot: tuple[int, int] = (0, 0)
    wrong_chip: bool = False  # found at the accelerometer's address
    ticks: list[Tick] = field(default_factory=list)
    events: list[tuple[int, ...]] = field(default_factory=list)


class Recorder(QuietRunner):
    """A runner that listens at the core's door."""

    parts: list[Part]

    def _program(self) -> None:
        fresh_modules()
        learn_sounds(self.world)
        self.parts = getattr(self.world, "parts", [])
        self.world.parts = self.parts
        Listener(self.parts).listen()
        execute(self.firmware_dir + "/boot.py")
        execute(self.firmware_dir + "/main.py")


class Listener:
    """Wraps the core's entry points in the firmware modules of this boot."""

    def __init__(self, parts: list[Part]):
        self.parts = parts
        self.part: Part | None = None
        self.pairs: list[tuple[int, int]] = []
        self.pairs_b: list[tuple[int, int]] = []
        self.fails: list[int] = []
        self.seen: tuple[Any, ...] = ()
        self.settings: tuple[int, ...] = ()

    def listen(self) -> None:
        # Imported here, because these are the modules of this boot.
        from guard.core.events import EventRing
        from guard.core.guard import Guard
        from guard.core.second_hall import SecondHall
        from guard.core.supervisor import Supervisor

        Guard.edge = self._around_edge(Guard.edge, self.pairs)
        SecondHall.edge = self._around_edge(SecondHall.edge, self.pairs_b)
        Guard.tick = self._around_tick(Guard.tick)
        Supervisor.boot = self._around_boot(Supervisor.boot)
        Supervisor.fail = self._around_fail(Supervisor.fail)
        EventRing.put = self._around_put(EventRing.put)

    def _around_boot(self, boot: Any) -> Any:
        def recorded(sup: Any, now_ms: int, found: int) -> None:
            memory = {name: getattr(sup.memory, name) for name, _ in FIELDS}
            self.settings = read_settings(sup.settings)
            counters = bytes(sup.memory.counters)
            incline = sup.options and sup.options.incline
            wrong_chip = bool(incline and incline.wrong_chip)
            self.part = Part(self.settings, memory, counters, (now_ms, found), wrong_chip)
            self.parts.append(self.part)
            boot(sup, now_ms, found)

        return recorded

    def _around_edge(self, edge: Any, pairs: list[tuple[int, int]]) -> Any:
        def recorded(taker: Any, stamp_us: int, n: int, now_ms: int) -> None:
            pairs.append((stamp_us, n))
            edge(taker, stamp_us, n, now_ms)

        return recorded

    def _around_fail(self, fail: Any) -> Any:
        def recorded(sup: Any, fault: int, s: Any) -> None:
            self.fails.append(fault)
            fail(sup, fault, s)
            self._remember(sup)

        return recorded

    def _around_put(self, put: Any) -> Any:
        def recorded(ring: Any, ms: int, kind: int, a: int, b: int, c: int) -> None:
            if self.part is not None and kind in CORE_EVENTS:
                self.part.events.append((kind, a, b, c))
            put(ring, ms, kind, a, b, c)

        return recorded

    def _around_tick(self, tick: Any) -> Any:
        def recorded(guard: Any, s: Any) -> None:
            sup = guard.supervisor
            sample, fails = read_sample(s), tuple(self.fails)
            pairs, pairs_b = tuple(self.pairs), tuple(self.pairs_b)
            self.pairs.clear()
            self.pairs_b.clear()
            self.fails.clear()
            now, settings = read_open(sup), read_settings(sup.settings)
            changes = self._changes(now) if now != self.seen else ()
            changed = settings if settings != self.settings else ()
            tick(guard, s)
            if self.part is not None:
                decided = (sup.state, sup.relay_command, sup.fault)
                entry = (sample, changes, fails, pairs, pairs_b, changed, decided)
                self.part.ticks.append(entry)
            self._remember(sup)

        return recorded

    def _remember(self, sup: Any) -> None:
        self.seen = read_open(sup)
        self.settings = read_settings(sup.settings)

    def _changes(self, now: tuple[Any, ...]) -> tuple[Change, ...]:
        before = self.seen or (None,) * len(now)
        rows = zip(OPEN_TO_OTHERS, before, now, strict=True)
        return tuple((path, value) for path, old, value in rows if old != value)


def singly(pairs: Pairs, us: int) -> list[int]:
    """Single edges as a list on the engine's scale; none, when some came merged."""
    if any(n != 1 for _, n in pairs):
        return []
    return [us - ((us - stamp) & MASK) for stamp, _ in pairs]


def merged(pairs: Pairs, taker: Any, now_ms: int) -> None:
    """Hand over what `singly` left out."""
    if any(n != 1 for _, n in pairs):
        for stamp, n in pairs:
            taker.edge(stamp, n, now_ms)


class Player(Engine):
    """The fast engine on a tape: its own edge list where pairs are single edges."""

    def __init__(self, part: Part):
        memory = Memory()
        for name, value in part.memory.items():
            setattr(memory, name, value)
        memory.counters[:] = part.counters
        super().__init__(dict(zip(NAMES, part.settings, strict=True)), memory=memory)
        self.part = part
        self.entry: Tick | None = None
        if part.wrong_chip:
            self.options.incline.wrong_chip = True
        self.supervisor.boot(*part.boot)
        self.decided: list[tuple[int, int, int]] = []

    def play(self) -> None:
        us = self.part.ticks[0][0][0] if self.part.ticks else 0
        for entry in self.part.ticks:
            sample, _, fails, pairs, pairs_b, _, _ = self.entry = entry
            us += (sample[0] - us) & MASK
            self.now_us = us - TICK_US
            for fault in fails:
                self.supervisor.fail(fault, self.sample)
            self.edges, self._edge_at = singly(pairs, us), 0
            self.edges_b, self._edge_b_at = singly(pairs_b, us), 0
            self.tick()
            sup = self.supervisor
            self.decided.append((sup.state, sup.relay_command, sup.fault))

    def _apply_changes(self, now_us: int) -> None:
        assert self.entry is not None
        s = self.sample
        sample, changes, _, pairs, _, settings, _ = self.entry
        s.__dict__.update(zip(READ, sample, strict=True))
        for path, value in changes:
            where, _, name = path.rpartition(".")
            setattr(getattr(self.supervisor, where) if where else self.supervisor, name, value)
        if settings:
            self.settings.load(dict(zip(NAMES, settings, strict=True)))
            self.guard.configure()
        merged(pairs, self.guard, s.now_ms)

    def _options(self, s: Any) -> None:
        """The contactor's contact is the tape's, like the relay's."""
        assert self.entry is not None
        dropped = s.second_dropped
        if self.options.hall is not None:
            merged(self.entry[4], self.options.hall, s.now_ms)
        super()._options(s)
        s.second_dropped = dropped

    def _feedback(self, now_us: int) -> bool:
        assert self.entry is not None
        return bool(self.entry[0][FEEDBACK])

    def _after(self, now_us: int) -> None:
        wanted = self.supervisor.blob_wanted
        super()._after(now_us)
        self.supervisor.blob_wanted = wanted  # the tape says when it was written


def differences(part: Part) -> list[str]:
    """What the engine decides otherwise than the full stack did; nothing, when all is well."""
    player = Player(part)
    player.play()
    found = []
    for number, (entry, decided) in enumerate(zip(part.ticks, player.decided, strict=True)):
        if entry[-1] != decided:
            found.append(f"tick {number} at {entry[0][1]} ms: {entry[-1]} became {decided}")
            break
    events = [row[1:] for row in player.log if row[1] in CORE_EVENTS]
    if events != part.events:
        found.append(f"events {part.events} became {events}")
    return found
