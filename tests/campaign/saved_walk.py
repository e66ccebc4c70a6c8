# SPDX-License-Identifier: MIT
"""One walk, and a file of it when something stopped it that should not have.

On the core the file holds the tape itself: every edge and every hand. On the full stack it holds
the scenario, which stands beside it as TOML too, for `treadguard simulate run`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.campaign import healthy, healthy_full, healthy_options, saved
from tests.campaign.groups import BY_NAME
from tests.campaign.healthy import Walked
from tests.campaign.walk import Tape, draw

TAPE = ("profile", "numbers", "config", "limit_mm_s", "test", "stop_us", "still_us", "edges",
        "changes")  # fmt: skip
PLANS = {"full walk": healthy_full.scenario, "options walk": healthy_options.scenario}
Row = dict[str, Any]


def walk(kind: str, group: str, seed: int, number: int, failures: Path) -> Row:
    """Walk the session of that number; a false stop is saved where none may be."""
    stem = f"{kind.replace(' ', '-')}-{seed}-{number}"
    if kind in PLANS:
        plan = PLANS[kind](seed, number)
        walked = healthy_full.walk_through(plan, number)
        if walked.false_stop:
            save(failures / f"{stem}.json", {"scenario": plan}, walked)
            text = saved.toml({**plan, "about": f"false stop: {walked.false_stop}"})
            (failures / f"{stem}.toml").write_text(text, encoding="ascii")
        return walked.row()
    tape = draw(BY_NAME[group], seed, number)
    walked = healthy.walk_through(tape, group, number)
    if walked.false_stop and BY_NAME[group].gate:
        save(failures / f"{stem}.json", {"tape": {k: getattr(tape, k) for k in TAPE}}, walked)
    return walked.row()


def save(path: Path, what: Row, walked: Walked) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**what, "walked": walked.row()}) + "\n", encoding="ascii")


def replay(content: Row) -> tuple[Walked, list[str]]:
    """Walk a saved one again; what came out otherwise than it is written there."""
    stored = content["walked"]
    if "scenario" in content:
        walked = healthy_full.walk_through(content["scenario"], stored["number"])
    else:
        tape = Tape(**content["tape"])
        tape.changes = [(at, name, value) for at, name, value in tape.changes]
        walked = healthy.walk_through(tape, stored["group"], stored["number"])
    row = walked.row()
    return walked, [f"{k}: {stored.get(k)} became {v}" for k, v in row.items() if stored[k] != v]
