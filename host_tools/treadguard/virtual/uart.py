# SPDX-License-Identifier: MIT
"""UART0 at 115200 baud as MicroPython's ESP32 port has it.

Towards the board: one byte every 86.8 us into a ring of 260 bytes of which 259 are usable; a
byte that finds it full is gone without a trace. Towards the host: a FIFO of 128 bytes; a write
beyond that blocks until the rest has left, rounded up to the 10 ms FreeRTOS tick.
"""

RING = 260
FIFO = 128
BYTES_PER_100_MS = 1152


def bytes_us(n):
    """How long n bytes take on the wire."""
    return n * 100000 // BYTES_PER_100_MS


class Uart:
    def __init__(self, world):
        self.world = world
        self.ring = bytearray(RING)
        self.head = 0
        self.tail = 0
        self.dropped = 0
        self.pending = bytearray()  # sent by the host, not on the board yet
        self.sent = 0
        self.started_at = 0
        self.busy = False  # bytes are on their way to the board
        self.line = b""  # what has come out since the last newline
        self.line_free_at = 0  # when everything written will have left the FIFO
        self.sink = None  # gets every byte string the board has written
        self.taken = 0  # bytes the firmware has read, ever

    # -- the host's side

    def host_send(self, data):
        """Bytes a host puts on the wire, after whatever is still on it."""
        if not self.busy:
            self.pending = bytearray()
            self.sent = 0
            self.started_at = self.world.now
            self.busy = True
        self.pending.extend(data)

    def arrive(self, now):
        """Move what has arrived by now into the ring."""
        due = (now - self.started_at) * BYTES_PER_100_MS // 100000
        if due > len(self.pending):
            due = len(self.pending)
        while self.sent < due:
            following = self.head + 1 if self.head + 1 < RING else 0
            if following == self.tail:
                self.dropped += 1
            else:
                self.ring[self.head] = self.pending[self.sent]
                self.head = following
            self.sent += 1
        if self.sent == len(self.pending):
            self.busy = False

    # -- the board's side

    def unread(self):
        """Bytes are on their way to the board or wait in its ring."""
        return self.busy or self.tail != self.head

    def read_byte(self):
        """The next byte, or -1."""
        tail = self.tail
        if tail == self.head:
            return -1
        self.tail = tail + 1 if tail + 1 < RING else 0
        self.taken += 1
        return self.ring[tail]

    def write(self, buf, n):
        """Put n bytes out; blocks for what the FIFO does not hold."""
        now = self.world.now
        if self.line_free_at < now:
            self.line_free_at = now
        self.line_free_at += bytes_us(n)
        self._emit(bytes(memoryview(buf)[:n]))
        wait_us = self.line_free_at - bytes_us(FIFO) - now
        if wait_us > 0:
            self.world.stall((wait_us + 9999) // 10000 * 10000, False)

    def _emit(self, data):
        if self.sink is not None:
            self.sink(data)
        text = self.line + data
        end = text.find(b"\n")
        while end >= 0:
            self.world.observer.line(text[:end])
            text = text[end + 1 :]
            end = text.find(b"\n")
        self.line = text

    def noise(self, text):
        """What the boot ROM and panics print: no firmware, no blocking."""
        self._emit(text)

    def reset(self):
        """A chip reset empties ring and FIFO; the wire goes on."""
        self.tail = self.head
        self.line_free_at = 0
