# SPDX-License-Identifier: MIT
"""docs/flashing.md and docs/build/bring-up.md show what the tools print and ask for.

`python -m tests.real_tools.test_docs` fills them.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support import esp_image
from treadguard.measuring import MEASURED, READINGS

PAGE = ROOT / "docs" / "flashing.md"
BRING_UP = ROOT / "docs" / "build" / "bring-up.md"
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
    rows = "".join(f"| {one.what} | {one.expected} | |\n" for one in MEASURED)
    return f"| figure | expected | yours |\n|---|---|---|\n{rows}"


def reading_table() -> str:
    rows = "".join(
        f"| {one.what} | {one.expected} | {one.how} | `{one.example}` |\n" for one in READINGS
    )
    return (
        f"| figure | expected | how | `treadguard bench --record ...` |\n|---|---|---|---|\n{rows}"
    )


def filled() -> dict[Path, str]:
    page = PAGE.read_text(encoding="utf-8")
    for name, words in COMMANDS.items():
        page = between(page, f"transcript: {name}", "/transcript", printed(words))
    sheet = BRING_UP.read_text(encoding="utf-8")
    return {
        PAGE: between(page, "table: bench", "/table", bench_table()),
        BRING_UP: between(sheet, "table: readings", "/table", reading_table()),
    }


def between(page: str, begin: str, end: str, text: str) -> str:
    pattern = re.compile(f"<!-- {begin} -->\n.*?<!-- {end} -->", re.DOTALL)
    assert pattern.search(page), begin
    return pattern.sub(lambda _: f"<!-- {begin} -->\n{text}<!-- {end} -->", page)


@pytest.mark.timeout(400)
def test_the_pages_show_what_the_tools_print() -> None:
    for path, page in filled().items():
        assert path.read_text(encoding="utf-8") == page, f"run `python -m {__name__}`"


if __name__ == "__main__":
    for path, page in filled().items():
        path.write_text(page, encoding="utf-8")
