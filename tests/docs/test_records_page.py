# SPDX-License-Identifier: MIT
"""docs/records.md lists every kind of event that the firmware writes, by number and name."""

from __future__ import annotations

import re

from guard.core import events
from tests.docs.pages import RECORDS

ROW = re.compile(r"^\| (\d+) \| ([a-z_]+) \|", re.MULTILINE)


def test_every_kind_of_event_has_its_row():
    text = RECORDS.read_text(encoding="utf-8")
    table = text.partition("| kind | name |")[2].partition("\n\n")[0]
    told = {int(number): name for number, name in ROW.findall(table)}
    assert told == dict(enumerate(events.KIND_NAMES[1:], 1))
