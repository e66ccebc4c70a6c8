# SPDX-License-Identifier: MIT
"""T1 to T3: with the relay never allowed to close, find the parts that could hold it closed.

T1 RELAY_EN alone finds a shorted pump transistor, T2 one static pump pin with RELAY_EN a
shorted pump capacitor, T3 toggling without RELAY_EN a shorted enable transistor. RELAY_EN
changes before or after a pump pin, never with it, and goes low at the first "closed".
"""

from guard.core.states import A_EN, A_ONLY, B_EN, B_ONLY, EN_ONLY, OPEN, TOGGLE_ONLY

# (relay command, ms). The pump has been idle for the 3 s restart delay when T1 begins; 300 ms
# is three hold-up times for the charge of one edge to leave. T3 is always last.
STEPS = (
    (EN_ONLY, 150),
    (OPEN, 20),
    (A_ONLY, 300),
    (A_EN, 50),
    (A_ONLY, 20),
    (OPEN, 20),
    (B_ONLY, 300),
    (B_EN, 50),
    (B_ONLY, 20),
    (OPEN, 20),
    (TOGGLE_ONLY, 200),
)
RUNNING = 0
PASSED = 1
FAILED = 2


class RelayTest:
    def __init__(self):
        self.begin(0)

    def begin(self, now_ms):
        self.step = 0
        self.result = RUNNING
        self.step_ms = now_ms

    def tick(self, feedback_closed, now_ms):
        """One tick of the test: the relay command to drive. Any "closed" fails it."""
        if feedback_closed:
            self.result = FAILED
        if self.result != RUNNING:
            return OPEN
        if (now_ms - self.step_ms) & 0x3FFFFFFF >= STEPS[self.step][1]:
            self.step += 1
            self.step_ms = now_ms
            if self.step == len(STEPS):
                self.result = PASSED
                return OPEN
        return STEPS[self.step][0]
