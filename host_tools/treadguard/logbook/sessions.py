# SPDX-License-Identifier: MIT
"""Sessions and trips, as people speak of them.

A session begins with START and ends at standstill. A trip is a stop that latches, in a session,
at its beginning, or found when the board started again. Numbers keep the firmware's units.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from treadguard import firmware
from treadguard.logbook.tables import Tables
from treadguard.logbook.timeline import Placed, When

CLOSED = ("WAIT_BELT", "FORWARD", "MOUNTING", "BACKWARD")
TRIPS = ("trip", "lockout")


@dataclass
class Stop:
    """What opened the relay and how the belt came to rest."""

    seq: int
    cause: str
    first_named: str
    when: When
    session: int | None
    v_mm_s: int | None = None
    """Speed at the decision; None when the board was not running then."""
    lead_mm: int | None = None
    still_ms: int | None = None
    """From the decision to standstill; None when standstill was not proven."""
    edges: int | None = None
    drop_ms: int | None = None
    distance_um: int | None = None
    """Belt travel of one edge, by the settings of that day."""
    limit_mm_s: int | None = None
    mode: str = "none"
    boot: int = 0
    contactor_ms: int | None = None
    """When the second stop had to drop with the belt still moving; None when it had not to."""
    cleared: When | None = None
    """When somebody reset it; trips and lockouts only."""
    by: Tables | None = field(default=None, repr=False)
    """The board's own names, where it has other ones than this firmware."""

    @property
    def fault_class(self) -> str:
        """stop, trip or lockout."""
        return class_of(self.cause, self.by)

    @property
    def travel_mm(self) -> tuple[int, int] | None:
        """Belt travel from the decision to standstill, between so many and so many mm."""
        if self.edges is None or self.still_ms is None or not self.distance_um:
            return None
        return self.edges * self.distance_um // 1000, (self.edges + 1) * self.distance_um // 1000


@dataclass
class Session:
    """From START to standstill."""

    board: str
    number: int
    when: When
    boot: int
    mode: str
    seq: int
    closed: bool = False
    """The relay closed; False when the self-test or the person ended it before."""
    reached: str = "ARMING"
    length_ms: int = 0
    """From the relay closing to its opening."""
    backward_s: int = 0
    max_mm_s: int = 0
    max_lead_mm: int = 0
    incline_permille: int | None = None
    """As the relay opened; None without an inclinometer."""
    most_incline_permille: int | None = None
    """The steepest while the relay was closed, uphill or downhill."""
    stop: Stop | None = None
    settings: dict[str, int] = field(default_factory=dict)

    @property
    def limit_mm_s(self) -> int:
        """The limit that held in its mode."""
        return self.settings[f"{'forward' if self.mode == 'forward' else 'backward'}_limit_mm_s"]


@dataclass
class Story:
    """All that one board's events tell."""

    board: str
    sessions: list[Session]
    trips: list[Stop]
    notes: list[Placed]
    """What the board itself says it lost or cut off."""
    settings: dict[str, int]
    """As they were at the last event."""


def class_of(fault: str, by: Tables | None = None) -> str:
    """block, stop, trip or lockout; a fault that nobody knows is taken for the worst."""
    if by is not None and fault in by.classes:
        return by.classes[fault]
    faults = firmware.load("guard.core.faults")
    return str(faults.CLASS_NAMES[faults.fault_class(faults.code_of(fault) or faults.CODES)])


def ended(story: Story) -> Iterator[Session]:
    """The sessions in which the relay closed."""
    return (session for session in story.sessions if session.closed)
