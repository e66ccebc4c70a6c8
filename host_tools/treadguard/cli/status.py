# SPDX-License-Identifier: MIT
"""`treadguard status`: what the board does, and every reason why it cannot be armed."""

from __future__ import annotations

from typing import Any

from treadguard.cli.output import (
    BOLD,
    GREEN,
    RED,
    YELLOW,
    JsonOption,
    Output,
    PortOption,
    QuietOption,
)

CLOSED = "closed"


def status(
    port: PortOption = None, as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Show the state, the belt, the hands and every reason why the board cannot be armed."""
    from treadguard.cli.connect import connected, relay_closed
    from treadguard.link import interface, last_run

    out = Output("status", as_json, quiet)
    with connected(port, out, same_interface=False) as client:
        answer = client.status_at_attach
        data = {key: value for key, value in answer.items() if key not in ("id", "ok")}
        # With the relay closed the board serves no describe; names below are its own.
        if not relay_closed(answer):
            interface.require_same(client)
            before = last_run.ask(client)
            data["last_run"] = before and {**before.data(), "words": before.words()}
        reasons = why_not_armed(data)
        data["reasons"] = [
            {"name": name, "what": what, "remedy": remedy} for name, what, remedy in reasons
        ]
        out.result(data, lambda: _lines(data, reasons, out))


def why_not_armed(status: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(name, what it means, remedy) of each latch and blocker, the latch first."""
    names = [status.get("latched"), *(status.get("blockers") or ())]
    unique = dict.fromkeys(str(name) for name in names if name)
    return [(name, *_words(name)) for name in unique]


def _words(name: str) -> tuple[str, str]:
    from treadguard import firmware

    text = firmware.fault_texts().get(name)
    return (text.what, text.remedy) if text is not None else ("", "")


def _lines(data: dict[str, Any], reasons: list[tuple[str, str, str]], out: Output) -> list[str]:
    from treadguard import options

    lines = [_headline(data, out), *_why(data, reasons, out), *_belt(data), *_hands(data)]
    lines += options.lines(data)
    if data.get("pending"):
        lines.append(f"a change is pending ({data['pending']}): hold START 3 s to confirm it")
    if data.get("hand_turn"):
        lines.append("hand-turn window open: a short START press closes it")
    if data.get("saving") and data.get("relay") != "closed":  # then it waits for standstill
        lines.append("saving records")
    if data.get("counters"):
        ever = ", ".join(f"{name} {count}" for name, count in data["counters"].items())
        lines.append(f"ever      {ever}")
    lines += _proof(data)
    lines.append(
        f"board     {data.get('board', '?')}, version {data.get('version', '?')},"
        f" boot {data.get('boot', '?')} ({data.get('reset', '?')}),"
        f" up {int(data.get('uptime_ms', 0)) // 1000} s"
    )
    if data.get("last_run"):
        lines.append(f"before    the last run {data['last_run']['words']}")
    return lines


def _proof(data: dict[str, Any]) -> list[str]:
    """By this computer's clock, which the board may not have been told yet."""
    from treadguard.setting_up import proving

    days = proving.overdue_days(data)
    if days is None and not (data.get("proof") or {}).get("overdue"):
        return []
    ago = f", the last was {days} days ago" if days is not None else ""
    return [f"the monthly proof is overdue{ago}: run `treadguard proof`; it blocks nothing"]


def _headline(data: dict[str, Any], out: Output) -> str:
    closed = data.get("relay") == CLOSED
    state = out.paint(str(data.get("state", "?")), BOLD)
    relay = out.paint("relay closed", YELLOW) if closed else "relay open"
    cause = f", last stop {data['fault']}" if data.get("fault") else ""
    return f"{state}, {relay}, mode {data.get('mode', '?')}{cause}"


def _why(data: dict[str, Any], reasons: list[tuple[str, str, str]], out: Output) -> list[str]:
    if not reasons:
        ready = data.get("state") == "READY"
        return [out.paint("can be armed: press START", GREEN)] if ready else []
    count = "1 reason" if len(reasons) == 1 else f"{len(reasons)} reasons"
    lines = [out.paint(f"cannot be armed, {count}:", RED)]
    for name, what, remedy in reasons:
        mark = " (latched)" if name == data.get("latched") else ""
        lines.append(f"  {out.paint(name, BOLD)}{mark}{': ' if what else ''}{what}")
        if remedy:
            lines.append(f"      {remedy}")
    return lines


def _belt(data: dict[str, Any]) -> list[str]:
    from treadguard import units

    moving = units.human(int(data.get("speed_mm_s", 0)), "mm/s")
    limit = units.human(int(data.get("limit_mm_s", 0)), "mm/s")
    lines = [f"belt      at most {moving}, limit {limit}"]
    if data.get("relay") == CLOSED:
        lines.append(
            f"session   {data.get('session_s', 0)} s, {data.get('left_s', 0)} s left,"
            f" lead {data.get('lead_mm', 0)} mm (highest {data.get('max_lead_mm', 0)} mm)"
        )
    if "calibration" in data:
        calibration = str(data["calibration"]).replace("_", " ")
        due = ", stop test due" if data.get("stop_test_due") else ""
        lines.append(f"sensor    calibration {calibration}{due}")
    return lines


def _hands(data: dict[str, Any]) -> list[str]:
    estop = "pressed" if data.get("estop") else "released"
    hands = f"left {data.get('left', '?')}, right {data.get('right', '?')}"
    return [
        f"hands     {hands} ({data.get('rails', '?')})",
        f"e-stop    {estop}, relay feedback {data.get('feedback', '?')}",
    ]
