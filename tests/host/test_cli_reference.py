# SPDX-License-Identifier: MIT
"""docs/cli.md says what the commands do, today."""

from __future__ import annotations

from pathlib import Path

from treadguard.cli import reference
from treadguard.errors import EXIT_CODES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"


def test_the_committed_page_is_the_generated_one() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference.markdown(), (
        "docs/cli.md is stale: run `python -m treadguard.cli.reference docs/cli.md`"
    )


def test_every_exit_code_is_documented() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"| {code} | {meaning} |" in text for code, meaning in EXIT_CODES.items())
