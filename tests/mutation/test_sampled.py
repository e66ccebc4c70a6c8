# SPDX-License-Identifier: MIT
"""The core itself, in the time CI has: mutants of changed lines and a sample of the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.mutation import ROOT, chosen
from tests.mutation.__main__ import PARTIAL, main

CHANGED = 100
SAMPLE = 60
SECONDS = 60  # then it says partial: a slow machine judges fewer
FEWEST = 20


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_tests_notice_a_broken_core(tmp_path: Path, capsys) -> None:
    ask = ["--sample", str(SAMPLE), "--most", str(CHANGED), "--seconds", str(SECONDS)]
    try:
        chosen.changed_lines(ROOT, chosen.last_state(ROOT))
        ask += ["--changed", chosen.last_state(ROOT)]
    except chosen.NoBase:
        pass  # no history here, as in a source archive: the sample is left
    result = main([*ask, "--out", str(tmp_path)])
    told = capsys.readouterr().out
    assert result in (0, PARTIAL), told
    assert json.loads((tmp_path / "mutation.json").read_text())["mutants"] >= FEWEST, told
