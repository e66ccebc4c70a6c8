# SPDX-License-Identifier: MIT
"""A full-stack session that is paused at a moment. Each job goes on from there in a fork.

The world is paused between two ticks, with the firmware's loop on the stack. `run(job, ...)`
forks it: the job arranges what is to happen and returns a function; when the run is over that
function's answer comes back. `advance(ms)` moves the pause itself. So a sweep over moments costs
no way to them, and no job sees what another one did.
"""

from __future__ import annotations

import os
import pickle
import struct
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.hazards.recorder import Recorder
from treadguard import firmware
from treadguard.virtual.chip import EndOfRun
from treadguard.virtual.runner import Runner, find_paths
from treadguard.virtual.scenario import Timeline, build

BYTECODE = Path(__file__).resolve().parents[2] / "build" / "hazards-bytecode"
NEVER_MS = 1 << 30
WAY_MS = 90_000  # a board that does not even start must not be waited for
Job = Callable[..., Callable[[], Any]]


class QuietRunner(Runner):  # type: ignore[misc]
    """Tracebacks of injected exceptions are expected: keep them off the terminal."""

    def _print_exception(self, error: BaseException, file: object = None) -> None:
        self.crash = error
        error.__traceback__ = None


class Pausing(Timeline):  # type: ignore[misc]
    """When the timeline has been walked, or waited in vain, the world is paused."""

    pause: Callable[[], None]

    def _end(self, _: int) -> None:
        self.pause()


class Zygote:
    """`with Zygote(scenario) as z: z.run(job, ...)`. The pause comes `after_ms` after the last
    entry of the timeline; without a timeline, as many ms after power-on."""

    def __init__(self, scenario: dict[str, Any], after_ms: int = 100):
        down, self._jobs = os.pipe()
        self._answers, up = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # pytest-xdist has threads
            self._pid = os.fork()
        if self._pid == 0:
            os.close(self._jobs)
            os.close(self._answers)
            _Server(down, up, scenario, after_ms).serve()
        os.close(down)
        os.close(up)
        self._receive()

    def run(self, job: Job, *args: Any) -> Any:
        """What the job's function answers at the end of its run."""
        return self._ask(("run", job, args))

    def advance(self, ms: int) -> None:
        """Pause so much later."""
        self._ask(("advance", ms))

    def schedule(self, entries: list[dict[str, Any]]) -> None:
        """More of a timeline, which begins now and goes on while the pause advances."""
        self._ask(("schedule", entries))

    def _ask(self, request: Any) -> Any:
        send(self._jobs, request)
        return self._receive()

    def _receive(self) -> Any:
        good, answer = receive(self._answers)
        if not good:
            raise RuntimeError(answer)
        return answer

    def close(self) -> None:
        os.close(self._jobs)
        os.close(self._answers)
        os.waitpid(self._pid, 0)

    def __enter__(self) -> Zygote:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, e: BaseException | None, t: TracebackType | None
    ) -> None:
        self.close()


class _Server:
    """Lives in the forked process: first the way to the moment, then one fork per job."""

    def __init__(self, jobs: int, answers: int, scenario: dict[str, Any], after_ms: int):
        self.jobs = jobs
        self.answers = answers
        self.scenario = scenario
        self.after_ms = after_ms
        self.finish: Callable[[], Any] | None = None  # in a child: what to answer
        self.child = False
        self.paused = False

    def serve(self) -> None:
        try:
            self._live()
            answer = (True, self.finish() if self.finish else None)
        except BaseException:
            answer = (False, traceback.format_exc())
        try:
            send(self.answers, answer)
        finally:
            os._exit(0)

    def _live(self) -> None:
        folder = str(firmware.folder())
        find_paths(folder)
        sys.pycache_prefix = str(BYTECODE)  # each boot imports anew; never inside firmware/
        sys.dont_write_bytecode = False
        self.world = build(self.scenario, folder)
        self.world.recorder = Recorder(self.world)
        entries = self.scenario.get("timeline", [])
        self.timeline = Pausing(self.world, entries, 0, self.after_ms)
        self.timeline.pause = self._pause
        self.timeline.start()
        self.world.call_in(WAY_MS * 1000, self._lost, 0)
        self.runner = self.world.runner = QuietRunner(self.world, folder)
        self.runner.run()

    def _lost(self, _: int) -> None:
        if not self.paused:
            self._give_up(f"no way: the board is in {self.world.observer.state}")

    def _give_up(self, why: str) -> None:
        """The firmware would catch an exception."""
        send(self.answers, (False, why))
        os._exit(0)

    def _pause(self, _: int = 0) -> None:
        """Called from within the world's time."""
        if self.child:
            return
        self.paused = True
        if self.timeline.failures:
            self._give_up("; ".join(self.timeline.failures))
        send(self.answers, (True, None))
        while True:
            try:
                request = receive(self.jobs)
            except EOFError:
                os._exit(0)
            if request[0] == "advance":
                self.world.call_in(request[1] * 1000, self._pause, 0)
                return
            if request[0] == "schedule":
                Timeline(self.world, request[1], 0, NEVER_MS).start()
                send(self.answers, (True, None))
                continue
            pid = os.fork()
            if pid == 0:
                self.child = True
                self.finish = request[1](self.world, *request[2])
                return
            if os.waitpid(pid, 0)[1]:
                send(self.answers, (False, "the fork died"))


def send(to: int, thing: Any) -> None:
    try:
        data = pickle.dumps(thing)
    except Exception as error:
        data = pickle.dumps((False, repr(error)))
    data = struct.pack("<I", len(data)) + data
    while data:
        data = data[os.write(to, data) :]


def receive(source: int) -> Any:
    return pickle.loads(_read(source, struct.unpack("<I", _read(source, 4))[0]))


def _read(source: int, n: int) -> bytes:
    data = b""
    while len(data) < n:
        piece = os.read(source, n - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def end_in(world: Any, ms: int) -> None:
    """The run is over so much later."""
    world.call_in(ms * 1000, _over, world)


def _over(world: Any) -> None:
    world.end()


__all__ = ["EndOfRun", "Zygote", "end_in"]
