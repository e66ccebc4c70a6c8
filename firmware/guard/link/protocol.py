# SPDX-License-Identifier: MIT
"""The serial protocol's machinery: lines in, at most one request a step, bytes out.

It can always stop and can never start: requests.py holds what may be asked at all. Nothing
that arrives raises out of feed, step or take. A request that changes something needs a CRC and
an id; its answer is remembered, so that a repetition is answered and not done again.
"""

from micropython import const

from guard.link import frames
from guard.link.describe import interface_hash
from guard.link.frames import Line, encode, printable
from guard.link.requests import CHANGES, REQUESTS, WHILE_CLOSED, Refused
from guard.link.status import Announcer

CLOSED_PAUSE_MS = const(100)
STAGE_MS = const(30000)
REMEMBERED = const(8)
OUT_LINES = const(4)
ID_MAX = const((1 << 30) - 1)
_TICKS = const((1 << 30) - 1)

_BAD_LINES = {
    frames.BAD_LINE: ("BAD_LINE", "The line is no request, or longer than 200 bytes."),
    frames.BAD_CRC: ("BAD_CRC", "The line was damaged on its way."),
}


class Link:
    def __init__(self, app):
        self.app = app
        self.hash = interface_hash()
        self.announcer = Announcer(app)
        self.requests = 0
        self.requests_since_gc = 0
        self.bad_lines = 0
        self.noise_lines = 0
        self.dropped_lines = 0
        self.failures = 0  # exceptions that were caught here
        self._filling = Line()
        self._waiting = Line()
        self._has_line = False
        self._drop_unanswered = False
        self._answered_ms = -1
        self._asked_ms = 0
        self._remembered = []  # (id, crc, answer), oldest first
        self._out = []
        self._sent = 0
        self._say(self.announcer.hello(self.hash))

    # In: called for every byte but 0x03.

    def feed(self, byte):
        """Take one received byte."""
        line = self._filling
        if not line.feed(byte):
            return
        if self._has_line:
            self.dropped_lines += 1
            self._drop_unanswered = True
            line.clear()
            return
        self._filling = self._waiting
        self._filling.clear()
        self._waiting = line
        self._has_line = True

    # Work: once a tick.

    def step(self, now_ms, relay_closed):
        """Handle at most one request; with the relay closed one per 100 ms."""
        try:
            self._announce(now_ms, relay_closed)
            self._drop_stale_stage(now_ms)
            if self._out or not self._due(now_ms, relay_closed):
                return
            if self._has_line:
                self._answered_ms = now_ms
                self._line(now_ms, relay_closed)
            elif self._drop_unanswered:
                self._answered_ms = now_ms
                self._drop_unanswered = False
                self._refuse(None, "BAD_LINE", "The line came while another one waited.")
        except Exception:
            self.failures += 1
            self._has_line = False

    def _due(self, now_ms, relay_closed):
        if not relay_closed or self._answered_ms < 0:
            return True
        return (now_ms - self._answered_ms) & _TICKS >= CLOSED_PAUSE_MS

    def _announce(self, now_ms, relay_closed):
        if len(self._out) >= OUT_LINES - 1:
            return  # an event may be late or lost: status is complete
        event = self.announcer.event(now_ms, relay_closed)
        if event is not None:
            self.requests_since_gc += 1
            self._say(event)

    def _drop_stale_stage(self, now_ms):
        if self.app.staged and (now_ms - self._asked_ms) & _TICKS >= STAGE_MS:
            self.app.drop_stage()

    def _line(self, now_ms, relay_closed):
        verdict, request, crc = frames.decode(self._waiting)
        self._has_line = False
        if verdict == frames.NOISE:
            self.noise_lines += 1
        elif request is None:
            self.bad_lines += 1
            code, say = _BAD_LINES[verdict]
            self._refuse(None, code, say)
        elif "do" not in request and ("ok" in request or "ev" in request):
            self.noise_lines += 1  # an echo of our own; answering it would never end
        else:
            self._asked_ms = now_ms
            self.requests += 1
            self.requests_since_gc += 1
            self._request(request, crc if verdict == frames.GOOD else None, relay_closed)

    def _request(self, request, crc, relay_closed):
        number = request.get("id")
        if number is not None and (type(number) is not int or not 0 <= number <= ID_MAX):
            self._refuse(None, "BAD_VALUE", "An id is a number from 0 to 1073741823.", "id")
            return
        entry = REQUESTS.get(request.get("do")) if isinstance(request.get("do"), str) else None
        if entry is None:
            self._refuse(number, "UNKNOWN_REQUEST", "There is no such request.", "do")
            return
        changes = entry[1] & CHANGES
        if changes and (crc is None or number is None):
            self._refuse(number, "NEEDS_CRC", "This request needs an id and a CRC.")
            return
        answer = self._remembered_answer(number, crc) if changes else None
        if answer is not None:
            self._out.append(answer)
        elif relay_closed and not entry[1] & WHILE_CLOSED:
            self._refuse(number, "BUSY", "The relay is closed.")
        else:
            self._carry_out(entry, request, number, crc)

    def _carry_out(self, entry, request, number, crc):
        try:
            fields = entry[0](self, request)
            answer = {"id": number, "ok": True}
            answer.update(fields)
        except Refused as refused:
            answer = _refusal(number, refused.code, refused.say, refused.field)
        except OSError:
            answer = _refusal(number, "STORE_FAILED", "The flash store failed.", None)
        except Exception:
            self.failures += 1
            answer = _refusal(number, "INTERNAL", "The request failed inside the board.", None)
        line = encode(answer)
        if entry[1] & CHANGES:
            self._remember(number, crc, line)
        self._out.append(line)

    # A repetition is the same id with the same content; another host may draw the same id.

    def _remembered_answer(self, number, crc):
        for entry in self._remembered:
            if entry[0] == number and entry[1] == crc:
                return entry[2]
        return None

    def _remember(self, number, crc, line):
        if len(self._remembered) >= REMEMBERED:
            self._remembered.pop(0)
        self._remembered.append((number, crc, line))

    # Out.

    def _refuse(self, number, code, say, field=None):
        self._say(_refusal(number, code, say, field))

    def _say(self, message):
        self._out.append(encode(message))

    def take(self, buf):
        """Move the next bytes out, at most len(buf), of one line; how many."""
        if not self._out:
            return 0
        line = self._out[0]
        n = min(len(buf), len(line) - self._sent)
        buf[:n] = memoryview(line)[self._sent : self._sent + n]
        self._sent += n
        if self._sent >= len(line):
            self._out.pop(0)
            self._sent = 0
        return n


def _refusal(number, code, say, field):
    answer = {"id": number, "ok": False, "error": code, "say": say}
    if field is not None:
        answer["field"] = printable(field)
    return answer
