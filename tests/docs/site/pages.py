# SPDX-License-Identifier: MIT
"""Every page and drawing as it must be, and which of them are not."""

from __future__ import annotations

from pathlib import Path

from tests.docs import safety
from tests.docs.site import (
    faults_page,
    link_page,
    parameters_page,
    pins_page,
    records_page,
    scenario_page,
    sounds_page,
    values,
    words,
)
from tests.docs.site.words import DOCS

REFERENCE = DOCS / "reference"
WRITTEN_BY_HAND = ("index.md", "faq.md", "glossary.md", "guide/*.md", "build/*.md")
AGAIN = "run `python -m tests.docs.site`"


def generated() -> dict[Path, str]:
    """docs/reference, all of it."""
    told = words.load()
    not_built = safety.load_file().not_built
    found = {
        "faults.md": faults_page.page(told, faults_page.texts(), not_built),
        "parameters.md": parameters_page.page(),
        "sounds.md": sounds_page.page(told),
        "pins.md": pins_page.page(told),
        "link.md": link_page.page(),
        "record-tables.md": records_page.page(),
        "scenario-keys.md": scenario_page.page(),
        **sounds_page.drawings(told),
    }
    return {REFERENCE / name: text for name, text in found.items()}


def by_hand() -> list[Path]:
    return sorted(path for pattern in WRITTEN_BY_HAND for path in DOCS.glob(pattern))


def quoting() -> dict[Path, str]:
    """Pages written by hand, their figures as they must be."""
    known = values.values()
    return {path: values.filled(path.read_text(encoding="utf-8"), known) for path in by_hand()}


def all_pages() -> dict[Path, str]:
    return {**generated(), **quoting()}


def drift(wanted: dict[Path, str]) -> list[str]:
    """One sentence per page that is not as it must be, or that nobody writes any more."""
    found = []
    for path, text in wanted.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            found.append(f"{path.name} is not current: {AGAIN}")
    kept = {path for pattern in ("*.md", "*/*.svg") for path in REFERENCE.glob(pattern)}
    return found + [
        f"{path.name}: nothing writes it any more" for path in sorted(kept - {*wanted})
    ]


def write(wanted: dict[Path, str]) -> list[Path]:
    """Write what differs; the paths that were written."""
    changed = []
    for path, text in wanted.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed
