# SPDX-License-Identifier: MIT
"""One build for all tests of this folder: as bytecode, and as text for CPython."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import device
from tests.conftest import ROOT
from treadguard.board.build import build, prepared
from treadguard.board.bundle import Bundle

FIRMWARE = ROOT / "firmware"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("board") / "firmware"
    build(FIRMWARE, out)
    return out


@pytest.fixture(scope="session")
def built_text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("text") / "firmware"
    build(FIRMWARE, out, compiled=False)
    return out


@pytest.fixture(scope="session")
def built_s3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("s3") / "firmware"
    build(FIRMWARE, out, chip="esp32s3")
    return out


@pytest.fixture(scope="session")
def built_s3_text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("s3_text") / "firmware"
    build(FIRMWARE, out, compiled=False, chip="esp32s3")
    return out


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    return Bundle(prepared(FIRMWARE))


@pytest.fixture(scope="session")
def flash(built: Path) -> Path:
    """A commissioned board's flash, with the manifest of the build."""
    return device.flash(built.parent / "flash.json", built)
