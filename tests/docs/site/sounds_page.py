# SPDX-License-Identifier: MIT
"""docs/reference/sounds.md and its drawings: what the buzzer and the light say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from guard.board import panel
from guard.core import sounds, states
from tests.docs.site import tables, timing
from tests.docs.site.words import Words

ABOUT = """\
Every sound and light of the box, drawn from the patterns in the firmware. Each picture shows
four seconds; a bar is sound, a gap is silence. The [walker's page](../guide/sounds.md) has the
ones to know by heart.

When a new sound comes in the middle of another, the box is silent for {gap} first, so that the
ear can tell them apart."""


def goes_on(code: int) -> bool:
    """Drones go on for as long as their reason stands; chirps sound once."""
    return 0 < code < sounds.BELT_SEEN


def sound_rows() -> list[tuple[str, Sequence[int], bool]]:
    """(name, pattern, goes on) of every sound but silence."""
    found = zip(sounds.SOUND_NAMES, panel.PATTERNS, strict=True)
    return [(n, p, goes_on(code)) for code, (n, p) in enumerate(found) if code]


def light_rows() -> list[tuple[str, Sequence[int]]]:
    return list(zip(states.STATE_NAMES, panel.LIGHTS, strict=True))


def drawings(words: Words) -> dict[str, str]:
    """File name in docs/reference -> SVG."""
    found = {
        f"sounds/{name}.svg": timing.drawing(_plain(words["sounds"][name]), pattern, on)
        for name, pattern, on in sound_rows()
    }
    for name, pattern in light_rows():
        title = f"Light: {words['lights'][name]}"
        found[f"lights/{name.lower()}.svg"] = timing.drawing(title, pattern, True)
    return found


def _plain(word: dict[str, Any]) -> str:
    return f"Sound: {word['call']}".replace("*", "")


def page(words: Words) -> str:
    about = ABOUT.format(gap=tables.seconds(panel.GAP_MS))
    parts = ["## Sounds that go on", *_sounds(words, True)]
    parts += ["## Sounds that come once", *_sounds(words, False)]
    parts += ["## The light", _lights(words)]
    return tables.page("Sounds and lights", about, *parts)


def _sounds(words: Words, drones: bool) -> list[str]:
    return [
        _sound(name, words["sounds"][name], pattern)
        for name, pattern, on in sound_rows()
        if on == drones
    ]


def _sound(name: str, word: dict[str, Any], pattern: Sequence[int]) -> str:
    call = word["call"]
    return (
        f"### {name}\n\n![{_plain(word)}](sounds/{name}.svg)\n\n"
        f"{call[0].upper()}{call[1:]}. {in_ms(pattern)}\n\n"
        f"- **When:** {word['when']}\n- **Do:** {word['do']}"
    )


def in_ms(pattern: Sequence[int]) -> str:
    """(400, 1600) -> "400 ms on, 1600 off."."""
    words = [f"{ms} {'off' if i % 2 else 'on'}" for i, ms in enumerate(pattern)]
    return ", ".join([words[0].replace(" on", " ms on"), *words[1:]]) + "."


def _lights(words: Words) -> str:
    rows = []
    for name, pattern in light_rows():
        told = words["lights"][name]
        picture = f"![Light: {told}](lights/{name.lower()}.svg)"
        steady = "Always on." if len(pattern) == 1 else in_ms(pattern)
        rows.append((f"`{name}`", picture, f"{told} {steady}"))
    return tables.table(("state", "four seconds of it", "meaning"), rows)
