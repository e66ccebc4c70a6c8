# SPDX-License-Identifier: MIT
"""Failures as files that replay exactly.

Both engines: a JSON file with the whole session and what came of it, for `--replay`. The full
stack besides: the scenario as TOML (docs/scenarios.md), with the bound it missed as expectation,
for `treadguard simulate run`.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from tests.campaign.outcome import Outcome
from tests.campaign.session import Session
from tests.campaign.verdict import Verdict, judge

KEYS = ("name", "about", "seed", "profile", "pump", "mode", "fitted", "end_after_ms")


def save(folder: Path, session: Session, outcome: Outcome, verdict: Verdict) -> Path:
    """Write the failure down; the JSON file's path."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{session.engine}-{session.seed}-{session.number}"
    path = folder / f"{stem}.json"
    content = {
        "session": session.as_dict(),
        "outcome": outcome.row(),
        "verdict": vars(verdict),
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="ascii")
    if session.engine != "core":
        text = toml(expecting(session, verdict))
        (folder / f"{stem}.toml").write_text(text, encoding="ascii")
    return path


def replay(path: Path) -> tuple[Session, Outcome, Verdict, list[str]]:
    """Run a saved session again; what came out otherwise than it is written there."""
    content = json.loads(path.read_text(encoding="ascii"))
    session = Session(**content["session"])
    outcome = session.run()
    row = json.loads(json.dumps(outcome.row()))
    stored = content["outcome"]
    changed = [f"{k}: {stored.get(k)} became {v}" for k, v in row.items() if stored.get(k) != v]
    return session, outcome, judge(session, outcome), changed


def expecting(session: Session, verdict: Verdict) -> dict[str, Any]:
    """The scenario with what should have come of it."""
    scenario = dict(session.scenario)
    scenario["about"] = f"{verdict.kind}: {verdict.why or verdict.fault or 'no fault'}"
    names = {session.hazard: session.hazard, "lose_magnet": "lose_magnet", "reset": "reset"}
    expect: list[dict[str, Any]] = []
    if verdict.bound_ms is not None:
        expect.append(
            {
                "opened_within_ms": math.floor(verdict.bound_ms),
                "hazard": names[session.hazard],
            }
        )
    if verdict.stood_bound_ms is not None and session.kind.opens:
        still_ms = math.floor(verdict.stood_bound_ms)
        expect.append({"still_within_ms": still_ms, "hazard": session.hazard})
    if verdict.lock_bound_ms is not None:
        expect.append({"end_state": "LOCKOUT"})
    if expect:
        scenario["expect"] = expect
    return scenario


def toml(scenario: dict[str, Any]) -> str:
    """A scenario as docs/scenarios.md writes it."""
    lines = ["# SPDX-License-Identifier: MIT"]
    lines += [f"{key} = {value(scenario[key])}" for key in KEYS if key in scenario]
    for name in ("treadmill", "board"):
        if scenario.get(name):
            lines.append(f"{name} = {value(scenario[name])}")
    for name in ("timeline", "expect"):
        for entry in scenario.get(name, []):
            lines += ["", f"[[{name}]]"]
            lines += [f"{key} = {value(item)}" for key, item in entry.items()]
    return "\n".join(lines) + "\n"


def value(item: Any) -> str:
    if isinstance(item, dict):
        return "{ " + ", ".join(f"{key} = {value(v)}" for key, v in item.items()) + " }"
    if isinstance(item, bool):
        return str(item).lower()
    return json.dumps(item)
