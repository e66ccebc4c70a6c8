# SPDX-License-Identifier: MIT
"""`treadguard demo`: the real firmware, protocol and host tools guard a whole session."""

from __future__ import annotations

import shutil
from pathlib import Path

RECORDS = "records"


def run(output: Path, *, quiet: bool = False) -> int:
    """Play the story, write the files; 0, or 7 when a stop missed its bound."""
    from treadguard.demo import outcome, story

    output.mkdir(parents=True, exist_ok=True)
    _forget_earlier(output / RECORDS)
    stops = story.play(output, quiet=quiet)
    return outcome.write(output, stops)


def _forget_earlier(records: Path) -> None:
    """Records of an earlier demo, whose board was new as well. Anybody else's stay: the pull
    refuses to mix them."""
    from treadguard.link import pull
    from treadguard.virtual.chip import UNIQUE_ID

    if pull.note_of(records).get("board") == UNIQUE_ID.hex():
        shutil.rmtree(records)
