#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Find MicroPython, or install Debian's under build/, and say which one it is.

    install.py            find or install; one line on stderr says what was found
    install.py --print    the same, and its command line as a JSON list on stdout
    install.py --amd64    the 64-bit build, for counting instructions under valgrind

Standard library only: it runs before there is a .venv. interpreter.py says where it looks,
debian.py how it installs.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.micropython.debian import NotAvailableError, install
from tests.micropython.interpreter import Found, find


def find_or_install(*, amd64: bool) -> Found:
    """What the tests should run on."""
    answer = find(amd64=amd64)
    if os.environ.get("TREADGUARD_MICROPYTHON") and not amd64:
        if answer is None:
            raise NotAvailableError("TREADGUARD_MICROPYTHON is no MicroPython of 1.25 or later")
        return answer
    if answer and (amd64 or answer.small_int_bits == 31):
        return answer
    try:
        install("amd64" if amd64 else "i386")
    except NotAvailableError as problem:
        if answer is None:
            raise
        print(f"micropython: no 32-bit build: {problem}.", file=sys.stderr)
    answer = find(amd64=amd64)
    if answer is None:
        raise NotAvailableError("the installed build does not start on this kernel")
    return answer


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Find or install MicroPython for the tests.")
    parser.add_argument("--amd64", action="store_true", help="the 64-bit build, for valgrind")
    parser.add_argument("--print", action="store_true", help="its command line as JSON")
    options = parser.parse_args()
    try:
        answer = find_or_install(amd64=options.amd64)
    except NotAvailableError as problem:
        print(f"micropython: NOT AVAILABLE: {problem}.", file=sys.stderr)
        return 1
    print(f"micropython: {answer}", file=sys.stderr)
    if options.print:
        print(json.dumps(answer.command))
    return 0


if __name__ == "__main__":
    sys.exit(main())
