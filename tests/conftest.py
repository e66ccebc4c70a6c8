# SPDX-License-Identifier: MIT
"""What all tests share: where the firmware is, and an honest word about what did not run."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
CI = os.environ.get("CI", "").lower() in ("1", "true")

# A __pycache__ in firmware/ would be copied to the board with it.
sys.dont_write_bytecode = True

# At the end of sys.path, so that no fake can hide a module of the standard library.
for _folder in (
    ROOT / "firmware",
    ROOT / "host_tools/treadguard/virtual/fakes",
    ROOT / "host_tools/treadguard/virtual/fakes_cpython",
):
    if _folder.is_dir() and str(_folder) not in sys.path:
        sys.path.append(str(_folder))

from tests.micropython import Found, found  # noqa: E402  (tests/ is importable from here on)

# Two runs of CI on one commit give one verdict; on a desk every run looks somewhere else.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if CI else "desk")

WATCHED = (
    "guard",
    "guard.board",
    "guard.core.guard",
    "guard.core.interlocks",
    "guard.link.protocol",
)
NO_MICROPYTHON = "MicroPython is missing: run `make micropython` to see why"


def pytest_configure(config: pytest.Config) -> None:
    """In CI a missing MicroPython is an error: half of the claims rest on it."""
    if CI and found() is None:
        raise pytest.UsageError(NO_MICROPYTHON)


@pytest.fixture(autouse=True)
def the_same_firmware_afterwards() -> Iterator[None]:
    """A virtual board in this process loads the firmware anew: what a test leaves of that would
    mix with the modules of the tests after it."""
    before = {name: sys.modules[name] for name in WATCHED if name in sys.modules}
    yield
    left = [name for name, module in before.items() if sys.modules.get(name) is not module]
    sys.modules.update(before)
    assert not left, f"this test leaves other modules behind: {', '.join(left)}"


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for runs of scenarios that all workers of this test run see."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "scenarios"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def micropython() -> list[str]:
    """The command that starts MicroPython with the heap the board has."""
    interpreter = found()
    if interpreter is None:
        pytest.skip(NO_MICROPYTHON)
    return [*interpreter.command, "-X", "heapsize=128K"]


@pytest.fixture(scope="session")
def micropython_31_bit() -> list[str]:
    """MicroPython with the ESP32's 31-bit small ints."""
    interpreter: Found | None = found()
    if interpreter is None or interpreter.small_int_bits != 31:
        pytest.skip("no MicroPython with 31-bit small ints")
    return [*interpreter.command, "-X", "heapsize=128K"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not tested. A skipped test is an open question, not a pass."""
    interpreter = found()
    terminalreporter.write_line(f"Interpreter: {interpreter or 'NO MICROPYTHON'}")
    skipped: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else "skipped"
        skipped[reason] = skipped.get(reason, 0) + 1
    if interpreter is None or skipped:
        terminalreporter.section("NOT TESTED ON THIS MACHINE", sep="!", red=True, bold=True)
    if interpreter is None:
        terminalreporter.write_line(NO_MICROPYTHON)
    for reason, count in sorted(skipped.items()):
        terminalreporter.write_line(f"{count} tests: {reason.removeprefix('Skipped: ')}")
