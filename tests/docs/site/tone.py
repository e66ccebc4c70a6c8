# SPDX-License-Identifier: MIT
"""A sound pattern as a WAV file, so that a walker can hear it on the site."""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence

from tests.docs.site import timing

RATE = 8000
HALF_WAVE = 2  # samples: a square wave of 2 kHz, about what a small buzzer gives
LOUD, QUIET, SILENT = 178, 78, 128


def wav(pattern: Sequence[int], repeats: bool) -> bytes:
    """Four seconds of it, 8 bit mono."""
    samples = bytearray([SILENT]) * (timing.WINDOW_MS * RATE // 1000)
    for start_ms, length_ms in timing.pulses(pattern, repeats):
        first, count = start_ms * RATE // 1000, length_ms * RATE // 1000
        for i in range(count):
            samples[first + i] = LOUD if i // HALF_WAVE % 2 else QUIET
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(bytes(samples))
    return out.getvalue()
