# SPDX-License-Identifier: MIT
"""A bounded share of `make fuzz`, and proof that its oracle sees what it should."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from tests.fuzz import images, oracle, stack
from tests.fuzz.__main__ import Run
from tests.hazards import needs_fork, progress


@needs_fork
@pytest.mark.parametrize("number", [0, 1, 4])
def test_a_piece_of_traffic_finds_nothing(number: int) -> None:
    run = Run(7, 0, 0, 0)
    run.piece(number, 60_000)
    assert run.failures == []
    assert run.traffic.bytes >= 60_000
    assert run.traffic.answers > 100


@pytest.mark.parametrize("kind", images.KINDS)
def test_images_find_nothing(kind: str) -> None:
    figures = images.Figures()
    for number in range(images.KINDS.index(kind), 900, len(images.KINDS)):
        images.try_one(7, number, figures)
    assert figures.failures == []
    assert figures.taken > 20, "hardly any image gets past its CRC"
    assert figures.refused > 20


@pytest.mark.parametrize("kind", images.KINDS)
def test_a_store_that_takes_everything_is_caught(kind: str, monkeypatch: Any) -> None:
    """The oracle is no copy of the store: blind the store's CRC, and it must find out."""
    from guard.record import blob, config_store, frames

    if kind == "settings":
        monkeypatch.setattr(config_store, "decode", _values_of)
    elif kind == "blob":
        monkeypatch.setattr(blob, "_get", _blind(blob._get))
    else:
        monkeypatch.setattr(frames, "crc32", lambda *_: 0)
    figures = images.Figures()
    for number in range(images.KINDS.index(kind), 600, len(images.KINDS)):
        images.try_one(7, number, figures)
    assert figures.failures != []


def _values_of(data: bytes) -> Any:
    try:
        return json.loads(data.split(b"\n")[0])["values"], 1
    except (ValueError, KeyError, TypeError):
        return None


def _blind(get: Any) -> Any:
    def blind(buf: bytes, at: int, width: int) -> int:
        return crc32(bytes(buf[:124])) if at == 124 else int(get(buf, at, width))

    return blind


def test_settings_whose_values_are_no_object_are_damaged() -> None:
    from guard.record.config_store import OK, ConfigStore
    from tests.support.memory_files import MemoryFiles

    text = b'{"schema": 1, "generation": 1, "values": []}'
    files = MemoryFiles({"config.json": text + b"\n%08x\n" % crc32(text)})
    assert ConfigStore(files).load()[1] != OK


def test_the_oracle_knows_a_range_from_a_number() -> None:
    assert oracle.in_range({"rail_grace_ms": 600})
    assert not oracle.in_range({"rail_grace_ms": 601})
    assert not oracle.in_range({"rails_fitted": True})
    assert not oracle.in_range({"magnets_per_turn": 2})
    assert not oracle.in_range({"distance_per_edge_um": 260_000, "backward_limit_mm_s": 190})


def test_an_interrupted_run_says_that_it_is_partial(tmp_path: Path) -> None:
    out = tmp_path / "fuzz.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--images", "9000000", "--bytes", "0",
         "--seconds", "0.5", "--json", str(out)],
        capture_output=True, text=True, check=False,
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("PARTIAL: ")
    assert json.loads(out.read_text(encoding="utf-8"))["complete"] is False


@needs_fork
def test_an_interrupted_run_goes_on_to_the_same_figures(tmp_path: Path) -> None:
    whole, cut, rest = (Run(5, 900_000, 300, 0) for _ in range(3))
    whole.run()
    cut.until = 0.0
    cut.run()
    assert not cut.complete
    progress.write(tmp_path / "fuzz.json", cut.as_dict())
    rest.resume(tmp_path / "fuzz.json")
    assert rest.images.images == 1
    rest.run()
    assert rest.complete
    assert rest.traffic == whole.traffic
    assert rest.images == whole.images


def test_a_run_that_tried_nothing_is_a_failure() -> None:
    run = Run(5, 2_000_000, 0, 0)
    run.traffic.bytes = 2_000_000
    run.run()
    assert run.complete
    assert "not one of changes in 2000000 bytes" in run.failures


def test_another_seed_or_size_does_not_go_on(tmp_path: Path) -> None:
    cut = Run(5, 1000, 300, 0)
    cut.until = 0.0
    cut.run()
    progress.write(tmp_path / "fuzz.json", cut.as_dict())
    for other in (Run(6, 1000, 300, 0), Run(5, 2000, 300, 0)):
        other.resume(tmp_path / "fuzz.json")
        assert other.images.images == 0


def test_the_pieces_start_in_every_kind_of_state() -> None:
    assert {stack.start_of(n) for n in range(8)} == {"READY", "BACKWARD", "TRIPPED", "LOCKOUT"}
