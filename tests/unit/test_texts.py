# SPDX-License-Identifier: MIT
"""Every fault and every parameter has its text, in a form the link can send as it is."""

from __future__ import annotations

import re

import pytest

from guard.core import faults, parameters
from guard.link.describe import TEXT_LINE
from tests.conftest import ROOT
from treadguard import firmware

TEXTS = ROOT / "firmware/guard/texts"
KINDS = {
    "faults": ([row[1] for row in faults.TABLE], 4),
    "parameters": (list(parameters.NAMES), 3),
}


def rows(kind):
    lines = (TEXTS / f"{kind}.txt").read_text(encoding="ascii").splitlines()
    return [line.split("|") for line in lines if not line.startswith("#")]


@pytest.mark.parametrize("kind", KINDS)
def test_every_name_has_exactly_one_text_and_no_text_is_left_over(kind):
    assert sorted(row[0] for row in rows(kind)) == sorted(KINDS[kind][0])


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_a_sentence(kind):
    for row in rows(kind):
        assert len(row) == KINDS[kind][1], row[0]
        for field in row[1:]:
            assert re.fullmatch(r"[A-Z0-9].{3,}\.", field), f"{row[0]}: {field!r}"


@pytest.mark.parametrize("kind", KINDS)
def test_every_line_can_be_sent_as_it_is(kind):
    data = (TEXTS / f"{kind}.txt").read_bytes()
    assert data.endswith(b"\n")
    assert all(byte == 10 or 32 <= byte <= 126 for byte in data)
    assert b'"' not in data
    assert b"\\" not in data
    assert max(map(len, data.split(b"\n"))) <= TEXT_LINE


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_says_what_its_fields_are(kind):
    head = [t for t in (TEXTS / f"{kind}.txt").read_text().splitlines() if t.startswith("#")]
    assert len(head) >= 2
    assert any("NAME|" in line for line in head)


def test_no_shouting_and_no_jargon():
    for kind in KINDS:
        for row in rows(kind):
            text = " ".join(row[1:])
            assert not re.search(r"!|\b(user|invoke|parameter error|exception|null)\b", text), row[
                0
            ]


def test_a_lockout_never_promises_that_a_button_is_enough():
    classes = {row[1]: row[2] for row in faults.TABLE}
    for name, *fields in rows("faults"):
        if classes[name] == faults.LOCKOUT:
            assert "static proof" in fields[2], name


def test_the_host_reads_the_same_texts():
    assert set(firmware.fault_texts()) == {row[1] for row in faults.TABLE}
