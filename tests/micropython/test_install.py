# SPDX-License-Identifier: MIT
"""The interpreter is found where it should be, and the machine's own mirror is understood."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.micropython import debian, interpreter

LISTS = """
# deb http://old.invalid/debian bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://one.invalid/debian bookworm main contrib
deb-src http://src.invalid/debian bookworm main
deb http://one.invalid/debian-security bookworm-security main
"""
DEB822 = """Types: deb deb-src
URIs: http://two.invalid/debian
Suites: bookworm bookworm-updates
Components: main

Enabled: no
Types: deb
URIs: http://off.invalid/debian
Suites: bookworm
"""
DEBIAN = {"ID": "debian", "VERSION_CODENAME": "bookworm"}


@pytest.fixture
def apt(tmp_path, monkeypatch):
    """An apt folder of its own, on a machine that calls itself Debian 12."""
    (tmp_path / "sources.list.d").mkdir()
    monkeypatch.setattr(debian, "APT", tmp_path)
    monkeypatch.setattr(debian, "os_release", lambda: DEBIAN)
    monkeypatch.delenv("TREADGUARD_DEBIAN_MIRROR", raising=False)
    return tmp_path


def test_the_mirror_of_a_one_line_list_is_taken(apt):
    (apt / "sources.list").write_text(LISTS)
    assert debian.mirror() == "http://one.invalid/debian"


def test_the_mirror_of_a_deb822_file_is_taken(apt):
    (apt / "sources.list.d/debian.sources").write_text(DEB822)
    assert debian.mirror() == "http://two.invalid/debian"
    assert "http://off.invalid/debian" not in dict(debian.apt_sources(apt))


def test_a_security_source_is_no_mirror(apt):
    (apt / "sources.list").write_text("deb http://one.invalid/x bookworm-security main\n")
    with pytest.raises(debian.NotAvailableError, match="TREADGUARD_DEBIAN_MIRROR"):
        debian.mirror()


def test_another_distribution_is_told_what_to_set(apt, monkeypatch):
    (apt / "sources.list").write_text("deb http://ubuntu.invalid/ubuntu noble main\n")
    monkeypatch.setattr(debian, "os_release", lambda: {"ID": "ubuntu"})
    with pytest.raises(debian.NotAvailableError, match="TREADGUARD_DEBIAN_MIRROR"):
        debian.mirror()


def test_the_environment_overrules_the_machine(apt, monkeypatch):
    (apt / "sources.list").write_text(LISTS)
    monkeypatch.setenv("TREADGUARD_DEBIAN_MIRROR", "http://mine.invalid/debian")
    assert debian.mirror() == "http://mine.invalid/debian"


@pytest.mark.parametrize("command", [["/bin/false"], ["/does/not/exist"], [sys.executable]])
def test_what_is_no_micropython_is_not_taken_for_one(command):
    assert interpreter.probe(command) is None


@pytest.mark.micropython
def test_the_fixture_has_the_heap_of_the_board(micropython):
    script = "import gc; gc.collect(); print(gc.mem_free() + gc.mem_alloc())"
    size = int(subprocess.check_output([*micropython, "-c", script], text=True))
    assert 120_000 < size <= 131_072


@pytest.mark.micropython
def test_the_32_bit_build_wraps_its_ticks_where_the_chip_does(micropython_31_bit):
    script = "import time; print(time.ticks_add(0, -1))"
    out = subprocess.check_output([*micropython_31_bit, "-c", script], text=True)
    assert int(out) == 2**30 - 1
