# SPDX-License-Identifier: MIT
"""guard.board.files on the virtual flash."""

from treadguard.virtual.world import World


def read(path):
    return World.current.flash.read(path)


def read_part(path, offset, n):
    data = World.current.flash.read(path)
    return b"" if data is None else data[offset : offset + n]


def write(path, data):
    World.current.flash.write(path, data)


def append(path, data):
    World.current.flash.append(path, data)


def rename(old, new):
    World.current.flash.rename(old, new)


def remove(path):
    World.current.flash.remove(path)


def size(path):
    data = World.current.flash.read(path)
    return -1 if data is None else len(data)


def names():
    return World.current.flash.names()


def free_bytes():
    return World.current.flash.free_bytes()
