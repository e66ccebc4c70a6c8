# SPDX-License-Identifier: MIT
"""A journal written by hand, with the firmware's own frames: for stories tests tell."""

from __future__ import annotations

from pathlib import Path

from guard.core import events as e
from guard.core import states as st
from guard.record.frames import frame


class Written:
    """Events of one board, in the order they are put."""

    def __init__(self, boot: int = 1, first_seq: int = 1) -> None:
        self.boot = boot
        self.seq = first_seq - 1
        self.frames: list[bytes] = []

    def put(
        self, ms: int, kind: int, a: int = 0, b: int = 0, c: int = 0, text: bytes = b""
    ) -> Written:
        """One event at an uptime."""
        self.seq += 1
        self.frames.append(frame(self.seq, self.boot, ms & 0x3FFFFFFF, kind, a, b, c, text))
        return self

    def power_on(self, found: int = 0) -> Written:
        """The board starts anew, having found this fault."""
        self.boot += 1
        return self.put(200, e.BOOT, 1, found, self.boot)

    def clock(self, ms: int, epoch_s: int) -> Written:
        """A laptop tells the time."""
        return self.put(ms, e.CLOCK, epoch_s // 60, epoch_s % 60)

    def walk(self, ms: int, session: int, fault: int, seconds: int = 600) -> Written:
        """A backward session from START at ms, ended by a fault; the belt stands 1.5 s later."""
        end = ms + 20_000 + seconds * 1000
        self.put(ms, e.ARM, st.MODE_BACKWARD, session)
        self.put(ms + 1_000, e.STATE, st.WAIT_BELT, st.ARMING)
        self.put(ms + 6_000, e.STATE, st.MOUNTING, st.WAIT_BELT)
        self.put(ms + 20_000, e.STATE, st.BACKWARD, st.MOUNTING)
        self.put(end, e.STOP, fault, 812, 3)
        self.put(end, e.STATE, st.STOPPING, st.BACKWARD, fault)
        self.put(end + 1_500, e.SESSION, seconds, 850, 7)
        return self.put(end + 1_500, e.STOPPED, 1_500, 5, -1)

    @property
    def data(self) -> bytes:
        """The segment."""
        return b"".join(self.frames)

    def into(self, folder: Path, name: str = "j00000001.bin") -> Path:
        """Write the segment as a pull would; returns the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(self.data)
        return folder
