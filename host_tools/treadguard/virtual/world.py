# SPDX-License-Identifier: MIT
"""The virtual world: the board's pins and what hangs on them.

All firmware code takes no virtual time. Time passes in spin() (the firmware waits for its next
tick), in stall() (flash, a full UART) and while the chip boots; see clockwork.py. Nothing here
allocates while the firmware reads or writes pins.
"""

from treadguard.virtual.belt import Belt
from treadguard.virtual.chip import KINDS, NAMES, POWER_ON, BoardReset, Chip, EndOfRun
from treadguard.virtual.clockwork import STEP_US, Clockwork
from treadguard.virtual.contactor import Contactor
from treadguard.virtual.deck import CHIPS, Deck
from treadguard.virtual.flash import Flash
from treadguard.virtual.hall import Hall, HallB
from treadguard.virtual.interrupts import MASKED, Interrupts
from treadguard.virtual.observer import Observer
from treadguard.virtual.profiles import DEFAULT, treadmill
from treadguard.virtual.relay import Relay
from treadguard.virtual.rng import Lcg
from treadguard.virtual.truth import Truth
from treadguard.virtual.uart import Uart
from treadguard.virtual.usb import Usb
from treadguard.virtual.variants import ESP32, VARIANTS
from treadguard.virtual.walker import Hand, Walker
from treadguard.virtual.wiring import (
    BUZZER,
    ESTOP_SENSE,
    HALL_A,
    KEY_SENSE,
    LED,
    MODE_BACKWARD,
    MODE_FORWARD,
    PINS,
    PUMP_A,
    PUMP_B,
    RELAY_EN,
    START,
    STOP2_EN,
    STOP2_FB,
)

# What may be fitted beyond the standard build.
FITTED = ("hall_b", "hall_b_half_way", "second_stop", "key_sense") + tuple(sorted(CHIPS))


