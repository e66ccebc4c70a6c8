# SPDX-License-Identifier: MIT
"""Wait for what the board shows, and stop at once for what must not be."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from treadguard import firmware
from treadguard.errors import BoardRefused, ExpectationFailed, LinkError
from treadguard.link.client import Client
from treadguard.link.frames import Message
from treadguard.setting_up.dialogue import Dialogue

POLL_S = 0.2
SETTLE_S = 30.0
ON_THE_WAY = ("SELF_TEST", "STOPPING", "ARMING")
RELAY_CLOSED = ("WAIT_BELT", "FORWARD", "MOUNTING", "BACKWARD")

Seen = Callable[[Message], bool]


class Watch:
    """One board, watched with the patience of whoever sets it up."""

    def __init__(self, client: Client, talk: Dialogue, patience_s: float) -> None:
        self.client = client
        self.talk = talk
        self.patience_s = patience_s

    def status(self) -> Message:
        """The board as it is now."""
        return self.client.request("status")

    def until(
        self,
        seen: Seen,
        what: str,
        remedy: str,
        live: Callable[[Message], str] | None = None,
        states: tuple[str, ...] = ("READY",),
        belt_still: bool = False,
    ) -> Message:
        """The first status for which `seen` holds.

        Raises ExpectationFailed when it does not come in time or the belt moves although it must
        not, BoardRefused when the board goes to another state than `states`.
        """
        deadline = time.monotonic() + self.patience_s
        while True:
            status = self.status()
            if belt_still:
                require_still(status)
            if seen(status):
                self.talk.out.end_progress()
                return status
            if status.get("state") not in states:
                raise unexpected(status)
            if time.monotonic() >= deadline:
                raise ExpectationFailed(
                    f"{what} was not seen within {self.patience_s:g} s: {remedy};"
                    " then run the command again, it goes on here"
                )
            if live is not None:
                self.talk.live(f"    {live(status)}")
            self.client.listen(POLL_S)

    def ready(self) -> Message:
        """The status once the board is in READY, still, saved, and nothing is pending.

        Raises BoardRefused when a session runs, a trip or lockout is latched, or a change waits.
        """
        deadline = time.monotonic() + SETTLE_S
        while True:
            status = self.status()
            if status.get("state") == "READY" and not status.get("saving"):
                if status.get("pending"):
                    raise BoardRefused(
                        "another change waits at the board: press START shortly to discard it,"
                        " then run the command again"
                    )
                if not status.get("speed_mm_s"):
                    return status
            elif status.get("state") not in (*ON_THE_WAY, "READY"):
                raise unexpected(status)
            if time.monotonic() >= deadline:
                raise _not_ready(status)
            self.client.listen(POLL_S)


def require_still(status: Message) -> None:
    """Raise ExpectationFailed when the belt moves although it must not."""
    if status.get("speed_mm_s") and not status.get("hand_turn"):
        raise ExpectationFailed(
            f"the belt moves ({status['speed_mm_s']} mm/s) although it must not: stop it with the"
            " safety key, unplug the treadmill, then run the command again"
        )


def unexpected(status: Message) -> BoardRefused:
    """The sentence for a state in which setting up cannot go on."""
    state = str(status.get("state"))
    latched = str(status.get("latched") or "")
    if state == "LOCKOUT":
        return BoardRefused(
            f"the board is locked out by {latched}: {_remedy(latched)}"
            " After that, `treadguard proof` leads you out",
            latched,
        )
    if latched:
        return BoardRefused(
            f"the board holds a trip, {latched}: {_remedy(latched)}"
            " Hold START 1 s when the cause is gone, then run the command again",
            latched,
        )
    if state in RELAY_CLOSED:
        return BoardRefused("a session is running: end it first, then run the command again")
    fault = status.get("fault")
    why = f" after {fault}" if fault else ""
    return BoardRefused(f"the board went to {state}{why}: run the command again, it goes on here")


def _remedy(fault: str) -> str:
    text = firmware.fault_texts().get(fault)
    return text.remedy if text is not None else "look at `treadguard status`."


def _not_ready(status: Message) -> Exception:
    if status.get("speed_mm_s"):
        return ExpectationFailed(
            f"the belt does not come to rest ({status['speed_mm_s']} mm/s): stop it with the"
            " safety key, then run the command again"
        )
    return LinkError(f"the board stays in {status.get('state')}: look at `treadguard status`")


@contextlib.contextmanager
def never_left_running(client: Client) -> Iterator[None]:
    """Whatever ends the block early, Ctrl-C too, opens the relay."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(Exception):
            client.request("stop", tries=2)
        raise


def names(status: Message) -> list[str]:
    """The blockers' names."""
    found: Any = status.get("blockers") or ()
    return [str(name) for name in found]
