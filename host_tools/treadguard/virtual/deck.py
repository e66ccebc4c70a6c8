# SPDX-License-Identifier: MIT
"""The deck's incline, and the accelerometer on it as registers on an I2C bus.

Gravity by the incline, footfalls while somebody walks (a blow and the swing back, together
nothing), and a little noise; a reading is as new as the chip's 100 Hz.
"""

CHIPS = {
    # name: (address, id's register, id, status register, its bit, data's register, big-endian,
    #        counts per g, bits to the left)
    "lis3dh": (0x18, 0x0F, 0x33, 0x27, 0x08, 0x28, False, 8000, 4),
    "mpu6050": (0x68, 0x75, 0x68, 0x3A, 0x01, 0x3B, True, 8192, 0),
    "adxl345": (0x53, 0x00, 0xE5, 0x30, 0x80, 0x32, False, 256, 0),
    "other_chip": (0x68, 0x75, 0x12, 0x3A, 0x01, 0x3B, True, 8192, 0),
}
FAULTS = ("none", "unplugged", "stopped", "frozen", "shaken", "loose")
SAMPLE_US = 10000
BLOW_US = 60000
SWING_US = 120000


class Deck:
    def __init__(self, world, rng):
        self.world = world
        self.rng = rng
        self.chip = None
        self.fault = "none"
        self.permille = 0
        self.target = 0
        self.per_second = 0
        self.moved_from = 0
        self.moved_at = 0
        self.blow_mg = 150
        self.step_us = 600000
        self.sample_at = -1
        self.registers = bytearray(256)
        self.mg = [0, 0, 1000]
        self.frozen = False

    def fit(self, name):
        self.chip = CHIPS[name]
        self.registers[self.chip[1]] = self.chip[2]

    def raise_to(self, permille, per_second):
        """The deck's motor: at once when per_second is 0."""
        self._move()
        self.target = permille
        self.per_second = per_second
        self.moved_from = self.permille
        self.moved_at = self.world.tick_ms
        if not per_second:
            self.permille = permille

    def _move(self):
        """From where it began: steps rounded at each look would make it slower than its motor."""
        if self.permille == self.target:
            return
        way = self.per_second * ((self.world.tick_ms - self.moved_at) & 0x3FFFFFFF) // 1000
        if self.moved_from < self.target:
            self.permille = min(self.target, self.moved_from + way)
        else:
            self.permille = max(self.target, self.moved_from - way)

    def answers(self, address):
        return self.chip is not None and self.chip[0] == address and self.fault != "unplugged"

    def read(self, register, buf):
        """Burst from a register on; the address's highest bit may ask for it."""
        self._sample()
        chip = self.chip
        at = register & 0x7F if chip[1] == 0x0F else register
        for i in range(len(buf)):
            buf[i] = self.registers[at + i]
        self.registers[chip[3]] &= ~chip[4] & 0xFF

    def write(self, register, data):
        for i in range(len(data)):
            self.registers[register + i] = data[i]

    def _sample(self):
        slot = self.world.tick_us // SAMPLE_US
        if slot == self.sample_at or self.fault == "stopped":
            return
        self.sample_at = slot
        chip = self.chip
        self.registers[chip[3]] |= chip[4]
        if self.fault == "frozen":
            return
        self._feel()
        for axis in range(3):
            count = (self.mg[axis] * chip[7] + 500) // 1000
            if chip[8]:
                count = count >> chip[8] << chip[8]
            at = chip[5] + 2 * axis
            self.registers[at + (0 if chip[6] else 1)] = count >> 8 & 0xFF
            self.registers[at + (1 if chip[6] else 0)] = count & 0xFF

    def _feel(self):
        self._move()
        root = square_root(1000000 + self.permille * self.permille)
        front = self.permille * 1000 // root
        up = 1000000 // root
        if self.fault == "loose":  # it hangs by its lead
            front, up = 150, -980
        blow_mg = 0
        if self.world.walker.on_belt and self.world.belt.moving:
            blow_mg = self._footfall()
        if self.fault == "shaken":
            front += self.rng.between(-1800, 1800)
        rng = self.rng
        self.mg[0] = front + blow_mg + rng.between(-2, 2)
        self.mg[1] = blow_mg // 4 + rng.between(-2, 2)
        self.mg[2] = up + 2 * blow_mg + rng.between(-2, 2)

    def _footfall(self):
        at_us = self.world.tick_us % self.step_us
        if at_us < BLOW_US:
            return self.blow_mg
        return -self.blow_mg // 2 if at_us < BLOW_US + SWING_US else 0


def square_root(n):
    root = n // 1000 if n < 4000000 else 2000
    while True:
        better = (root + n // root) // 2
        if -1 <= better - root <= 1:
            return better
        root = better
