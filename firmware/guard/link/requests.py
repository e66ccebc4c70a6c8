# SPDX-License-Identifier: MIT
"""What the board answers with the relay open: one handler per request.

A handler gets the application, the request as it came and the line to write to. It adds its
fields, each with a comma in front, or returns why it refuses: (code, sentence, field). Loaded
when the first request comes that is not in live.py.
"""

from micropython import const

from guard.core import parameters
from guard.link import describe, live, status
from guard.link.describe import Page
from guard.link.filedata import FileData
from guard.link.live import number
from guard.record.frames import number_of

EPOCH_MIN_S = const(1704067200)  # 2024-01-01
EPOCH_MAX_S = 4102444800  # 2100-01-01
AT_MAX = const(16777216)
READ_MAX = const(3072)
LIST_BYTES = const(800)  # some 35 files in one answer
WITHIN_S = const(30)
KINDS = ("j", "b", "t")


def do_describe(app, ask, out):
    of = ask.get("of")
    at, refusal = number(ask, "at", 0, AT_MAX, 0)
    if refusal:
        return refusal
    text = isinstance(of, str) and of[:5] == "text:" and of[5:] in describe.TEXTS
    if not text and of not in describe.TABLES and of not in ("acting", "last_run"):
        return "UNKNOWN_NAME", "There is no description of that name.", "of"
    out.add(',"hash":"%s","rows":[' % app.interface_hash)
    if text:
        following = describe.put_text(app.read_text, of, at, out)
    else:
        page = Page(out, at)
        if of == "acting":
            _put_pairs(app.acting(), at, page)
        elif of == "last_run":
            _put_pairs(_last_run(app.crumb), at, page)
        else:
            describe.put_table(of, page)
        following = page.next()
    out.add('],"next":%d' % following)
    return None


def _last_run(crumb):
    """Where the program was before this start; nothing when power was lost."""
    if not crumb.found:
        return ()
    return ("state", crumb.state), ("fault", crumb.fault), ("crashed", int(crumb.crashed))


def _put_pairs(pairs, start, page):
    """Rows of names and numbers, from `start` on."""
    for i in range(start, len(pairs)):
        page.put('["%s",%d]' % pairs[i])
        if page.full:
            return


def do_config_get(app, ask, out):
    at, refusal = number(ask, "at", 0, AT_MAX, 0)
    if refusal:
        return refusal
    out.add(',"rows":[')
    page = Page(out, at)
    settings = app.settings
    for i in range(at, len(parameters.NAMES)):
        name = parameters.NAMES[i]
        page.put('["%s",%d]' % (name, getattr(settings, name)))
        if page.full:
            break
    out.add('],"next":%d' % page.next())
    return None


def do_config_set(app, ask, out):
    values = ask.get("values")
    more = ask.get("more", False)
    if not isinstance(values, dict):
        return "BAD_VALUE", "values must be an object of names and numbers.", "values"
    if not isinstance(more, bool):
        return "BAD_VALUE", "more must be true or false.", "more"
    return _stage(app, values, more, out)


def do_config_defaults(app, ask, out):
    """Limits and times; what belongs to this treadmill, its calibration, stays."""
    values = {}
    for row in parameters.TABLE:
        if row[5] != "calibration" and row[5] != "measured":
            values[row[0]] = row[2]
    return _stage(app, values, False, out)


def _stage(app, values, more, out):
    refusal = app.stage(values, more)
    if refusal:
        return refusal
    if more:
        out.add(',"staged":%d' % app.staged())
    else:
        out.add(',"pending":"%s","within_s":%d' % (app.pending_hash(), WITHIN_S))
    return None


def do_clock_set(app, ask, out):
    epoch_s, refusal = number(ask, "epoch_s", EPOCH_MIN_S, EPOCH_MAX_S)
    if refusal:
        return refusal
    app.set_clock(epoch_s)
    return None


def do_log_list(app, ask, out):
    """Journal segments, then boxes and traces; at counts both. One walk of the folder a page."""
    at, refusal = number(ask, "at", 0, AT_MAX, 0)
    if refusal:
        return refusal
    files = app.recorder.files
    segments = []
    boxes = []
    size = 0
    for found in files.listing():
        if _is_record(found[0]):
            if found[0][0] == "j":
                segments.append(found)
                size += found[1]
            else:
                boxes.append(found)
    segments.sort()
    boxes.sort()
    out.add(
        ',"journal":{"first":%d,"next":%d,"bytes":%d,"tail":"%s","segments":['
        % (
            app.journal.first_seq,
            app.journal.next_seq,
            size,
            _tail(app, segments),
        )
    )
    page = Page(out, at, LIST_BYTES)
    _put_pairs(segments, at, page)
    out.add(']},"boxes":[')
    if not page.full:
        page.first = True
        _put_pairs(boxes, max(0, at - len(segments)), page)
    free = -1 if at else files.free_bytes()
    out.add('],"acked":%d,"free":%d,"next":%d' % (app.recorder.acked_seq, free, page.next()))
    return None


def _tail(app, segments):
    """The journal's last four bytes, the CRC of a frame: tells one store from another."""
    if not segments:
        return ""
    name, size = segments[-1]
    return "".join(["%02x" % byte for byte in app.read_record(name, max(0, size - 4), 4)])


def do_read(app, ask, out):
    """A piece of a record file; the data follows as the line drains."""
    name = ask.get("name")
    if not _is_record(name):
        return "NO_SUCH_FILE", "name must be a file of log.list.", "name"
    size = app.record_size(name)
    if size < 0:
        return "NO_SUCH_FILE", "There is no such file any more.", "name"
    n = 0
    at, refusal = number(ask, "at", 0, size, 0)
    if not refusal:
        n, refusal = number(ask, "n", 1, AT_MAX, READ_MAX)
    if refusal:
        return refusal
    n = min(n, READ_MAX, size - at)
    out.add(',"at":%d,"n":%d,"size":%d,"data":"' % (at, n, size))
    out.rest = FileData(app.read_record, name, at, n)
    return None


def _is_record(name):
    """Journal, box or trace: nothing else on the board can be read."""
    return isinstance(name, str) and name[:1] in KINDS and number_of(name, name[:1]) > 0


def do_log_ack(app, ask, out):
    seq, refusal = number(ask, "seq", 0, app.journal.next_seq - 1)
    if refusal:
        return refusal
    app.ack(seq)
    return None


def do_selftest(app, ask, out):
    status.put_selftest(app, out)


def do_proof(app, ask, out):
    status.put_proof(app, out)


def do_maintenance(app, ask, out):
    if not app.request_maintenance():
        say = "Maintenance needs READY, TRIPPED or LOCKOUT, a still belt and the e-stop pressed."
        return "NOT_NOW", say, None
    return None


HANDLERS = {
    "describe": do_describe,
    "status": live.do_status,
    "watch": live.do_watch,
    "stop": live.do_stop,
    "config.get": do_config_get,
    "config.set": do_config_set,
    "config.defaults": do_config_defaults,
    "clock.set": do_clock_set,
    "log.list": do_log_list,
    "log.read": do_read,
    "log.ack": do_log_ack,
    "blackbox.read": do_read,
    "selftest": do_selftest,
    "proof": do_proof,
    "maintenance": do_maintenance,
}
