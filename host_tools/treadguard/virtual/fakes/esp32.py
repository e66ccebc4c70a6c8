# SPDX-License-Identifier: MIT
"""`esp32` of the virtual board: pulse counter and NVS."""

from treadguard.virtual.world import World


class PCNT:
    IGNORE = 0
    INCREMENT = 1
    DECREMENT = 2
    HOLD = 3
    REVERSE = 4
    NORMAL = 5

    def __init__(self, id, pin=None, rising=IGNORE, falling=IGNORE, filter=0, **more):
        self.entry = None
        self.init(pin, rising, falling)

    def init(self, pin=None, rising=IGNORE, falling=IGNORE, **more):
        """Only what the board's hall input needs: count the falling edges of one pin."""
        if pin is not None and (falling == PCNT.INCREMENT or rising == PCNT.INCREMENT):
            self.entry = World.current.irq.input(pin.number)

    def start(self):
        self.entry.counting = True

    def stop(self):
        self.entry.counting = False

    def value(self, value=None):
        """The count; value(0) clears it and gives what it was."""
        count = self.entry.count
        if value == 0:
            self.entry.count = 0
        return count


class NVS:
    def __init__(self, namespace):
        if len(namespace) > 15:
            raise OSError(-4361, "ESP_ERR_NVS_KEY_TOO_LONG")
        self.flash = World.current.flash
        self.prefix = namespace + "/"

    def get_i32(self, key):
        return self.flash.nvs_get(self.prefix + key)

    def set_i32(self, key, value):
        self.flash.nvs_set(self.prefix + key, value)

    def get_blob(self, key, buf):
        blob = self.flash.nvs_get(self.prefix + key)
        if len(blob) > len(buf):
            raise OSError(-4364, "ESP_ERR_NVS_INVALID_LENGTH")
        for i in range(len(blob)):
            buf[i] = blob[i]
        return len(blob)

    def set_blob(self, key, value):
        self.flash.nvs_set(self.prefix + key, bytes(value))

    def erase_key(self, key):
        self.flash.nvs_erase(self.prefix + key)

    def commit(self):
        pass


def wake_on_touch(wake):
    pass
