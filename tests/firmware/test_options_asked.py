# SPDX-License-Identifier: MIT
"""Which option is asked what, in which order, and what holds where none is fitted."""

from guard.core import faults as f
from guard.core import states as st
from guard.core.events import EventRing
from guard.core.guard import Guard
from guard.core.incline import Incline
from guard.core.key_sense import KeySense
from guard.core.memory import Memory
from guard.core.options import Options, fit
from guard.core.parameters import Settings
from guard.core.sample import Sample
from guard.core.second_hall import SecondHall
from guard.core.second_stop import SecondStop
from tests.support.parts import Bag

NAMES = ("hall", "second", "key", "incline")


class Part:
    """An option that says what it is told to, and notes what it was asked."""

    def __init__(self, name, asked, says):
        self.name = name
        self.asked = asked
        self.says = says
        self.rules = ["rule of " + name]

    def __getattr__(self, question):
        def answer(*args):
            self.asked.append((self.name, question, args))
            return self.says.get(question, 0)

        return answer


def fitted(*names, **says):
    """(the options with these parts, what they were asked, the guard); says by part."""
    asked = []
    parts = [Part(n, asked, says.get(n, {})) if n in names else None for n in NAMES]
    sup = Bag(interlocks=Bag(rules=["first"]), options=None, blockers=Bag(options=None))
    guard = Bag(supervisor=sup, options=None)
    options = Options(guard, *parts)
    return options, asked, guard


def some_of(parts):
    """Every choice of the four."""
    return [[n for at, n in enumerate(parts) if bits >> at & 1] for bits in range(1 << len(parts))]


def test_every_choice_of_options_is_asked_in_order_and_nobody_else():
    for names in some_of(NAMES):
        options, asked, guard = fitted(*names)
        assert [part.name for part in options.fitted] == names
        rules = guard.supervisor.interlocks.rules
        assert rules == ["first"] + ["rule of " + n for n in names]
        assert guard.options is guard.supervisor.options is options
        assert guard.supervisor.blockers.options is options
        options.tick("s")
        options.closing()
        ticked = [(n, "tick", ("s",)) for n in names]
        assert asked == ticked + [(n, "closing", ()) for n in names]


def test_the_opening_is_told_to_the_hall_first():
    for names in some_of(NAMES):
        options, asked, _ = fitted(*names)
        options.opened(7, "s")
        told = {"hall": (7, "s"), "second": (7,), "incline": ("s",)}
        assert asked == [(n, "opened", told[n]) for n in names if n in told]


def test_settings_concern_the_hall_only():
    options, asked, _ = fitted(*NAMES)
    options.configure()
    assert asked == [("hall", "configure", ())]
    fitted("second", "key", "incline")[0].configure()


def test_without_any_option_nothing_is_in_the_way():
    options, _, _ = fitted()
    s = Sample()
    options.configure()
    options.set_limit(500, True)
    options.opened(7, s)
    assert options.seen()
    assert options.pushed()
    assert options.cause_gone(7)
    assert options.provable()
    assert not options.moving()
    assert options.edges(7) == 7
    assert options.runs_for_ms(s, True) == 0
    assert options.stopping_command(s) == 0
    assert options.lockout(s, st.READY) == 0
    assert options.judge(None, s, True) == 0
    assert options.drone() == 0


def test_seen_and_pushed_need_both_sensors():
    for says in (True, False):
        options, _, _ = fitted("hall", hall={"seen": says})
        options.hall.pushed = says
        assert bool(options.seen()) == says
        assert bool(options.pushed()) == says


def test_either_sensor_says_that_the_belt_moves():
    for known in (True, False):
        options, _, _ = fitted("hall")
        options.hall.b = Bag(known=known, edges=5)
        assert options.moving() == known
        assert [options.edges(edges) for edges in (4, 5, 6)] == [4, 5, 5]


def test_the_limit_and_the_motion_are_those_of_the_second_hall():
    options, asked, _ = fitted("hall")
    options.hall.b = Part("b", asked, {})
    options.hall.motion = Part("motion", asked, {"ms": 1234})
    options.set_limit(500, True)
    assert options.runs_for_ms("s", True) == 1234
    assert asked == [("b", "set_limit", (500, True)), ("motion", "ms", ("s", True))]


