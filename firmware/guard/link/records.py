# SPDX-License-Identifier: MIT
"""The board's records over the link: list, read by offset with a CRC per piece, acknowledge."""

from binascii import b2a_base64

from micropython import const

from guard.link.frames import crc_of
from guard.link.refused import Refused, number, text

PIECE_MAX = const(256)  # 344 in base64: the answer stays below 600 bytes
LIST_FILES = const(40)


def do_log_list(link, request):
    """Journal segments and boxes, 40 names a page; `next` is -1 on the last."""
    app = link.app
    at = number(request, "at", 0, 0, 1000)
    segments = app.journal.segments()
    boxes = app.boxes()
    answer = {
        "journal": {
            "first": app.journal.first_seq,
            "next": app.journal.next_seq,
            "bytes": sum([size for _, size in segments]),
            "segments": _rows(segments, at, at + LIST_FILES),
        }
    }
    skip = len(segments)
    answer["boxes"] = _rows(boxes, max(0, at - skip), max(0, at + LIST_FILES - skip))
    answer["next"] = at + LIST_FILES if at + LIST_FILES < skip + len(boxes) else -1
    return answer


def _rows(files, start, end):
    return [[name, size] for name, size in files[start:end]]


def do_log_read(link, request):
    return _read(link.app, request, "j")


def do_blackbox_read(link, request):
    return _read(link.app, request, "bt")


def _read(app, request, kinds):
    name = text(request, "name")
    if not is_record(name) or name[0] not in kinds or app.files.size(name) < 0:
        raise Refused("NO_SUCH_FILE", "There is no such record.", "name")
    size = app.files.size(name)
    at = number(request, "at", 0, 0, size)
    wanted = number(request, "n", PIECE_MAX, 1, PIECE_MAX)
    data = app.files.read_part(name, at, min(wanted, size - at)) if at < size else b""
    return {
        "at": at,
        "n": len(data),
        "size": size,
        "crc": "%08x" % crc_of(data),
        "data": b2a_base64(data)[:-1].decode(),
    }


def is_record(name):
    """j, b or t, then letters and digits, then .bin: no other file of the board is readable."""
    if len(name) > 16 or name[:1] not in ("j", "b", "t") or not name.endswith(".bin"):
        return False
    for char in name[:-4]:
        if not ("a" <= char <= "z" or "0" <= char <= "9"):
            return False
    return True


def do_log_ack(link, request):
    """A laptop has a copy of everything up to this number."""
    journal = link.app.journal
    seq = number(request, "seq", -1, -1, 0x3FFFFFFF)
    if not 0 <= seq < journal.next_seq:
        raise Refused("OUT_OF_RANGE", "There is no record of this number.", "seq")
    link.app.ack(seq)
    return {}
