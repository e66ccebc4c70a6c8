# SPDX-License-Identifier: MIT
"""The serial link: one line in, one line out, and nothing that comes in can do harm.

feed() takes bytes in the slack of a tick, step() answers at most one line a tick, take() hands
out what is to be sent. With the relay closed one line per 100 ms is answered, of which status,
watch and stop are served. No byte sequence makes any of the three raise.
"""

import sys

from micropython import const

from guard.core.states import ARMING, STOPPING
from guard.core.ticks import since
from guard.link import commands, live, status
from guard.link.answered import Answered
from guard.link.describe import interface_hash
from guard.link.filedata import ROOM
from guard.link.frames import WHOLE, Lines, decode
from guard.link.outgoing import Outgoing, plain, quoted
from guard.link.watch import Watch

ANSWER_ROOM = const(1900)  # relay open: the ring is as good as empty
LIVE_ROOM = const(900)  # relay closed: a status fits behind another one
EVENT_ROOM = const(260)
GAP_MS = const(100)
SMALL_LINES = const(4)  # events, watch lines and pieces that count as one request for the gc
HEAVY_COUNTS = const(3)
BIG_BYTES = const(800)
ID_MAX = const(0x3FFFFFFF)

BUSY_SAYS = "The relay is closed: only status, watch and stop are served."
TEST_SAYS = "The relay is being tested or measured: ask again in a moment."
NEEDS_CRC_SAYS = "This request changes something: end the line with * and its CRC-32."
NO_LINE_SAYS = (
    "",
    "The line is longer than 200 bytes.",
    "The line holds bytes that are not printable ASCII.",
    "The line holds no request: send one JSON object.",
)


