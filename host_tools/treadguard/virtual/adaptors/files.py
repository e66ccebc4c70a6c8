# SPDX-License-Identifier: MIT
"""guard.board.files on the virtual flash."""

from treadguard.virtual.world import World


def read(path):
    return World.current.flash.read(path)


def read_part(path, offset, n):
    return World.current.flash.read_part(path, offset, n)


def write(path, data):
    World.current.flash.write(path, data)


def append(path, data):
    World.current.flash.append(path, data)


def rename(old, new):
    World.current.flash.rename(old, new)


def remove(path):
    World.current.flash.remove(path)


def size(path):
    return World.current.flash.size(path)


def listing():
    flash = World.current.flash
    return [(name, len(flash.files[name])) for name in flash.names()]


def free_bytes():
    return World.current.flash.free_bytes()
