# SPDX-License-Identifier: MIT
"""Runs a script of this folder or of the bench on a built firmware: on_built.py FOLDER SCRIPT ...

The bench's scripts take the firmware's folder from walk.FIRMWARE; so it is replaced there.
"""

import sys

folder, script = sys.argv[1], sys.argv[2]
here = sys.argv[0].rsplit("/", 1)[0]
bench = here + "/../../bench/on_device"
sys.argv[:3] = [bench + "/" + script]  # walk finds the repository from it
sys.path.insert(0, bench)

import walk  # noqa: E402

walk.FIRMWARE = folder
with open((here if script == "busy_session.py" else bench) + "/" + script) as file:
    exec(compile(file.read(), script, "exec"), {"__name__": "__main__"})
