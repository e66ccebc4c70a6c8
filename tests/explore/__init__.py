# SPDX-License-Identifier: MIT
"""`make explore`: the real supervisor and interlocks, explored to a fixpoint.

One tick of the world is one tick of the unmodified Guard (world.py), watched by an observer that
keeps its own books (watch.py, claims.py). A state is a snapshot of every mutable integer
(snapshot.py); two states are one when they look alike to every decision still to come (keys.py).
From each state every input is tried (moves.py), and time goes to the next boundary of any timer
that runs (timers.py). search.py does it, wayout.py proves that no state is a trap, replay.py
repeats a counterexample, drawing.py draws what was seen.

Every step is run by the core from a state that the core itself reached, so a violation is real
and can be replayed from power-on. What keys.py forgets is merged: docs/state-machine.md says so.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# A __pycache__ in firmware/ would be copied to the board with it.
sys.dont_write_bytecode = True
for _folder in (ROOT / "firmware", ROOT / "host_tools/treadguard/virtual/fakes_cpython"):
    if str(_folder) not in sys.path:
        sys.path.append(str(_folder))
