# SPDX-License-Identifier: MIT
"""The S3's own USB as a console beside UART0, as MicroPython's port has it.

Every byte of the console goes there too. While nobody has the port open it costs nothing. A
laptop that has opened it and does not read lets 256 bytes pile up; each further byte waits half
a second in vain. Asking first is no help: the console calls itself ready, because UART0 is.
"""

FIFO = 256
TIMEOUT_US = 500000
OUT = "out"
READING = "reading"
STUCK = "stuck"
PLACES = (OUT, READING, STUCK)


class Usb:
    def __init__(self, world, switch):
        self.world = world
        self.switch = switch  # the image can switch it off
        self.on = True
        self.laptop = OUT
        self.waiting = 0
        self.stalls = 0

    def plug(self, place):
        """What the laptop at this socket does from now on."""
        self.laptop = place
        if place != STUCK:
            self.waiting = 0

    def put(self):
        """One byte."""
        if not self.on or self.laptop != STUCK:
            return
        if self.waiting < FIFO:
            self.waiting += 1
            return
        self.stalls += 1
        self.world.log("usb", "a byte waits in vain")
        self.world.stall(TIMEOUT_US, False)

    def off(self):
        """AttributeError on an image without machine.USBDevice."""
        if not self.switch:
            raise AttributeError("USBDevice")
        self.on = False

    def reset(self):
        """The chip starts: the port is there again."""
        self.on = True
        self.waiting = 0
