# SPDX-License-Identifier: MIT
"""Where the states stand in the drawing, and how its arrows run. Only looks; no facts."""

from __future__ import annotations

from guard.core import states as st

WIDTH, HEIGHT = 1120, 700
BOX_W, BOX_H = 150, 50
# Centre of each state.
PLACES = {
    st.SELF_TEST: (130, 90), st.READY: (400, 90), st.ARMING: (670, 90), st.WAIT_BELT: (970, 90),
    st.FORWARD: (970, 250), st.MOUNTING: (800, 350), st.BACKWARD: (970, 450),
    st.STOPPING: (560, 450), st.TRIPPED: (130, 330), st.LOCKOUT: (300, 600),
    st.MAINTENANCE: (130, 470),
}  # fmt: skip
# Corners of an arrow and where its label stands: (points, x, y, anchor).
Route = tuple[tuple[tuple[int, int], ...], int, int, str]
ROUTES: dict[tuple[int, int], Route] = {
    (st.SELF_TEST, st.READY): (((205, 82), (325, 82)), 265, 74, "middle"),
    (st.READY, st.ARMING): (((475, 82), (595, 82)), 535, 74, "middle"),
    (st.ARMING, st.READY): (((595, 102), (475, 102)), 535, 120, "middle"),
    (st.ARMING, st.WAIT_BELT): (((745, 90), (895, 90)), 820, 82, "middle"),
    (st.WAIT_BELT, st.FORWARD): (((990, 115), (990, 225)), 998, 175, "start"),
    (st.WAIT_BELT, st.MOUNTING): (((920, 115), (840, 325)), 872, 215, "end"),
    (st.MOUNTING, st.BACKWARD): (((850, 375), (920, 425)), 898, 396, "start"),
    (st.STOPPING, st.READY): (((520, 425), (420, 115)), 462, 265, "start"),
    (st.STOPPING, st.TRIPPED): (((485, 440), (205, 340)), 350, 378, "middle"),
    (st.STOPPING, st.LOCKOUT): (((510, 475), (360, 575)), 430, 545, "start"),
    (st.TRIPPED, st.SELF_TEST): (((110, 305), (110, 115)), 118, 215, "start"),
    (st.SELF_TEST, st.TRIPPED): (((75, 115), (75, 305)), 67, 260, "start"),
    (st.LOCKOUT, st.READY): (((300, 575), (360, 115)), 322, 215, "end"),
}
CLOSED_BLOCK = (720, 40, 340, 460)
