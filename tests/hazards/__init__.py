# SPDX-License-Identifier: MIT
"""The program itself as the hazard, on the full stack in virtual time.

zygote.py    a session paused at a moment; every job lives on from there in a fork of its own
recorder.py  pins, inputs, contact and NVS as an oscilloscope would see them
rules.py     what may never be seen, written from the design, without the core
way.py       the honest way to each state
calls.py     the n-th call of a tick raises, hangs or is slow
outcome.py   what became of a job
sweeps.py    the long runs: `python -m tests.hazards`

Forks need POSIX; elsewhere these tests say that they did not run.
"""

import os

import pytest

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no os.fork on this machine")
