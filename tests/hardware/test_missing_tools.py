# SPDX-License-Identifier: MIT
"""`make hardware` without KiCad, ngspice, graphviz: a word for a user, an error in CI."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hardware.tools import bench, export, make
from hardware.tools.netlist import HARDWARE


@pytest.fixture
def bare(monkeypatch, tmp_path) -> Path:
    """A machine with no program but bash."""
    (tmp_path / "bash").symlink_to(shutil.which("bash") or "/bin/bash")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(make, "BUILD", tmp_path / "build")
    monkeypatch.setattr(sys, "argv", ["make"])
    return tmp_path


def check() -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", HARDWARE / "setup.sh", "--check"], capture_output=True, text=True, check=False
    )


def test_a_user_is_told_what_to_install(bare, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    done = check()
    assert done.returncode == 0
    assert "kicad ngspice graphviz" in done.stdout
    assert "hardware/setup.sh" in done.stdout


def test_ci_stops_there(bare, monkeypatch):
    monkeypatch.setenv("CI", "1")
    done = check()
    assert done.returncode == 1
    assert "this is an error" in done.stdout
    assert "skipped; everything else" not in done.stdout


def test_a_user_skips_only_what_needs_them(bare, monkeypatch, capsys):
    monkeypatch.setattr(make, "CI", False)
    assert make.main() == 0
    told = capsys.readouterr().err
    for step, program in (
        ("schematic", "kicad-cli"),
        ("harness", "dot"),
        ("simulation", "ngspice"),
    ):
        assert f"{step}: SKIPPED" in told
        assert program in told
    assert (bare / "build/harness.yml").exists()  # the wire list needs no program


def test_ci_skips_nothing(bare, monkeypatch, capsys):
    monkeypatch.setattr(make, "CI", True)
    assert make.main() == 1
    assert capsys.readouterr().err.count("FAILED") == len(make.STEPS)


@pytest.mark.parametrize(
    "problem", [export.ExportError("crashed"), bench.SimulatorError("aborted")]
)
def test_a_program_that_is_there_and_fails_is_never_skipped(monkeypatch, capsys, problem):
    def fails(_update: bool) -> str:
        raise problem

    monkeypatch.setattr(make, "CI", False)
    monkeypatch.setattr(make, "STEPS", {"schematic": fails})
    monkeypatch.setattr(sys, "argv", ["make"])
    assert make.main() == 1
    assert "FAILED" in capsys.readouterr().err
