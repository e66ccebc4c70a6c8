# SPDX-License-Identifier: MIT
"""The device's own tables as pages, and one hash over all of them.

The hash is the CRC-32 of: for every table in TABLES order `name` LF, then every row, its fields
joined with commas, LF. A host that computes another one was made for another firmware.
"""

import json
from binascii import crc32

from micropython import const

from guard.core import events, faults, parameters, states
from guard.link import commands
from guard.record import blackbox, config_store, trace

PROTOCOL = const(1)
PAGE_BYTES = const(260)  # of rows: more of them would allocate more than 2 KB
TEXT_BYTES = const(470)  # of text: the answer around it keeps within 600
TEXT_READ = const(520)
TEXT_LINE = const(460)  # the longest line of a text that fits an answer
_COMMENT = const(35)  # "#"

# Formats of what a host pulls or stores. Journal frames have carried no number since the first.
RECORDS = (
    ("protocol", PROTOCOL),
    ("journal", 1),
    ("blackbox", blackbox.SCHEMA),
    ("trace", trace.SCHEMA),
    ("config", config_store.SCHEMA),
)
TABLES = ("parameters", "faults", "states", "modes", "contacts", "events", "commands", "records")
TEXTS = ("parameters", "faults", "records", "manifest")  # asked for as text:NAME


def _rows_of(of):
    if of == "parameters":
        return parameters.TABLE
    if of == "faults":
        return faults.TABLE
    if of == "states":
        return states.STATE_NAMES
    if of == "modes":
        return states.MODE_NAMES
    if of == "contacts":
        return states.CONTACT_NAMES
    if of == "events":
        return events.KIND_NAMES
    return commands.TABLE if of == "commands" else RECORDS


def row(of, i):
    """Row i of a table as a sequence; a name in a plain list gets its number."""
    found = _rows_of(of)[i]
    if isinstance(found, str):
        return i, found
    if of == "faults":
        return found[0], found[1], faults.CLASS_NAMES[found[2]], found[3], found[4]
    return found


def interface_hash():
    """Eight hex digits over everything both sides must agree on."""
    crc = 0
    for of in TABLES:
        crc = crc32((of + "\n").encode(), crc)
        for i in range(len(_rows_of(of))):
            crc = crc32((",".join([str(x) for x in row(of, i)]) + "\n").encode(), crc)
    return "%08x" % (crc & 0xFFFFFFFF)


class Page:
    """Rows into an answer until it is full. at = the first row wanted."""

    def __init__(self, out, at, size=PAGE_BYTES):
        self.out = out
        self.at = at
        self.left = size
        self.first = True
        self.full = False

    def put(self, text):
        """Add one row as JSON; a page takes at least one."""
        self.left -= len(text) + 1
        if self.left < 0 and not self.first:
            self.full = True
            return
        if not self.first:
            self.out.raw(b",")
        self.out.add(text)
        self.first = False
        self.at += 1

    def next(self):
        """Where the next page begins, -1 at the end."""
        return self.at if self.full else -1


def put_table(of, page):
    for i in range(page.at, len(_rows_of(of))):
        page.put(json.dumps(row(of, i), separators=(",", ":")))
        if page.full:
            return


def put_text(read, of, at, out):
    """Lines of a text file from a byte offset, comments left out; the next offset, or -1."""
    data = read(of[5:], at, TEXT_READ)
    _require_plain(data)
    view = memoryview(data)
    done = 0
    end = data.find(b"\n")
    first = True
    while end >= 0:
        if data[done] != _COMMENT and end > done:
            if end > TEXT_BYTES and not first:
                break
            out.add('"' if first else ',"')
            out.raw(view[done:end])
            out.add('"')
            first = False
        done = end + 1
        end = data.find(b"\n", done)
    if not done and len(data) == TEXT_READ:
        raise ValueError
    return at + done if end >= 0 or len(data) == TEXT_READ else -1


def _require_plain(data):
    """A damaged file must not break the frame."""
    if b'"' in data or b"\\" in data or (data and max(data) > 126):
        raise ValueError
