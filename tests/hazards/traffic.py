# SPDX-License-Identifier: MIT
"""What a laptop, a terminal or line noise may send: strategies, and one job that sends it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from hypothesis import strategies as some

from tests.hazards.outcome import Outcome, observe
from tests.hazards.zygote import end_in

# The harshest things that can be asked for, and the harmless ones.
REQUESTS: tuple[dict[str, Any], ...] = (
    {"do": "status"},
    {"do": "describe", "of": "parameters", "at": 3},
    {"do": "describe", "of": "text:faults"},
    {"do": "watch", "every_ms": 200, "for_s": 3},
    {"do": "watch", "every_ms": 0},
    {"do": "stop"},
    {"do": "config.get", "at": 0},
    {"do": "config.set", "values": {"backward_limit_mm_s": 1118, "rail_grace_ms": 600}},
    {"do": "config.set", "values": {"overspeed_margin_permille": 150}, "more": True},
    {"do": "config.set", "values": {"overspeed_margin_permille": 10**9}},
    {"do": "config.set", "values": {"calibration": True}},
    {"do": "config.defaults"},
    {"do": "clock.set", "epoch_s": 1_790_000_000},
    {"do": "log.list"},
    {"do": "log.read", "name": "j00000001.bin", "n": 3072},
    {"do": "blackbox.read", "name": "b00000001.bin"},
    {"do": "log.read", "name": "../config.json"},
    {"do": "log.ack", "seq": 1},
    {"do": "selftest"},
    {"do": "proof"},
    {"do": "maintenance"},
    {"do": "start"},
)


def line(ask: dict[str, Any], with_crc: bool) -> bytes:
    body = json.dumps(ask, separators=(",", ":")).encode()
    return body + (b"*%08x" % crc32(body) if with_crc else b"") + b"\n"


def valid() -> some.SearchStrategy[bytes]:
    """Requests with few ids, so that they repeat; some without CRC."""

    def build(ask: dict[str, Any], number: int, with_crc: bool) -> bytes:
        return line({"id": number, **ask}, with_crc)

    return some.builds(build, some.sampled_from(REQUESTS), some.integers(1, 4), some.booleans())


def mutated() -> some.SearchStrategy[bytes]:
    def spoil(good: bytes, at: int, byte: int) -> bytes:
        at %= len(good)
        return good[:at] + bytes([byte]) + good[at + 1 :]

    return some.builds(spoil, valid(), some.integers(0, 250), some.integers(0, 255))


def half() -> some.SearchStrategy[bytes]:
    return some.builds(lambda good, n: good[: n % len(good)], valid(), some.integers(0, 250))


def flood() -> some.SearchStrategy[bytes]:
    return some.builds(lambda byte, n: bytes([byte]) * n, some.integers(0, 255),
                       some.integers(1, 600))  # fmt: skip


def traffic(with_ctrl_c: bool = True) -> some.SearchStrategy[bytes]:
    """Bytes at line rate."""
    parts = [valid(), valid(), mutated(), half(), some.binary(max_size=60), flood()]
    if with_ctrl_c:
        parts.append(some.just(b"\x03"))
    joined = some.lists(some.one_of(parts), min_size=1, max_size=12).map(b"".join)
    return joined if with_ctrl_c else joined.map(lambda data: data.replace(b"\x03", b"?"))


@dataclass
class Heard:
    o: Outcome
    state: str  # when it began
    latched: str
    pending: bool
    dropped: int  # bytes that found the ring full


def send(world: Any, data: bytes, after_ms: int = 600) -> Callable[[], Heard]:
    """All of it at line rate; then so much longer."""
    recorder = world.recorder
    recorder.injected_us = world.now
    recorder.late_us = 0
    state, latched, dropped = world.observer.state, world.observer.latched, world.uart.dropped
    world.uart.host_send(data)
    end_in(world, len(data) * 100 // 1152 + after_ms)

    def answer() -> Heard:
        pending = bool(recorder.controller and recorder.controller.changes.pending)
        return Heard(observe(world), state, latched, pending, world.uart.dropped - dropped)

    return answer


def arrives_ms(data: bytes, at: int) -> float:
    """When byte number `at` has arrived on the board."""
    return (at + 1) / 11.52
