# SPDX-License-Identifier: MIT
"""The loop: read -> estimate -> judge -> drive -> record -> talk, every 10 ms.

The pump toggles and the watchdog is fed as the last statements of a tick in which every step
reported in and every state word matches its complement. Only link and saving may allocate.
"""

import gc
import sys

from micropython import const

from guard import __version__
from guard.board import clock, files, reset, stdio
from guard.board.hall import Hall
from guard.board.inputs import Inputs
from guard.board.panel import Panel
from guard.board.relay import Relay
from guard.board.store import Crumb, NvsBlob
from guard.changes import Changes
from guard.core import events as e
from guard.core import faults as f
from guard.core import sounds
from guard.core.boot_cause import found_at_boot
from guard.core.events import EventRing
from guard.core.guard import Guard
from guard.core.interlocks import LATE_US
from guard.core.memory import Memory
from guard.core.parameters import Settings
from guard.core.ready import CHANGE_CONFIRMED, CHANGE_NONE
from guard.core.sample import Sample
from guard.core.states import (
    ARMING,
    CLOSED,
    MAINTENANCE,
    OPEN,
    READY,
    STOPPING,
    TOGGLE_ONLY,
)
from guard.core.ticks import since
from guard.facade import Facade
from guard.link.protocol import Link
from guard.record import blob, notes
from guard.record.config_store import DAMAGED, FELL_BACK, MISSING
from guard.recorder import Recorder

TICK_US = const(10000)
BYTES_A_POLL = const(16)
TX_BYTES = const(100)
_CTRL_C = const(3)
_COMPLETE = const(0o1234567)
GC_AFTER_REQUESTS = const(4)
RETRY_MS = const(1000)


