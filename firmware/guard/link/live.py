# SPDX-License-Identifier: MIT
"""The three requests that are served with the relay closed too; see requests.py for the rest."""

from micropython import const

from guard.link import status

WATCH_MIN_MS = const(200)
WATCH_MAX_MS = const(2000)
WATCH_MAX_S = const(3600)


def number(ask, field, lowest, highest, default=None):
    """(a whole number within its range, None) or (0, refusal)."""
    value = ask.get(field, default)
    if isinstance(value, bool) or not isinstance(value, int):
        return 0, ("BAD_VALUE", "%s must be a whole number." % field, field)
    if not lowest <= value <= highest:
        say = "%s must be %d..%d." % (field, lowest, highest)
        return 0, ("OUT_OF_RANGE", say, field)
    return value, None


def do_status(app, ask, out):
    status.put_status(app, out)


def do_watch(app, ask, out):
    for_s = 0
    every_ms, refusal = number(ask, "every_ms", 0, WATCH_MAX_MS)
    if not refusal and 0 < every_ms < WATCH_MIN_MS:
        refusal = ("OUT_OF_RANGE", "every_ms must be 200..2000, or 0 to stop.", "every_ms")
    if not refusal:
        for_s, refusal = number(ask, "for_s", 0, WATCH_MAX_S, 60)
    if refusal:
        return refusal
    app.watch.start(every_ms, for_s, app.sample.now_ms)
    return None


def do_stop(app, ask, out):
    app.request_stop()


HANDLERS = {"status": do_status, "watch": do_watch, "stop": do_stop}
