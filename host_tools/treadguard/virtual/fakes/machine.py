# SPDX-License-Identifier: MIT
"""`machine` of the virtual board: the calls the firmware uses, with the chip's meanings.

Nothing here allocates when a pin, an ADC or a pad is read or written, so that the firmware's
guard path can be proved under a locked heap.
"""

from treadguard.virtual.wiring import HALL_A_DIAG, HALL_B_DIAG, RAIL_L, RAIL_R
from treadguard.virtual.world import World

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5


class Pin:
    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_DOWN = 1
    PULL_UP = 2
    IRQ_RISING = 1
    IRQ_FALLING = 2

    def __init__(self, number, mode=-1, pull=-1, value=None):
        self.world = World.current
        self.gpio = number
        self.number = self.world.variant.line(number)
        self.out = False
        self.init(mode, pull, value)

    def init(self, mode=-1, pull=-1, value=None):
        if mode == Pin.OUT:
            self.out = True
            if value is not None:
                self.value(value)
        elif mode == Pin.IN:
            # An output that becomes an input falls to its pull-down.
            self.out = False
            if self.world.outputs[self.number]:
                self.world.outputs[self.number] = 0
                self.world.dirty = True

    def value(self, level=None):
        world = self.world
        if level is None:
            if self.out:
                return world.outputs[self.number]
            return world.inputs[self.number]
        if world.bomb is not None:
            world.explode("drive")
        if self.out:
            world.outputs[self.number] = 1 if level else 0
            world.dirty = True
        return None

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def irq(self, handler=None, trigger=IRQ_FALLING):
        entry = self.world.irq.input(self.number)
        entry.handler = handler
        entry.pin = self


class ADC:
    ATTN_0DB = 0
    ATTN_2_5DB = 1
    ATTN_6DB = 2
    ATTN_11DB = 3

    def __init__(self, pin, atten=ATTN_0DB):
        self.world = World.current
        self.world.variant.require_adc(pin.gpio)
        self.number = pin.number

    def read_u16(self):
        world = self.world
        if world.bomb is not None:
            world.explode("read")
        return (permille(world, self.number) * 65535 + 999) // 1000


def permille(world, number):
    """Level of an analogue input, thousandths of 3.3 V."""
    if number == RAIL_L:
        return world.left.permille()
    if number == RAIL_R:
        return world.right.permille()
    if number == HALL_A_DIAG:
        return world.hall.diag_permille()
    if number == HALL_B_DIAG and world.hall_b is not None:
        return world.hall_b.diag_permille()
    return 1000 if number == HALL_B_DIAG else 0


class I2C:
    """The accelerometer's bus: nobody else is on it."""

    def __init__(self, id, scl=None, sda=None, freq=400000, timeout=50000):
        self.deck = World.current.deck

    def _require(self, address):
        if not self.deck.answers(address):
            raise OSError(19)

    def readfrom_mem(self, address, register, count):
        self._require(address)
        buf = bytearray(count)
        self.deck.read(register, buf)
        return bytes(buf)

    def readfrom_mem_into(self, address, register, buf):
        self._require(address)
        self.deck.read(register, buf)

    def writeto_mem(self, address, register, data):
        self._require(address)
        self.deck.write(register, data)


class TouchPad:
    def __init__(self, pin):
        world = World.current
        world.variant.require_touch(pin.gpio)
        self.world = world
        self.hand = world.left if pin.number == RAIL_L else world.right
        world.stall(30000, False)  # the constructor waits for the first measurement

    def read(self):
        if self.world.bomb is not None:
            self.world.explode("read")
        return self.hand.touch_count()

    def config(self, threshold):
        pass


class WDT:
    def __init__(self, id=0, timeout=5000):
        self.chip = World.current.chip
        self.chip.arm_watchdog(timeout)

    def feed(self):
        if self.chip.world.bomb is not None:
            self.chip.world.explode("feed")
        self.chip.fed_at = self.chip.world.now


class RTC:
    def __init__(self):
        self.world = World.current

    def memory(self, data=None):
        chip = self.world.chip
        if data is None:
            return bytes(chip.rtc)
        if not self.world.dying:
            chip.remember(data)
        return None


class Memory32:
    def __getitem__(self, address):
        world = World.current
        return world.chip.raw_cause() if address == world.variant.reset_register else 0

    def __setitem__(self, address, value):
        pass


mem32 = Memory32()


def reset():
    World.current.reset_now("hard")


def soft_reset():
    World.current.reset_now("soft")


def reset_cause():
    return World.current.chip.cause()


def unique_id():
    return World.current.chip.unique_id


def freq(hz=240000000):
    return 240000000


def disable_irq():
    return 0


def enable_irq(state):
    pass


def idle():
    pass
