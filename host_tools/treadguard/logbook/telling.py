# SPDX-License-Identifier: MIT
"""Events -> sessions and trips: hears one board's events in order and tells what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from treadguard import firmware
from treadguard.logbook.sessions import CLOSED, TRIPS, Session, Stop, Story, class_of
from treadguard.logbook.tables import Tables
from treadguard.logbook.timeline import Placed, When


def tell(board: str, placed: Sequence[Placed], by: Tables | None = None) -> Story:
    """The sessions and trips of one board, oldest first."""
    teller = _Teller(board, _first_settings(placed), by)
    for one in placed:
        teller.hear(one)
    trips = [stop for stop in teller.stops if stop.fault_class in TRIPS]
    return Story(board, teller.sessions, trips, teller.notes, teller.settings)


def _first_settings(placed: Sequence[Placed]) -> dict[str, int]:
    """What the settings were before the first event: defaults, or a change's old value."""
    values = {name: p.default for name, p in firmware.parameters().items()}
    first: dict[str, int] = {}
    for one in placed:
        if one.event["kind"] == "config" and one.event["parameter"] in values:
            first.setdefault(one.event["parameter"], one.event["old"])
    return {**values, **first}


class _Teller:
    """Hears the events in order."""

    def __init__(self, board: str, settings: dict[str, int], by: Tables | None) -> None:
        self.board = board
        self.by = by
        self.settings = settings
        self.sessions: list[Session] = []
        self.stops: list[Stop] = []
        self.notes: list[Placed] = []
        self._session: Session | None = None
        self._closed_ms = 0
        self._uncleared: list[Stop] = []
        self._handlers: dict[str, Callable[[Placed], object]] = {
            "boot": self._boot,
            "arm": self._arm,
            "state": self._state,
            "stop": self._opened,
            "renamed": self._renamed,
            "session": self._summary,
            "incline": self._incline,
            "second_stop": self._contactor,
            "stopped": self._stopped,
            "lockout": self._lockout,
            "reset": lambda one: self._clear(one.when),
            "proof": self._proof,
            "config": self._config,
            "note": self._note,
        }

    def hear(self, one: Placed) -> None:
        handler = self._handlers.get(one.event["kind"])
        if handler is not None:
            handler(one)

    def _boot(self, one: Placed) -> None:
        event = one.event
        # A stop whose cause the board stored before the power went is told again at boot.
        cut, self._session = self._session, None
        found = event.get("found")
        if not found or (cut is not None and cut.stop is not None and cut.stop.cause == found):
            return
        if any(stop.cause == found for stop in self._uncleared):
            return
        stop = self._new(str(found), one, cut)
        if cut is not None and cut.stop is None:
            cut.stop = stop

    def _arm(self, one: Placed) -> None:
        event = one.event
        self._session = Session(
            self.board,
            event["session"],
            one.when,
            event["boot"],
            event["mode"],
            event["seq"],
            settings=self.settings,
        )
        self.sessions.append(self._session)

    def _state(self, one: Placed) -> None:
        event = one.event
        session = self._session
        if session is None or session.stop is not None:
            return
        if event["state"] in CLOSED:
            if not session.closed:
                session.closed = True
                self._closed_ms = one.up_ms
            session.reached = event["state"]
        elif event["state"] == "READY":
            self._session = None

    def _opened(self, one: Placed) -> None:
        event = one.event
        stop = self._new(str(event["fault"]), one, self._session)
        stop.v_mm_s, stop.lead_mm = event["v_mm_s"], event["lead_mm"]
        if self._session is not None:
            if self._session.closed:
                self._session.length_ms = one.up_ms - self._closed_ms
            self._session.stop = stop
            self._session.closed = True  # only then there is something to open

    def _new(self, cause: str, one: Placed, session: Session | None) -> Stop:
        stop = Stop(
            one.event["seq"],
            cause,
            cause,
            one.when,
            session.number if session else None,
            distance_um=self.settings["distance_per_edge_um"],
            limit_mm_s=session.limit_mm_s if session else None,
            mode=session.mode if session else "none",
            boot=one.event["boot"],
            by=self.by,
        )
        self.stops.append(stop)
        if stop.fault_class in TRIPS:
            self._uncleared.append(stop)
        return stop

    def _renamed(self, one: Placed) -> None:
        event = one.event
        for stop in reversed(self.stops):
            if stop.cause == event["was"]:
                stop.cause = str(event["fault"])
                self._uncleared = [s for s in self._uncleared if s is not stop]
                if stop.fault_class in TRIPS:
                    self._uncleared.append(stop)
                return

    def _summary(self, one: Placed) -> None:
        event = one.event
        if self._session is not None:
            self._session.backward_s = event["backward_s"]
            self._session.max_mm_s = event["max_mm_s"]
            self._session.max_lead_mm = event["max_lead_mm"]

    def _incline(self, one: Placed) -> None:
        if self._session is not None:
            self._session.incline_permille = one.event["incline_permille"]
            self._session.most_incline_permille = one.event["most_permille"]

    def _contactor(self, one: Placed) -> None:
        stop = self._session.stop if self._session is not None else None
        if stop is None and self.stops:
            stop = self.stops[-1]
        if stop is not None:
            stop.contactor_ms = one.event["after_open_ms"]

    def _stopped(self, one: Placed) -> None:
        event = one.event
        session, self._session = self._session, None
        if session is None or session.stop is None:
            return
        stop = session.stop
        stop.still_ms = event["still_ms"] if event["still_ms"] >= 0 else None
        stop.edges = event["edges"]
        stop.drop_ms = event["drop_ms"]

    def _lockout(self, one: Placed) -> None:
        event = one.event
        standing = [stop for stop in self._uncleared if stop.cause == event["fault"]]
        if standing:
            return
        stop = self._new(str(event["fault"]), one, self._session)
        stop.v_mm_s = event["v_mm_s"]
        if self._session is not None and self._session.stop is None:
            self._session.stop = stop
            self._session = None

    def _proof(self, one: Placed) -> None:
        event = one.event
        if class_of(str(event["cleared"]), self.by) in TRIPS:
            self._clear(one.when)

    def _clear(self, when: When) -> None:
        for stop in self._uncleared:
            stop.cleared = when
        self._uncleared = []

    def _config(self, one: Placed) -> None:
        event = one.event
        if event["parameter"] in self.settings:
            self.settings = {**self.settings, event["parameter"]: event["new"]}

    def _note(self, one: Placed) -> None:
        event = one.event
        if event["note"] in ("torn", "lost"):
            self.notes.append(one)
