# SPDX-License-Identifier: MIT
"""What outlives a reset on the ESP32, and what the chip says about why it was reset.

A soft reset, machine.reset(), a panic and the task watchdog are CPU resets: outputs keep their
level. Power-on, the EN pin, a brownout and the watchdog's second stage (a core reset) release
the pins. RTC memory survives everything but a loss of power and EN (and, to be safe, brownout).
"""

POWER_ON = "power_on"
EN = "en"
BROWNOUT = "brownout"
SOFT = "soft"
HARD = "hard"  # machine.reset()
CRASH = "crash"  # a panic that is not the watchdog's
WATCHDOG = "watchdog"  # stage 0: panic after T
WATCHDOG_CORE = "watchdog_core"  # stage 1: core reset after 2T, when the panic was masked

# kind: (reset_cause(), raw cause register, pins released, RTC memory kept, boot time ms)
KINDS = {
    POWER_ON: (1, 0x01, True, False, 600),
    EN: (1, 0x01, True, False, 600),
    BROWNOUT: (1, 0x0F, True, False, 600),
    SOFT: (5, 0x0C, False, True, 150),
    HARD: (2, 0x0C, False, True, 500),
    CRASH: (2, 0x0C, False, True, 500),
    WATCHDOG: (3, 0x0C, False, True, 500),
    WATCHDOG_CORE: (3, 0x07, True, True, 600),
}
PANIC_DUMP_US = 150000
RTC_SIZE = 2048
NAMES = (POWER_ON, EN, BROWNOUT, SOFT, HARD, CRASH, WATCHDOG, WATCHDOG_CORE)
UNIQUE_ID = b"\x24\x0a\xc4\x00\x12\x34"


class BoardReset(BaseException):
    """The program ends here, wherever it is. No `except Exception` may hold it up."""

    def __init__(self, kind):
        super().__init__(kind)
        self.kind = kind


class EndOfRun(BaseException):
    """The scenario is over."""


class Chip:
    def __init__(self, world):
        self.world = world
        self.kind = POWER_ON
        self.rtc = bytearray()
        self.boots = 0
        self.watchdog_us = 0  # 0 = not armed
        self.fed_at = 0
        self.unique_id = UNIQUE_ID

    def cause(self):
        return KINDS[self.kind][0]

    def raw_cause(self):
        return KINDS[self.kind][1]

    def remember(self, data):
        """RTC memory takes a copy, without allocating when the length is what it was."""
        if len(data) > RTC_SIZE:
            raise ValueError("buffer too long")
        if len(data) == len(self.rtc):
            for i in range(len(data)):
                self.rtc[i] = data[i]
        else:
            self.rtc = bytearray(data)

    def arm_watchdog(self, timeout_ms):
        """Arming again changes the time; nothing but a chip reset disarms it."""
        self.watchdog_us = timeout_ms * 1000
        self.fed_at = self.world.now
        self.world.wake(self.fed_at + self.watchdog_us)

    def disarm(self, kind):
        """Every reset but a soft one stops the watchdog, and so does a loss of power."""
        if kind != SOFT:
            self.watchdog_us = 0

    def feed(self):
        self.fed_at = self.world.now

    def due(self, now):
        """Panic when the watchdog has starved."""
        if self.watchdog_us and now - self.fed_at >= self.watchdog_us:
            self.panic(WATCHDOG)

    def next_due(self):
        return self.fed_at + self.watchdog_us

    def panic(self, kind):
        """The dump takes 0.15 s on the UART; the pins stay where they are."""
        world = self.world
        self.watchdog_us = 0
        world.log("chip", "panic " + kind)
        world.kill(kind)
        world.uart.noise(b"Guru Meditation Error: " + kind.encode() + b"\r\n")
        world.suffer(PANIC_DUMP_US)
        raise BoardReset(kind)

    def hang(self, masked):
        """The program stops making progress; masked: interrupts are off as well."""
        world = self.world
        world.kill(WATCHDOG)
        if not self.watchdog_us:
            while True:  # nothing but a reset or the scenario's end gets out of this
                world.suffer(1000000)
        until = self.fed_at + self.watchdog_us * (2 if masked else 1)
        period_us = self.watchdog_us
        self.watchdog_us = 0
        world.suffer(max(0, until - world.now))
        self.watchdog_us = period_us
        if masked:
            raise BoardReset(WATCHDOG_CORE)
        self.panic(WATCHDOG)

    def reset(self, kind):
        """The chip starts again; what outlives this kind of reset is kept."""
        self.kind = kind
        self.boots += 1
        if not KINDS[kind][3]:
            self.rtc = bytearray()
