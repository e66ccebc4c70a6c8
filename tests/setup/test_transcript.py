# SPDX-License-Identifier: MIT
"""docs/setup.md shows what setup really says."""

from __future__ import annotations

import pytest

from tests.setup import transcript


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_quoted_setup_is_what_setup_says(tmp_path):
    page = transcript.PAGE.read_text(encoding="utf-8")
    assert len(transcript.BLOCK.findall(page)) == 1
    now = transcript.filled(page, transcript.play(tmp_path))
    assert transcript.masked(now) == transcript.masked(page), "run `python -m tests.setup`"
    assert list(tmp_path.iterdir()) == [], "a virtual board left something behind"
