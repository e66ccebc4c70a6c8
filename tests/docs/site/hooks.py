# SPDX-License-Identifier: MIT
"""What mkdocs does beyond Markdown: pages from outside docs/, links that leave the site, sounds.

A link to a file of the repository that is no part of the site becomes plain text: the site is
read without the repository beside it. links.py has seen that the file exists.
"""

from __future__ import annotations

import posixpath
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

# What the site shows beside docs/.
OUTSIDE = ("CONTRIBUTING.md", "CHANGELOG.md")
HARDWARE = ("*.md", "*.svg", "*.png", "*.pdf", "*.csv", "*.tsv")
# Code is passed over; a link whose text is code is a link.
LINK = re.compile(
    r"^```.*?^```[^\n]*$"
    r"|(?P<open>!?\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\])\((?P<target>[^()\s]+)\)"
    r"|`[^`\n]+`",
    re.DOTALL | re.MULTILINE,
)
DRAWING = re.compile(r"<img [^>]*src=\"(?P<src>(?![^\"]*(?:sounds|lights)/)[^\"]*\.svg)\"[^>]*>")
# What the theme would fetch so that search works without a server; ours stands in the page.
FETCHED = '<script src="https://unpkg.com/iframe-worker/shim"></script>'
WORKER = ROOT / "docs" / "theme" / "worker.js"
# Before the heading they would hide the page's title from mkdocs.
COMMENTS = re.compile(r"\A(?:\s*<!--.*?-->\s*)+", re.DOTALL)
IMAGE = re.compile(r"<img [^>]*src=\"(?P<src>[^\"]*sounds/(?P<name>\w+))\.svg\"[^>]*>")


def outside() -> dict[str, Path]:
    """Path in the site -> file, for what the site takes from outside docs/."""
    found = {name: ROOT / name for name in OUTSIDE}
    for pattern in HARDWARE:
        for path in sorted((ROOT / "hardware").rglob(pattern)):
            found[path.relative_to(ROOT).as_posix()] = path
    return found


def on_config(config: Any) -> Any:
    """Leave out what is not written yet, and show what nobody has put into the navigation."""
    docs = Path(config.docs_dir)
    there = {p.relative_to(docs).as_posix() for p in docs.rglob("*.md")} | set(outside())
    listed: set[str] = set()
    config.nav = _pruned(config.nav, there, listed)
    more = sorted(name for name in there - listed if name.endswith(".md"))
    if more:
        config.nav.append({"More": more})
    return config


def _pruned(items: list[Any], there: set[str], listed: set[str]) -> list[Any]:
    kept: list[Any] = []
    for item in items:
        name, target = next(iter(item.items())) if isinstance(item, dict) else (None, item)
        if isinstance(target, list):
            target = _pruned(target, there, listed)
        elif target not in there:
            continue
        else:
            listed.add(target)
        kept.append({name: target} if name else target)
    return kept


def on_files(files: Any, config: Any) -> Any:
    from mkdocs.structure.files import File

    for name, path in outside().items():
        files.append(File.generated(config, name, abs_src_path=str(path)))
    for name, data in _tones().items():
        files.append(File.generated(config, f"reference/sounds/{name}.wav", content=data))
    return files


def _tones() -> dict[str, bytes]:
    import tests.conftest  # noqa: F401  (the firmware on sys.path)
    from tests.docs.site import sounds_page, tone

    return {name: tone.wav(pattern, on) for name, pattern, on in sounds_page.sound_rows()}


def on_page_markdown(markdown: str, page: Any, files: Any, **_: Any) -> str:
    """Turn links into the repository into links of the site, or into their text."""
    source = page.file.src_uri
    here = posixpath.dirname(source if source in outside() else f"docs/{source}")
    known = {file.src_uri for file in files}

    def replace(match: re.Match[str]) -> str:
        target, hash_, anchor = (match["target"] or "").partition("#")
        if not target or ":" in target:
            return match[0]
        path = posixpath.normpath(posixpath.join(here, target))
        in_site = path.removeprefix("docs/") if path.startswith("docs/") else path
        if in_site in known and (path.startswith("docs/") or path in outside()):
            to = posixpath.relpath(in_site, posixpath.dirname(source) or ".")
            return f"{match['open']}({to}{hash_}{anchor})"
        if (ROOT / path).exists() and in_site not in known:
            return match["text"]
        return match[0]

    return LINK.sub(replace, COMMENTS.sub("", markdown))


def on_page_content(html: str, **_: Any) -> str:
    """A player under each drawing of a sound; larger drawings open by themselves when tapped."""

    def player(match: re.Match[str]) -> str:
        return (
            f'{match[0]}<audio controls preload="none" src="{match["src"]}.wav"'
            f' aria-label="Play the sound {match["name"]}"></audio>'
        )

    return DRAWING.sub(
        r'<a href="\g<src>" title="Open the drawing">\g<0></a>', IMAGE.sub(player, html)
    )


def on_post_page(output: str, **_: Any) -> str:
    return output.replace(FETCHED, f"<script>{WORKER.read_text(encoding='utf-8')}</script>")


def on_post_template(output_content: str, **_: Any) -> str:
    return on_post_page(output_content)
