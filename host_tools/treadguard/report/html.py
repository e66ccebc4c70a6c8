# SPDX-License-Identifier: MIT
"""Small pieces of the page: escaped text, speeds that follow the unit buttons, figures, facts."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

from treadguard import units

ASSETS = Path(__file__).resolve().parent / "assets"

# No address is ever asked for anything: the page is whole.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
ZOOM = (
    '<span class="bar-of-buttons"><button data-zoom="in" aria-label="zoom in">+</button>'
    '<button data-zoom="out" aria-label="zoom out">\N{MINUS SIGN}</button>'
    '<button data-zoom="all">whole</button></span>'
)


def asset(name: str) -> str:
    """A file that goes into the page."""
    return (ASSETS / name).read_text(encoding="utf-8")


def speed(mm_s: int | None) -> str:
    """A speed; the unit buttons rewrite it."""
    if mm_s is None:
        return "not recorded"
    return f'<span data-mm-s="{mm_s}">{units.speed(mm_s).split(",")[0]}</span>'


def figure(attributes: str, label: str, zoom: bool = True, legend: str = "") -> str:
    """A place for a plot, with a text that stands for it; `legend` is HTML."""
    key = f'<p class="legend">{legend}</p>' if legend else ""
    return (
        f'<figure {attributes} data-label="{escape(label)}"><div class="canvas"></div>{key}'
        f'<figcaption><span class="hidden">{escape(label)}</span><p class="read"></p>'
        f"{ZOOM if zoom else ''}</figcaption></figure>"
    )


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Terms and values; values are HTML."""
    rows = "".join(f"<div><dt>{escape(term)}</dt><dd>{value}</dd></div>" for term, value in pairs)
    return f"<dl>{rows}</dl>"


def minutes(seconds: int) -> str:
    """`12:30` of 750 s."""
    return f"{seconds // 60}:{seconds % 60:02d}"


def hours(seconds: int) -> str:
    """`26 h 10 min`, minutes alone, or of less than one the seconds."""
    if 0 < seconds < 60:
        return f"{seconds} s"
    whole = seconds // 60
    return f"{whole // 60} h {whole % 60:02d} min" if whole >= 60 else f"{whole} min"


def metres(mm: int | None) -> str:
    """`0.45 m`."""
    return "not measured" if mm is None else f"{mm / 1000:.2f} m"


def count(number: int, noun: str) -> str:
    """`1 trip`, `2 trips`."""
    return f"{number} {noun}" + ("" if number == 1 else "s")
