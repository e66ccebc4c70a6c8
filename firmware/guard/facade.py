# SPDX-License-Identifier: MIT
"""What the link may see and ask of the controller; it decides nothing and closes nothing.

Everything a laptop can cause is in this file: a stop, a change that waits for START at the
board, a note of the time, an acknowledgement, and the question for maintenance.
"""

import gc

from guard.board import files
from guard.core.ready import CHANGE_DISCARDED
from guard.core.states import CLOSED, MODE_BACKWARD, MODE_FORWARD, READY, STATE_NAMES
from guard.core.ticks import MASK, since
from guard.recorder import MANIFEST

PROOF_EVERY_MIN = 44640  # 31 days
DAY_MS = 86400000
DAY_MIN = 1440
TEXT_PATH = "guard/texts/%s.txt"
NOT_READY_SAYS = "Settings change in READY with the belt still; the board is in %s."
MOVING_SAYS = "Settings change in READY with the belt still; the belt moves."
DROPPED_SAYS = "Another change was pending: both are dropped, send yours again."


class Facade:
    def __init__(self, controller):
        self._controller = controller
        self.settings = controller.settings
        self.memory = controller.memory
        self.guard = controller.guard
        self.supervisor = controller.supervisor
        self.sample = controller.sample
        self.changes = controller.changes
        self.recorder = controller.recorder
        self.journal = controller.recorder.journal
        self.about = controller.identity()
        self.crumb = controller.crumb
        self.interface_hash = ""  # both set by the link
        self.watch = None
        self._epoch_min = 0  # wall time as the host told it last, 0 = never
        self._told_ms = 0

    # What is

    def blocks(self, code):
        """This blocker stands. They are judged in READY; elsewhere they are old."""
        return self.supervisor.state == READY and self.supervisor.blockers.flags[code]

    def speed_mm_s(self):
        """Upper bound of the belt's speed."""
        now_us = self.sample.now_us
        options = self.guard.options
        mm_s = self.guard.speed.bound_mm_s(now_us)
        if options is None or options.hall is None:
            return mm_s
        return max(mm_s, options.hall.b.bound_mm_s(now_us))

    def limit_mm_s(self):
        """The limit that acts, or with the relay open the one that would."""
        sup = self.supervisor
        if sup.relay_command == CLOSED:
            return sup.limit_mm_s
        if self.sample.mode == MODE_BACKWARD:
            return self.settings.backward_limit_mm_s
        return sup._forward_limit() if self.sample.mode == MODE_FORWARD else 0

    def acting(self):
        """Limits as they act now, where other settings or a block lower the stored value."""
        sup = self.supervisor
        return (
            ("backward_limit_mm_s", self.settings.backward_limit_mm_s),
            ("mount_limit_mm_s", sup._mount_limit()),
            ("forward_limit_mm_s", sup._forward_limit()),
        )

    def walked_s(self):
        """Backward time of the running session."""
        sup = self.supervisor
        return sup.backward_ms // 1000 if sup.relay_command == CLOSED else 0

    def edges(self):
        """Edges of the hand-turn window, or since the relay closed last."""
        hand_turn = self.supervisor.hand_turn
        return hand_turn.edges if hand_turn.open else self.guard.speed.edges

    def saving(self):
        return self.recorder.saving

    def proof_overdue(self):
        """By the time the host has told; blocks nothing."""
        last_min = self.memory.proof_epoch_min
        now_min = self.now_min()
        return bool(now_min and last_min and now_min - last_min > PROOF_EVERY_MIN)

    def now_min(self):
        """Wall time in minutes by the last clock.set of this boot; 0 when nobody has told."""
        if not self._epoch_min:
            return 0
        return self._epoch_min + since(self.sample.now_ms, self._told_ms) // 60000

    def memory_free(self):
        return gc.mem_free() if hasattr(gc, "mem_free") else 0

    # What may be asked for

    def request_stop(self):
        """Judged in the next tick; means nothing with the relay open."""
        self.sample.host_stop = True

    def request_maintenance(self):
        """True when it was granted."""
        return self._controller.ask_maintenance()

    def stage(self, values, more):
        """Take a part of a change: None, or (code, sentence, field)."""
        sup = self.supervisor
        if sup.state != READY:
            return "NOT_NOW", NOT_READY_SAYS % STATE_NAMES[sup.state], None
        if self.supervisor.moving():
            return "NOT_NOW", MOVING_SAYS, None
        if self.changes.pending:
            self._drop_change()
            return "PENDING_DROPPED", DROPPED_SAYS, None
        refusal = self.changes.stage(values, more)
        if refusal is None and self.changes.pending:
            sup.offer_change(self.sample.now_ms)
        return refusal

    def staged(self):
        """How many values are staged."""
        return len(self.changes.staged)

    def pending_hash(self):
        """The pending change's hash, or None."""
        return self.changes.hash if self.changes.pending else None

    def tend(self):
        """Once a tick: a change does not outlive READY, the wall time outlives the wrap of ms."""
        if self._epoch_min and since(self.sample.now_ms, self._told_ms) >= DAY_MS:
            self._told_ms = (self._told_ms + DAY_MS) & MASK
            self._epoch_min += DAY_MIN
        if self.supervisor.state != READY and (self.changes.staged or self.changes.hash):
            self._drop_change()

    def _drop_change(self):
        self.changes.drop()
        if self.supervisor.pending.standing:
            self.supervisor.pending.settle(CHANGE_DISCARDED)

    # Records

    def record_size(self, name):
        """Bytes, or -1 when there is no such record."""
        return self.recorder.size(name)

    def read_record(self, name, at, n):
        return self.recorder.read(name, at, n)

    def read_text(self, name, at, n):
        """The list of the program's files stands above them, the other texts among them."""
        if name == "manifest":
            return files.read_part(MANIFEST, at, n)
        return files.read_part(TEXT_PATH % name, at, n)

    def set_clock(self, epoch_s):
        self._epoch_min = epoch_s // 60
        self._told_ms = self.sample.now_ms
        self.recorder.set_clock(epoch_s, self.sample.now_ms)

    def ack(self, seq):
        self.recorder.ack(seq)
