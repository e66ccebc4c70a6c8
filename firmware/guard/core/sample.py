# SPDX-License-Identifier: MIT
"""One tick's view of the world: what the board read, then what the core made of it."""

from guard.core.states import MODE_NONE, RELEASED, SELF_TEST

LEFT_RAIL = 0
RIGHT_RAIL = 1
HALL_DIAG = 2


class Sample:
    def __init__(self):
        # Read by the board.
        self.now_us = 0
        self.now_ms = 0
        self.late_us = 0
        self.channel = LEFT_RAIL  # the one analogue channel that is fresh in this tick
        self.left_raw = 0  # permille of 3.3 V, or the touch pad's count
        self.right_raw = 0
        self.hall_permille = 0
        self.estop_pressed = True
        self.start_down = False
        self.mode = MODE_NONE
        self.feedback_closed = False
        self.count_ahead = 0  # edges the hardware counter is ahead of the last stored pair
        # Read by the board where an option is fitted; not touched elsewhere.
        self.hall_b_permille = 0
        self.count_ahead_b = 0
        self.second_dropped = True
        self.key_closed = False
        self.incline_fresh = False  # the three below are new in this tick
        self.incline_mg = None  # a list: towards the front, across, up
        self.incline_errors = 0  # readings in a row that failed or brought nothing new
        # Requests that came in since the last tick.
        self.host_stop = False
        self.ctrl_c = False
        # Made of it by the core.
        self.left = RELEASED
        self.right = RELEASED
        self.start_pressed = False
        self.state = SELF_TEST
        self.session_mode = MODE_NONE
        self.limit_mm_s = 0
        self.entered_ms = 0
