# SPDX-License-Identifier: MIT
"""The rules of the house hold in every file of the firmware, the tests and the tools."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import house_rules as rules
from tests.conftest import ROOT

FIRMWARE = ROOT / "firmware"
GUARD = FIRMWARE / "guard"
BOARD = GUARD / "board"
ENTRY = (FIRMWARE / "boot.py", FIRMWARE / "main.py")
PINS = (BOARD / "pins.py", BOARD / "esp32s3" / "pins.py")
RELAY = BOARD / "relay.py"

SOURCES = (".py", ".sh", ".toml", ".yml", ".yaml", ".cir", ".mk")
NAMED_SOURCES = ("Makefile", "run", ".gitignore", ".editorconfig")
SKIPPED_FOLDERS = ("build", "dist")

# Fewer files than this, once main.py exists, means that a rule looks into the wrong folder.
FEWEST = {"core": 7, "board": 8, "record": 4, "link": 4, "texts": 1}


def python_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py")) if folder.is_dir() else []


def source_files() -> list[Path]:
    files: list[Path] = []
    for top in sorted(ROOT.iterdir()):
        kept = top.name in (".ci", ".github") or not (
            top.name.startswith(".") or top.name in SKIPPED_FOLDERS
        )
        candidates = [top] if top.is_file() else sorted(top.rglob("*")) if kept else []
        files += [f for f in candidates if f.suffix in SOURCES or f.name in NAMED_SOURCES]
    return files


def package_of(path: Path) -> str:
    return ".".join(path.relative_to(FIRMWARE).parent.parts)


def offences(files, rule) -> dict[str, list[str]]:
    """{file: what it does} for the files that break the rule."""
    found = {str(f.relative_to(ROOT)): rule(f) for f in files}
    return {name: what for name, what in found.items() if what}


def firmware_outside(*excepted: Path) -> list[Path]:
    files = python_files(FIRMWARE)
    return [f for f in files if not any(f == e or e in f.parents for e in excepted)]


@pytest.mark.parametrize("folder", FEWEST)
def test_no_rule_passes_because_it_saw_nothing(folder):
    if (GUARD / "core").is_dir():
        assert python_files(GUARD), "firmware/guard/core exists, but no file was found"
    if ENTRY[1].exists():
        assert len(python_files(GUARD / folder)) >= FEWEST[folder]


def test_core_imports_only_core_and_micropython():
    def rule(f):
        return rules.imports_outside(f.read_text(), ("guard.core", "micropython"), package_of(f))

    assert offences(python_files(GUARD / "core"), rule) == {}


def test_only_board_imports_hardware_and_time():
    def rule(f):
        allowed = ("machine",) if f in ENTRY else ()
        return [n for n in rules.imports_of(f.read_text(), rules.HARDWARE)
                if n.split(".")[0] not in allowed]  # fmt: skip

    assert offences(firmware_outside(BOARD), rule) == {}


@pytest.mark.parametrize("folder", ["record", "link", "texts"])
def test_record_link_and_texts_never_import_board(folder):
    def rule(f):
        return rules.imports_of(f.read_text(), ("guard.board",), package_of(f))

    assert offences(python_files(GUARD / folder), rule) == {}


def test_no_device_module_imports_the_texts():
    def rule(f):
        return rules.imports_of(f.read_text(), ("guard.texts",), package_of(f))

    assert offences(python_files(FIRMWARE), rule) == {}


def test_texts_hold_data_only():
    assert (
        offences(python_files(GUARD / "texts"), lambda f: rules.more_than_data(f.read_text()))
        == {}
    )


def test_firmware_imports_only_what_micropython_has():
    def rule(f):
        known = rules.PORTABLE + rules.HARDWARE
        return rules.imports_outside(f.read_text(), known, package_of(f))

    assert offences(python_files(FIRMWARE), rule) == {}


def test_core_computes_in_integers():
    assert (
        offences(python_files(GUARD / "core"), lambda f: rules.beyond_integers(f.read_text()))
        == {}
    )


def test_gpio_numbers_stand_in_pins_only():
    assert offences(firmware_outside(*PINS), lambda f: rules.typed_pins(f.read_text())) == {}


def test_only_the_relay_module_names_the_relay_pins():
    files = firmware_outside(*PINS, RELAY, ENTRY[0])
    assert offences(files, lambda f: rules.relay_words(f.read_text())) == {}


def test_boot_drives_every_relay_pin_low_and_nothing_high():
    boot = ENTRY[0].read_text()
    assert rules.not_low(boot) == []
    named = " ".join(rules.relay_words(boot))
    assert all(pin in named for pin in rules.RELAY_PINS)


def test_every_source_file_names_its_licence():
    files = [f for f in source_files() if f.read_text("utf-8").strip()]
    assert len(files) > 5
    assert offences(files, lambda f: rules.without_licence(f.read_text("utf-8"))) == {}


def test_no_test_sleeps():
    files = python_files(ROOT / "tests")
    assert Path(__file__) in files
    assert offences(files, lambda f: rules.sleeps(f.read_text("utf-8"))) == {}
