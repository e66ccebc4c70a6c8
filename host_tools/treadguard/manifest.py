# SPDX-License-Identifier: MIT
"""The list of a firmware's files with their CRC-32: what the board checks itself against at boot.

Runs on MicroPython too, for the virtual board.
"""

import os
from binascii import crc32

NAME = "manifest.txt"
_FOLDER = 0x4000


def files_of(folder: str, below: str = "") -> list[str]:
    """Paths of all files under folder, relative to it, in a fixed order."""
    found: list[str] = []
    for name in sorted(os.listdir(folder)):
        if name.startswith((".", "__pycache__")) or name == NAME:
            continue
        if os.stat(folder + "/" + name)[0] & 0xF000 == _FOLDER:
            found += files_of(folder + "/" + name, below + name + "/")
        else:
            found.append(below + name)
    return found


def build(folder: str) -> str:
    """One line a file, `path crc32`, the last one for the list itself: so none can be missing."""
    lines = []
    for path in files_of(folder):
        with open(folder + "/" + path, "rb") as file:
            lines.append("{} {:08x}\n".format(path, crc32(file.read()) & 0xFFFFFFFF))
    text = "".join(lines)
    return text + "{} {:08x}\n".format(NAME, crc32(text.encode()) & 0xFFFFFFFF)


if __name__ == "__main__":
    import sys

    sys.stdout.write(build(sys.argv[1]))
