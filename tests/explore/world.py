# SPDX-License-Identifier: MIT
"""One Guard and what stands around it: relay contact, stores, resets, the controller's duties.

What controller.py and facade.py do around the core's tick is done here in the same order, in as
few words as possible. Every attribute is an integer or an object of the core, so that
snapshot.py can save and restore all of it.
"""

from __future__ import annotations

from guard.core import faults as f
from guard.core.boot_cause import found_at_boot
from guard.core.guard import Guard
from guard.core.memory import FIELDS, Memory
from guard.core.parameters import Settings
from guard.core.ready import CHANGE_CONFIRMED, CHANGE_DISCARDED, CHANGE_NONE
from guard.core.sample import Sample
from guard.core.states import ARMING, CLOSED, HELD, HOLD, OPEN, READY, RELEASED
from tests.explore import inputs as i
from tests.explore.claims import judge
from tests.explore.inputs import Levels
from tests.explore.snapshot import Snapshots
from tests.explore.timers import RETRY_MS
from tests.explore.watch import Watch

MASK = (1 << 30) - 1
RAW = {HELD: 199, RELEASED: 500}  # else a cut wire
RAW_CUT = 1000
HALL_CLEAR, HALL_CUT = 820, 1000
KEPT = ("kept_configured", "kept_damaged", "kept_calibration", "kept_a_min", "kept_a_max")
HOLD_UP_MS = 90  # the pump's, with RELAY_EN high and its pins frozen
MEMORY_NAMES = tuple(name for name, _ in FIELDS)

# The shortest session the ranges allow, so that a running belt needs fewer edges to its end.
# d 84 mm and 400 mm/s: an edge every 210 ms; above the 300 mm/s of UNEXPECTED_MOTION.
COMMON = {
    "calibration": 2, "distance_per_edge_um": 84000, "mount_timeout_s": 30, "start_timeout_s": 20,
    "session_limit_min": 1, "turn_confirm_ms": 1000,
}  # fmt: skip


class Sink:
    """Takes the place of the event ring: keeps what one tick reported."""

    def __init__(self, happened):
        self.happened = happened

    def put(self, ms, kind, a, b, c):
        self.happened.append((kind, a, b, c))


