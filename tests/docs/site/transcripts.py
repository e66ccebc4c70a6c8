# SPDX-License-Identifier: MIT
"""What the host tools really print during bring-up, quoted in docs/build/bring-up.md.

Played on a virtual board with the real firmware; takes some seconds of real time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.docs.site.words import DOCS

PAGE = DOCS / "build" / "bring-up.md"
BLOCK = re.compile(
    r"<!-- transcript: (?P<name>\w+) -->\n(?P<text>.*?)<!-- /transcript -->", re.DOTALL
)
SPEED_FACTOR = 40.0


def play() -> dict[str, str]:
    """Name -> what is printed, from a fresh board to one that may guard."""
    from treadguard.demo import stage, story

    with stage.served(SPEED_FACTOR) as served:
        people = served.people
        people.wait("state:READY")
        found = {"fresh": _said("status", served.run("status"))}
        story._commission(served, story.Teller(quiet=True))
        people.do("mode backward")
        people.rest(1_000)
        found["verified"] = _said("status", served.run("status"))
    return found


def _said(command: str, text: str) -> str:
    return f"```\n$ treadguard {command}\n{steady(text.strip())}\n```\n"


def steady(text: str) -> str:
    """Without what differs from run to run."""
    text = re.sub(r"version [\d.]+\w*", "version ...", text)
    return re.sub(r"up \d+ s", "up ... s", text)


def filled(page: str, found: Mapping[str, str]) -> str:
    """The page with every transcript as it must be."""

    def block(match: re.Match[str]) -> str:
        name = match["name"]
        return f"<!-- transcript: {name} -->\n{found[name]}<!-- /transcript -->"

    return BLOCK.sub(block, page)
