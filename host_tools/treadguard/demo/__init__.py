# SPDX-License-Identifier: MIT
"""`treadguard demo`: the real firmware, protocol and host tools guard a whole session."""

from __future__ import annotations

from pathlib import Path


def run(output: Path, *, quiet: bool = False) -> int:
    """Play the story, write the files; 0, or 7 when a stop missed its bound."""
    from treadguard.demo import outcome, story

    output.mkdir(parents=True, exist_ok=True)
    stops = story.play(output, quiet=quiet)
    return outcome.write(output, stops)
