# SPDX-License-Identifier: MIT
"""The relay and its driver: charge pump, RELAY_EN, coil supply, contacts.

`charge_us` is how long the pump keeps the coil energised if nothing toggles any more. Every
rising edge of a phase adds a kick. While one phase is high, its pump capacitor feeds the
reservoir too (690 nF in all); with both low only the reservoir's 220 nF are left and it empties
3.1 times as fast; with both high two pump capacitors feed it and it lasts 1.6 times as long. One
phase alone holds at 50 Hz and chatters at 20 Hz.

Every corner is at least as hard as the circuit's (hardware/exports/figures.json; held against
them by tests/hardware/test_pump_model.py): `longest` lets go no sooner than the slowest parts do,
`shortest` as soon as the quickest parts may: when the coil is below must-operate, no armature to
wait for.
"""

from treadguard.virtual.wiring import RELAY_FB

# corner: (full charge us, kick of one edge us, armature falls at the end of the fading current us)
CORNERS = {
    "nominal": (90000, 69000, 6000),
    "longest": (122000, 106000, 6000),
    "shortest": (45000, 38000, 1000),
}
CUT_RELEASE_US = 9000  # coil cut at full current, flyback diode
OPERATE_US = 4000
R4_OPEN_US = 285000

FAULTS = (
    "weld",  # both poles stuck at the next moment they are closed
    "weld_pole1",  # the key-loop pole alone: feedback does not show it
    "not_closing",
    "slow_release",
    "feedback_stuck_open",
    "feedback_stuck_closed",
    "q1_short",
    "q2_short",
    "q3_short",
    "r4_open",
    "r5_open",
    "c1_short",
    "c2_short",
)


class Relay:
    def __init__(self, world, corner):
        self.world = world
        self.full_us, self.kick_us, self.fade_us = CORNERS[corner]
        self.normal_full_us = self.full_us
        self.slow_us = 0
        self.faults = []
        self.a = 0
        self.b = 0
        self.en = 0
        self.supply = True
        self.contactor = None  # the second stop channel, where it is fitted
        self.en2 = 0
        self.charge_us = 0
        self.settled_at = 0
        self.last_edge_at = 0
        self.coil = False
        self.armature = False
        self.contact = False  # pole 1, in the key loop
        self.moves_at = 0  # when the armature follows the coil; 0 = it has

    def drive(self, now, a, b, en):
        """The three pins have these levels from now on."""
        self._settle(now)
        if (a and not self.a) or (b and not self.b):
            charge_us = self.charge_us + self.kick_us
            self.charge_us = charge_us if charge_us < self.full_us else self.full_us
            self.last_edge_at = now
        elif a != self.a or b != self.b:
            self.last_edge_at = now
        if self.en and not en:
            self.world.truth.decided(now)
        self.a = a
        self.b = b
        self.en = en
        self._coil(now)

    def drive_second(self, now, en2):
        """STOP2_EN."""
        self._settle(now)
        self.en2 = en2
        self._coil(now)

    def power(self, now, supply):
        """The coil's 5 V, behind the e-stop's second contact."""
        self._settle(now)
        self.supply = supply
        self._coil(now)

    def _settle(self, now):
        used_us = now - self.settled_at
        self.settled_at = now
        if not self.charge_us:
            return
        if used_us > 400000:
            used_us = 400000
        if not (self.a or self.b):
            used_us = used_us * 69 // 22
        elif self.a and self.b:
            used_us = used_us * 5 // 8
        self.charge_us = self.charge_us - used_us if used_us < self.charge_us else 0

    def _lasts_us(self):
        """The charge as time, at these levels."""
        if not (self.a or self.b):
            return self.charge_us * 22 // 69 + 1
        if self.a and self.b:
            return self.charge_us * 8 // 5 + 1
        return self.charge_us

    def _coil(self, now):
        pump = self.charge_us > 0
        if self.faults:
            pump = self._faulty_pump(pump)
        if self.charge_us:
            lasts_us = self._lasts_us()
            if now + lasts_us < self.world.next_at:
                self.world.next_at = now + lasts_us
        if self.contactor is not None:
            self.contactor.feed(bool(pump and self.supply and self.en2))
        on = pump and self.supply and (self.en or "q3_short" in self.faults)
        if on != self.coil:
            self._switch(now, on)

    def _faulty_pump(self, pump):
        faults = self.faults
        if "q1_short" in faults or "q2_short" in faults or "r5_open" in faults:
            return True
        if ("c1_short" in faults and self.a) or ("c2_short" in faults and self.b):
            self.charge_us = self.full_us
            return True
        return pump

    def _switch(self, now, on):
        self.coil = on
        if on == self.armature:
            self.moves_at = 0  # it was still on its way: it stays where it is
            return
        if on:
            delay_us = OPERATE_US
        elif self.en and self.supply:
            delay_us = self.fade_us + self.slow_us
        else:
            delay_us = CUT_RELEASE_US + self.slow_us
        self.moves_at = now + delay_us
        self.world.wake(self.moves_at)

    def due(self, now):
        """A deadline has come: the charge may be gone, the armature may have to move."""
        self._settle(now)
        self._coil(now)
        if self.moves_at and now >= self.moves_at:
            self.moves_at = 0
            self._move(self.coil)

    def next_due(self, now):
        """When this needs the world's attention again, or a time far away."""
        at = now + 1000000000
        if self.moves_at:
            at = self.moves_at
        if self.charge_us and self.settled_at + self._lasts_us() < at:
            at = self.settled_at + self._lasts_us()
        return at

    def _move(self, pulled):
        if pulled and "not_closing" in self.faults:
            return
        if not pulled and "weld" in self.faults:
            return
        self.armature = pulled
        self.show()

    def show(self):
        """Contacts follow the armature; the feedback wire shows pole 2."""
        contact = self.armature
        if self.contact and "weld_pole1" in self.faults:
            contact = True
        feedback = 1 if self.armature else 0
        if "feedback_stuck_open" in self.faults:
            feedback = 0
        if "feedback_stuck_closed" in self.faults:
            feedback = 1
        self.world.inputs[RELAY_FB] = feedback
        if contact != self.contact:
            self.contact = contact
            self.world.contact_moved(contact)

    def fault(self, name, on, extra_us):
        """Break or mend a part."""
        if on and name not in self.faults:
            self.faults.append(name)
        if not on and name in self.faults:
            self.faults.remove(name)
        if name == "slow_release":
            self.slow_us = extra_us if on else 0
        self.full_us = R4_OPEN_US if "r4_open" in self.faults else self.normal_full_us
        now = self.world.now
        self._settle(now)
        self._coil(now)
        if self.armature and not self.coil and not self.moves_at and "weld" not in self.faults:
            self._move(False)  # a mended weld lets go
        self.show()
