# SPDX-License-Identifier: MIT
"""A board whose flash was damaged before it starts. Somebody then tries to arm it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.hazards.outcome import Outcome, observe
from tests.hazards.zygote import end_in
from treadguard.virtual import actions

KEY = "treadguard/memory"


@dataclass
class Start:
    o: Outcome
    blockers: list[str] = field(default_factory=list)
    closings: int = 0


def try_to_arm(world: Any, harm: Callable[[Any], None], cycles: int = 0) -> Callable[[], Start]:
    """Power off, harm the flash, power on, START; `cycles` more times off and on before it.
    The pause is early in the first start, in forward mode: nothing but the damage may block."""
    at_ms = 0
    for cycle in range(cycles + 1):
        world.call_in(at_ms * 1000, _cut, (world, harm if cycle == 0 else None))
        world.call_in((at_ms + 700) * 1000, _power_on, world)
        at_ms += 5000
    asked: list[list[str]] = []
    world.call_in((at_ms + 800) * 1000, _ask, (world, asked))
    world.call_in((at_ms + 1000) * 1000, _press, world)
    end_in(world, at_ms + 4000)
    world.recorder.injected_us = world.now

    def answer() -> Start:
        closings = len(world.recorder.closings_after(world.recorder.injected_us))
        return Start(observe(world), asked[0] if asked else [], closings)

    return answer


def _cut(order: tuple[Any, Callable[[Any], None] | None]) -> None:
    world, harm = order
    if harm is not None:
        harm(world)
    world.cut_power()


def _power_on(world: Any) -> None:
    world.restore_power()


def _ask(order: tuple[Any, list[list[str]]]) -> None:
    world, asked = order
    controller = world.recorder.controller
    if controller is None:
        asked.append(["no program"])
        return
    flags = controller.supervisor.blockers.flags
    from guard.core import faults

    asked.append([faults.name(code) for code in range(len(flags)) if flags[code]])


def _press(world: Any) -> None:
    actions.do(world, "start", {"what": "press"})


# Harms; each is picklable as a partial of a function here.


def flip_file(path: str, at: int, bit: int, world: Any) -> None:
    data = bytearray(world.flash.read(path))
    data[at % len(data)] ^= 1 << bit
    world.flash.files[path] = bytes(data)


def truncate_file(path: str, length: int, world: Any) -> None:
    world.flash.files[path] = world.flash.read(path)[:length]


def remove_file(path: str, world: Any) -> None:
    world.flash.files.pop(path, None)


def flip_nvs(at: int, bit: int, world: Any) -> None:
    data = bytearray(world.flash.nvs[KEY])
    data[at] ^= 1 << bit
    dict.__setitem__(world.flash.nvs, KEY, bytes(data))


def resize_nvs(length: int, world: Any) -> None:
    data = world.flash.nvs[KEY]
    dict.__setitem__(world.flash.nvs, KEY, (data + bytes(length))[:length])


def erase_nvs(world: Any) -> None:
    world.flash.nvs.clear()


def nothing(world: Any) -> None:
    pass


def cut_manifest(world: Any) -> None:
    """It ends after some whole line; a file that it no longer names is damaged."""
    lines = world.flash.read("manifest.txt").decode().splitlines(keepends=True)
    world.flash.files["manifest.txt"] = "".join(lines[: len(lines) // 2]).encode()
    flip_file(lines[-1].split(" ")[0], 100, 0, world)
