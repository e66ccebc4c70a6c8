# SPDX-License-Identifier: MIT
"""The safety file (docs/safety): what it names exists, and its generated pages are current.

    safety.py   requirements.toml and the repository as data
    checks.py   every check on both
    figures.py  the figures of the last full runs: docs/safety/figures.json
    pages.py    traceability.md, and the generated blocks of the other pages

`python -m tests.docs` writes the pages; `--take` first takes the figures from build/.
"""
