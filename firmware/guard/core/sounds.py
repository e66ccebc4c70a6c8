# SPDX-License-Identifier: MIT
"""What the walker hears: the names. The patterns themselves are in board/panel.py."""

from micropython import const

SILENT = const(0)
# Drones go on for as long as their reason stands.
ARMING_TICK = const(1)
HAND_WARNING = const(2)
SPEED_WARNING = const(3)
TRIP_DRONE = const(4)
LOCKOUT_DRONE = const(5)
CHANGE_PENDING_DRONE = const(6)
HAND_TURN_DRONE = const(7)
# Chirps sound once.
BELT_SEEN = const(8)
BACKWARD_ON = const(9)
TIME_WARNING = const(10)
STOPPED = const(11)
REFUSED = const(12)
HOLD_REACHED = const(13)
CONFIRMED = const(14)
PROOF_STEP = const(15)
READY_CHIRP = const(16)
INCLINE_WARNING = const(17)  # a drone

SOUND_NAMES = (
    "silent",
    "arming_tick",
    "hand_warning",
    "speed_warning",
    "trip",
    "lockout",
    "change_pending",
    "hand_turn",
    "belt_seen",
    "backward_on",
    "time_warning",
    "stopped",
    "refused",
    "hold_reached",
    "confirmed",
    "proof_step",
    "ready",
    "incline_warning",
)
