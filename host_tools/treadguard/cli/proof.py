# SPDX-License-Identifier: MIT
"""`treadguard proof`: the monthly proof, and the way out of a lockout."""

from __future__ import annotations

from typing import Any

from treadguard.cli.output import JsonOption, Output, PortOption, QuietOption, YesOption
from treadguard.cli.setup import WAIT, AnswersOption, WaitOption


def proof(
    answers: AnswersOption = None,
    wait: WaitOption = WAIT,
    port: PortOption = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Prove the box anew: static proof at the board, two speeds, stop test. Due every month.

    In LOCKOUT it is the only way out. Until the stop test has passed, backward mode is refused.
    """
    from treadguard.cli.setup import visited
    from treadguard.setting_up import proving

    out = Output("proof", as_json, quiet)
    with visited(out, port, answers, yes, False, wait) as visit:
        found = proving.prove(visit)
        after = visit.watch.ready().get("proof") or {}
        data = {"board": visit.notes.board, "proof": after, **found}
        if found["warning"]:
            out.note(f"warning: {found['warning']}")
        out.result(data, _lines(found))


def _lines(found: dict[str, Any]) -> list[str]:
    stop = found["stop_test"]
    measured = f" after {stop['still_ms']} ms" if "still_ms" in stop else ""
    return [
        *(f"console {p['console_mm_s']} mm/s, box {p['box_mm_s']} mm/s" for p in found["speeds"]),
        f"stop test passed, the belt stood still{measured}",
        "proved; due again in 31 days",
    ]
