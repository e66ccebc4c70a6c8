# SPDX-License-Identifier: MIT
"""Every reason to stop, declared once: code, name, class, how it clears.

Codes are stored in logs and NVS and never used again for something else. When several stand in
one tick, class then the order of this table decides. Texts for people are in texts/faults.txt.
"""

from micropython import const

BLOCK = const(0)  # prevents arming, latches nothing
STOP = const(1)  # relay opens, recorded, nothing latched
TRIP = const(2)  # latches until someone has looked: START held 1 s
LOCKOUT = const(3)  # latches until the static proof at the board
CLASS_NAMES = ("block", "stop", "trip", "lockout")

ESTOP = const(1)
RAILS_RELEASED = const(2)
ONE_HAND = const(3)
OVERSPEED = const(4)
OVERSPEED_EXTREME = const(5)
SENSOR_LOST = const(6)
SENSOR_NOISE = const(7)
HALL_WIRING = const(8)
ACCELERATION = const(9)
CHANNELS_DISAGREE = const(10)
BELT_REVERSED = const(11)
RAIL_WIRING = const(12)
RAIL_UNHEALTHY = const(13)
INCLINE_TOO_STEEP = const(14)
SESSION_TIME = const(15)
MODE_CHANGED = const(16)
MOUNT_TIMEOUT = const(17)
START_TIMEOUT = const(18)
HOST_STOP = const(19)
CTRL_C_STOP = const(20)
START_PRESSED = const(21)
BELT_STOPPED = const(22)
RELAY_NOT_CLOSED = const(23)
RELAY_WELDED = const(24)
RELAY_SLOW = const(25)
RELAY_TEST_FAILED = const(26)
STOP_FAILED = const(27)
UNEXPECTED_MOTION = const(28)
LOOP_OVERRUN = const(29)
FLOW_BROKEN = const(30)
STATE_CORRUPT = const(31)
WATCHDOG_RESET = const(32)
CRASH = const(33)
SESSION_CUT = const(34)
NOT_CONFIGURED = const(35)
NOT_CALIBRATED = const(36)
CONFIG_DAMAGED = const(37)
FIRMWARE_DAMAGED = const(38)
STORE_FAILED = const(39)
NO_MODE = const(40)
START_STUCK = const(41)
RELAY_FEEDBACK = const(42)
HAND_TURN = const(43)
CHANGE_PENDING = const(44)
SAVING = const(45)
RESTART_DELAY = const(46)
CALIBRATION_NOT_VERIFIED = const(47)
STOP_TEST_DUE = const(48)
SENSOR_NOT_PROVEN = const(49)
RAILS_NOT_PROVEN = const(50)
MEMORY_DAMAGED = const(51)
HALL_B_WIRING = const(52)
HALLS_SWAPPED = const(53)
HALL_B_FITTED = const(54)
SECOND_STOP_STUCK = const(55)
SECOND_STOP_OPEN = const(56)
SECOND_STOP_FEEDBACK = const(57)
SECOND_STOP_FITTED = const(58)
KEY_LOOP_CLOSED = const(59)
KEY_SENSE_LOST = const(60)
KEY_SENSE_FITTED = const(61)
INCLINE_LOST = const(62)
INCLINE_WRONG_CHIP = const(63)
INCLINE_NOT_ZEROED = const(64)
INCLINE_FITTED = const(65)
RESTART_NEEDED = const(66)

CODES = const(67)  # one more than the highest code

# How it clears.
START_HELD_1_S = "start held 1 s"
STATIC_PROOF = "static proof"
BY_ITSELF = "when it is over"
NEW_START = "new start"