def test_the_relay_test_watches_both_contacts():
    s = Sample()
    for closed, dropped, open_without, open_with in (
        (False, True, True, True), (True, True, False, False),
        (False, False, True, False), (True, False, False, False),
    ):  # fmt: skip
        s.feedback_closed, s.second_dropped = closed, dropped
        assert bool(fitted()[0].contact(s)) != open_without
        assert bool(fitted("second")[0].contact(s)) != open_with


def test_the_second_stop_says_what_the_relay_does_while_stopping():
    options, asked, _ = fitted("second", second={"command": st.TOGGLE_ONLY})
    assert options.stopping_command("s") == st.TOGGLE_ONLY
    assert asked == [("second", "command", ("s",))]


def test_options_lock_out_with_the_relay_open_and_no_session():
    for state in range(len(st.STATE_NAMES)):
        options, _, _ = fitted("second", second={"lockout": f.SECOND_STOP_STUCK})
        lockable = state in (st.STOPPING, st.READY, st.TRIPPED)
        assert options.lockout(None, state) == (f.SECOND_STOP_STUCK if lockable else 0), state


def test_the_second_stop_is_named_before_the_key_loop():
    stuck, closed = {"lockout": f.SECOND_STOP_STUCK}, {"lockout": f.KEY_LOOP_CLOSED}
    for parts, code in (
        ({"second": stuck, "key": closed}, f.SECOND_STOP_STUCK),
        ({"second": {}, "key": closed}, f.KEY_LOOP_CLOSED),
        ({"second": stuck, "key": {}}, f.SECOND_STOP_STUCK),
        ({"key": closed}, f.KEY_LOOP_CLOSED),
        ({"second": {}, "key": {}}, 0),
        ({"second": {}}, 0),
        ({"key": {}}, 0),
    ):  # fmt: skip
        assert fitted(*parts, **parts)[0].lockout(None, st.READY) == code, parts


def test_blockers_of_all_options_add_up():
    standing = {"hall": 1, "second": 2, "incline": 4}
    for names in some_of(NAMES):
        options, asked, _ = fitted(*names, **{n: {"judge": standing[n]} for n in standing})
        assert options.judge("flags", "s", True) == sum(standing.get(n, 0) for n in names)
        given = {"hall": ("flags",), "second": ("flags", "s"), "incline": ("flags", True)}
        assert asked == [(n, "judge", given[n]) for n in names if n != "key"]


def test_a_cause_is_gone_when_hall_and_incline_say_so():
    for hall in (None, True, False):
        for incline in (None, True, False):
            says = {"hall": {"cause_gone": hall}, "incline": {"cause_gone": incline}}
            names = [n for n in says if says[n]["cause_gone"] is not None]
            options, asked, _ = fitted(*names, **says)
            assert bool(options.cause_gone(9)) == (hall is not False and incline is not False)
            assert all(one[1:] == ("cause_gone", (9,)) for one in asked)


def test_a_proof_needs_the_contactor_dropped_and_the_loop_open():
    for second in (None, True, False):
        for shows_closed in (None, True, False):
            names = ["second"] * (second is not None) + ["key"] * (shows_closed is not None)
            options, _, _ = fitted(*names, second={"provable": second})
            if options.key:
                options.key.shows_closed = shows_closed
            assert bool(options.provable()) == (second is not False and shows_closed is not True)


def test_the_drone_is_the_inclines():
    assert fitted("incline", incline={"drone": 17})[0].drone() == 17


def test_the_settings_say_what_is_fitted():
    kinds = {"hall": SecondHall, "second": SecondStop, "key": KeySense, "incline": Incline}
    switches = {
        "hall": ("hall_sensors", 2), "second": ("second_stop_fitted", 1),
        "key": ("key_sense_fitted", 1), "incline": ("incline_sensor", 1),
    }  # fmt: skip
    for names in some_of(NAMES):
        settings = Settings()
        for name in names:
            setattr(settings, *switches[name])
        guard = Guard(settings, Memory(), EventRing())
        options = fit(guard)
        assert guard.options is options
        for name in NAMES:
            part = getattr(options, name)
            assert isinstance(part, kinds[name]) if name in names else part is None, names
