# SPDX-License-Identifier: MIT
"""The whole of `treadguard setup`, driven through a terminal as a person would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.setup.at_a_terminal import Terminal, treadguard
from treadguard import errors
from treadguard.demo import stage
from treadguard.setting_up import plan, virtual

ENTER = "(Enter: the virtual person does it)"
ANSWERS = {
    "What shall this board be called?": "Grandma's",
    "How many handrails": "",
    "Are they contacts": "",
    "Are there speed buttons": "no",
    "How long is the whole belt": "2.80 m",
    "How many magnets": "",
    "How many full laps": "",
    "what does the console show?": "",
    "How fast may somebody": "3 km/h",
    "How long at a time?": "10 min",
}
LAST = "next: the first backward session"


def goes_through(terminal: Terminal, until: str = LAST) -> None:
    """Answer and press Enter until `until` is on the screen."""
    while True:
        asked = terminal.sees(ENTER, until, *ANSWERS)
        if asked == until:
            return
        if asked != ENTER:
            terminal.sees("] ", "? ", ") ")
        terminal.types(ANSWERS.get(asked, ""))


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_newcomer_walks_through_everything_without_hardware(tmp_path):
    with treadguard(tmp_path, "setup", "--virtual") as terminal:
        goes_through(terminal)
        code = terminal.ends()
    assert code == errors.OK, terminal.seen
    assert "calibration     verified" in terminal.seen
    assert "session time    10 min" in terminal.seen
    assert "Grandma's (240ac4001234)" in terminal.seen
    assert not (tmp_path / "state" / "treadguard").exists(), "a virtual board was remembered"


def test_enter_alone_answers_as_the_virtual_treadmills_papers_do(tmp_path):
    with treadguard(tmp_path, "setup", "name", "belt", "--virtual") as terminal:
        terminal.sees("What shall this board be called? [virtual]")
        terminal.types("")
        terminal.sees("How long is the whole belt")
        terminal.sees("[2.80 m]")
        terminal.presses_ctrl_c()
        code = terminal.ends()
    assert code == errors.INTERRUPTED, terminal.seen


def test_a_wrong_answer_is_explained_and_asked_again(tmp_path):
    with treadguard(tmp_path, "setup", "name", "rails", "--virtual") as terminal:
        terminal.sees("What shall this board be called?")
        terminal.types("x" * 41)
        terminal.sees("a board's name is 1 to 40 printable characters")
        terminal.types("Box")
        terminal.sees("How many handrails have a contact, 1 or 2?")
        terminal.types("three")
        terminal.sees('"three" is no whole number')
        terminal.types("3")
        terminal.sees("3 is outside 1 to 2")
        terminal.presses_ctrl_c()
        assert terminal.ends() == errors.INTERRUPTED
    assert "Traceback" not in terminal.seen
    assert terminal.seen.rstrip().endswith("treadguard: interrupted")


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_setup_goes_on_where_somebody_pressed_ctrl_c(tmp_path):
    with stage.served(virtual.QUICK) as served:
        hands = virtual.VirtualHands(served.people)
        served.people.wait("state:READY")
        words = ("setup", "name", "clock", "wires", "--port", str(served.port))
        with treadguard(tmp_path, *words) as terminal:
            terminal.sees("be called?")
            terminal.types("Box")
            terminal.sees("press the red button")
            hands.act("press_estop")
            terminal.sees("red button: pressed")
            terminal.presses_ctrl_c()
            assert terminal.ends() == errors.INTERRUPTED
        hands.act("release_estop")
        with treadguard(tmp_path, "setup", "--port", str(served.port)) as terminal:
            terminal.sees("done before: A name")
            terminal.sees(f"3/{len(plan.STEPS)} Every wire, one by one")
            terminal.presses_ctrl_c()
            assert terminal.ends() == errors.INTERRUPTED
    kept = json.loads((tmp_path / "state/treadguard/setup-240ac4001234.json").read_text())
    assert sorted(kept["steps"]) == ["clock", "name"]
    assert kept["steps"]["name"]["found"] == {"name": "Box"}


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_ctrl_c_while_the_belt_runs_stops_the_belt(tmp_path: Path):
    with stage.served(virtual.QUICK) as served:
        hands = virtual.VirtualHands(served.people)
        served.people.wait("state:READY")
        answers = tmp_path / "answers.toml"
        answers.write_text(
            'speed_buttons = "no"\nbelt_length = "roller"\ncircumference = "280 mm"\n', "utf-8"
        )
        at = ("--port", str(served.port), "--answers", str(answers), "--yes")
        with treadguard(tmp_path, "setup", "belt", *at) as terminal:
            terminal.sees("hold START at the board")
            hands.act("hold_start")
            assert terminal.ends() == errors.OK, terminal.seen
        with treadguard(tmp_path, "setup", "verify", *at) as terminal:
            terminal.sees("turn the mode switch to FORWARD")
            hands.act("mode_forward")
            terminal.sees("press START shortly")
            hands.act("press_start")
            terminal.sees("start the belt at the console")
            hands.act("console_first")
            terminal.sees("belt seen")
            terminal.presses_ctrl_c()
            assert terminal.ends() == errors.INTERRUPTED, terminal.seen
        served.people.wait("relay:open", 5_000)
        served.people.wait("state:READY", 60_000)
        assert served.people.truth()["fault"] == "HOST_STOP"
        status = json.loads(served.run("status", "--json"))
        assert status["calibration"] == "by_hand"
