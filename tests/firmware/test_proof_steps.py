# SPDX-License-Identifier: MIT
"""The static proof by itself: what is a step, when it is told, and that none is told twice."""

from guard.core.parameters import Settings
from guard.core.proof import HandPush, StaticProof
from guard.core.rails import Rails
from guard.core.sample import Sample
from guard.core.states import HELD, RELEASED
from tests.support.stream import MASK, PERIOD


class Board:
    """A new proof, and a sample with nobody near it."""

    def __init__(self, **values):
        settings = Settings()
        assert not settings.load(values)
        self.proof = StaticProof(Rails(settings))
        self.sample = Sample()
        self.sample.estop_pressed = False

    def shows(self, still=True, **values):
        """Is one more step told in a tick with these values?"""
        for name, value in values.items():
            setattr(self.sample, name, value)
        return self.proof.step_done(self.sample, still)

    def pushed(self, *at_ms):
        for ms in at_ms:
            self.proof.edge(ms)


def test_a_new_proof_has_shown_nothing():
    board = Board()
    assert not board.proof.complete()
    assert not board.shows()
    assert board.proof.steps == 0


def test_each_step_is_told_once_in_the_tick_it_is_done():
    board = Board()
    told = [
        board.shows(estop_pressed=True), board.shows(estop_pressed=False), board.shows(),
        board.shows(left=HELD), board.shows(left=RELEASED), board.shows(),
        board.shows(right=HELD), board.shows(right=RELEASED), board.shows(),
    ]  # fmt: skip
    assert told == [False, True, False] * 3
    assert not board.proof.complete()
    board.pushed(1000, 1300)
    assert not board.shows(now_ms=1300)
    board.pushed(1600)
    assert board.shows(now_ms=1600)
    assert not board.shows(now_ms=1610)
    assert board.proof.steps == 4
    assert board.proof.complete()


def test_with_one_bar_its_step_stands_from_the_start_and_is_told_once():
    board = Board(rails_fitted=1)
    assert [board.shows(), board.shows()] == [True, False]
    assert board.proof.steps == 1


def test_a_cleared_proof_tells_its_first_step_again():
    board = Board()
    for _ in range(2):
        board.shows(estop_pressed=True)
        assert board.shows(estop_pressed=False)
        board.proof.clear()
        assert board.proof.steps == 0
        assert not board.shows()


def test_a_belt_that_was_never_seen_still_is_nobodys_hand():
    for still, steps in ((False, 0), (True, 1)):
        board = Board()
        board.shows(still)
        board.pushed(1000, 1300, 1600)
        board.shows(still, now_ms=1600)
        assert board.proof.steps == steps


def test_a_push_is_100_ms_to_5_s_after_the_one_before_to_the_ms():
    for origin_ms in (0, PERIOD - 4000):
        for gap_ms, proven in ((99, False), (100, True), (5000, True), (5001, False)):
            push = HandPush()
            ms = (origin_ms, origin_ms + gap_ms, origin_ms + 2 * gap_ms, origin_ms + 3 * gap_ms)
            found = [push.edge(at_ms & MASK) for at_ms in ms]
            assert found == [False, False, proven, proven], gap_ms


def test_one_push_too_early_is_the_first_of_the_next_three():
    push = HandPush()
    found = [push.edge(ms) for ms in (1000, 1300, 1350, 1650, 1950)]
    assert found == [False, False, False, False, True]
