# SPDX-License-Identifier: MIT
"""The netlist for every test here, and the programs that some of them need."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest

from hardware.tools import bench, export, figures
from hardware.tools.netlist import Netlist, committed
from tests.conftest import CI


def _missing(problem: Exception) -> None:
    if CI:
        pytest.fail(f"{problem}; hardware/setup.sh installs it")
    pytest.skip(str(problem))


@pytest.fixture(scope="session")
def netlist() -> Netlist:
    return committed()


@pytest.fixture(scope="session")
def known() -> dict[str, Any]:
    """The committed figures."""
    return json.loads(figures.FIGURES.read_text("utf-8"))


@pytest.fixture
def kicad() -> None:
    try:
        export.kicad_cli()
    except export.ExportError as problem:
        _missing(problem)


@pytest.fixture
def ngspice() -> None:
    try:
        bench.ngspice()
    except bench.SimulatorError as problem:
        _missing(problem)


@pytest.fixture
def graphviz() -> None:
    if not shutil.which("dot"):
        _missing(Exception("graphviz (dot) is missing"))
