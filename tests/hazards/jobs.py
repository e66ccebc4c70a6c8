# SPDX-License-Identifier: MIT
"""Jobs that reach into the running program: time that it takes, bits that flip, loads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.hazards.outcome import Outcome, observe
from tests.hazards.zygote import end_in

SEALED = (
    "state", "state_inverse", "relay_command", "command_inverse", "limit_mm_s", "limit_inverse",
)  # fmt: skip
BITS = 31


def flip(world: Any, word: str, bit: int, run_ms: int = 3000) -> Callable[[], Outcome]:
    """A bit of one of the supervisor's words flips between two ticks."""
    supervisor = world.recorder.controller.supervisor
    world.recorder.injected_us = world.now
    setattr(supervisor, word, getattr(supervisor, word) ^ 1 << bit)
    end_in(world, run_ms)
    return lambda: observe(world)


def flip_within(world: Any, word: str, bit: int, run_ms: int = 3000) -> Callable[[], Outcome]:
    """The same in the middle of the next tick, between the decision and the pump."""
    controller = world.recorder.controller
    supervisor, panel = controller.supervisor, controller.panel
    tick = panel.tick

    def flips(sup: Any, now_ms: int) -> None:
        panel.tick = tick
        world.recorder.injected_us = world.now
        setattr(supervisor, word, getattr(supervisor, word) ^ 1 << bit)
        tick(sup, now_ms)

    panel.tick = flips
    end_in(world, run_ms)
    return lambda: observe(world)


def slow_reads(world: Any, us: int, times: int, run_ms: int) -> Callable[[], Outcome]:
    """Reading the inputs takes so long, in the next `times` ticks. When Python goes on, the
    interrupts that came meanwhile run first, as they do on the chip."""
    inputs = world.recorder.controller.inputs
    read = inputs.read
    left = [times]

    def slow(s: Any) -> None:
        if left[0]:
            left[0] -= 1
            world.stall(us, False)
            world.irq.run(world.now)
        read(s)

    inputs.read = slow
    world.recorder.injected_us = world.now
    end_in(world, run_ms)
    return lambda: observe(world)


def storm(world: Any, edges: int, gap_us: int, stall_ms: int, run_ms: int) -> Callable[[], Any]:
    """Edges from nowhere, while the program takes stall_ms for one step: the queue overflows.
    Answers the outcome and how many interrupts were dropped."""
    inputs = world.recorder.controller.inputs
    read = inputs.read
    dropped = world.irq.dropped

    def slow(s: Any) -> None:
        inputs.read = read
        if stall_ms:
            world.stall(stall_ms * 1000, False)
        read(s)

    inputs.read = slow
    world.hall.burst(edges, gap_us)
    world.recorder.injected_us = world.now
    end_in(world, run_ms)
    return lambda: (observe(world), world.irq.dropped - dropped)


def skip(world: Any, ms: int) -> None:
    """Idle time that nobody simulates: the board's counters jump, the world's time does not."""
    world.tick_us = (world.tick_us + ms * 1000) & 0x3FFFFFFF
    world.tick_ms = (world.tick_ms + ms) & 0x3FFFFFFF
