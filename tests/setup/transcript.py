# SPDX-License-Identifier: MIT
"""What `treadguard setup --virtual --yes` says, quoted in docs/setup.md.

Figures that are measured differ from run to run, so pages are compared with every figure masked.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "setup.md"
BLOCK = re.compile(r"(<!-- transcript: setup -->\n).*?(<!-- /transcript -->)", re.DOTALL)
NOW_AND_THEN = "    the speed still changes, measured again\n"


def play(folder: Path) -> str:
    """Everything that is printed, as one Markdown block."""
    ran = subprocess.run(
        [sys.executable, "-B", "-m", "treadguard", "setup", "--virtual", "--yes"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        cwd=folder,
        timeout=300,
        check=True,
        env={**os.environ, "XDG_STATE_HOME": str(folder / "state"), "NO_COLOR": "1"},
    )
    text = ran.stdout.replace(NOW_AND_THEN, "")
    return f"```\n$ treadguard setup --virtual --yes\n{text.strip()}\n```\n"


def filled(page: str, block: str) -> str:
    """The page with this block in its place."""
    return BLOCK.sub(lambda match: match[1] + block + match[2], page)


def masked(text: str) -> str:
    """The same words whatever was measured."""
    return re.sub(r"\d[\d.:-]*", "#", text)