class Link:
    def __init__(self, app):
        self.app = app
        self.watch = Watch()
        app.interface_hash = interface_hash()
        app.watch = self.watch
        self.lines = Lines()
        self.out = Outgoing()
        self.answered = Answered()
        self.requests_since_gc = 0
        self.bad_lines = 0
        self.refused = 0
        self.internal_errors = 0
        self._open_handlers = None  # of requests.py, once one of them was asked for
        self._rest = None  # the file a line in the making still waits for
        self._rest_id = None
        self._heard_ms = 0
        self._hello_due = True
        self._told_state = -1
        self._told_fault = -1
        self._small = 0

    def feed(self, byte):
        """Take one received byte. Allocates nothing."""
        self.lines.feed(byte)

    def take(self, buf):
        """Fill buf with bytes to send and return how many. Allocates nothing."""
        return self.out.take(buf)

    def step(self, now_ms, relay_closed):
        """Once a tick: go on with a file, tell what changed, answer one line."""
        try:
            self._step(now_ms, relay_closed)
        except Exception:  # a fault of this program must not become one of the guard
            self.internal_errors += 1
            self.out.take_back()
            self.lines.release()

    def _step(self, now_ms, relay_closed):
        self.app.tend()
        if self.lines.urgent and self.lines.length >= 0:
            self.lines.urgent = False
            self._stop_first()
        if self._rest is not None:
            self._go_on(self._rest, relay_closed)
        if self._rest is None:
            self._tell()
            if self.lines.length >= 0:
                if self._may_answer(now_ms, relay_closed):
                    self._heard_ms = now_ms
                    self._answer(relay_closed)
            elif self.watch.due(now_ms) and self.out.room() >= EVENT_ROOM:
                self.watch.sent(now_ms)
                self._event(status.put_watch_event)

    def _may_answer(self, now_ms, relay_closed):
        if not relay_closed:
            return self.out.room() >= ANSWER_ROOM
        return since(now_ms, self._heard_ms) >= GAP_MS and self.out.room() >= LIVE_ROOM

    def _stop_first(self):
        """A stop is done before there is room for its answer."""
        try:
            ask, has_crc, _ = decode(self.lines.waiting, self.lines.length)
        except ValueError:
            return
        if ask and has_crc and ask.get("do") == "stop" and _is_id(ask.get("id")):
            self.app.request_stop()

    # Events

    def _tell(self):
        """At most one line a tick about what nobody asked for."""
        if self.out.room() < EVENT_ROOM:
            return
        sup = self.app.supervisor
        if self._hello_due:
            self._hello_due = False
            self._event(status.put_hello_event)
        elif sup.state != self._told_state or sup.fault != self._told_fault:
            self._told_state = sup.state
            self._told_fault = sup.fault
            self._event(status.put_state_event)
        elif self.lines.lost_unsaid:
            self.lines.lost_unsaid = False
            self.bad_lines += 1
            self._refuse(None, "BAD_LINE", "A line came before the last one was answered.", None)

    def _event(self, put):
        self._count_small()
        self.out.begin()
        put(self.app, self.out)
        self.out.end()

    def _count_small(self):
        self._small += 1
        if self._small >= SMALL_LINES:
            self._small = 0
            self.requests_since_gc += 1

    # Requests

    def _answer(self, relay_closed):
        """The waiting line gets its answer, whatever it is."""
        self.requests_since_gc += 1
        lines = self.lines
        if lines.kind != WHOLE:
            self._bad_line("BAD_LINE", NO_LINE_SAYS[lines.kind])
        else:
            try:
                ask, has_crc, crc = decode(lines.waiting, lines.length)
            except ValueError:
                self._bad_line("BAD_CRC", "The line was damaged on its way.")
            else:
                self._judge(ask, has_crc, crc, relay_closed)
        lines.release()

    def _bad_line(self, code, say):
        self.bad_lines += 1
        self._refuse(None, code, say, None)

    def _judge(self, ask, has_crc, crc, relay_closed):
        """Is it a request, and may it be done now?"""
        if ask is None:
            self._bad_line("BAD_LINE", "The line is no JSON object, or its end is missing.")
            return
        do = ask.get("do")
        if do is None and ("ok" in ask or "ev" in ask):
            self.bad_lines += 1  # our own line, echoed: an answer would be echoed again
            return
        number = ask.get("id")
        if not _is_id(number):
            self._refuse(None, "BAD_VALUE", "id must be a whole number of 1 to 30 bits.", "id")
            return
        flags = commands.flags_of(do)
        known = self.answered.find(number, crc) if has_crc else None
        refusal = None if known else _refusal(do, flags, number, has_crc, relay_closed)
        if refusal:
            self._refuse(number, *refusal)
        elif known and do != "stop":  # a stop is done however often it comes
            self._write(known)
        else:
            self._do(do, flags, number, ask, crc)

    def _do(self, do, flags, number, ask, crc):
        out = self.out
        out.begin()
        out.add('{"id":%s,"ok":true' % ("null" if number is None else number))
        try:
            handler = live.HANDLERS.get(do) or self._open_handler(do)
            refusal = handler(self.app, ask, out) if handler else ("BUSY", TEST_SAYS, None)
        except OSError:
            refusal = "STORE_FAILED", "The board's file store does not answer.", None
        except Exception:
            self.internal_errors += 1
            refusal = "INTERNAL", "The board's program failed to answer.", None
        if flags & commands.HEAVY:
            self.requests_since_gc += HEAVY_COUNTS
        self.requests_since_gc += out.waiting() // BIG_BYTES  # an answer costs twice its length
        if refusal:
            out.take_back()
            self._refuse(number, *refusal, end=False)
        elif out.rest is not None:
            self._begin_rest(number)
            return
        else:
            out.add("}")
        if flags & commands.CHANGE and number is not None:
            self.answered.keep(number, crc, out.line())
        out.end()

    def _open_handler(self, do):
        """Loaded at the first use, which takes some ticks; None while they would be missed."""
        if self._open_handlers is None:
            sup = self.app.supervisor
            if sup.state == ARMING or sup.state == STOPPING or sup.proof_running:
                return None
            self._open_handlers = _load_open_handlers()
        return self._open_handlers[do]

    def _refuse(self, number, code, say, field, end=True):
        self.refused += 1
        self.out.begin()
        self.out.add(
            '{"id":%s,"ok":false,"error":"%s","say":"%s","field":%s}'
            % ("null" if number is None else number, code, plain(say), quoted(plain(field or "")))
        )
        if end:
            self.out.end()

    def _write(self, line):
        self.out.begin()
        self.out.raw(line)
        self.out.end()

    # Files

    def _begin_rest(self, number):
        out = self.out
        self._rest = rest = out.rest
        self._rest_id = number
        out.rest = None
        out.hold()
        self._go_on(rest, False)

    def _go_on(self, rest, relay_closed):
        """One piece more, as long as the relay is open."""
        out = self.out
        if out.room() < ROOM:
            return
        if relay_closed:
            self._break_off("BUSY", BUSY_SAYS)
            return
        self._count_small()
        try:
            rest.put_piece(out)
        except OSError:
            self._break_off("NO_SUCH_FILE", "The file ended or was removed meanwhile.")
            return
        if not rest.left:
            self._rest = None
            out.add("}")
            out.end()

    def _break_off(self, code, say):
        """Leave the line without its CRC, so that nobody takes it for whole."""
        self._rest = None
        self.out.raw(b"\n")
        self._refuse(self._rest_id, code, say, None)


def _load_open_handlers():
    try:
        from guard.link import requests

        return requests.HANDLERS
    except Exception:
        sys.modules.pop("guard.link.requests", None)  # half a module must not stay
        raise


def _is_id(number):
    if number is None:
        return True
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number <= ID_MAX


def _refusal(do, flags, number, has_crc, relay_closed):
    """None, or why this request is not done."""
    if flags < 0:
        return "UNKNOWN_REQUEST", "There is no such request.", "do"
    if flags & commands.CHANGE and not has_crc:
        return "NEEDS_CRC", NEEDS_CRC_SAYS, None
    if relay_closed and not flags & commands.LIVE:
        return "BUSY", BUSY_SAYS, None
    if flags & commands.CHANGE and number is None and do != "stop":
        return "BAD_VALUE", "A request that changes something needs an id.", "id"
    return None
