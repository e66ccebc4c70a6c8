# SPDX-License-Identifier: MIT
"""On what a run was made: commit, interpreters, machine."""

from __future__ import annotations

import os
import platform
import subprocess
from typing import Any

from tests.micropython import found
from tests.micropython.interpreter import ROOT


def git(*arguments: str) -> str:
    """Output of a git command; empty where there is no git or no repository."""
    try:
        run = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return run.stdout.strip() if run.returncode == 0 else ""


def about() -> dict[str, Any]:
    device, counted = found(), found(amd64=True)
    return {
        "commit": git("rev-parse", "HEAD") or None,
        "uncommitted_changes": bool(git("status", "--porcelain")),
        "cpython": platform.python_version(),
        "micropython": _version(device),
        "micropython_small_int_bits": device.small_int_bits if device else None,
        "micropython_for_valgrind": _version(counted),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    }


def _version(interpreter: Any) -> str | None:
    return ".".join(map(str, interpreter.version)) if interpreter else None
