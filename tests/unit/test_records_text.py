# SPDX-License-Identifier: MIT
"""texts/records.txt says of every record what the firmware writes, in a form the link can send."""

from __future__ import annotations

import re
import struct

import pytest

from guard.core.events import KIND_NAMES
from guard.link import describe
from guard.record import blackbox, frames, option_box, trace
from guard.record.notes import NOTE_NAMES
from treadguard.logbook import boxes, tables

ROWS = {line.split("|")[0]: line.split("|")[1:] for line in tables.lines()}
LAYOUTS = {
    "journal_frame": frames._HEAD,
    "block": "<HBB",
    "box_header": blackbox.HEADER,
    "box_settings": "<I",
    "box_checkpoint": blackbox.CHECKPOINT,
    "box_sample": boxes.SAMPLE.format,
    "box_options": option_box.OPTIONS,
    "box_hall_b": option_box.HALL_B,
    "box_incline": option_box.READING,
    "trace_header": trace.HEADER,
    "trace_record": "<HBB",
}
BLOCKS = [
    "box_header",
    "box_settings",
    "box_checkpoint",
    "box_samples",
    "trace_header",
    "trace_records",
]
OF_OPTIONS = ["box_options", "box_hall_b", "box_incline"]
FIELD = re.compile(r"[a-z][a-z0-9_]*(:(faults|states|modes|contacts|parameters|notes))?")


def of(kind: str) -> dict[str, list[str]]:
    return {n.partition(".")[2]: row for n, row in ROWS.items() if n.startswith(kind + ".")}


def test_every_name_stands_once():
    assert len(ROWS) == len(tables.lines())
    assert {name.partition(".")[0] for name in ROWS} == {"layout", "block", "event", "note"}


@pytest.mark.parametrize(("kind", "names"), [("event", KIND_NAMES), ("note", NOTE_NAMES)])
def test_every_event_and_note_has_its_number(kind, names):
    found = {name: int(row[0]) for name, row in of(kind).items()}
    assert found == {name: number for number, name in enumerate(names) if number}


@pytest.mark.parametrize(("kind", "numbers"), [("event", 3), ("note", 2)])
def test_every_number_of_an_event_or_note_has_its_place(kind, numbers):
    for name, row in of(kind).items():
        assert row[1].count(",") == numbers - 1, name


def test_every_layout_is_that_of_the_firmware():
    assert {name: row[0] for name, row in of("layout").items()} == LAYOUTS


def test_every_value_of_a_layout_has_a_field():
    for name, (layout, fields) in of("layout").items():
        values = struct.unpack(layout, bytes(struct.calcsize(layout)))
        assert len(fields.split(",")) == len(values), name


def test_every_kind_of_block_has_its_number():
    assert {name: int(row[0]) for name, row in of("block").items()} == {
        name: getattr(where, name.upper())
        for where, names in ((frames, BLOCKS), (option_box, OF_OPTIONS))
        for name in names
    }


def test_every_field_has_a_plain_name_and_a_table_that_is_told():
    for name, row in ROWS.items():
        for field in filter(None, row[1].split(",")):
            assert FIELD.fullmatch(field), f"{name}: {field}"


def test_every_line_can_be_sent_as_it_is():
    for line in tables.lines():
        assert re.fullmatch(r"[!#-\[\]-~]+", line), line
        assert len(line) <= describe.TEXT_LINE
