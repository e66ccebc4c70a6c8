# SPDX-License-Identifier: MIT
"""Random sessions on the virtual board, hazards and healthy walking: `make campaign N=...`.

draw.py     a number -> treadmill, settings, moment: one Session
hazards*.py what goes wrong in it, and the bound it has
options.py  what is fitted besides, for sessions on boards with options
light.py    the virtual board's physics around the deciding core alone
full.py     the same scenario on the full stack
verdict.py  in time, late, missed, or no hazard at all
healthy.py  the other side: hours of walking that nothing may stop
runs.py     many of them, on several processes, resumable
report.py   the tables, build/campaign.json, docs/safety/campaign.md
"""
