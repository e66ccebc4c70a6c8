# SPDX-License-Identifier: MIT
"""`treadguard bench` against a real MicroPython: what it can measure there, it measures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.chip_port import plugged_in
from tests.support.rom_loader import Nor, Rom
from tests.support.whole_board import WholeBoard
from treadguard import measuring
from treadguard.measuring import procedure


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_figures_are_taken_and_the_controller_comes_back(
    source_files: dict[str, bytes], plain_micropython: Sequence[str], tmp_path: Path
) -> None:
    board = WholeBoard(Nor(), plain_micropython, 2 << 20, tmp_path)
    board.put(source_files)
    with plugged_in(Rom(board.flash), tmp_path / "port", lambda _: board) as plugged:
        plugged.program = board
        found = measuring.bench(str(tmp_path / "port"), print)
    assert board.starts == 2
    assert found["board"] == "240ac4001234"
    for name in ("flash_write", "tick_late", "collection", "restart"):
        assert 0 <= found[name]["median_us"] <= found[name]["max_us"]
    assert found["flash_write"]["n"] == procedure.WRITES
    assert "bench.tmp" not in board.files()
    assert found["edge_late"] is None  # no pins behind this port: said, not made up
    rows = measuring.lines(found)
    assert [row[0] for row in rows[: len(measuring.MEASURED)]] == [
        figure.what for figure in measuring.MEASURED
    ]
    assert all(rows[at][1].startswith("not measured: ImportError") for at in range(3, 8))
