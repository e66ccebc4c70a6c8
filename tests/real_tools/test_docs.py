# SPDX-License-Identifier: MIT
"""docs/flashing.md shows what the tools print. `python -m tests.real_tools.test_docs` fills it."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conftest import ROOT
from tests.support import esp_image
from treadguard.measuring import EXPECTED

PAGE = ROOT / "docs" / "flashing.md"
PORT = "/dev/ttyUSB0"
IMAGE = "ESP32_GENERIC.bin"
COMMANDS = {
    "flash": ["flash", IMAGE, "--port", PORT, "--dry-run"],
    "deploy": ["deploy", "--port", PORT, "--dry-run"],
}
# Sizes change with every version; what is written where does not.
SIZES = re.compile(r"\d+ files, \d+ bytes")
PROGRAM_END = re.compile(r"(MicroPython: 0x10000 to) 0x[0-9a-f]+|(bootloader: 0x1000 to) 0x\w+")


def printed(words: list[str]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / IMAGE).write_bytes(esp_image.micropython())
        ran = subprocess.run(
            [sys.executable, "-m", "treadguard", *words],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
    text = SIZES.sub("... files, ... bytes", ran.stdout)
    text = PROGRAM_END.sub(lambda m: f"{m.group(1) or m.group(2)} ...", text)
    return f"```\n$ treadguard {' '.join(words)}\n{text}```\n"


def bench_table() -> str:
    rows = "".join(f"| {what} | {expected} | |\n" for _, what, expected, _ in EXPECTED)
    return f"| figure | expected | yours |\n|---|---|---|\n{rows}"


def filled(page: str) -> str:
    for name, words in COMMANDS.items():
        page = between(page, f"transcript: {name}", "/transcript", printed(words))
    return between(page, "table: bench", "/table", bench_table())


def between(page: str, begin: str, end: str, text: str) -> str:
    pattern = re.compile(f"<!-- {begin} -->\n.*?<!-- {end} -->", re.DOTALL)
    assert pattern.search(page), begin
    return pattern.sub(lambda _: f"<!-- {begin} -->\n{text}<!-- {end} -->", page)


def test_the_page_shows_what_the_tools_print() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == filled(page), f"run `python -m {__name__}`"


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
