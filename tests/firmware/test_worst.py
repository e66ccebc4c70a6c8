# SPDX-License-Identifier: MIT
"""The worst of a tick's faults, with rules that say what a test wants them to say."""

from guard.core import faults as f
from guard.core import interlocks as i
from guard.core.parameters import Settings
from guard.core.rails import Rails
from guard.core.sample import Sample
from guard.core.speed import Speed


def three_rules():
    settings = Settings()
    return i.Interlocks(settings, Speed(settings), Rails(settings), (i.Rule, i.Rule, i.Rule))


def says(code):
    return lambda s: code


def test_any_fault_is_named_beside_rules_that_see_nothing():
    rules = three_rules()
    assert rules.worst(Sample()) == 0
    for code, name, _, _, _ in f.TABLE:
        rules.rules[1].judge = says(code)
        assert rules.worst(Sample()) == code, name
