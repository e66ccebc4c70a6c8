# SPDX-License-Identifier: MIT
"""The search itself: time is cut where the core decides, figures repeat, partial is said."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys

import pytest

from guard.core import states as st
from tests.explore import ROOT, drawing
from tests.explore import __main__ as command
from tests.explore import inputs as i
from tests.explore.driven import BROUGHT, bring, everywhere
from tests.explore.keys import key
from tests.explore.moves import RESETS, combinations, moves
from tests.explore.perform import perform
from tests.explore.search import Search
from tests.explore.timers import to_next_us
from tests.explore.world import World, roots

STATES = tuple(BROUGHT)


WRITTEN = 4  # ticks in which a blob and the files are written, whatever the time


class InSmallSteps(World):
    """The same world, where a long tick is many of 10 ms, as on the board."""

    def tick(self, dt_us, levels, events=0, edge_us=-1):
        while dt_us > 10000:
            super().tick(10000, levels, events)
            events &= ~i.ONCE
            dt_us -= 10000
        super().tick(dt_us, levels, events, edge_us)


@pytest.mark.parametrize("state", STATES)
def test_a_long_tick_to_the_next_boundary_ends_as_many_short_ones_do(state):
    long, short = bring(state), bring(state)
    short.__class__ = InSmallSteps
    snapshot = long.snapshots.capture()
    for move in moves(long):
        if move.belt != i.WAIT:
            continue
        long.snapshots.restore(snapshot)
        short.snapshots.restore(snapshot)
        perform(long, move)
        perform(short, move)
        assert long.us == short.us, move.words()
        for _ in range(WRITTEN):
            long.tick(10000, move.levels)
            short.tick(10000, move.levels)
        assert (long.sup.state, long.sup.relay_command, long.sup.fault) == (
            short.sup.state, short.sup.relay_command, short.sup.fault,
        ), move.words()  # fmt: skip
        assert _without_reads(key(long)) == _without_reads(key(short)), move.words()


def _without_reads(reached):
    """Reads in a row differ by nature: a long tick is one read. They have settled before."""
    return reached[:6]


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_decided_between_two_boundaries(seed):
    """From anywhere: 10 ms before the next boundary the state is what it was."""
    dice = random.Random(seed)
    world = roots()[seed]
    for _ in range(150):
        move = dice.choice([m for m in moves(world) if m.events not in RESETS])
        perform(world, move)
        snapshot = world.snapshots.capture()
        ahead_us = to_next_us(world)
        state = world.sup.state
        if ahead_us > 20000 and not st.is_closed(state) and not _is_read(world):
            levels = move.levels._replace(start=world.sup.button.down, feedback=i.FOLLOWS)
            for _ in range(ahead_us // 10000 - 1):
                world.tick(10000, levels)
            if not _is_read(world):
                assert world.sup.state in (state, *LEADS[state]), move.words()
        world.snapshots.restore(snapshot)


# What waits for a file or a blob to be written, not for a timer.
LEADS = dict.fromkeys(range(11), ())
LEADS[st.STOPPING] = (st.READY, st.TRIPPED, st.LOCKOUT)
LEADS[st.ARMING] = (st.READY, st.LOCKOUT, st.WAIT_BELT)
LEADS[st.SELF_TEST] = (st.READY, st.TRIPPED, st.LOCKOUT)
LEADS[st.READY] = LEADS[st.TRIPPED] = LEADS[st.LOCKOUT] = (st.MAINTENANCE,)


def _is_read(world) -> bool:
    return world.sup.blob_wanted or world.sup.button.down_reads == 1


def test_two_runs_and_two_workers_give_the_same_figures():
    def figures(workers):
        result = Search(roots()[:1], combine=False, most=240).run(workers)
        return (
            len(result.parents), result.expanded, result.transitions, result.depth,
            sorted(result.steps.items()), result.states,
        )  # fmt: skip

    assert figures(0) == figures(0) == figures(2)


def test_every_combination_is_tried_once_from_each_kind():
    result = Search([bring(st.BACKWARD)], most=1).run(0)
    assert result.combined >= len(list(combinations(bring(st.BACKWARD)))) > 1000


def test_a_bounded_run_says_that_it_is_partial(tmp_path, capsys):
    code = command.main(["--seconds", "0.5", "--workers", "0", "--json", str(tmp_path / "e.json")])
    figures = json.loads((tmp_path / "e.json").read_text())
    assert code == command.PARTIAL
    assert figures["complete"] is False
    assert figures["partial"] == "out of time"
    assert "PARTIAL (out of time)" in capsys.readouterr().out


def test_ctrl_c_ends_it_and_says_that_it_is_partial(tmp_path):
    out = tmp_path / "e.json"
    run = subprocess.Popen(
        [sys.executable, "-m", "tests.explore", "--workers", "1", "--json", str(out)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert run.stderr is not None
    assert run.stderr.readline().startswith("depth 1")
    run.send_signal(signal.SIGINT)
    said, _ = run.communicate(timeout=60)
    assert run.returncode == command.PARTIAL
    assert "PARTIAL (interrupted)" in said
    assert json.loads(out.read_text())["complete"] is False


@pytest.mark.parametrize("text", ["", "{}", '{"moves": [[1]], "root": 0}', "[1]"])
def test_a_file_that_is_no_counterexample_is_refused_in_one_sentence(text, tmp_path, capsys):
    path = tmp_path / "c.json"
    path.write_text(text)
    assert command.main(["--replay", str(path)]) == 2
    assert "cannot be replayed" in capsys.readouterr().err


def test_the_drawing_shows_what_a_short_exploration_sees():
    result = Search(everywhere(), combine=False, most=300).run(0)
    assert drawing.drift(ROOT / "docs", result.steps, complete=False) == []


def test_every_arrow_of_the_drawing_is_seen_near_a_driven_world():
    result = Search(everywhere(), combine=False, most=900).run(0)
    seen = {(edge["from"], edge["to"]) for edge in drawing.edge_list(result.steps)}
    page = (ROOT / "docs/state-machine.md").read_text()
    assert {(edge["from"], edge["to"]) for edge in drawing.edges_of(page)} == seen


def test_a_drawing_that_drifted_is_noticed(tmp_path):
    steps = {(st.READY, st.ARMING, 0): 1, (st.BACKWARD, st.STOPPING, 1): 2}
    drawing.write(tmp_path, steps)
    assert drawing.drift(tmp_path, steps, complete=True) == []
    less = {(st.READY, st.ARMING, 0): 1}
    assert drawing.drift(tmp_path, less, complete=True) == [
        "shown, not seen: BACKWARD STOPPING ESTOP"
    ]
    more = {**steps, (st.READY, st.WAIT_BELT, 0): 1}
    assert drawing.drift(tmp_path, more, complete=False) == ["seen, not shown: READY WAIT_BELT "]
    svg = tmp_path / "state-machine.svg"
    svg.write_text(svg.read_text().replace("READY", "STEADY"))
    assert "edited" in drawing.drift(tmp_path, steps, complete=True)[0]
