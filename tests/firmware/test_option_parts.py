# SPDX-License-Identifier: MIT
"""What the black box takes of the options: their edges of a tick, and all that has numbers."""

from guard.core import faults as f
from guard.core import states as st
from guard.core.events import EventRing
from guard.core.guard import Guard
from guard.core.memory import Memory
from guard.core.options import fit
from guard.core.parameters import Settings
from guard.core.sample import Sample
from guard.core.second_hall import A, B

ALL = ("hall_sensors", "second_stop_fitted", "key_sense_fitted", "incline_sensor")


def fitted(*names):
    settings = Settings()
    for name in names:
        setattr(settings, name, 2 if name == "hall_sensors" else 1)
    return fit(Guard(settings, Memory(), EventRing()))


def numbers_in(thing):
    return [name for name in thing.__dict__ if type(getattr(thing, name)) in (int, bool)]


def under(thing):
    """The thing, and every object of the core that only it refers to, as deep as they go."""
    found = [thing]
    for name in thing.__dict__:
        value = getattr(thing, name)
        if hasattr(value, "__dict__") and name not in ("settings", "sup", "a", "speed", "rails"):
            found += under(value)
    return found


def same(some, others):
    return sorted([id(thing) for thing in some]) == sorted([id(thing) for thing in others])


def test_everything_of_an_option_that_has_numbers_is_among_its_parts():
    options = fitted(*ALL)
    for part in options.fitted:
        with_numbers = [thing for thing in under(part) if numbers_in(thing)]
        assert same(part.parts(), with_numbers), type(part).__name__


def test_the_parts_of_a_board_are_those_of_what_is_fitted():
    assert fitted().parts() == []
    for name in ALL:
        (part,) = fitted(name).fitted
        assert same(fitted_parts(part), part.parts())
    options = fitted(*ALL)
    together = []
    for part in options.fitted:
        together += part.parts()
    assert same(options.parts(), together)


def fitted_parts(part):
    """As its board tells them."""
    holder = part.sup.options
    return holder.parts()


def test_the_other_sensors_edges_of_a_tick_are_counted_until_they_are_taken():
    hall = fitted("hall_sensors").hall
    assert (hall.tick_edges, hall.tick_us) == (0, 0)
    hall.edge(1000, 2, 1)
    hall.edge(1005, 1, 1)  # inside the blanking: no travel, but an edge that came
    assert (hall.tick_edges, hall.tick_us) == (3, 1005)


def test_it_is_told_which_sensor_measures_the_stop():
    hall = fitted("hall_sensors").hall
    sup = hall.sup
    assert hall.measures == A
    sup.state = st.BACKWARD
    hall.b.known = True
    hall.lost = A
    hall.opened(f.SENSOR_LOST, Sample())
    assert (hall.measures, sup.stop.speed is hall.b) == (B, True)
    hall.closing()
    assert (hall.measures, sup.stop.speed is hall.a) == (A, True)
    hall.opened(f.HOST_STOP, Sample())
    assert hall.measures == A
