# SPDX-License-Identifier: MIT
"""A valid image, the application in both forms, and a person's own files out of the way."""

from __future__ import annotations

from binascii import crc32
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support import esp_image
from treadguard import manifest
from treadguard.deploying.procedure import of_folder
from treadguard.flashing import image
from treadguard.flashing.loader import Loader
from treadguard.flashing.procedure import FlashPlan, built

SMALL = (
    *esp_image.LAYOUT[:3],
    ("vfs", 1, 0x81, 0x200000, 0x100000),  # half of a real one: quicker to read and write
)


@pytest.fixture(autouse=True)
def own_files_stay_away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TREADGUARD_LOGBOOK", str(tmp_path / "logbook.db"))
    monkeypatch.setattr("treadguard.link.discovery.list_ports", list)


@pytest.fixture(scope="session")
def source_files() -> dict[str, bytes]:
    """The firmware as text: what CPython can run behind the port."""
    return of_folder(ROOT / "firmware")


@pytest.fixture(scope="session")
def compiled() -> dict[str, bytes]:
    """The firmware as a board gets it."""
    return built()


@pytest.fixture
def download(tmp_path: Path) -> Path:
    """A MicroPython image somebody downloaded."""
    path = tmp_path / "ESP32_GENERIC.bin"
    path.write_bytes(esp_image.micropython(layout=SMALL))
    return path


@pytest.fixture
def plan(download: Path, tmp_path: Path, compiled: dict[str, bytes]) -> FlashPlan:
    """To the chip behind tmp_path/port."""
    loader = Loader(str(tmp_path / "port"), by_hand=True)
    return FlashPlan(image.read(download), loader, compiled, tmp_path / "saved")


@pytest.fixture(scope="session")
def plain_micropython(micropython: list[str]) -> Sequence[str]:
    """Without the board's heap: what stands for the chip needs more."""
    return micropython[:-2]


def another(files: dict[str, bytes]) -> dict[str, bytes]:
    """A version that differs in every program file and has one file more and one less."""
    made = {}
    for path, data in files.items():
        if path.endswith(".txt"):
            made[path] = data
        elif path.endswith(".py"):
            made[path] = data + b"# another version\n"
        else:
            made[path] = data + b"\0"
    made["guard/left_over.py"] = b"raise RuntimeError\n"
    return with_manifest(made)


def with_manifest(files: dict[str, bytes]) -> dict[str, bytes]:
    lines = "".join(
        f"{path} {crc32(data):08x}\n"
        for path, data in sorted(files.items())
        if path != manifest.NAME
    )
    own = f"{manifest.NAME} {crc32(lines.encode()):08x}\n"
    return {**files, manifest.NAME: (lines + own).encode()}
