# SPDX-License-Identifier: MIT
"""Everything that is written down: wires journal, black box, trace and config to the files."""

from binascii import crc32

from micropython import const

from guard.core import events as e
from guard.core.parameters import NAMES
from guard.core.states import STOPPING, WAIT_BELT, is_closed
from guard.record import notes
from guard.record.blackbox import BlackBox
from guard.record.config_store import DAMAGED, FELL_BACK, ConfigStore
from guard.record.frames import PIECE_BYTES, number_of
from guard.record.journal import Journal
from guard.record.trace import Trace

BOXES = const(20)
TRACES = const(160)  # a year of three sessions a week
FREE_BYTES = const(65536)
CONFIG_TRIES = const(3)  # each drop walks the folder: more would keep the watchdog waiting
BOX_TMP = "b.tmp"
TRACE_TMP = "t.tmp"
KINDS = (("b", BOXES), ("t", TRACES))
_NO_SPACE = const(28)
MANIFEST = "manifest.txt"
OWN_LINE = const(22)  # the last one: its name, a space, the CRC-32 of all before, line end


class Recorder:
    def __init__(self, files, memory, events):
        self.files = files
        self.memory = memory
        self.events = events
        self.store_failed = False
        self.journal = Journal(files)
        self.box = BlackBox()
        self.trace = Trace()
        self.config = ConfigStore(files)
        self.acked_seq = 0
        self._box_pieces = None
        self._trace_start_ms = 0
        self._state = 0
        self._evict = False
        try:
            self.journal.resume(memory.boot, memory.journal_next_seq)
            self._resume_files()
            self._remove_halves()
        except OSError:
            self.store_failed = True

    def _resume_files(self):
        """No number is used twice, even if NVS was erased."""
        memory = self.memory
        for name, _ in self.files.listing():
            memory.box_next = max(memory.box_next, number_of(name, "b"))
            memory.session = max(memory.session, number_of(name, "t"))

    def _remove_halves(self):
        """What a power cut kept from its end."""
        for name in (BOX_TMP, TRACE_TMP):
            if self.files.size(name) >= 0:
                self.files.remove(name)

    def load_config(self, settings):
        """Load what is stored; a value outside its range counts as damage."""
        try:
            values, status = self.config.load()
        except OSError:
            self.store_failed = True
            return DAMAGED
        if settings.load(values):
            status = DAMAGED
        if status == FELL_BACK or status == DAMAGED:
            self.journal.append(0, e.NOTE, notes.CONFIG_STATUS, status, self.config.generation)
        return status

    def save_config(self, settings):
        """False when the store failed."""
        for _ in range(CONFIG_TRIES):
            try:
                self.config.save(settings.as_dict())
                return not self.store_failed
            except OSError as error:
                if not self._made_room(error):
                    break
        self.store_failed = True
        return False

    def firmware_sound(self):
        """Every file of the manifest is there, whole and unchanged; so is the list itself."""
        try:
            manifest = self.files.read(MANIFEST) or b""
            end = len(manifest) - OWN_LINE
            own = "{} {:08x}\n".format(MANIFEST, crc32(manifest[:end]) & 0xFFFFFFFF)
            if end <= 0 or manifest[end:] != own.encode():
                return False
            for line in manifest[:end].decode().split("\n"):
                if line and not self._file_sound(line.split(" ")):
                    return False
        except (OSError, ValueError, IndexError):
            return False
        return True

    def _file_sound(self, entry):
        """Read in pieces: some files are larger than the heap that is left."""
        size = self.files.size(entry[0])
        crc = 0
        for at in range(0, size, PIECE_BYTES):
            crc = crc32(self.files.read_part(entry[0], at, PIECE_BYTES), crc)
        return size >= 0 and "{:08x}".format(crc & 0xFFFFFFFF) == entry[1]

    def sample(self, s, guard, edges, last_us):
        """One tick into the RAM rings; allocates nothing."""
        state = s.state
        if state != self._state:
            self._note_state(state, s)
        self.box.sample(s, guard.speed, guard.supervisor.fault, edges, last_us)
        if is_closed(state):
            self.trace.sample(s, guard.speed)

    def _note_state(self, state, s):
        if state == WAIT_BELT:
            self.trace.clear()
            self._trace_start_ms = s.now_ms
        elif state == STOPPING:
            self.box.trigger()
        self._state = state

    @property
    def saving(self):
        """Something is still to be written before a new session may begin."""
        waiting = self.events.waiting or self.journal.queue or self.box.left >= 0
        return bool(waiting or self.trace.records or self._evict) and not self.store_failed

    def save_piece(self, controller, sup):
        """At standstill with RELAY_EN low: one piece a tick, journal first."""
        if not self.store_failed:
            try:
                self._piece(controller, sup)
            except OSError as error:
                self._refused(error, sup)
        sup.blockers.saving = self.saving

    def _piece(self, controller, sup):
        event = self.events.take()
        while event is not None:
            text = self.box.deciding() if event[1] == e.STOP else b""
            self.journal.append(*event, text=text)
            event = self.events.take()
        if self.journal.queue:
            if not self.journal.save_piece():
                self.memory.journal_next_seq = self.journal.next_seq
                self._evict = True
        elif self.box.frozen:
            self._save_box(controller, sup)
        elif self.trace.records and not is_closed(sup.state):
            self._save_trace()
        elif self._evict:
            self._evict = self._evict_one()

    def _save_box(self, controller, sup):
        if self._box_pieces is None:
            memory = self.memory
            memory.box_next += 1
            sup.blob_wanted = True
            self._box_pieces = self.box.pieces(
                controller.settings, memory, sup.stop, sup.limit_mm_s, controller.sample.now_ms
            )
        if not self.box.save_piece(self.files, BOX_TMP, self._box_pieces):
            self.files.rename(BOX_TMP, "b{:08d}.bin".format(self.memory.box_next))
            self._box_pieces = None

    def _save_trace(self):
        memory = self.memory
        start_ms = self._trace_start_ms
        if not self.trace.save_piece(self.files, TRACE_TMP, memory.session, memory.boot, start_ms):
            self.files.rename(TRACE_TMP, "t{:08d}.bin".format(memory.session))

    def _evict_one(self):
        """Oldest black box first, then traces, then journal segments. True while more is due."""
        short = self.files.free_bytes() < FREE_BYTES
        return self._drop_one(short) or self.journal.evict_piece()

    def _drop_one(self, short, spared=1):
        """Remove the oldest box that is too many, else trace; before its time it is noted."""
        names = sorted([row[0] for row in self.files.listing()])
        for kind, most in KINDS:
            found = [name for name in names if number_of(name, kind)]
            if len(found) > (spared if short else most):
                self.files.remove(found[0])
                if len(found) <= most:
                    number = number_of(found[0], kind)
                    self.journal.append(0, e.NOTE, notes.MADE_ROOM, ord(kind), number)
                return True
        return False

    def _made_room(self, error):
        """On a full flash an older record went, so that a new one may fit."""
        try:
            return error.args[0] == _NO_SPACE and self._drop_one(True, 0)
        except OSError:
            self.store_failed = True
            return False

    def _refused(self, error, sup):
        """A full flash: a record goes, at last the one being written. Only a journal that cannot
        be written holds up the next walk."""
        if self._made_room(error):
            return
        if error.args[0] == _NO_SPACE and not self.store_failed:
            self.box.clear()
            self._box_pieces = None
            self.trace.clear()
            self._evict = False
            if not self.journal.queue:
                return
        self.store_failed = True
        sup.blockers.store_failed = True

    def note_changes(self, changed, now_ms):
        """Journal old and new value of every parameter that changed."""
        for name, old, new in changed:
            self.journal.append(now_ms, e.CONFIG, NAMES.index(name), old, new, name.encode())

    def set_clock(self, epoch_s, now_ms):
        """Map uptime to wall time: epoch as minutes and seconds, both within 31 bits."""
        self.journal.append(now_ms, e.CLOCK, epoch_s // 60, epoch_s % 60, 0)

    def size(self, name):
        return self.files.size(name)

    def read(self, name, at, n):
        """Bytes of a record file. OSError when there is none."""
        if name[:1] not in ("j", "b", "t") or self.files.size(name) < 0:
            raise OSError(2)
        return self.files.read_part(name, at, n)

    def ack(self, seq):
        self.acked_seq = max(self.acked_seq, seq)
