# SPDX-License-Identifier: MIT
"""The device tells its own tables: complete, in pages that fit, under one hash."""

from __future__ import annotations

import importlib
import json
import subprocess

import pytest

from guard.core import faults, parameters, states
from guard.link import commands, describe
from tests.conftest import ROOT
from tests.support.link_app import Bench
from treadguard import manifest
from treadguard.link.interface import host_hash

ANSWER_MAX = 600


@pytest.fixture
def bench(monkeypatch):
    files = importlib.import_module("guard.board.files")
    monkeypatch.setattr(files, "ROOT", str(ROOT / "firmware"))
    return Bench()


def pages(bench, of):
    """Every row; asserts that each page fits and the pages advance."""
    rows, at = [], 0
    while at >= 0:
        before = len(bench.raw)
        answer = bench.ask({"id": 1 << 29, "do": "describe", "of": of, "at": at})
        assert answer["ok"], answer
        assert len(bench.raw) - before <= ANSWER_MAX
        assert answer["hash"] == describe.interface_hash()
        assert answer["next"] == -1 or answer["next"] > at
        rows += answer["rows"]
        at = answer["next"]
    return rows


def test_parameters_are_the_table_itself(bench):
    assert pages(bench, "parameters") == [list(row) for row in parameters.TABLE]


def test_faults_carry_the_name_of_their_class(bench):
    rows = pages(bench, "faults")
    assert [row[:2] for row in rows] == [[row[0], row[1]] for row in faults.TABLE]
    assert {row[2] for row in rows} == set(faults.CLASS_NAMES)


def test_states_and_events_carry_their_numbers(bench):
    assert pages(bench, "states") == [list(row) for row in enumerate(states.STATE_NAMES)]
    assert pages(bench, "events")[1] == [1, "boot"]


def test_commands_are_those_that_are_served(bench):
    assert pages(bench, "commands") == [list(row) for row in commands.TABLE]


@pytest.mark.parametrize("of", describe.TABLES)
def test_every_table_that_is_hashed_can_be_read(bench, of):
    assert pages(bench, of)


@pytest.mark.parametrize("of", [of for of in describe.TEXTS if of != "manifest"])
def test_a_text_arrives_line_by_line(bench, of):
    path = ROOT / "firmware/guard/texts" / f"{of}.txt"
    wanted = [text for text in path.read_text().splitlines() if text and text[0] != "#"]
    assert pages(bench, f"text:{of}") == wanted


def test_the_list_of_the_programs_files_arrives_whole(bench, monkeypatch):
    listed = manifest.build(str(ROOT / "firmware"))
    monkeypatch.setattr(
        "guard.facade.files.read_part",
        lambda name, at, n: {"manifest.txt": listed.encode()}[name][at : at + n],
    )
    assert pages(bench, "text:manifest") == listed.splitlines()


@pytest.mark.parametrize("damage", [b'A|"|b\n', b"A|\\|b\n", b"A|\xff|b\n", b"A" * 600])
def test_a_damaged_text_is_refused_and_breaks_no_line(bench, monkeypatch, damage):
    monkeypatch.setattr(bench.link.app, "read_text", lambda name, at, n: damage[at : at + n])
    answer = bench.ask({"id": 7, "do": "describe", "of": "text:faults"})
    assert answer["error"] == "INTERNAL"
    assert bench.broken_lines == []


def test_the_acting_limit_is_the_lower_one(bench):
    bench.controller.settings.load({"backward_limit_mm_s": 300, "mount_limit_mm_s": 447})
    acting = dict(pages(bench, "acting"))
    assert acting["mount_limit_mm_s"] == acting["backward_limit_mm_s"] == 300
    assert acting["forward_limit_mm_s"] == 1118  # a new board owes a verification


def test_where_the_last_run_ended_is_told_unless_power_was_lost(bench):
    crumb = bench.controller.crumb
    crumb.state, crumb.fault, crumb.crashed = states.BACKWARD, faults.OVERSPEED, True
    assert pages(bench, "last_run") == []
    crumb.found = True
    told = dict(pages(bench, "last_run"))
    assert told == {"state": states.BACKWARD, "fault": faults.OVERSPEED, "crashed": 1}


@pytest.mark.parametrize(
    "of", ["", "text:", "text:../main", "text:events", "secrets", None, 7, ["states"]]
)
def test_what_does_not_exist_is_not_described(bench, of):
    answer = bench.ask({"id": 7, "do": "describe", "of": of})
    assert (answer["error"], answer["field"]) == ("UNKNOWN_NAME", "of")


def test_a_page_beyond_the_end_is_empty(bench):
    answer = bench.ask({"id": 7, "do": "describe", "of": "states", "at": 1000})
    assert (answer["rows"], answer["next"]) == ([], -1)


@pytest.mark.parametrize("table", ["parameters.TABLE", "faults.TABLE", "states.STATE_NAMES"])
def test_the_hash_changes_with_every_cell(monkeypatch, table):
    before = describe.interface_hash()
    module, name = table.split(".")
    rows = list(getattr(getattr(describe, module), name))
    rows[-1] = (*rows[-1][:-1], 12345) if isinstance(rows[-1], tuple) else rows[-1] + "X"
    monkeypatch.setattr(getattr(describe, module), name, tuple(rows))
    assert describe.interface_hash() != before


def test_board_and_host_compute_the_same_hash(bench):
    answer = bench.ask({"id": 7, "do": "describe", "of": "commands"})
    assert answer["hash"] == host_hash()


@pytest.mark.micropython
def test_micropython_computes_the_same_hash(micropython):
    script = (
        f"import sys; sys.path.insert(0, {json.dumps(str(ROOT / 'firmware'))})\n"
        "from guard.link.describe import interface_hash; print(interface_hash())"
    )
    run = subprocess.run([*micropython, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == describe.interface_hash()