class World(Clockwork):
    current = None

    def __init__(self, config):
        seed = config.get("seed", 1)
        numbers = treadmill(config.get("profile", DEFAULT), config.get("treadmill", {}))
        self.numbers = numbers
        self.variant = VARIANTS[config.get("chip", ESP32)]
        self.start_clock(config)
        self.start_presses = 0
        self.requests = 0
        self.bomb = None  # an injected fault: (where, kind, amount)
        self.inputs = [0] * PINS
        self.outputs = [0] * PINS
        self.frozen_outputs = None
        self.dying = ""  # the kind of reset, from its cause until boot.py runs again
        self.ended = False
        self.dirty = False
        self.power = True
        self.estop = False
        self.key_in = True
        self.bypassed = False
        self.loop = False
        self.buzzer = 0
        self.led = 0
        self.observer = Observer(self)
        self.truth = Truth(self)
        self.relay = Relay(self, config.get("pump", "nominal"))
        self.walker = Walker(self)
        self.belt = Belt(self, numbers, Lcg(seed + 1))
        self.hall = Hall(self, numbers, Lcg(seed + 2))
        self.hall_b = None
        self.deck = Deck(self, Lcg(seed + 8))
        self.key_sense = False
        self.left = Hand(self, "left", Lcg(seed + 3))
        self.right = Hand(self, "right", Lcg(seed + 4))
        self.irq = Interrupts(self, Lcg(seed + 5))
        self.flash = Flash(self, Lcg(seed + 6))
        self.uart = Uart(self)
        self.usb = Usb(self, config.get("usb_switch", True))
        self.chip = Chip(self)
        self.inputs[ESTOP_SENSE] = 1
        self.inputs[START] = 1
        self.inputs[STOP2_FB] = 1
        self.inputs[KEY_SENSE] = 1
        self.set_mode("off")
        for option in config.get("fitted", ()):
            self.fit(option, Lcg(seed + 7))

    def fit(self, option, rng):
        """Wire an option up: a name of FITTED."""
        if option in CHIPS:
            self.deck.fit(option)
        elif option == "second_stop":
            self.relay.contactor = Contactor(self)
        elif option == "key_sense":
            self.key_sense = True
        else:
            quarters = 1 if option == "hall_b" else 2
            self.hall_b = HallB(self, self.numbers, rng, self.hall, quarters)

    # -- wires

    def drive(self):
        """The outputs have new levels."""
        self.dirty = False
        out = self.outputs if self.frozen_outputs is None else self.frozen_outputs
        relay = self.relay
        a = out[PUMP_A]
        b = out[PUMP_B]
        en = out[RELAY_EN]
        if a != relay.a or b != relay.b or en != relay.en:
            relay.drive(self.now, a, b, en)
        if relay.contactor is not None and out[STOP2_EN] != relay.en2:
            relay.drive_second(self.now, out[STOP2_EN])
        if out[BUZZER] != self.buzzer:
            self.buzzer = out[BUZZER]
            self.observer.sound(self.buzzer)
        if out[LED] != self.led:
            self.led = out[LED]
            self.observer.light(self.led)

    def edge(self, pin, at_us):
        if self.truth.edges is not None and pin == HALL_A:
            self.truth.edges.append(at_us)
        if self.power:
            self.irq.edge(pin, at_us)

    def contact_moved(self, contact):
        self.log("relay", "closed" if contact else "open")
        if not contact:
            self.truth.opened(self.now)
        self.update_loop()

    def loop_closed(self):
        key = self.bypassed or (self.relay.contact and not self.estop)
        return key and self.key_in

    def update_loop(self):
        closed = self.loop_closed()
        if closed != self.loop:
            self.loop = closed
            if self.key_sense:
                self.inputs[KEY_SENSE] = 0 if closed else 1
            self.belt.loop_changed(closed)

    def press_estop(self, pressed):
        self.estop = pressed
        self.coil_supply(True)
        self.update_loop()

    def coil_supply(self, good):
        """5 V of the coil, sensed behind the e-stop's second contact."""
        good = good and self.power and not self.estop
        self.inputs[ESTOP_SENSE] = 1 if good else 0
        self.relay.power(self.now, good)

    def set_mode(self, mode):
        self.inputs[MODE_FORWARD] = 0 if mode in ("forward", "both") else 1
        self.inputs[MODE_BACKWARD] = 0 if mode in ("backward", "both") else 1

    # -- chip

    def kill(self, kind):
        """The program runs no more: whatever its frames still do on the way out is void."""
        if self.frozen_outputs is None:
            if self.dirty:
                self.drive()
            self.frozen_outputs = self.outputs
            self.outputs = [0] * PINS
            self.irq.set_mode(MASKED)
        self.dying = kind

    def reset_now(self, kind):
        """machine.reset() and what people do to the board."""
        self.kill(kind)
        raise BoardReset(kind)

    def cut_power(self):
        self.power = False
        self.coil_supply(False)
        self.log("power", "off")
        self.reset_now(POWER_ON)

    def restore_power(self):
        self.power = True
        self.coil_supply(True)
        self.log("power", "on")

    def end(self):
        """The scenario is over."""
        self.kill(POWER_ON)
        self.ended = True
        raise EndOfRun

    def gone(self):
        """A program on its way out wants to wait: out with it."""
        if self.ended:
            raise EndOfRun
        raise BoardReset(self.dying)

    def restart(self, kind):
        """The chip comes up again after a reset of this kind; returns when boot.py may run."""
        self.kill(kind)
        self.chip.disarm(kind)
        if KINDS[kind][2]:
            self.frozen_outputs = [0] * PINS
        self.drive()
        while not self.power:
            self.suffer(STEP_US)
        self.chip.reset(kind)
        self.uart.reset()
        self.usb.reset()
        self.log("chip", "boot " + kind)
        said = self.variant.rom_says + "rst:0x%x\r\n" % self.chip.raw_cause()
        self.uart.noise(said.encode())
        self.suffer(KINDS[kind][4] * 1000)
        self.irq.reset()
        self.outputs = self.frozen_outputs
        self.frozen_outputs = None
        self.dying = ""
        self.dirty = False
        self.restart_clock()
        if self.chip.watchdog_us:
            self.wake(self.chip.next_due())

    def explode(self, where):
        """An injected fault whose place in the program has come."""
        if self.bomb[0] != where:
            return
        kind = self.bomb[1]
        amount = self.bomb[2]
        self.bomb = None
        self.log("inject", kind)
        if kind == "exception":
            raise RuntimeError("injected")
        if kind == "slow":
            self.stall(amount * 1000, False)
        elif kind in ("hang", "hang_masked"):
            self.chip.hang(kind == "hang_masked")
        elif kind in NAMES:
            self.reset_now(kind)


__all__ = ["World"]
