# SPDX-License-Identifier: MIT
"""Files on LittleFS. A write is whole or absent after a power cut; rename replaces at once."""

import os

ROOT = ""


def _path(name):
    return ROOT + "/" + name


def size(name):
    """Bytes in the file, or -1 when there is none."""
    try:
        return os.stat(_path(name))[6]
    except OSError:
        return -1


def read(name):
    """The whole file, or None when there is none."""
    if size(name) < 0:
        return None
    with open(_path(name), "rb") as file:
        return file.read()


def read_part(name, offset, n):
    """Up to n bytes from offset."""
    with open(_path(name), "rb") as file:
        file.seek(offset)
        return file.read(n)


def write(name, data):
    """Replace the file's content and sync."""
    with open(_path(name), "wb") as file:
        file.write(data)


def append(name, data):
    """Add to the end of the file and sync."""
    with open(_path(name), "ab") as file:
        file.write(data)


def rename(old, new):
    os.rename(_path(old), _path(new))


def remove(name):
    os.remove(_path(name))


def listing():
    """(name, size) of the plain files in the root folder, in one walk: a stat each would take
    as long as the walk again for every file."""
    for entry in os.ilistdir(ROOT or "/"):
        if entry[1] == 0x8000:
            yield entry[0], entry[3]  # pyright: ignore[reportGeneralTypeIssues] LittleFS tells


def free_bytes():
    stat = os.statvfs(ROOT or "/")
    return stat[0] * stat[3]
