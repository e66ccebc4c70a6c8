# SPDX-License-Identifier: MIT
"""Everything that may be asked: one handler per request, one row each in REQUESTS.

A handler takes (link, request) and returns the fields of its answer, or raises Refused. None
of them closes the relay or clears a latch, and no setting changes without START at the board.
"""

from micropython import const

from guard.core import parameters
from guard.core.states import READY
from guard.link import records
from guard.link.describe import describe_page
from guard.link.refused import Refused, flag, number, text
from guard.link.status import status

CHANGES = const(1)  # needs CRC and id; its answer is remembered
WHILE_CLOSED = const(2)  # also served with the relay closed

PAGE_ROWS = const(10)
WITHIN_S = const(30)


def do_describe(link, request):
    page = describe_page(link.app, text(request, "of"), number(request, "at", 0, 0, 1000000))
    page["hash"] = link.hash
    return page


def do_status(link, request):
    return status(link.app, link.app.relay_closed)


def do_watch(link, request):
    every_ms = number(request, "every_ms", 200, 0, 2000)
    if 0 < every_ms < 200:
        raise Refused("OUT_OF_RANGE", "every_ms takes 200 to 2000, or 0 to end.", "every_ms")
    for_s = number(request, "for_s", 30, 0, 3600)
    link.announcer.watch(every_ms, for_s, link.app.sample.now_ms)
    return {}


def do_stop(link, request):
    link.app.request_stop()
    return {}


def do_config_get(link, request):
    at = number(request, "at", 0, 0, len(parameters.NAMES))
    names = parameters.NAMES[at : at + PAGE_ROWS]
    more = at + PAGE_ROWS < len(parameters.NAMES)
    return {
        "rows": [[name, getattr(link.app.settings, name)] for name in names],
        "next": at + PAGE_ROWS if more else -1,
    }


def do_config_set(link, request):
    app = link.app
    _require_rest(app)
    values = request.get("values")
    if not isinstance(values, dict):
        raise Refused("BAD_VALUE", "values takes an object of names and numbers.", "values")
    after = number(request, "after", app.staged, 0, 1000)
    if after != app.staged:
        app.drop_stage()
        raise Refused("PENDING_DROPPED", "An earlier part was dropped: send all again.", "after")
    return _stage(app, values, flag(request, "more"))


def do_config_defaults(link, request):
    """Limits and times only: calibration is of this treadmill, not of the factory."""
    _require_rest(link.app)
    values = {}
    for name, _, default, _, _, group in parameters.TABLE:
        if group not in ("calibration", "measured"):
            values[name] = default
    link.app.drop_stage()
    return _stage(link.app, values, False)


def _require_rest(app):
    if app.guard.supervisor.state != READY or not app.still:
        raise Refused("NOT_NOW", "Settings change in READY, with the belt still.")


def _stage(app, values, more):
    refused = app.stage(values, more)
    if refused is not None:
        raise Refused(refused[0], refused[1], refused[2])
    if more:
        return {"staged": app.staged}
    return {"pending": app.pending_hash, "within_s": WITHIN_S}


def do_clock_set(link, request):
    # 2020 to 2038: what fits the journal's numbers, and no clock that was never set.
    epoch_s = number(request, "epoch_s", -1, -1, 2147483647)
    if epoch_s < 1577836800:
        raise Refused("OUT_OF_RANGE", "epoch_s takes seconds since 1970, from 2020 on.", "epoch_s")
    link.app.set_clock(epoch_s)
    return {}


def do_selftest(link, request):
    """A report. T1 to T3 move the relay's driver and run only after a START press."""
    app = link.app
    sup = app.guard.supervisor
    return {
        "blockers": sup.blockers.names(),
        "feedback": "closed" if app.sample.feedback_closed else "open",
        "hall_permille": app.sample.hall_permille,
        "left_raw": app.sample.left_raw,
        "right_raw": app.sample.right_raw,
        "drop_time_ms": app.memory.drop_time_ms,
        "free_bytes": app.files.free_bytes(),
        "link": {
            "requests": link.requests,
            "bad": link.bad_lines,
            "noise": link.noise_lines,
            "dropped": link.dropped_lines,
            "failures": link.failures,
        },
    }


def do_proof(link, request):
    """How far the static proof at the board has come. Reports, arms nothing."""
    app = link.app
    proof = app.guard.supervisor.proof
    return {
        "estop": bool(proof.estop_done),
        "belt": bool(proof.belt_done),
        "left": bool(proof.left.done),
        "right": bool(proof.right_done()),
        "last_min": app.memory.proof_epoch_min,
        "overdue": bool(app.proof_overdue()),
    }


def do_maintenance(link, request):
    code = link.app.request_maintenance()
    if code:
        raise Refused(code, "Maintenance needs the e-stop pressed and the belt still.")
    return {}


# name -> (handler, flags)
REQUESTS = {
    "describe": (do_describe, 0),
    "status": (do_status, WHILE_CLOSED),
    "watch": (do_watch, WHILE_CLOSED),
    "stop": (do_stop, CHANGES | WHILE_CLOSED),
    "config.get": (do_config_get, 0),
    "config.set": (do_config_set, CHANGES),
    "config.defaults": (do_config_defaults, CHANGES),
    "clock.set": (do_clock_set, CHANGES),
    "log.list": (records.do_log_list, 0),
    "log.read": (records.do_log_read, 0),
    "log.ack": (records.do_log_ack, CHANGES),
    "blackbox.read": (records.do_blackbox_read, 0),
    "selftest": (do_selftest, 0),
    "proof": (do_proof, 0),
    "maintenance": (do_maintenance, CHANGES),
}
