# SPDX-License-Identifier: MIT
"""`python -m tests.setup`: play setup on a virtual board and quote it in docs/setup.md."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.setup import transcript


def main() -> None:
    """Rewrite the page's transcript."""
    with tempfile.TemporaryDirectory() as folder:
        block = transcript.play(Path(folder))
    page = transcript.PAGE.read_text(encoding="utf-8")
    transcript.PAGE.write_text(transcript.filled(page, block), encoding="utf-8")


if __name__ == "__main__":
    main()
