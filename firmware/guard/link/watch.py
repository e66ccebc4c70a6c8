# SPDX-License-Identifier: MIT
"""When the next live line is due. It ends by itself: a host that died asks for no more."""

from guard.core.ticks import since


class Watch:
    """A live line every so many ms, for so many seconds."""

    def __init__(self):
        self.every_ms = 0
        self.for_ms = 0
        self.began_ms = 0
        self.last_ms = 0

    def start(self, every_ms, for_s, now_ms):
        self.every_ms = every_ms if for_s else 0
        self.for_ms = for_s * 1000
        self.began_ms = now_ms
        self.last_ms = now_ms

    def due(self, now_ms):
        if not self.every_ms:
            return False
        if since(now_ms, self.began_ms) >= self.for_ms:
            self.every_ms = 0
            return False
        return since(now_ms, self.last_ms) >= self.every_ms

    def sent(self, now_ms):
        self.last_ms = now_ms
