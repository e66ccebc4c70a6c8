# SPDX-License-Identifier: MIT
"""The board's journal, read from its files by the firmware's own frame reader."""


def events(world):
    """(kind name, fault name) of everything stored, oldest first."""
    from guard.core import events as kinds
    from guard.core import faults
    from guard.record.frames import frame_at

    found = []
    for name in world.flash.names():
        if not name.startswith("j") or not name.endswith(".bin"):
            continue
        data = world.flash.files[name]
        at = 0
        while True:
            frame = frame_at(data, at)
            if frame is None:
                break
            kind = frame[3]
            code = frame[5] if kind == kinds.BOOT else frame[4]
            found.append((kinds.KIND_NAMES[kind], faults.name(code)))
            at += data[at]
    return found
