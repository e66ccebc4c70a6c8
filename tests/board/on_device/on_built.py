# SPDX-License-Identifier: MIT
"""Runs a script on a built firmware: on_built.py FOLDER SCRIPT ..., SCRIPT from here or the bench.

The scripts of tests/bench/on_device take the firmware's folder from walk.FIRMWARE, whichever way they use it.
"""

import sys

folder, script = sys.argv[1], sys.argv[2]
scripts = sys.argv[0].rsplit("/", 2)[0] + "/bench/on_device"
here = sys.argv[0].rsplit("/", 1)[0]
sys.argv[:3] = [scripts + "/" + script]  # walk finds the repository from it
sys.path.insert(0, scripts)

import walk  # noqa: E402

walk.FIRMWARE = folder
own = script == "busy_session.py"
with open((here if own else scripts) + "/" + script) as file:
    exec(compile(file.read(), script, "exec"), {"__name__": "__main__"})
