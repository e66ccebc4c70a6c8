# SPDX-License-Identifier: MIT
"""The MicroPython interpreter that tests run the firmware on.

`command()` only looks, `python tests/micropython/install.py` installs. Start it as
`[*command(), "-X", "heapsize=128K", "script.py"]`.
"""

from __future__ import annotations

from tests.micropython.interpreter import Found, find

__all__ = ["Found", "command", "found"]


def found(*, amd64: bool = False) -> Found | None:
    """The interpreter with its small-int width and version, or None."""
    return find(amd64=amd64)


def command(*, amd64: bool = False) -> list[str] | None:
    """The command line that starts MicroPython, or None where there is none.

    `amd64` asks for the 64-bit build that valgrind can count instructions of.
    """
    interpreter = find(amd64=amd64)
    return list(interpreter.command) if interpreter else None
