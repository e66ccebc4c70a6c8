# SPDX-License-Identifier: MIT
"""From a soldered box to a box that may guard a walker, step by step and with live readings.

`plan.py` lists the steps, each file does some of them. `dialogue.py` asks and tells, `watching.py`
waits for what the board shows, `notes.py` remembers where somebody left. Nothing here can arm
the board: every change is confirmed by holding START, every start is a press of START.
"""
