# SPDX-License-Identifier: MIT
"""NOR flash in RAM as a MicroPython block device: what a program and an erase do to the bits.

Blocks of 4096 bytes as on the ESP32. A program only clears bits, an erase only sets them. Every
operation is written down, so that the image of any moment can be made again.
"""

BLOCK = 4096
PROGRAM = 0
ERASE = 1
_BLANK = b"\xff" * BLOCK


class NorFlash:
    def __init__(self, blocks, contents=None):
        self.contents = contents or [_BLANK] * blocks
        self.log = None  # a list while operations are to be remembered
        self.erases = [0] * len(self.contents)
        self.programs = 0
        self.unclean = 0  # programs into bytes that were not erased
        self.programmed_bytes = 0
        self.reads = 0
        self.read_bytes = 0

    # The protocol of vfs.AbstractBlockDev, extended form.

    def readblocks(self, block, buf, offset=0):
        self.reads += 1
        self.read_bytes += len(buf)
        buf[:] = memoryview(self.contents[block])[offset : offset + len(buf)]

    def writeblocks(self, block, buf, offset=0):
        data = bytes(buf)
        if self.log is not None:
            self.log.append((PROGRAM, block, offset, data))
        self.programs += 1
        self.programmed_bytes += len(data)
        before = self.contents[block]
        if not isinstance(before, bytearray):
            before = self.contents[block] = bytearray(before)
        if before[offset : offset + len(data)] == _BLANK[: len(data)]:
            before[offset : offset + len(data)] = data
        else:
            self.unclean += 1
            for i in range(len(data)):
                before[offset + i] &= data[i]

    def ioctl(self, op, arg):
        if op == 4:
            return len(self.contents)
        if op == 5:
            return BLOCK
        if op == 6:
            if self.log is not None:
                self.log.append((ERASE, arg, 0, None))
            self.erases[arg] += 1
            self.contents[arg] = _BLANK
        return 0

    # Power cuts.

    def apply(self, operation):
        """Do one remembered operation."""
        kind, block, offset, data = operation
        if kind == ERASE:
            self.contents[block] = _BLANK
        else:
            self.writeblocks(block, data, offset)

    def cut_in(self, operation, share):
        """The image when the power goes in the middle of an operation, as a flash of its own.

        share: eighths of the bytes that were reached; the byte under way has half its bits.
        """
        copy = self.copy()
        kind, block, offset, data = operation
        torn = bytearray(copy.contents[block])
        if kind == ERASE:
            reached = BLOCK * share // 8
            torn[:reached] = _BLANK[:reached]
            for i in range(reached, BLOCK, 3):
                torn[i] |= 0xA5 if i & 4 else 0x3C  # a weak erase sets some bits everywhere
        else:
            reached = len(data) * share // 8
            for i in range(reached):
                torn[offset + i] &= data[i]
            if reached < len(data):
                torn[offset + reached] &= data[reached] | 0x5A
        copy.contents[block] = torn
        return copy

    def copy(self):
        """The same contents in a flash that can be written to without touching this one."""
        return NorFlash(0, [bytes(block) if isinstance(block, bytearray) else block
                            for block in self.contents])  # fmt: skip
