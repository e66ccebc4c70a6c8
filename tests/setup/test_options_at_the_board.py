# SPDX-License-Identifier: MIT
"""Setup's step `sensors` on the firmware with options fitted: set, checked, zeroed."""

from __future__ import annotations

import pytest

from tests.setup.conftest import Place
from treadguard.demo import stage
from treadguard.errors import BoardRefused, ExpectationFailed
from treadguard.setting_up import plan, sensors, virtual
from treadguard.setting_up.watching import names

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
FITTED = stage.BOARD.replace("[board]", 'fitted = ["hall_b", "lis3dh"]\n\n[board]')
ACTS = {
    "push_forward": ("push 300 4000", 6_000),
    "deck_flat": ("incline 0", 2_500),
    "deck_raised": ("incline 60", 2_500),
}


class Builder(virtual.VirtualHands):
    """A virtual person who also knows the options; may do something else instead."""

    def __init__(self, people, **instead):
        super().__init__(people)
        self.acts = {**virtual.ACTS, **ACTS, **instead}

    def act(self, name):
        for line in self.acts[name]:
            if isinstance(line, int):
                self.people.rest(line)
            else:
                self.people.do(line)


@pytest.fixture
def place(tmp_path):
    """A board with a second hall sensor and an inclinometer, plugged in and not set."""
    with stage.served(virtual.QUICK, FITTED) as served:
        served.people.wait("state:READY")
        hands = Builder(served.people)
        yield Place(str(served.port), served.people, hands, tmp_path)


def sensors_step(place, **answers):
    with place.visit(**answers) as visit:
        plan.walk(visit, [step for step in plan.STEPS if step.name == "sensors"])
        return visit.values(), names(visit.watch.ready())


def restart(place):
    place.people.do("power off")
    place.people.rest(1_000)
    place.people.do("power on")
    place.people.wait("state:READY")


def use_both(place):
    """Set what is plugged in, restart."""
    with pytest.raises(BoardRefused, match="switch the box off and on"):
        sensors_step(place)
    restart(place)


def test_what_is_plugged_in_is_set_then_checked_then_zeroed(place):
    use_both(place)
    values, standing = sensors_step(place)
    assert values["hall_sensors"] == 2
    assert values["hall_mounting"] == 1
    assert values["incline_sensor"] == sensors.ZEROED
    assert not set(sensors.OWED) & set(standing)


def test_swapped_plugs_are_named_and_nothing_is_zeroed(place):
    use_both(place)
    place.people.do("swap_halls")
    with pytest.raises(ExpectationFailed, match=r"swap plugs J5 .* and J12"):
        sensors_step(place)
    with place.visit() as visit:
        assert visit.values()["incline_sensor"] == 1


def test_a_deck_that_hardly_moves_zeroes_nothing(place):
    use_both(place)
    place.hands.acts["deck_raised"] = ("incline 5", 2_500)
    with pytest.raises(ExpectationFailed, match="set incline_axis to 2"):
        sensors_step(place)
    with place.visit() as visit:
        assert visit.values()["incline_sensor"] == 1


def test_an_option_that_is_not_wanted_is_to_be_unplugged(place):
    with pytest.raises(BoardRefused, match="unplug it"):
        sensors_step(place, hall_b_fitted="no")
    with place.visit() as visit:
        assert visit.values()["hall_sensors"] == 1
