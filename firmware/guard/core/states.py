# SPDX-License-Identifier: MIT
"""Numbers with names: states, modes, contacts, relay commands."""

from micropython import const

SELF_TEST = const(0)
READY = const(1)
ARMING = const(2)
WAIT_BELT = const(3)
FORWARD = const(4)
MOUNTING = const(5)
BACKWARD = const(6)
STOPPING = const(7)
TRIPPED = const(8)
LOCKOUT = const(9)
MAINTENANCE = const(10)

STATE_NAMES = (
    "SELF_TEST",
    "READY",
    "ARMING",
    "WAIT_BELT",
    "FORWARD",
    "MOUNTING",
    "BACKWARD",
    "STOPPING",
    "TRIPPED",
    "LOCKOUT",
    "MAINTENANCE",
)
CLOSED_STATES = (WAIT_BELT, FORWARD, MOUNTING, BACKWARD)


def is_closed(state):
    """The relay is commanded closed in this state."""
    return WAIT_BELT <= state <= BACKWARD


MODE_NONE = const(0)
MODE_FORWARD = const(1)
MODE_BACKWARD = const(2)
MODE_NAMES = ("none", "forward", "backward")

RELEASED = const(0)
HELD = const(1)
WIRING = const(2)
CONTACT_NAMES = ("released", "held", "wiring")

# Relay commands: what RELAY_EN and the pump pins do.
OPEN = const(0)
CLOSED = const(1)  # RELAY_EN high, pump toggling
EN_ONLY = const(2)  # RELAY_EN high, pump idle: T1
A_ONLY = const(3)
A_EN = const(4)
B_ONLY = const(5)
B_EN = const(6)
TOGGLE_ONLY = const(7)  # pump toggling, RELAY_EN low: T3
HOLD = const(8)  # RELAY_EN high, pump pins frozen where they are, as a hang leaves them: T5
