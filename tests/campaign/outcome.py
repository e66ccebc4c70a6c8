# SPDX-License-Identifier: MIT
"""What became of a session: the truth about its hazard, and what the box said.

`Deadline` follows the true belt from the hazard on and notes when the relay had to open: the
travel form of the overspeed bound (bounds.ahead_mm), the first complete interval of a runaway,
or a distance the belt may run at most (a lost magnet).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from treadguard import bounds

Event = tuple[int, str, str]
STEP_US = 10_000
PROJECTED_US = 30_000_000


class Deadline:
    """at_us: when the belt has gone as far as it may; None while it has not.

    The box decides earlier as a rule, and then the belt slows down: from the decision on the
    belt is taken to go on as it would have, from its mean speed at `a_mm_s2` up to `to_mm_s`.
    """

    def __init__(
        self, setup: bounds.Setup, magnet: bool = False, a_mm_s2: float = 0, to_mm_s: float = 0
    ):
        self.a_mm_s2 = a_mm_s2
        self.to_mm_s = to_mm_s
        self.decided = False
        self.setup = setup
        self.magnet = magnet  # one is lost; else judge the lead
        self.mean = 0.0
        self.v_ref = setup.v_ref_mm_s
        self.extreme = setup.surely_extreme_mm_s
        self.gap_nm = setup.longest_mm * 1e6
        self.lead_nm = 0.0
        self.fastest = 1.0
        self.run_nm = 0.0  # since the lead was too much
        self.too_much = False
        self.extreme_nm = 0.0
        self.all_nm = 0.0
        self.at_us: int | None = None

    def step(self, end_us: int, dt_us: int, nm: int, mean_mm_s: float) -> None:
        """The belt moved nm in dt_us. 1 mm/s is 1 nm/us."""
        if self.magnet:
            self._look_for_gaps(end_us, dt_us, nm, mean_mm_s)
            return
        speed = nm / dt_us
        if speed > self.fastest:
            self.fastest = speed
        self.extreme_nm = self.extreme_nm + nm if speed > self.extreme else 0.0
        if self.too_much:
            self.run_nm += nm
        else:
            self.lead_nm = max(0.0, self.lead_nm + nm - self.v_ref * dt_us)
            ahead = self.lead_nm >= bounds.ahead_mm(self.setup, self.fastest) * 1e6
            self.too_much = ahead
        gaps = self.setup.deciding_gaps(self.fastest)
        if self.run_nm >= self.gap_nm or self.extreme_nm >= gaps * self.gap_nm:
            self.at_us = end_us

    def _look_for_gaps(self, end_us: int, dt_us: int, nm: int, mean_mm_s: float) -> None:
        """Only travel of a steady belt counts."""
        before, self.mean = self.mean, mean_mm_s
        a_d = abs(mean_mm_s - before) / dt_us * 1e6 * self.setup.d_mm
        if not mean_mm_s or a_d > bounds.STEADY * mean_mm_s**2:
            return
        self.all_nm += nm
        if self.all_nm >= bounds.lost_magnet_mm(self.setup, mean_mm_s) * 1e6:
            self.at_us = end_us

    def project(self, now_us: int, mean_mm_s: float) -> None:
        """The relay opens: what would the belt have done?"""
        self.decided = True
        speed = mean_mm_s
        end_us = now_us + PROJECTED_US
        while self.at_us is None and now_us < end_us:
            now_us += STEP_US
            faster = speed + self.a_mm_s2 * STEP_US / 1e6
            speed = max(speed, min(faster, self.to_mm_s))
            self.step(now_us, STEP_US, int(speed * STEP_US), speed)


def follow(world: Any, deadline: Deadline | None) -> None:
    """Have the deadline see every step of the belt while the hazard lasts."""
    if deadline is None:
        return
    belt, truth = world.belt, world.truth
    advance = belt.advance

    def advance_and_look(dt_us: int) -> None:
        advance(dt_us)
        if truth.active is None or deadline.at_us is not None or deadline.decided:
            return
        if truth.active.decided_at_us >= 0:
            deadline.project(world.now, belt.mean_um_s / 1000)
        else:
            deadline.step(world.now + dt_us, dt_us, belt.nm, belt.mean_um_s / 1000)

    belt.advance = advance_and_look


@dataclass
class Outcome:
    """Times in us since power-on; None: it never came."""

    caused_at_ms: int | None = None  # the last entry of the timeline acted
    hazard_at_us: int | None = None
    decided_at_us: int | None = None
    opened_at_us: int | None = None
    still_at_us: int | None = None
    carried_mm: int = 0
    speed_at_hazard: int = 0
    speed_at_open: int = 0
    deadline_us: int | None = None
    closed_at_ms: int | None = None
    first_open_ms: int | None = None  # of the relay, hazard or not
    state_at_hazard: str = ""
    fault: str = ""  # the first one said once the relay had closed
    named: str = ""  # the last one: edges after a silence may correct it
    lockout_ms: int | None = None
    stood_ms: int | None = None  # the belt, after the hazard
    end_state: str = ""
    in_vain: list[str] = field(default_factory=list)
    crash: str = ""
    events_crc: int = 0
    marks_ms: list[int] = field(default_factory=list)
    edges_us: list[int] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """Everything but the edges: what two runs of one session have in common."""
        whole = asdict(self)
        del whole["edges_us"]
        return whole

    @property
    def before(self) -> bool:
        """The relay opened before the hazard came, or the hazard never came."""
        if self.hazard_at_us is None:
            return True
        opened = self.first_open_ms
        return opened is not None and opened < self.hazard_at_us // 1000


def positive(us: int) -> int | None:
    return us if us >= 0 else None


def of(world: Any, timeline: Any, deadline: Deadline | None) -> Outcome:
    """Read the truth and the log of a world whose run is over."""
    o = Outcome(in_vain=timeline.failures, edges_us=list(world.truth.edges or []))
    o.caused_at_ms = positive(timeline.done_ms[-1])
    if world.truth.hazards:
        h = world.truth.hazards[0]
        o.hazard_at_us = h.hazard_at_us
        o.decided_at_us, o.opened_at_us = positive(h.decided_at_us), positive(h.opened_at_us)
        o.still_at_us = positive(h.still_at_us)
        o.carried_mm = h.carried_um // 1000
        o.speed_at_hazard, o.speed_at_open = h.speed_at_hazard, h.speed_at_open
    if deadline is not None:
        o.deadline_us = deadline.at_us
    _read_log(o, world.events)
    o.end_state = world.observer.state
    return o


def _read_log(o: Outcome, events: list[Event]) -> None:
    for ms, kind, detail in events:
        if kind == "relay":
            if detail == "closed" and o.closed_at_ms is None:
                o.closed_at_ms = ms
            elif detail == "open" and o.closed_at_ms is not None and o.first_open_ms is None:
                o.first_open_ms = ms
        elif kind == "fault" and o.closed_at_ms is not None:
            o.fault = o.fault or detail
            o.named = detail
        elif kind == "state":
            if o.hazard_at_us is None or ms * 1000 <= o.hazard_at_us:
                o.state_at_hazard = detail
            if detail == "LOCKOUT" and o.lockout_ms is None:
                o.lockout_ms = ms
        elif kind == "belt" and detail == "still" and o.stood_ms is None:
            if o.hazard_at_us is not None and ms * 1000 >= o.hazard_at_us:
                o.stood_ms = ms
