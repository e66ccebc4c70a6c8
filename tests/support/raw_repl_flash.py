# SPDX-License-Identifier: MIT
"""MicroPython only: raw_repl_script.py with LittleFS on a NOR flash as its file system.

Arguments: this folder, the image to mount, where to write it, where to write what was done to
it. All is written when `machine.reset()` is called or the input ends: nothing else survives.
"""

import os
import struct
import sys

import vfs

here, image, out, log = sys.argv[1:5]
sys.path.append(here)
sys.path.append(here + "/../power_cuts")
from nor_flash import BLOCK, ERASE, NorFlash  # noqa: E402


class ResetError(BaseException):
    """The chip starts anew."""


class Machine:
    """What a program for the board asks of the chip in maintenance."""

    asked = []

    class WDT:
        def __init__(self, timeout):
            Machine.asked.append(timeout)

        def feed(self):
            pass

    @staticmethod
    def reset():
        raise ResetError


def contents():
    found = []
    with open(image, "rb") as file:
        while True:
            block = file.read(BLOCK)
            if not block:
                return found
            found.append(block)


def save():
    vfs.umount("/")
    vfs.mount(vfs.VfsPosix(""), "/")
    with open(out, "wb") as file:
        for block in flash.contents:
            file.write(block)
    with open(log, "wb") as file:
        for kind, block, offset, data in flash.log:
            file.write(struct.pack("<BHHH", kind, block, offset, len(data or b"")))
            if kind != ERASE:
                file.write(data)


flash = NorFlash(0, contents())
flash.log = []
sys.modules["machine"] = Machine
import raw_repl_script  # noqa: E402

vfs.umount("/")
vfs.mount(vfs.VfsLfs2(flash), "/")
os.chdir("/")
try:
    raw_repl_script.main()
except (ResetError, EOFError):
    pass
save()