# (code, name, class, clears, debounce in ms; 0 = at once)
TABLE = (
    (STOP_FAILED, "STOP_FAILED", LOCKOUT, STATIC_PROOF, 0),
    (RELAY_WELDED, "RELAY_WELDED", LOCKOUT, STATIC_PROOF, 1000),
    (SECOND_STOP_STUCK, "SECOND_STOP_STUCK", LOCKOUT, STATIC_PROOF, 1000),
    (KEY_LOOP_CLOSED, "KEY_LOOP_CLOSED", LOCKOUT, STATIC_PROOF, 1000),
    (UNEXPECTED_MOTION, "UNEXPECTED_MOTION", LOCKOUT, STATIC_PROOF, 2000),
    (RELAY_SLOW, "RELAY_SLOW", LOCKOUT, STATIC_PROOF, 160),
    (RELAY_TEST_FAILED, "RELAY_TEST_FAILED", LOCKOUT, STATIC_PROOF, 0),
    (MEMORY_DAMAGED, "MEMORY_DAMAGED", LOCKOUT, STATIC_PROOF, 0),
    (OVERSPEED_EXTREME, "OVERSPEED_EXTREME", TRIP, START_HELD_1_S, 0),
    (OVERSPEED, "OVERSPEED", TRIP, START_HELD_1_S, 0),
    (ACCELERATION, "ACCELERATION", TRIP, START_HELD_1_S, 0),
    (BELT_REVERSED, "BELT_REVERSED", TRIP, START_HELD_1_S, 0),
    (CHANNELS_DISAGREE, "CHANNELS_DISAGREE", TRIP, START_HELD_1_S, 500),
    (SENSOR_LOST, "SENSOR_LOST", TRIP, START_HELD_1_S, 0),
    (SENSOR_NOISE, "SENSOR_NOISE", TRIP, START_HELD_1_S, 0),
    (HALL_WIRING, "HALL_WIRING", TRIP, START_HELD_1_S, 90),
    (HALL_B_WIRING, "HALL_B_WIRING", TRIP, START_HELD_1_S, 90),
    (RAIL_WIRING, "RAIL_WIRING", TRIP, START_HELD_1_S, 90),
    (RELAY_NOT_CLOSED, "RELAY_NOT_CLOSED", TRIP, START_HELD_1_S, 50),
    (SECOND_STOP_OPEN, "SECOND_STOP_OPEN", TRIP, START_HELD_1_S, 500),
    (KEY_SENSE_LOST, "KEY_SENSE_LOST", TRIP, START_HELD_1_S, 0),
    (INCLINE_LOST, "INCLINE_LOST", TRIP, START_HELD_1_S, 100),
    (STATE_CORRUPT, "STATE_CORRUPT", TRIP, START_HELD_1_S, 0),
    (FLOW_BROKEN, "FLOW_BROKEN", TRIP, START_HELD_1_S, 0),
    (LOOP_OVERRUN, "LOOP_OVERRUN", TRIP, START_HELD_1_S, 25),
    (WATCHDOG_RESET, "WATCHDOG_RESET", TRIP, START_HELD_1_S, 0),
    (CRASH, "CRASH", TRIP, START_HELD_1_S, 0),
    (SESSION_CUT, "SESSION_CUT", TRIP, START_HELD_1_S, 0),
    (ESTOP, "ESTOP", STOP, NEW_START, 20),
    (RAILS_RELEASED, "RAILS_RELEASED", STOP, NEW_START, 400),
    (ONE_HAND, "ONE_HAND", STOP, NEW_START, 3000),
    (INCLINE_TOO_STEEP, "INCLINE_TOO_STEEP", STOP, NEW_START, 300),
    (START_PRESSED, "START_PRESSED", STOP, NEW_START, 20),
    (CTRL_C_STOP, "CTRL_C_STOP", STOP, NEW_START, 0),
    (HOST_STOP, "HOST_STOP", STOP, NEW_START, 0),
    (MODE_CHANGED, "MODE_CHANGED", STOP, NEW_START, 30),
    (SESSION_TIME, "SESSION_TIME", STOP, NEW_START, 0),
    (MOUNT_TIMEOUT, "MOUNT_TIMEOUT", STOP, NEW_START, 0),
    (START_TIMEOUT, "START_TIMEOUT", STOP, NEW_START, 0),
    (BELT_STOPPED, "BELT_STOPPED", STOP, NEW_START, 0),
    (NOT_CONFIGURED, "NOT_CONFIGURED", BLOCK, "a confirmed change", 0),
    (NOT_CALIBRATED, "NOT_CALIBRATED", BLOCK, "a confirmed calibration", 0),
    (CONFIG_DAMAGED, "CONFIG_DAMAGED", BLOCK, "a confirmed change", 0),
    (FIRMWARE_DAMAGED, "FIRMWARE_DAMAGED", BLOCK, "a complete deployment", 0),
    (STORE_FAILED, "STORE_FAILED", BLOCK, "a restart with a store that works", 0),
    (NO_MODE, "NO_MODE", BLOCK, BY_ITSELF, 0),
    (START_STUCK, "START_STUCK", BLOCK, BY_ITSELF, 10000),
    (RELAY_FEEDBACK, "RELAY_FEEDBACK", BLOCK, BY_ITSELF, 20),
    (SECOND_STOP_FEEDBACK, "SECOND_STOP_FEEDBACK", BLOCK, BY_ITSELF, 1000),
    (HALLS_SWAPPED, "HALLS_SWAPPED", BLOCK, "pushing the belt forward", 0),
    (HALL_B_FITTED, "HALL_B_FITTED", BLOCK, "a setting, then a restart", 0),
    (SECOND_STOP_FITTED, "SECOND_STOP_FITTED", BLOCK, "a setting, then a restart", 0),
    (KEY_SENSE_FITTED, "KEY_SENSE_FITTED", BLOCK, "a setting, then a restart", 0),
    (INCLINE_FITTED, "INCLINE_FITTED", BLOCK, "a setting, then a restart", 0),
    (INCLINE_WRONG_CHIP, "INCLINE_WRONG_CHIP", BLOCK, "a restart with the right chip", 0),
    (INCLINE_NOT_ZEROED, "INCLINE_NOT_ZEROED", BLOCK, "a confirmed zero", 0),
    (RESTART_NEEDED, "RESTART_NEEDED", BLOCK, "a restart", 0),
    (RAIL_UNHEALTHY, "RAIL_UNHEALTHY", BLOCK, BY_ITSELF, 1200000),
    (CHANGE_PENDING, "CHANGE_PENDING", BLOCK, "START: hold 3 s or press shortly", 0),
    (HAND_TURN, "HAND_TURN", BLOCK, "a short press of START, or 5 minutes", 0),
    (SAVING, "SAVING", BLOCK, BY_ITSELF, 0),
    (RESTART_DELAY, "RESTART_DELAY", BLOCK, BY_ITSELF, 0),
    (CALIBRATION_NOT_VERIFIED, "CALIBRATION_NOT_VERIFIED", BLOCK, "a confirmed verification", 0),
    (STOP_TEST_DUE, "STOP_TEST_DUE", BLOCK, "a stop test", 0),
    (SENSOR_NOT_PROVEN, "SENSOR_NOT_PROVEN", BLOCK, "a sensor proof", 0),
    (RAILS_NOT_PROVEN, "RAILS_NOT_PROVEN", BLOCK, "gripping each rail anew", 0),
)


