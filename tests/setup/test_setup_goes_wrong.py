# SPDX-License-Identifier: MIT
"""What goes wrong in the middle: one sentence, the relay open, and a board that refuses START."""

from __future__ import annotations

import pytest

from treadguard.errors import BoardRefused, ExpectationFailed, LinkError, UsageError
from treadguard.setting_up import handrails, notes, plan, proving, summary, virtual

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


class Instead(virtual.VirtualHands):
    """A person who does something else where one act is asked for."""

    def __init__(self, hands, act, *lines):
        super().__init__(hands.people)
        self.instead = {act: lines}

    def act(self, name):
        for line in self.instead.get(name, ()):
            self.people.do(line)
        if name not in self.instead:
            super().act(name)


def walk(place, *names, hands=None, **answers):
    with place.visit(**answers) as visit:
        visit.talk.hands = hands or place.hands
        plan.walk(visit, [step for step in plan.STEPS if step.name in names])


def test_until_the_stop_test_the_board_owes_something_after_every_step(place):
    with place.visit() as visit:
        for step in plan.STEPS:
            owed = summary.owing(visit.watch.ready())
            assert bool(owed) == (step.name != "limits"), step.name
            plan.walk(visit, [step])
        assert summary.owing(visit.watch.ready()) == []
        acting = dict(visit.client.pages("describe", of="acting"))
        assert acting["backward_limit_mm_s"] == 833
        assert acting["mount_limit_mm_s"] == 447, "there are speed buttons here"


@pytest.mark.parametrize(
    ("step", "act"),
    [
        ("wires", "press_estop"),
        ("wires", "turn_belt"),
        ("rails", "hold_start"),
        ("rails", "grip_right"),
        ("belt", "pull_laps"),
    ],
)
def test_a_board_that_goes_away_ends_the_step_and_leaves_no_note(place, step, act):
    with pytest.raises(LinkError):
        walk(place, step, hands=Instead(place.hands, act, "quit"))
    assert not notes.of_board("240ac4001234", place.folder).done(step)


def test_a_belt_length_that_cannot_be_ends_in_words(place):
    with pytest.raises(UsageError, match="the answer to belt_length is refused"):
        walk(place, "belt", belt_length="2.80 km")


def test_the_running_steps_refuse_what_must_not_be(place):
    with pytest.raises(BoardRefused, match="setup belt"):
        walk(place, "verify")
    walk(place, "rails", "belt", belt_length="roller", circumference="280 mm")

    pressed = Instead(place.hands, "mode_forward", "mode forward", "estop press")
    with pytest.raises(BoardRefused, match="ESTOP"):
        walk(place, "verify", hands=pressed)
    place.people.do("estop release")

    with pytest.raises(ExpectationFailed, match="before it saw the belt"):
        walk(place, "verify", hands=Instead(place.hands, "console_first"))
    assert place.people.truth()["relay"] == "open"

    at_the_console = Instead(place.hands, "press_start_to_stop", "console stop")
    with pytest.raises(ExpectationFailed, match="no stop test"):
        walk(place, "stop-test", hands=at_the_console)

    away = Instead(place.hands, "console_second", "runaway 3000 accel_mm_s2=1000")
    with pytest.raises(BoardRefused, match="holds a trip, OVERSPEED"):
        walk(place, "verify", hands=away)
    place.people.wait("relay:open", 5_000)
    place.people.do("drive_ok")
    place.people.wait("belt:still", 60_000)
    place.people.wait("state:TRIPPED", 30_000)
    with pytest.raises(BoardRefused, match="holds a trip, "):
        walk(place, "limits")


def test_an_unfinished_board_is_not_proved(place):
    with place.visit() as visit, pytest.raises(BoardRefused, match="treadguard setup"):
        proving.prove(visit)
    assert "STOP_TEST_DUE" in summary.owing(place_status(place))


def place_status(place):
    with place.visit() as visit:
        return visit.watch.ready()


def test_touch_rails_get_a_threshold_between_hand_and_no_hand(place):
    walk(place, "rails", rail_kind="touch")
    found = notes.of_board("240ac4001234", place.folder).found("rails")
    with place.visit() as visit:
        assert visit.values()["touch_threshold_permille"] == found["touch_threshold_permille"]
        assert visit.values()["rail_kind"] == 1
        place.people.do("grip left")
        seen = visit.watch.until(lambda s: s["left"] == "held", "left", "none")
    assert seen["right"] == "released"


def test_the_span_of_the_pads_is_the_worst_of_both():
    pads = [([1000, 980], [600, 640]), ([500, 500], [310, 300])]
    assert handrails.touch_span(pads) == (980, 640)


def test_one_bar_is_checked_once(place):
    walk(place, "rails", rails="1")
    with place.visit() as visit:
        assert visit.watch.ready()["rails"] == "one rail"
