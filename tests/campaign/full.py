# SPDX-License-Identifier: MIT
"""A session on the full stack: the unmodified firmware on the virtual board, in this process."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.campaign.outcome import Deadline, Outcome, follow, of
from treadguard import firmware
from treadguard.virtual.runner import Runner, find_paths
from treadguard.virtual.scenario import END_AFTER_MS, Timeline, build

BYTECODE = Path("/tmp") / "treadguard-campaign-bytecode"


class QuietRunner(Runner):  # type: ignore[misc]
    """Tracebacks of injected exceptions are expected: keep them off the terminal."""

    def _print_exception(self, error: BaseException, file: object = None) -> None:
        self.crash = error


def run(
    scenario: dict[str, Any],
    deadline: Deadline | None = None,
    marks: Sequence[int] = (),
    make: type[Runner] = QuietRunner,
) -> Outcome:
    """Run it to its end. `marks`: entries of the timeline whose time is wanted."""
    folder = str(firmware.folder())
    find_paths(folder)
    keep_bytecode()
    world = build({**scenario, "edges": True}, folder)
    follow(world, deadline)
    after_ms = scenario.get("end_after_ms", END_AFTER_MS)
    timeline = Timeline(world, scenario["timeline"], scenario.get("end_ms", 0), after_ms)
    timeline.start()
    runner = make(world, folder)
    runner.run()
    outcome = of(world, timeline, deadline)
    if runner.crash is not None:
        outcome.crash = type(runner.crash).__name__
    outcome.marks_ms = [timeline.done_ms[i] for i in marks]
    return outcome


def keep_bytecode() -> None:
    """Every boot imports the firmware anew; compiled files live outside of firmware/."""
    sys.pycache_prefix = str(BYTECODE)
    sys.dont_write_bytecode = False
