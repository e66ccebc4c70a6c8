# SPDX-License-Identifier: MIT
"""Requests to the board: stop-and-wait, one id each, repeated with the same id when lost.

The board remembers the last ids that changed something and answers a repetition without doing
it again, so a retry is safe. Ids start at random: a second run of this program must not be
taken for a repetition of the first. Noise between the lines is skipped and kept for diagnosis.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from treadguard.errors import (
    BoardRefused,
    LinkError,
    NotRunningError,
    NotTreadguardError,
    TreadguardError,
)
from treadguard.link.frames import REQUEST_MAX, LineAssembler, Message, encode, salvage
from treadguard.link.transport import SerialTransport, Transport

ANSWER_S = 1.0  # an answer starts within 100 ms, 600 bytes take another 60
TRIES = 4
CONNECT_S = 8.0  # an opening that resets the board costs its whole start, about 5 s
NOISE_KEPT = 400
RESEND = ("BAD_LINE", "BAD_CRC", "NEEDS_CRC")  # the line was damaged on its way there
PROMPT = b">>> "

EventHandler = Callable[[Message], None]


class Client:
    """One conversation with one board. Not safe for two threads."""

    def __init__(
        self,
        transport: Transport,
        on_event: EventHandler | None = None,
        answer_s: float = ANSWER_S,
    ) -> None:
        self.transport = transport
        self.on_event = on_event
        self.answer_s = answer_s
        self.reset_cause: str | None = None
        """Why the board restarted after the port was opened, None when it did not."""
        self.skipped_bytes = 0
        self.status_at_attach: Message = {}
        self._lines = LineAssembler()
        self._next_id = random.SystemRandom().randrange(1, 1 << 29)
        self._noise = b""
        self._understood = 0
        self._attached = False

    @property
    def heard_treadguard(self) -> bool:
        """Whether at least one intact line of this protocol arrived."""
        return self._understood > 0

    @property
    def reset_note(self) -> str:
        """What to tell when opening the port restarted the board; "" when it did not."""
        if self.reset_cause is None:
            return ""
        return f"opening this port reset the controller (cause: {self.reset_cause})"

    # -- connecting ---------------------------------------------------------------------

    def attach(self, connect_s: float = CONNECT_S, do: str = "status") -> Message:
        """Wait for the board's first answer, to `do`, and return it.

        Raises NotRunningError, NotTreadguardError or LinkError, each after connect_s at most.
        """
        deadline = time.monotonic() + connect_s
        message = self._new_message(do, {})
        while time.monotonic() < deadline and not self._sees_prompt():
            self._send(message)
            answer = self._wait_answer(message["id"], min(deadline, self._soon()))
            if answer is None or answer.get("error") in RESEND:
                continue
            if not answer.get("ok"):
                raise refusal(do, answer)
            self._attached = True
            if do == "status":
                self.status_at_attach = answer
            return answer
        raise self._no_board(connect_s)

    def close(self) -> None:
        """Release the port."""
        self.transport.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- requests -----------------------------------------------------------------------

    def request(self, do: str, tries: int = TRIES, extra_s: float = 0.0, **fields: Any) -> Message:
        """Send one request and return the board's answer; a long one may take extra_s more.

        Raises BoardRefused with the board's own sentence, LinkError when no answer came.
        """
        message = self._new_message(do, fields)
        for _ in range(tries):
            self._send(message)
            answer = self._wait_answer(message["id"], self._soon() + extra_s)
            if answer is None or answer.get("error") in RESEND:
                continue
            if answer.get("ok"):
                return answer
            raise refusal(do, answer)
        raise self._silent(do)

    def pages(self, do: str, **fields: Any) -> Iterator[Any]:
        """Every row of a request that answers page by page."""
        at = 0
        while at >= 0:
            answer = self.request(do, at=at, **fields)
            yield from answer.get("rows", ())
            at = following(answer, at, do)

    def listen(self, seconds: float) -> Message | None:
        """Wait for the next unsolicited event, at most `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            for message in self._read(deadline):
                if "ev" in message:
                    return message
            if time.monotonic() >= deadline:
                return None

    def fits(self, do: str, **fields: Any) -> bool:
        """Whether a request is short enough for the board's line buffer."""
        return len(encode({"id": 1 << 29, "do": do, **fields})) - 1 <= REQUEST_MAX

    # -- one line at a time -------------------------------------------------------------

    def _new_message(self, do: str, fields: dict[str, Any]) -> Message:
        self._next_id = self._next_id % ((1 << 30) - 1) + 1
        message = {"id": self._next_id, "do": do, **fields}
        if len(encode(message)) - 1 > REQUEST_MAX:
            raise TreadguardError(f"the request {do} is longer than {REQUEST_MAX} bytes")
        return message

    def _send(self, message: Message) -> None:
        # The newline ends whatever half line an earlier client or the ROM left in the buffer.
        self.transport.write(b"\n" + encode(message))

    def _wait_answer(self, number: int, deadline: float) -> Message | None:
        while time.monotonic() < deadline:
            for message in self._read(deadline):
                if message.get("id") == number:
                    return message
                if message.get("id") is None and message.get("error") in RESEND:
                    return message
            if self._sees_prompt():
                return None
        return None

    def _read(self, deadline: float) -> list[Message]:
        messages = []
        for line in self._lines.feed(self.transport.read(deadline)):
            message = salvage(line)
            # An echo of our own request is intact too, and no answer.
            if message is None or "do" in message:
                self._skip(line)
                continue
            self._understood += 1
            if "ev" in message:
                self._event(message)
            messages.append(message)
        return messages

    def _skip(self, line: bytes) -> None:
        self.skipped_bytes += len(line)
        self._noise = (self._noise + line + b"\n")[-NOISE_KEPT:]

    def _event(self, message: Message) -> None:
        if message.get("ev") == "hello":
            self.reset_cause = str(message.get("reset", "unknown"))
            self._noise = b""
            if self._attached:
                raise LinkError(
                    f"the controller on {self.transport.name} restarted"
                    f" ({self.reset_cause}) in mid-conversation: run the command again"
                )
        if self.on_event is not None:
            self.on_event(message)

    # -- when it does not work ----------------------------------------------------------

    def _soon(self) -> float:
        return time.monotonic() + self.answer_s

    def _sees_prompt(self) -> bool:
        return not self._understood and PROMPT in (self._noise + self._lines.rest + b" ")

    def _silent(self, do: str) -> LinkError:
        return LinkError(
            f"the board on {self.transport.name} did not answer {do}:"
            " check the cable and the power, and use the safety key if the belt moves"
        )

    def _no_board(self, waited_s: float) -> TreadguardError:
        name = self.transport.name
        if self._sees_prompt():
            return NotRunningError(
                f"the controller on {name} is not running, MicroPython's prompt answers:"
                " release the e-stop and press the board's reset button"
            )
        heard = self._noise + self._lines.rest
        if heard and not self._understood:
            return NotTreadguardError(
                f"the device on {name} talks but is not treadguard (it says {_quote(heard)}):"
                " choose another port, `treadguard ports` lists them"
            )
        return LinkError(
            f"the board on {name} did not answer within {waited_s:g} s:"
            " check the cable and the power, or choose another port with --port"
        )


def following(answer: Message, at: int, do: str) -> int:
    """Where the next page starts, -1 after the last; LinkError when it does not advance."""
    page = answer.get("next", -1)
    if not isinstance(page, int) or 0 <= page <= at:
        raise LinkError(f"the pages of {do} do not advance: restart the board and try again")
    return page


def refusal(do: str, answer: Message) -> BoardRefused:
    """The board's own words as an exception."""
    code = str(answer.get("error", "UNKNOWN"))
    field = str(answer.get("field") or "")
    say = str(answer.get("say") or f"{do} was refused").rstrip(".")
    where = f" ({field})" if field and field not in say else ""
    return BoardRefused(f"the board refused {do}: {say}{where} [{code}]", code, field)


def open_client(url: str, on_event: EventHandler | None = None) -> Client:
    """Open a port; attach() still has to be called."""
    return Client(SerialTransport(url), on_event)


def _quote(heard: bytes) -> str:
    text = "".join(chr(c) if 32 <= c < 127 else "." for c in heard.strip()[:40])
    return f'"{text}"'
