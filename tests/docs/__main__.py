# SPDX-License-Identifier: MIT
"""`python -m tests.docs [--take]`: check the safety file, write its generated pages."""

from __future__ import annotations

import argparse
import sys

import tests.conftest  # noqa: F401  (the firmware on sys.path)
from guard.core import faults, parameters
from tests.docs import checks, figures, pages, safety


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.docs", description=__doc__)
    parser.add_argument("--take", action="store_true", help="take new figures from build/")
    arguments = parser.parse_args()
    if arguments.take:
        figures.keep(figures.take())
    file = safety.load_file()
    has = safety.held([row[1] for row in faults.TABLE], parameters.NAMES)
    gaps = checks.all_gaps(file, has)
    for gap in gaps:
        print(gap, file=sys.stderr)
    for path, text in pages.pages(file, has, figures.kept()).items():
        path.write_text(text, encoding="utf-8")
    print(f"{len(file.requirements)} requirements, {len(gaps)} gaps")
    return 1 if gaps else 0


if __name__ == "__main__":
    sys.exit(main())
