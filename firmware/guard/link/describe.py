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
PAGE_BYTES = const(470)  # of rows; the answer around them keeps within 600
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
TEXTS = ("text:parameters", "text:faults")


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


def rows(of):
    """A table's rows as sequences; a plain list of names gets its numbers."""
    table = _rows_of(of)
    for i in range(len(table)):
        row = table[i]
        if isinstance(row, str):
            yield (i, row)
        elif of == "faults":
            yield row[0], row[1], faults.CLASS_NAMES[row[2]], row[3], row[4]
        else:
            yield row


def interface_hash():
    """Eight hex digits over everything both sides must agree on."""
    crc = 0
    for of in TABLES:
        crc = crc32((of + "\n").encode(), crc)
        for row in rows(of):
            crc = crc32((",".join([str(x) for x in row]) + "\n").encode(), crc)
    return "%08x" % (crc & 0xFFFFFFFF)


class Page:
    """Rows into an answer until it is full. at = index of the first row wanted."""

    def __init__(self, out, at, size=PAGE_BYTES):
        self.out = out
        self.at = at
        self.left = size
        self.seen = 0
        self.first = True
        self.full = False

    def wants(self):
        """Ask before making a row: False while rows of earlier pages are skipped."""
        self.seen += 1
        return self.seen > self.at and not self.full

    def put(self, text):
        """Add one row as JSON; a page takes at least one."""
        size = len(text) + 1
        if size > self.left and not self.first:
            self.full = True
            return
        self.out.add(text if self.first else "," + text)
        self.first = False
        self.left -= size
        self.at = self.seen

    def next(self):
        """Where the next page begins, -1 at the end."""
        return self.at if self.full else -1


def put_table(of, page):
    for row in rows(of):
        if page.wants():
            page.put(json.dumps(row, separators=(",", ":")))
        elif page.full:
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
            if end > PAGE_BYTES and not first:
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
