# SPDX-License-Identifier: MIT
"""Checks on the built site: links and anchors, nothing fetched, fit for a screen reader."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "audio": "src"}
SPARE = ("404.html",)  # its addresses are those of a server


class Page(HTMLParser):
    """What one page holds and points at."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.headings: list[int] = []
        self.without_alt: list[str] = []
        self.language = ""
        self.titles = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if given.get("id"):
            self.ids.add(given["id"])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag in LOADED and given.get(LOADED[tag]):
            self.loads.append(given[LOADED[tag]])
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.headings.append(int(tag[1]))
        if tag == "img" and not given.get("alt", "").strip():
            self.without_alt.append(given.get("src", ""))
        if tag == "html":
            self.language = given.get("lang", "")
        self.titles += tag == "title"


def read(site: Path) -> dict[str, Page]:
    """Every page by its path in the site."""
    return {
        path.relative_to(site).as_posix(): Page(path.read_text(encoding="utf-8"))
        for path in sorted(site.rglob("*.html"))
        if path.name not in SPARE
    }


def gaps(pages: Mapping[str, Page], files: set[str]) -> list[str]:
    """Everything that is wrong; `files` are all paths of the site."""
    found = []
    for name, page in pages.items():
        for target in page.links + page.loads:
            reason = _leads(name, target, pages, files)
            if reason:
                found.append(f"{name}: {target} {reason}")
        fetched = [target for target in page.loads if urlsplit(target).netloc]
        found += [f"{name}: fetches {target}" for target in fetched]
        found += [f"{name}: the picture {src} has no words" for src in page.without_alt]
        found += [f"{name}: {reason}" for reason in _structure(page)]
    return found


def _leads(name: str, target: str, pages: Mapping[str, Page], files: set[str]) -> str:
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return ""
    to = _joined(name, unquote(parts.path))
    if to not in files:
        return "does not exist"
    anchor = unquote(parts.fragment)
    if anchor and to in pages and anchor not in pages[to].ids:
        return "names no place of that page"
    return ""


def _joined(name: str, path: str) -> str:
    if not path:
        return name
    at = name.split("/")[:-1]
    for part in path.split("/"):
        if part == "..":
            at = at[:-1] if at else ["outside"]
        elif part not in ("", "."):
            at.append(part)
    return "/".join(at) if not path.endswith("/") else "/".join([*at, "index.html"])


def _structure(page: Page) -> list[str]:
    found = [] if page.language else ["names no language"]
    if page.headings.count(1) != 1:
        found.append(f"has {page.headings.count(1)} main headings")
    pairs = zip(page.headings, page.headings[1:], strict=False)
    found += [f"goes from heading {a} to heading {b}" for a, b in pairs if b > a + 1]
    return found if page.titles else [*found, "has no title"]


def check(site: Path) -> list[str]:
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    return gaps(read(site), files)
