# SPDX-License-Identifier: MIT
"""The interface, told by the device from its own tables, page by page; and its hash.

The hash covers everything a client has to know to understand answers and records. A host that
knows another one says which side to update and never guesses.
"""

import json
from binascii import crc32

from micropython import const

from guard.core import events, faults, parameters, states
from guard.core.before import REDUCED_FORWARD_MM_S
from guard.link.refused import Refused

PROTOCOL = const(1)
PAGE_BYTES = const(420)
TEXT_BYTES = const(320)

TEXTS = {
    "text:parameters": "guard/texts/parameters.txt",
    "text:faults": "guard/texts/faults.txt",
}


def _parameter_row(i):
    return list(parameters.TABLE[i])


def _fault_row(i):
    return list(faults.TABLE[i])


def _state_row(i):
    return [i, states.STATE_NAMES[i]]


def _event_row(i):
    return [i, events.KIND_NAMES[i]]


def command_names():
    from guard.link.requests import REQUESTS  # it imports this module

    return sorted(REQUESTS)


def _command_row(i):
    from guard.link.requests import REQUESTS

    name = command_names()[i]
    return [name, REQUESTS[name][1]]


# of -> (number of rows, row by index)
TABLES = {
    "parameters": (lambda: len(parameters.TABLE), _parameter_row),
    "faults": (lambda: len(faults.TABLE), _fault_row),
    "states": (lambda: len(states.STATE_NAMES), _state_row),
    "events": (lambda: len(events.KIND_NAMES), _event_row),
    "commands": (lambda: len(command_names()), _command_row),
}


def interface_hash():
    """CRC-32 over the tables, the requests and the record schemas, as eight hex digits."""
    crc = _feed(0, "protocol %d" % PROTOCOL)
    for schema in record_schemas():
        crc = _feed(crc, "schema %s %d" % schema)
    for of in sorted(TABLES):
        count, row = TABLES[of]
        for i in range(count()):
            crc = _feed(crc, of + " " + "|".join([str(cell) for cell in row(i)]))
    return "%08x" % (crc & 0xFFFFFFFF)


def record_schemas():
    """(record, schema number): raised when its bytes change their meaning."""
    from guard.record import blackbox, config_store, trace

    return (
        ("blackbox", blackbox.SCHEMA),
        ("config", config_store.SCHEMA),
        ("trace", trace.SCHEMA),
    )


def _feed(crc, line):
    return crc32((line + "\n").encode(), crc)


def describe_page(app, of, at):
    """{rows, next} from row `at` on; of a text: from byte `at` on."""
    if of in TEXTS:
        return _text_page(app.files, TEXTS[of], at)
    if of == "acting":
        return {"rows": _acting(app), "next": -1}
    if of not in TABLES:
        raise Refused("UNKNOWN_NAME", "describe knows %s." % ", ".join(sorted(TABLES)), "of")
    count, row = TABLES[of]
    return _table_page(row, at, count())


def _table_page(row, at, count):
    rows = []
    room = PAGE_BYTES
    while at < count:
        cells = row(at)
        room -= len(json.dumps(cells)) + 1
        if rows and room < 0:
            return {"rows": rows, "next": at}
        rows.append(cells)
        at += 1
    return {"rows": rows, "next": -1}


def _text_page(files, path, at):
    """Pieces of the file as they are; a client joins them and splits at newlines."""
    size = files.size(path)
    if size < 0:
        raise Refused("NO_SUCH_FILE", "This board was deployed without texts.", "of")
    if at >= size:
        return {"rows": [], "next": -1}
    piece = bytearray(files.read_part(path, at, TEXT_BYTES))
    for i in range(len(piece)):
        if piece[i] != 10 and not 0x20 <= piece[i] <= 0x7E:
            piece[i] = 0x3F
    at += len(piece)
    return {"rows": [bytes(piece).decode()], "next": at if at < size else -1}


def _acting(app):
    """Where two settings meet, the one that acts."""
    settings = app.settings
    forward = settings.forward_limit_mm_s
    if app.guard.supervisor.blockers.reduced_forward():
        forward = min(forward, REDUCED_FORWARD_MM_S)
    return [
        ["mount_limit_mm_s", min(settings.mount_limit_mm_s, settings.backward_limit_mm_s)],
        ["backward_limit_mm_s", settings.backward_limit_mm_s],
        ["forward_limit_mm_s", forward],
    ]