class Controller:
    def __init__(self):
        self.relay = Relay()
        self.reset_kind = reset.kind()
        self.crumb = Crumb()
        self.settings = Settings()
        self.memory = Memory()
        self.nvs = NvsBlob(blob.BLOB_SIZE)
        self.events = EventRing()
        self.sample = Sample()
        self.tx = bytearray(TX_BYTES)
        self.flow = 0
        self.ctrl_c_count = 0
        self.unsaved = False  # the last write of the memory blob failed
        self.tried_ms = 0
        self.tick_edges = 0
        self._load_memory()
        self.recorder = Recorder(files, self.memory, self.events)
        self.config_status = self.recorder.load_config(self.settings)
        self.guard = Guard(self.settings, self.memory, self.events)
        self.supervisor = self.guard.supervisor
        self.changes = Changes(self.settings)
        self.inputs = Inputs(self.settings.rail_kind)
        self.hall = Hall()
        self.fitted = self._fit()
        self.panel = Panel()
        self._begin()
        self.facade = Facade(self)
        self.link = Link(self.facade)
        self.watchdog = reset.watchdog(reset.WATCHDOG_MS)

    def _fit(self):
        """Load what the settings say is fitted; look for what they do not know of."""
        pins = None
        self.fitted_at_start = self.settings.fitted()
        if self.fitted_at_start:
            from guard.board.options import FittedPins
            from guard.core.options import fit
            from guard.link import option_status  # noqa: F401  now, not with the relay closed
            from guard.record.option_box import OptionBox

            options = fit(self.guard)
            pins = FittedPins(options, self.settings)
            self.recorder.box = OptionBox(self.recorder.box, options)
        from guard.board.unset import found

        self.supervisor.blockers.until_restart = found(self.settings)
        _forget(("unset", "chips"))
        self.recorder.box.attach(self.guard)
        return pins

    def _load_memory(self):
        """What cannot be read may have held a lockout: the board must be proven again."""
        memory = self.memory
        if self.nvs.load() and not blob.unpack(memory, self.nvs.buf):
            memory.latch_code = f.MEMORY_DAMAGED
            memory.sensor_not_proven = 1
        memory.boot += 1

    def _begin(self):
        """Tell the supervisor what this boot found; stored state only forbids."""
        blockers = self.supervisor.blockers
        blockers.not_configured = self.config_status == MISSING
        blockers.config_damaged = self.config_status in (FELL_BACK, DAMAGED)
        if self.config_status in (MISSING, DAMAGED):
            self.memory.stop_test_due = 1  # what the last one measured is gone
        blockers.firmware_damaged = not self.recorder.firmware_sound()
        blockers.store_failed = self.recorder.store_failed
        found = found_at_boot(self.memory, self.reset_kind == 3, self.crumb.crashed)
        now_ms = clock.now_ms()
        self.events.put(now_ms, e.BOOT, self.reset_kind, found, self.memory.boot)
        if found:
            self.memory.count(found)
            if self.crumb.found:
                self.events.put(now_ms, e.NOTE, notes.CRUMB, self.crumb.state, self.crumb.fault)
        self.supervisor.boot(now_ms, found)
        self.supervisor.blob_wanted = True
        self.crumb.drop(0, found, 0)
        self.dropped_state = -1

    def run(self):
        """Tick until MAINTENANCE. A late tick is seen as late, then the grid starts anew."""
        due_us = clock.now_us()
        sup = self.supervisor
        while sup.state != MAINTENANCE or not sup.intact():
            self.step(due_us)
            if self.sample.late_us > TICK_US:
                due_us = self.sample.now_us
            due_us = (due_us + TICK_US) & 0x3FFFFFFF  # pyright: ignore[reportOperatorIssue]
            clock.spin_to(due_us, self.poll)

    def step(self, due_us):
        """One tick."""
        s = self.sample
        sup = self.supervisor
        self.flow = 0
        if not sup.intact():
            sup.fail(f.STATE_CORRUPT, s)
        self._read(s, due_us)
        self._judge(s)
        self._drive(sup)
        self._record(s, sup)
        self._panel(s, sup)
        self._talk(s, sup)
        self._keep(sup)
        if self.flow != _COMPLETE:
            sup.fail(f.FLOW_BROKEN, s)
            self.relay.open()
        elif not sup.intact():
            sup.fail(f.STATE_CORRUPT, s)
            self.relay.open()
        elif sup.relay_command == CLOSED and self._slow(due_us):
            sup.fail(f.LOOP_OVERRUN, s)
            self.relay.open()
        else:
            self.relay.pump()
            self.watchdog.feed()

    def _slow(self, due_us):
        """The next tick will be too late: the pump may have let go by now."""
        return (clock.now_us() - due_us) & 0x3FFFFFFF > LATE_US + TICK_US

    def _read(self, s, due_us):
        start_us = clock.now_us()
        s.now_ms = clock.now_ms()
        self.inputs.read(s)
        s.feedback_closed = self.relay.feedback_closed()
        self.tick_edges = self.hall.feed(self.guard, s.now_ms)
        s.count_ahead = self.hall.count_ahead()
        if self.fitted is not None:
            self.fitted.feed(s)
            self.fitted.read(s)
        now_us = clock.now_us()  # last: no edge that was taken is stamped later
        s.late_us = (start_us - due_us) & 0x3FFFFFFF
        if s.late_us > 0x1FFFFFFF:
            s.late_us = 0
        took_us = (now_us - start_us) & 0x3FFFFFFF  # pyright: ignore[reportOperatorIssue]
        if took_us > TICK_US:
            s.late_us += took_us - TICK_US
        s.now_us = now_us
        self.flow = self.flow << 3 | 1

    def _judge(self, s):
        self.guard.tick(s)
        s.host_stop = False
        s.ctrl_c = False
        self.flow = self.flow << 3 | 2

    def _drive(self, sup):
        self.relay.drive(sup.relay_command)
        if self.fitted is not None:
            self.fitted.drive()
        self.flow = self.flow << 3 | 3

    def _record(self, s, sup):
        self.recorder.sample(s, self.guard, self.tick_edges, self.hall.last_us)
        if sup.state != self.dropped_state:
            self.dropped_state = sup.state
            self.crumb.drop(sup.state, sup.fault, 0)
        self.flow = self.flow << 3 | 4

    def _panel(self, s, sup):
        self.panel.tick(sup, s.now_ms)
        self.flow = self.flow << 3 | 5

    def _talk(self, s, sup):
        link = self.link
        link.step(s.now_ms, sup.relay_command == CLOSED)
        n = link.take(self.tx)
        if n:
            stdio.write(self.tx, n)
        self.flow = self.flow << 3 | 6

    def _keep(self, sup):
        """Flash only with RELAY_EN low; files only with the belt still."""
        if sup.relay_command == OPEN or (
            sup.relay_command == TOGGLE_ONLY and sup.state == STOPPING
        ):
            if self.unsaved:
                self._try_again(sup)
            if sup.blob_wanted:
                self._save_memory(sup)
            elif sup.state != ARMING and not sup.moving():
                self._settle_change(sup)
                self.recorder.save_piece(self, sup)
                if not sup.blockers.saving:
                    sup.saved()
        if self.link.requests_since_gc >= GC_AFTER_REQUESTS:
            self.link.requests_since_gc = 0
            gc.collect()
        self.flow = self.flow << 3 | 7

    def _save_memory(self, sup):
        try:
            blob.pack(self.memory, self.nvs.buf)
            self.nvs.save()
            self.unsaved = False
        except OSError:
            sup.blockers.store_failed = True
            self.unsaved = True
            self.tried_ms = self.sample.now_ms
        sup.blob_wanted = False

    def _try_again(self, sup):
        """A latch that could not be stored must not end with the next power cut."""
        if since(self.sample.now_ms, self.tried_ms) >= RETRY_MS:
            sup.blob_wanted = True

    def _settle_change(self, sup):
        """START has decided over the pending change, or its 30 s are over."""
        answer = sup.pending.answer
        self.changes.tick(self.sample.now_ms)
        if sup.settings_measured:
            sup.settings_measured = False
            self.memory.proof_epoch_min = self.facade.now_min()
            sup.blob_wanted = True
            self._save_settings(sup)
        if answer == CHANGE_NONE or not self.changes.pending:
            return
        sup.pending.answer = CHANGE_NONE
        if answer == CHANGE_CONFIRMED and sup.state == READY:
            self._apply_change(sup)
        self.changes.drop()

    def _apply_change(self, sup):
        rail_kind = self.settings.rail_kind
        due_before = self.memory.stop_test_due
        changed = self.changes.apply(self.memory)
        self.guard.configure()
        if self.settings.rail_kind != rail_kind:
            self.inputs = Inputs(self.settings.rail_kind)
            self.recorder.box.attach(self.guard)  # the rails' bands are new objects
        if self.settings.fitted() != self.fitted_at_start:
            sup.blockers.until_restart = (f.RESTART_NEEDED,)
        self.recorder.note_changes(changed, self.sample.now_ms)
        sup.chirp = sounds.CONFIRMED
        sup.blob_wanted = self.memory.stop_test_due != due_before
        self._save_settings(sup)

    def _save_settings(self, sup):
        if self.recorder.save_config(self.settings):
            sup.blockers.not_configured = False
            sup.blockers.config_damaged = False
        else:
            sup.blockers.store_failed = True

    def poll(self):
        """Drain the console in the slack of a tick. 0x03 acts before any parser."""
        if self.supervisor.maintenance_asked:
            return  # the next bytes belong to the REPL
        for _ in range(BYTES_A_POLL):
            byte = stdio.read_byte()
            if byte < 0:
                return
            if byte == _CTRL_C:
                if self.ask_maintenance():
                    return
            else:
                self.link.feed(byte)

    def ask_maintenance(self):
        """Ctrl-C or the request: maintenance when allowed, a stop when the relay is closed."""
        sup = self.supervisor
        if sup.may_maintain(self.sample):
            sup.maintenance_asked = True
            return True
        self.sample.ctrl_c = True  # closed: a stop; ARMING: back to READY; else only counted
        self.ctrl_c_count += 1
        return False

    def identity(self):
        return {
            "board": reset.board_id(),
            "version": __version__,
            "reset": reset.KINDS[self.reset_kind],
            "boot": self.memory.boot,
        }


def _forget(names):
    """What only the start needed: modules of guard.board, so that their RAM is free again."""
    board = sys.modules["guard.board"]
    for name in names:
        sys.modules.pop("guard.board." + name, None)
        if hasattr(board, name):
            delattr(board, name)


def main():
    """Run the controller; returns when MAINTENANCE begins."""
    gc.collect()
    controller = Controller()
    from guard import started  # forgets what only the start needed

    del started, sys.modules["guard.started"]
    del sys.modules["guard"].started  # pyright: ignore[reportAttributeAccessIssue]
    gc.collect()
    controller.run()
    controller.relay.open()
    reset.watchdog(reset.MAINTENANCE_MS)
