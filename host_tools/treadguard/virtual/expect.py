# SPDX-License-Identifier: MIT
"""Expectations: what a run must, or must not, have shown. Each names one thing; options narrow it.

{reached = "BACKWARD", within_ms = 60000, after = "start"}    state, sound, fault, relay, link
{never = "state:TRIPPED", after = "walking"}
{latched = "OVERSPEED"}  {end_state = "READY"}  {boots = 2}
{opened_within_ms = 150, hazard = "let_go"}  still_within_ms, carried_mm, speed_at_open_mm_s
{journal = "stop", fault_code = "OVERSPEED"}
"""

SEEN = ("reached", "heard", "fault", "relay", "link")
MEASURED = ("opened_within_ms", "decided_within_ms", "still_within_ms", "carried_mm")
MEASURED = MEASURED + ("speed_at_open_mm_s",)
WHOLE = ("never", "latched", "end_state", "boots", "journal", "hazards", "carried_at_least_mm")
KINDS = SEEN + MEASURED + WHOLE
OPTIONS = ("after", "within_ms", "by_ms", "hazard", "name", "times", "with_fault")
LOG_KIND = {
    "reached": "state",
    "heard": "sound",
    "fault": "fault",
    "relay": "relay",
    "link": "link",
}


def kind_of(expectation):
    """The one key that says what is expected."""
    for kind in KINDS:
        if kind in expectation:
            return kind
    return ""


def judge(world, timeline, expectations):
    """One sentence per expectation that is not met."""
    failures = []
    for i in range(len(expectations)):
        expectation = expectations[i]
        kind = kind_of(expectation)
        reason = _judge_one(world, timeline, kind, expectation)
        if reason:
            failures.append("expectation %d (%s): %s" % (i + 1, kind, reason))
    return failures


def _judge_one(world, timeline, kind, expectation):
    wanted = expectation[kind]
    if kind in SEEN:
        return _seen(world, timeline, LOG_KIND[kind], wanted, expectation)
    if kind in MEASURED:
        return _measured(world, kind, wanted, expectation)
    if kind == "carried_at_least_mm":
        return _carried_at_least(world, wanted, expectation)
    if kind == "never":
        return _never(world, timeline, wanted, expectation)
    if kind == "latched":
        return _latched(world, wanted)
    if kind == "end_state":
        return "" if world.observer.state == wanted else "it ends in " + world.observer.state
    if kind == "boots":
        return "" if world.chip.boots == wanted else "%d boots" % world.chip.boots
    if kind == "hazards":
        seen = len(world.truth.hazards)
        return "" if seen == wanted else "%d hazards" % seen
    return _journal(world, wanted, expectation)


def _from_ms(timeline, expectation):
    """The moment counting starts at, or -1 when the named entry never acted."""
    if "after" not in expectation:
        return 0
    return timeline.done_ms[timeline.names[expectation["after"]]]


def _seen(world, timeline, kind, wanted, expectation):
    from treadguard.virtual.scenario import matches

    from_ms = _from_ms(timeline, expectation)
    if from_ms < 0:
        return "%s was never done" % expectation["after"]
    needed = expectation.get("times", 1)
    for event in world.events:
        if event[0] >= from_ms and matches(event, kind, wanted):
            needed -= 1
            if not needed:
                return _in_time(event[0], from_ms, expectation)
    return "%s %s was not seen" % (kind, wanted)


def _in_time(at_ms, from_ms, expectation):
    if "within_ms" in expectation and at_ms - from_ms > expectation["within_ms"]:
        return "only after %d ms" % (at_ms - from_ms)
    if "by_ms" in expectation and at_ms > expectation["by_ms"]:
        return "only at %d ms" % at_ms
    return ""


def _never(world, timeline, wanted, expectation):
    from treadguard.virtual.scenario import matches

    kind, _, detail = wanted.partition(":")
    from_ms = _from_ms(timeline, expectation)
    if from_ms < 0:
        return "%s was never done" % expectation["after"]
    for event in world.events:
        if event[0] >= from_ms and matches(event, kind, detail):
            return "%s at %d ms" % (wanted, event[0])
    return ""


def _latched(world, wanted):
    state = world.observer.state
    if state not in ("TRIPPED", "LOCKOUT"):
        return "it ends in %s, nothing latched" % state
    if world.observer.latched != wanted:
        return "latched is %s" % world.observer.latched
    return ""


def _hazard(world, expectation):
    """The hazard of that name, or the last one."""
    found = None
    for hazard in world.truth.hazards:
        if "hazard" not in expectation or hazard.name == expectation["hazard"]:
            found = hazard
    return found


def _measured(world, kind, most, expectation):
    hazard = _hazard(world, expectation)
    if hazard is None:
        return "there was no such hazard"
    if kind == "carried_mm":
        value = (hazard.carried_um + 999) // 1000
    elif kind == "speed_at_open_mm_s":
        value = hazard.speed_at_open
    else:
        at_us = {
            "opened_within_ms": hazard.opened_at_us,
            "decided_within_ms": hazard.decided_at_us,
            "still_within_ms": hazard.still_at_us,
        }[kind]
        if at_us < 0:
            return "it never happened"
        value = (at_us - hazard.hazard_at_us + 999) // 1000
    return "" if 0 <= value <= most else "it is %d" % value


def _carried_at_least(world, least, expectation):
    hazard = _hazard(world, expectation)
    if hazard is None:
        return "there was no such hazard"
    value = hazard.carried_um // 1000
    return "" if value >= least else "it is %d" % value


def _journal(world, wanted, expectation):
    """The board's own journal, read back from its files by the firmware's own reader."""
    from treadguard.virtual.journal import events

    fault = expectation.get("with_fault", "")
    for kind, fault_name in events(world):
        if kind == wanted and fault in ("", fault_name):
            return ""
    return "the journal has no such event"
