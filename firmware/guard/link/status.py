# SPDX-License-Identifier: MIT
"""What the board does right now: the status answer, and the lines nobody asked for."""

from guard.core import faults as f
from guard.core.parameters import CALIBRATION_NAMES
from guard.core.states import CONTACT_NAMES, MODE_NAMES, STATE_NAMES

_TICKS = 0x3FFFFFFF


def name_or_none(code):
    """A fault's name for JSON: null when there is none."""
    return f.name(code) if code else None


def rails_word(settings):
    return "two rails" if settings.rails_fitted == 2 else "one rail"


def status(app, relay_closed):
    """The complete snapshot. With the relay closed only what can change then."""
    sample = app.sample
    sup = app.guard.supervisor
    speed = app.guard.speed
    walked_s = sup.backward_ms // 1000
    answer = {
        "state": STATE_NAMES[sup.state],
        "mode": MODE_NAMES[sample.mode],
        "speed_mm_s": speed.bound_mm_s(sample.now_us),
        "limit_mm_s": sup.limit_mm_s,
        "fault": name_or_none(sup.fault),
        "latched": name_or_none(app.memory.latch_code),
        "blockers": [] if relay_closed else _blockers(sup),
        "left": CONTACT_NAMES[sample.left],
        "right": CONTACT_NAMES[sample.right],
        "rails": rails_word(app.settings),
        "estop": bool(sample.estop_pressed),
        "feedback": "closed" if sample.feedback_closed else "open",
        "relay": "closed" if relay_closed else "open",
        "session_s": walked_s,
        "left_s": max(0, app.settings.session_limit_min * 60 - walked_s),
        "lead_mm": speed.lead_mm(),
        "max_lead_mm": speed.max_lead_mm(),
        "edges": speed.edges,
        "uptime_ms": sample.now_ms,
    }
    answer.update(app.identity())
    if not relay_closed:
        answer.update(_at_rest(app, sup))
    return answer


def _blockers(sup):
    """Named whatever the state; the supervisor keeps them fresh in READY."""
    return sup.blockers.names()


def _at_rest(app, sup):
    memory = app.memory
    return {
        "pending": app.pending_hash,
        "hand_turn": bool(sup.hand_turn.open),
        "calibration": CALIBRATION_NAMES[app.settings.calibration],
        "stop_test_due": bool(memory.stop_test_due),
        "saving": bool(app.saving),
        "proof": {"last_min": memory.proof_epoch_min, "overdue": bool(app.proof_overdue())},
        "counters": counters(memory),
    }


def counters(memory):
    """How often each trip and lockout has happened ever; only those that have."""
    found = {}
    for code in range(1, f.CODES):
        if memory.counters[code] and f.fault_class(code) >= f.TRIP:
            found[f.name(code)] = memory.counters[code]
    return found


class Announcer:
    """hello at boot, state on every change, watch as often as asked."""

    def __init__(self, app):
        self.app = app
        self.every_ms = 0
        self._until_ms = 0
        self._watch_ms = 0
        self._watch_on = False
        self._state = -1

    def hello(self, interface):
        message = {"ev": "hello", "interface": interface}
        message.update(self.app.identity())
        return message

    def watch(self, every_ms, for_s, now_ms):
        """Stream every so many ms for so many s; 0 ends it."""
        self._watch_on = every_ms > 0 and for_s > 0
        self.every_ms = every_ms
        self._watch_ms = now_ms
        self._until_ms = (now_ms + for_s * 1000) & _TICKS

    def event(self, now_ms, relay_closed):
        """The next line nobody asked for, or None."""
        state = self.app.guard.supervisor.state
        if state != self._state:
            self._state = state
            return self._state_line(state, relay_closed)
        if self._watch_on and (now_ms - self._watch_ms) & _TICKS >= self.every_ms:
            return self._watch_line(now_ms)
        return None

    def _state_line(self, state, relay_closed):
        return {
            "ev": "state",
            "state": STATE_NAMES[state],
            "fault": name_or_none(self.app.guard.supervisor.fault),
            "latched": name_or_none(self.app.memory.latch_code),
            "relay": "closed" if relay_closed else "open",
            "ms": self.app.sample.now_ms,
        }

    def _watch_line(self, now_ms):
        app = self.app
        speed = app.guard.speed
        self._watch_ms = now_ms
        if (self._until_ms - now_ms) & _TICKS > _TICKS >> 1 or now_ms == self._until_ms:
            self._watch_on = False
        return {
            "ev": "watch",
            "ms": now_ms,
            "state": STATE_NAMES[app.guard.supervisor.state],
            "v": speed.bound_mm_s(app.sample.now_us),
            "lim": app.guard.supervisor.limit_mm_s,
            "l": CONTACT_NAMES[app.sample.left],
            "r": CONTACT_NAMES[app.sample.right],
            "lead": speed.lead_mm(),
            "fault": name_or_none(app.guard.supervisor.fault),
        }
