# SPDX-License-Identifier: MIT
"""The real mpremote, run as a program, and its refusals in one sentence each.

`resume` keeps it from a soft reset, which would run boot.py in the middle of a deployment.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from treadguard.errors import BoardRefused, LinkError, NoBoardError
from treadguard.flashing.loader import require_port

MODULE = "mpremote"
SHORT_S = 60.0
# A byte is up to four characters of a literal; 11520 of those a second, and a wait each chunk.
SLOWEST_BYTES_S = 400
SCRIPTS = Path(__file__).with_name("on_board")


def run(port: str, *words: str, timeout_s: float = SHORT_S) -> str:
    """One mpremote command on a board in maintenance; what it printed."""
    command = [sys.executable, "-m", MODULE, "connect", port, "resume", *words]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=timeout_s
        )
    except subprocess.TimeoutExpired:
        raise LinkError(_lost(port, words, "it stopped answering")) from None
    if done.returncode:
        raise _refusal(port, words, done.stdout + done.stderr)
    return done.stdout


def run_script(
    port: str, name: str, timeout_s: float = SHORT_S, folder: Path = SCRIPTS, **values: Any
) -> str:
    """Run one of `folder` there, with `values` in front of it as names."""
    text = "".join(f"{key} = {value!r}\n" for key, value in values.items())
    text += (folder / f"{name}.py").read_text(encoding="ascii")
    with tempfile.TemporaryDirectory(prefix="treadguard-") as temporary:
        path = Path(temporary) / f"{name}.py"
        path.write_text(text, encoding="ascii")
        return run(port, "run", str(path), timeout_s=timeout_s)


def answer(
    port: str, name: str, timeout_s: float = SHORT_S, folder: Path = SCRIPTS, **values: Any
) -> Any:
    """The object that a script prints as its last line."""
    said = run_script(port, name, timeout_s, folder, **values).strip()
    try:
        return json.loads(said.splitlines()[-1])
    except (ValueError, IndexError):
        raise LinkError(_lost(port, (name,), "its answer was damaged")) from None


def _refusal(port: str, words: tuple[str, ...], said: str) -> Exception:
    if "ENOSPC" in said or "OSError: 28" in said:
        return BoardRefused(
            f"the board on {port} has no room for a second version: `treadguard flash` saves its"
            " records and makes room"
        )
    if "could not enter raw repl" in said:
        return NoBoardError(
            f"MicroPython on {port} does not answer: is the red button pressed? then press the"
            " board's EN button, wait 10 seconds and run the command again"
        )
    if "failed to access" in said or "in use" in said:
        require_port(port)  # raises our own sentence, unless it has come back
        return NoBoardError(f"{port} cannot be opened any more: plug the board in again")
    last = (said.strip().splitlines() or ["no reason given"])[-1]
    return LinkError(_lost(port, words, last))


def _lost(port: str, words: tuple[str, ...], why: str) -> str:
    return (
        f"the board on {port} was lost during {' '.join(words[:2])} ({why}): plug it in and run"
        " the command again; until then it runs the old version or refuses to arm"
    )
