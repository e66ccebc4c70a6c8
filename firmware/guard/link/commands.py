# SPDX-License-Identifier: MIT
"""Every request, declared once: name, flags. The handlers are in requests.py."""

from micropython import const

READ = const(0)  # may come without a CRC, typed at a terminal
CHANGE = const(1)  # needs a CRC and an id; a repeated one is answered, not done again
LIVE = const(2)  # served with the relay closed, too
HEAVY = const(4)  # allocates more than 2 KB: the garbage collector comes earlier

TABLE = (
    ("describe", READ),
    ("status", LIVE),
    ("watch", LIVE),
    ("stop", CHANGE | LIVE),
    ("config.get", READ),
    ("config.set", CHANGE),
    ("config.defaults", CHANGE),
    ("clock.set", CHANGE),
    ("log.list", HEAVY),
    ("log.read", READ),
    ("log.ack", CHANGE),
    ("blackbox.read", READ),
    ("selftest", READ),
    ("proof", READ),
    ("maintenance", CHANGE),
)


# The table in one text, " describe=0 status=2 ...": all that the board itself needs of it.
_FLAGS = " " + " ".join(["%s=%d" % row for row in TABLE])


def flags_of(name):
    """The request's flags, or -1."""
    if not isinstance(name, str) or not name or "=" in name or " " in name:
        return -1
    at = _FLAGS.find(" " + name + "=")
    return -1 if at < 0 else int(_FLAGS[at + len(name) + 2])
