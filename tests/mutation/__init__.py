# SPDX-License-Identifier: MIT
"""Mutation testing of firmware/guard/core: break it in a small way, and a test must say so.

operators.py and statements.py say what is broken, mutants.py finds every place, measure.py which
tests run it. nest.py has core and suite loaded and forks one process for each mutant, child.py is
what such a process does, gate.py gives the verdict. Operators of our own, because cosmic-ray's
know neither statement deletion nor return values, replace the file in the working tree for each
mutant, and bring twenty packages with them.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CORE = "firmware/guard/core"