# The table once more in the order of the codes, packed: all that the board itself needs of it.
_ROWS = sorted(TABLE)
_RANKS = bytes([TABLE.index(row) for row in _ROWS])
_CLASSES = bytes([row[2] for row in _ROWS])
_NAMES = "".join([row[1] for row in _ROWS])
_NAME_LENGTHS = bytes([len(row[1]) for row in _ROWS])


def name(code):
    """The fault's name; "NONE" for 0, FAULT_n for a code of another version."""
    if 0 < code < CODES:
        start = 0
        for i in range(code - 1):
            start += _NAME_LENGTHS[i]
        return _NAMES[start : start + _NAME_LENGTHS[code - 1]]
    return "FAULT_{}".format(code) if code else "NONE"


def code_of(text):
    """The code of a name, or 0."""
    for row in TABLE:
        if row[1] == text:
            return row[0]
    return 0


def fault_class(code):
    """BLOCK..LOCKOUT; BLOCK for 0. A latch stored by another version is taken for the worst."""
    if 0 < code < CODES:
        return _CLASSES[code - 1]
    return LOCKOUT if code else BLOCK


def worse(a, b):
    """Fault a goes before fault b: class, then table order."""
    return _RANKS[a - 1] < _RANKS[b - 1]


def is_sensor_fault(code):
    """After it the hall sensor proves no standstill and must be proven itself."""
    return SENSOR_LOST <= code <= HALL_WIRING or code == HALL_B_WIRING


def is_silence(code):
    """A name guessed from silence, which later edges may correct."""
    return code == SENSOR_LOST or code == BELT_STOPPED
