# SPDX-License-Identifier: MIT
"""The built site in a real browser without a window: no page wider than a phone, search, pictures.

The site is opened from the disk, as a reader without a server would.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MISSING = (
    "no Chromium: the site was not looked at in a browser."
    " Install one (Debian: apt-get install chromium; macOS: brew install --cask chromium)"
    " or name it in TREADGUARD_CHROMIUM"
)
PHONE, DESK = 390, 1280
SEARCHED, FINDS = "SENSOR_NOISE", "reference/faults.html"
TIMEOUT_S = 120
RESULT = re.compile(r"<a href=\"([^\"?#]+)[^\"]*\" class=\"md-search-result__link\"")

MEASURE = """\
<!doctype html><title>measure</title><pre id="result"></pre><script>
const pages = %s, widths = %s, found = [];
async function measure(page, width) {
  const frame = document.createElement("iframe");
  frame.style.cssText = `width:${width}px;height:800px;border:0`;
  frame.src = page;
  await new Promise((done) => { frame.onload = done; document.body.append(frame); });
  await new Promise((done) => setTimeout(done, 50));
  const root = frame.contentDocument.documentElement;
  const text = frame.contentDocument.querySelector(".md-content p");
  const size = text ? parseFloat(frame.contentWindow.getComputedStyle(text).fontSize) : 0;
  found.push({ page, width, needs: root.scrollWidth, px: size });
  frame.remove();
}
(async () => {
  for (const width of widths) for (const page of pages) await measure(page, width);
  document.getElementById("result").textContent = JSON.stringify(found);
})();
</script>
"""


def find() -> str | None:
    """The browser's program, or None."""
    named = os.environ.get("TREADGUARD_CHROMIUM")
    names = (named,) if named else NAMES
    return next((path for name in names if (path := shutil.which(name))), None)


class Browser:
    def __init__(self, program: str, site: Path, scratch: Path) -> None:
        self.program = program
        self.site = site.resolve()
        self.scratch = scratch.resolve()
        self.scratch.mkdir(parents=True, exist_ok=True)

    def _run(self, *words: str, profile: str = "profile") -> str:
        done = subprocess.run(
            [
                *(self.program, "--headless=new", "--no-sandbox", "--disable-gpu"),
                *("--hide-scrollbars", "--allow-file-access-from-files"),
                f"--user-data-dir={self.scratch / profile}",
                *words,
            ],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        return done.stdout

    def address(self, page: str) -> str:
        return (self.site / page).as_uri()

    def widths(self, pages: list[str]) -> list[dict[str, object]]:
        """What each page needs at both widths; an error when the browser measured nothing."""
        harness = self.scratch / "measure.html"
        targets = json.dumps([self.address(page) for page in pages])
        harness.write_text(MEASURE % (targets, json.dumps([PHONE, DESK])), encoding="utf-8")
        dom = self._run("--virtual-time-budget=100000", "--dump-dom", harness.as_uri())
        match = re.search(r"<pre id=\"result\">(\[.*?\])</pre>", dom, re.DOTALL)
        found: list[dict[str, object]] = json.loads(match[1]) if match else []
        if len(found) != 2 * len(pages):
            raise RuntimeError(f"the browser measured {len(found)} of {2 * len(pages)} pages")
        return found

    def search(self, words: str) -> str:
        """The page after a search for these words."""
        at = f"{self.address('index.html')}?q={words}"
        return self._run("--virtual-time-budget=15000", "--dump-dom", at)

    def picture(self, page: str, to: Path, width: int, height: int, dark: bool) -> None:
        scheme = "--blink-settings=preferredColorScheme=" + ("0" if dark else "1")
        size = f"--window-size={width},{height}"
        # The page remembers the last scheme in its profile.
        profile = "dark" if dark else "light"
        shot = f"--screenshot={to.resolve()}"
        self._run(scheme, size, shot, self.address(page), profile=profile)


def too_wide(measured: list[dict[str, object]]) -> list[str]:
    return [
        f"{m['page']} needs {m['needs']} px of {m['width']}"
        for m in measured
        if int(str(m["needs"])) > int(str(m["width"]))
    ]


def too_small(measured: list[dict[str, object]], least_px: float = 16) -> list[str]:
    sizes = [(m["page"], float(str(m["px"]))) for m in measured]
    return sorted({f"{page}: text of {px} px" for page, px in sizes if 0 < px < least_px})


def check(browser: Browser, pages: list[str]) -> list[str]:
    measured = browser.widths(pages)
    found = too_wide(measured) + too_small(measured)
    dom = browser.search(SEARCHED)
    names = RESULT.findall(dom)
    if not any(name.endswith(FINDS) for name in names):
        found.append(f"a search for {SEARCHED} does not find {FINDS}, only {names[:5]}")
    return found
