# SPDX-License-Identifier: MIT
"""`make docs`: build the site, check every link, look at it in a browser.

python -m tests.docs.site.build [--pictures FOLDER]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import tests.conftest  # puts the firmware on sys.path
from tests.docs.safety import ROOT

if TYPE_CHECKING:
    from tests.docs.site.browser import Browser

SITE = ROOT / "build" / "site"
SCRATCH = ROOT / "build" / "site-check"
SHOWN = (
    "index.html", "guide/index.html", "guide/first-walk.html", "guide/before-you-walk.html",
    "guide/sounds.html", "guide/after-a-stop.html", "guide/care.html", "build/index.html",
    "build/key-loop.html", "build/bring-up.html", "build/proof-test.html",
    "hardware/index.html", "reference/faults.html", "reference/parameters.html",
    "reference/sounds.html", "reference/pins.html", "architecture.html", "faq.html",
    "glossary.html", "safety/index.html",
)  # fmt: skip
PICTURE_HEIGHT = {390: 2600, 1280: 1600}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.docs.site.build")
    parser.add_argument("--pictures", type=Path, help="folder for pictures of the pages")
    arguments = parser.parse_args()
    from tests.docs.site import built, links, pages

    found = pages.drift(pages.all_pages()) + links.all_broken(links.markdown_files())
    if not found:
        found = [] if _mkdocs() else ["mkdocs found something: see above"]
    if not found:
        found = built.check(SITE) + _looked_at(arguments.pictures)
    for gap in found:
        print(gap, file=sys.stderr)
    count = len(list(SITE.rglob("*.html")))
    print(f"{len(found)} faults" if found else f"{count} pages: build/site/index.html")
    return 1 if found else 0


def _mkdocs() -> bool:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--clean"]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def _looked_at(pictures: Path | None) -> list[str]:
    """In CI a missing browser is a fault; at home it is told and passed over."""
    from tests.docs.site import browser

    program = browser.find()
    if program is None:
        if tests.conftest.CI:
            return [browser.MISSING]
        print(browser.MISSING)
        return []
    window = browser.Browser(program, SITE, SCRATCH)
    names = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
    if pictures:
        _take(window, pictures)
    return browser.check(window, [name for name in names if name != "404.html"])


def _take(window: Browser, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for page in SHOWN:
        if not (SITE / page).is_file():
            continue
        for width, height in PICTURE_HEIGHT.items():
            for dark in (False, True):
                name = f"{page.removesuffix('.html').replace('/', '-')}-{width}"
                to = folder / f"{name}{'-dark' if dark else ''}.png"
                window.picture(page, to, width, height, dark)
                print(to)


if __name__ == "__main__":
    sys.exit(main())