class World:
    def __init__(self, values, memory=None, configured=True, damaged=False):
        self.settings = Settings()
        refused = self.settings.load({**COMMON, **values})
        assert not refused, refused
        self.memory = Memory()
        self.stored = Memory()  # what a power cut leaves
        self.happened: list[tuple[int, int, int, int]] = []
        self.events = Sink(self.happened)
        self.guard = Guard(self.settings, self.memory, self.events)
        self.sup = self.guard.supervisor
        self.sample = Sample()
        self.watch = Watch()
        self.broken: list[str] = []  # claims that did not hold
        self.trail: list[tuple[int, int, int]] = []  # (old state, new state, cause)
        self.us = 1 << 20
        self.contact = False
        self.falling_ms = 0
        self.unsaved = False
        self.nvs_failed = False  # the last write of the NVS blob failed
        self.tried_ms = 0
        # What the config file holds, as far as it changes.
        self.kept_configured = configured
        self.kept_damaged = damaged
        self.kept_calibration = self.settings.calibration
        self.kept_a_min = self.kept_a_max = 0
        self.snapshots = Snapshots(self)
        self.fresh_snapshot = self.snapshots.capture()
        for name, value in (memory or {"stop_test_due": 0}).items():
            setattr(self.stored, name, value)
        self.boot(0)

    # Power and resets

    def boot(self, events):
        """Power, or a reset of a kind: a new Guard, the stored memory, the kept settings."""
        us, kept = self.us, tuple(getattr(self, name) for name in KEPT)
        stored = [getattr(self.stored, name) for name in MEMORY_NAMES]
        self.snapshots.restore(self.fresh_snapshot)
        self.us = us
        for name, value in zip(KEPT, kept, strict=True):
            setattr(self, name, value)
        for name, value in zip(MEMORY_NAMES, stored, strict=True):
            setattr(self.stored, name, value)
            setattr(self.memory, name, value)
        self.settings.calibration = self.kept_calibration
        self.settings.stop_a_min_mm_s2 = self.kept_a_min
        self.settings.stop_a_max_mm_s2 = self.kept_a_max
        self.guard.configure()
        blockers = self.sup.blockers
        blockers.not_configured = not self.kept_configured
        blockers.config_damaged = self.kept_damaged
        found = found_at_boot(self.memory, events & i.WATCHDOG, events & i.CRASH)
        self.sup.boot((self.us // 1000) & MASK, found)
        self.sup.blob_wanted = True
        self.watch.boot(self.us // 1000, self.memory.latch_code)

    # One tick, in the order of controller.py

    def tick(self, dt_us: int, levels: Levels, events: int = 0, edge_us: int = -1) -> None:
        if events & i.RESETS:
            self.us += dt_us
            self.boot(events)
            return
        sup, s = self.sup, self.sample
        before = (self.memory.latch_code, sup.blockers.store_failed, sup.state)
        self.happened.clear()
        self._hear(sup, s, events)
        self.us += dt_us
        now_ms = self.us // 1000
        if not sup.intact():
            sup.fail(f.STATE_CORRUPT, s)
        s.now_us = self.us & MASK
        s.now_ms = now_ms & MASK
        s.late_us = 26000 if events & i.LATE else 0
        s.channel = s.channel + 1 if s.channel < 2 else 0
        left, right, s.start_down, s.estop_pressed, s.mode, feedback = levels
        s.left_raw = RAW.get(left, RAW_CUT)
        s.right_raw = RAW.get(right, RAW_CUT)
        s.hall_permille = HALL_CUT if events & i.HALL_BAD else HALL_CLEAR
        s.count_ahead = 2 if events & i.AHEAD else 0
        self._move_contact(sup.relay_command, dt_us // 1000)
        s.feedback_closed = self.contact if feedback == i.FOLLOWS else feedback == i.STUCK_CLOSED
        if edge_us >= 0:
            self.guard.edge(edge_us & MASK, 1, s.now_ms)
        self.guard.tick(s)
        s.host_stop = s.ctrl_c = False
        self._keep(sup, events)
        if events & i.FLOW_BROKEN:
            sup.fail(f.FLOW_BROKEN, s)
        self.watch.note(self, now_ms, edge_us)
        judge(self, before)

    def _hear(self, sup, s, events):
        """What came in since the last tick, and what a stray bit did."""
        if not events:
            return
        if events & i.HOST_STOP:
            s.host_stop = True
        if events & i.CTRL_C:
            if sup.may_maintain(s):
                sup.maintenance_asked = True
            else:
                s.ctrl_c = True
        if events & i.OFFER and sup.state == READY and not self.guard.speed.known:
            if sup.pending.standing:
                sup.pending.settle(CHANGE_DISCARDED)
            else:
                sup.offer_change(s.now_ms)
                self.watch.discard(s.now_ms)
        if events & i.FLIPS:
            self._flip(sup, events)

    def _flip(self, sup, events):
        if events & i.FLIP_STATE:
            sup.state ^= 1
        if events & i.FLIP_COMMAND:
            sup.relay_command ^= 1
        if events & i.FLIP_LIMIT:
            sup.limit_mm_s ^= 512
        if events & i.FLIP_INVERSE:
            sup.state_inverse ^= 2

    def _move_contact(self, command, ms):
        """The contact follows what was driven until now."""
        if command == CLOSED:
            self.contact = True
            self.falling_ms = 0
        elif self.contact:
            self.falling_ms += ms
            if self.falling_ms >= (HOLD_UP_MS if command == HOLD else 10):
                self.contact = False

    # What is kept

    def _keep(self, sup, events):
        if sup.pending.standing and sup.state != READY:
            sup.pending.settle(CHANGE_DISCARDED)
        if self.happened:
            self.unsaved = True
        if sup.relay_command != OPEN:
            return
        if self.nvs_failed and self.us // 1000 - self.tried_ms >= RETRY_MS:
            sup.blob_wanted = True
        if sup.blob_wanted:
            self._save_memory(sup, events)
        elif sup.state != ARMING and not self.guard.speed.known:
            self._settle_change(sup)
            self._save_files(sup, events)

    def _save_memory(self, sup, events):
        if events & i.NVS_FAILS:
            sup.blockers.store_failed = True
            self.nvs_failed = True
            self.tried_ms = self.us // 1000
        else:
            self.nvs_failed = False
            for name in MEMORY_NAMES:
                setattr(self.stored, name, getattr(self.memory, name))
        sup.blob_wanted = False

    def _save_files(self, sup, events):
        if events & i.FILES_FAIL:
            sup.blockers.store_failed = True
        if sup.blockers.store_failed:
            sup.blockers.saving = False
        else:
            sup.blockers.saving = self.unsaved
            if not events & i.SLOW_FILES:
                self.unsaved = False
        if not sup.blockers.saving:
            sup.saved()

    def _settle_change(self, sup):
        answer = sup.pending.answer
        if sup.settings_measured:
            sup.settings_measured = False
            self._save_settings(sup)
        if answer == CHANGE_NONE:
            return
        sup.pending.answer = CHANGE_NONE
        if answer == CHANGE_CONFIRMED and sup.state == READY:
            # The change that is offered here: a calibration, by hand first, then verified.
            self.settings.calibration = min(self.settings.calibration + 1, 2)
            self.guard.configure()
            self._save_settings(sup)

    def _save_settings(self, sup):
        self.kept_calibration = self.settings.calibration
        self.kept_a_min = self.settings.stop_a_min_mm_s2
        self.kept_a_max = self.settings.stop_a_max_mm_s2
        self.kept_configured, self.kept_damaged = True, False
        sup.blockers.not_configured = sup.blockers.config_damaged = False


def roots() -> list[World]:
    """Every board an exploration begins with; one World for each build."""
    both = {"stop_test_due": 0}
    return [
        World({}, both),
        World({"calibration": 0}, {"stop_test_due": 1}, configured=False),
        World({}, both, damaged=True),
        World({"rails_fitted": 1}, both),
        World({}, {"stop_test_due": 0, "latch_code": 200}),
        World({}, {"stop_test_due": 1, "sensor_not_proven": 1}),
    ]
