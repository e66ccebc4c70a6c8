# SPDX-License-Identifier: MIT
"""What was set up, on one page with its date: printed, and written to a file."""

from __future__ import annotations

import time
from typing import Any

from treadguard import __version__, units
from treadguard.errors import BoardRefused
from treadguard.setting_up.visit import Visit
from treadguard.setting_up.watching import names

SHOWN = (
    ("backward limit", "backward_limit_mm_s", "mm/s"),
    ("mount limit", "mount_limit_mm_s", "mm/s"),
    ("session time", "session_limit_min", "min"),
    ("one hand off", "one_hand_grace_ms", "ms"),
    ("both hands off", "rail_grace_ms", "ms"),
    ("travel per edge", "distance_per_edge_um", "um"),
)
IN_PLACE = "RAILS_NOT_PROVEN"  # every walk begins with it
UNTIL_USED = (IN_PLACE, "NO_MODE", "ESTOP", "RESTART_DELAY", "SAVING")


def lines(visit: Visit) -> list[str]:
    """The page. Raises BoardRefused while the board still owes something before backward walks."""
    status = visit.watch.ready()
    values = visit.values()
    notes = visit.notes
    name = notes.found("name").get("name", notes.board)
    out = [
        "treadguard: what was set up",
        f"date            {time.strftime('%Y-%m-%d %H:%M')}",
        f"board           {name} ({notes.board}), version {status.get('version')}",
        f"host tools      {__version__}",
        *(f"{shown:<15} {units.human(values[key], unit)}" for shown, key, unit in SHOWN),
        f"calibration     {status.get('calibration')}",
        *_measured(notes.found("verify"), notes.found("stop-test")),
    ]
    owed = owing(status)
    if owed:
        raise BoardRefused(
            f"the board still owes {', '.join(owed)}: run `treadguard setup` again, it goes on"
            " there",
            owed[0],
        )
    return [
        *out,
        "",
        "next: the first backward session with nobody on the belt (bring-up, part F)",
    ]


def owing(status: dict[str, Any]) -> list[str]:
    """What still stands between this board and a backward walk, the usual grip apart."""
    owed = [name for name in names(status) if name not in UNTIL_USED]
    if status.get("calibration") != "verified" and "CALIBRATION_NOT_VERIFIED" not in owed:
        owed.append("CALIBRATION_NOT_VERIFIED")
    if status.get("stop_test_due") and "STOP_TEST_DUE" not in owed:
        owed.append("STOP_TEST_DUE")
    return owed


def _measured(verified: dict[str, Any], stopped: dict[str, Any]) -> list[str]:
    out = [
        f"console         {pair['console_mm_s']} mm/s, box {pair['box_mm_s']} mm/s"
        for pair in verified.get("speeds", ())
    ]
    if verified.get("drop_ms"):
        out.append(f"relay drop-out  {verified['drop_ms']} ms (at most 160)")
    if "still_ms" in stopped:
        out.append(
            f"stop test       {stopped['v_mm_s']} mm/s, still after {stopped['still_ms']} ms,"
            f" at most {stopped['distance_mm']} mm"
        )
    if "stop_limit_ms" in stopped:
        out.append(f"stop deadline   {stopped['stop_limit_ms']} ms")
    return out
