# SPDX-License-Identifier: MIT
"""MicroPython only: power goes at every step of a deployment; what does the board find then?

Arguments: the repository, the image before, the operations, from which one on, how many shares
of an operation, the manifests of old and new, every how manieth. Prints one JSON object.
"""

import json
import struct
import sys

import vfs

ROOT, image, log, first, shares, old_path, new_path, every = sys.argv[1:9]
sys.path[0:0] = [ROOT + "/firmware", ROOT + "/host_tools/treadguard/virtual/fakes"]
sys.path.append(ROOT + "/tests/power_cuts")
from nor_flash import BLOCK, NorFlash  # noqa: E402

from guard.board import files  # noqa: E402
from guard.recorder import Recorder  # noqa: E402

files.ROOT = "/flash"


class Judge:
    """As much of the recorder as its check at boot needs."""

    _file_sound = Recorder._file_sound
    firmware_sound = Recorder.firmware_sound

    def __init__(self):
        self.files = files


def whole(path):
    with open(path, "rb") as file:
        return file.read()


def contents():
    data = whole(image)
    return [data[i : i + BLOCK] for i in range(0, len(data), BLOCK)]


def operations():
    data = whole(log)
    at = 0
    while at < len(data):
        kind, block, offset, size = struct.unpack_from("<BHHH", data, at)
        yield kind, block, offset, data[at + 7 : at + 7 + size]
        at += 7 + size


def verdict(flash):
    """old, new or damaged; whether there is a main.py; anything else is the word itself."""
    try:
        vfs.mount(vfs.VfsLfs2(flash), "/flash")
    except OSError:
        return "no file system"
    try:
        main = files.size("main.py") > 0
        if not Judge().firmware_sound():
            return "damaged" if main else "no main.py"
        manifest = files.read("manifest.txt")
        if manifest == old:
            return "old"
        return "new" if manifest == new else "unknown and sound"
    finally:
        vfs.umount("/flash")


old = whole(old_path)
new = whole(new_path)
flash = NorFlash(0, contents())
found = {}
order = []
for number, operation in enumerate(operations()):
    if number >= int(first) and number % int(every) == 0:
        for share in range(int(shares)):
            said = verdict(flash.cut_in(operation, 8 * share // int(shares)))
            found[said] = found.get(said, 0) + 1
            if not order or order[-1] != said:
                order.append(said)
    flash.apply(operation)
said = verdict(flash.copy())
print(json.dumps({"found": found, "order": order, "end": said}))
