# SPDX-License-Identifier: MIT
"""The answers to status, selftest and proof, and the lines of watch and state.

Whole formats instead of a dict: with the relay closed a status must stay cheap.
"""

from guard.core import faults as f
from guard.core.relay_test import FAILED, PASSED
from guard.core.states import ARMING, CLOSED, CONTACT_NAMES, MODE_NAMES, STATE_NAMES
from guard.link.outgoing import TF, quoted

CALIBRATION_NAMES = ("none", "by_hand", "verified")
OPEN_CLOSED = ("open", "closed")


def fault_name(code):
    """A fault's name as JSON, null for none."""
    return quoted(f.name(code)) if code else "null"


def put_status(app, out):
    """Every field of status; proof and counters only with the relay open."""
    _put_state(app, out)
    _put_hands(app, out)
    _put_belt(app, out)
    _put_board(app, out)
    if app.guard.options is not None:
        from guard.link.option_status import put_options

        put_options(app, out)
    if app.supervisor.relay_command != CLOSED:
        _put_proof(app, out)
        _put_counters(app.memory, out)


def _put_state(app, out):
    sup = app.supervisor
    out.add(
        ',"state":"%s","mode":"%s","fault":%s,"latched":%s,"pending":%s,"hand_turn":%s'
        ',"saving":%s,"blockers":['
        % (
            STATE_NAMES[sup.state],
            MODE_NAMES[app.sample.mode],
            fault_name(sup.fault),
            fault_name(app.memory.latch_code),
            quoted(app.pending_hash()),
            TF[sup.hand_turn.open],
            TF[app.saving()],
        )
    )
    first = True
    for code in range(1, f.CODES):
        if app.blocks(code):
            out.raw(b'"' if first else b',"')
            out.add(f.name(code))
            out.raw(b'"')
            first = False
    out.raw(b"]")


def _put_hands(app, out):
    sample = app.sample
    out.add(
        ',"left":"%s","right":"%s","rails":"%s","estop":%s,"feedback":"%s","relay":"%s"'
        % (
            CONTACT_NAMES[sample.left],
            CONTACT_NAMES[sample.right],
            "two rails" if app.settings.rails_fitted == 2 else "one rail",
            TF[sample.estop_pressed],
            OPEN_CLOSED[sample.feedback_closed],
            OPEN_CLOSED[app.supervisor.relay_command == CLOSED],
        )
    )


def _put_belt(app, out):
    speed = app.guard.speed
    walked_s = app.walked_s()
    out.raw(
        b',"speed_mm_s":%d,"limit_mm_s":%d,"session_s":%d,"left_s":%d,"lead_mm":%d'
        b',"max_lead_mm":%d,"edges":%d'
        % (
            app.speed_mm_s(),
            app.limit_mm_s(),
            walked_s,
            max(0, app.settings.session_limit_min * 60 - walked_s),
            speed.lead_mm(),
            speed.max_lead_mm(),
            app.edges(),
        )
    )


def _put_board(app, out):
    about = app.about
    out.add(
        ',"boot":%d,"uptime_ms":%d,"reset":"%s","calibration":"%s","stop_test_due":%s'
        ',"version":"%s","board":"%s"'
        % (
            about["boot"],
            app.sample.now_ms,
            about["reset"],
            CALIBRATION_NAMES[app.settings.calibration],
            TF[app.memory.stop_test_due != 0],
            about["version"],
            about["board"],
        )
    )


def _put_proof(app, out):
    out.add(
        ',"proof":{"last_min":%d,"overdue":%s}'
        % (app.memory.proof_epoch_min, TF[app.proof_overdue()])
    )


def put_proof(app, out):
    """What the static proof has been shown so far, in LOCKOUT."""
    proof = app.supervisor.proof
    out.add(
        ',"estop":%s,"belt":%s,"left":%s,"right":%s,"running":%s'
        % (
            TF[proof.estop_done],
            TF[proof.belt_done],
            TF[proof.left.done],
            TF[proof.right_done()],
            TF[app.supervisor.proof_running],
        )
    )


def _put_counters(memory, out):
    """How often each fault has happened, ever; those that never did are left out."""
    out.add(',"counters":{')
    first = True
    for code in range(1, f.CODES):
        if memory.counters[code]:
            out.raw(b'"' if first else b',"')
            out.add(f.name(code))
            out.raw(b'":')
            out.number(memory.counters[code])
            first = False
    out.raw(b"}")


def put_selftest(app, out):
    """What the last T1 to T3 found, and the raw readings. Starts nothing."""
    sample = app.sample
    out.add(
        ',"relay_test":"%s","drop_time_ms":%d,"feedback":"%s","left_raw":%d,"right_raw":%d'
        ',"hall_permille":%d,"memory_free":%d'
        % (
            _relay_test_word(app.supervisor),
            app.memory.drop_time_ms,
            OPEN_CLOSED[sample.feedback_closed],
            sample.left_raw,
            sample.right_raw,
            sample.hall_permille,
            app.memory_free(),
        )
    )


def _relay_test_word(sup):
    result = sup.relay_test.result
    if result == PASSED:
        return "passed"
    if result == FAILED:
        return "failed"
    return "running" if sup.state == ARMING or sup.proof_running else "not run"


def put_hello_event(app, out):
    """The first line after a start."""
    about = app.about
    out.add(
        '{"ev":"hello","name":"treadguard","version":"%s","board":"%s","reset":"%s","boot":%d'
        ',"hash":"%s"}'
        % (about["version"], about["board"], about["reset"], about["boot"], app.interface_hash)
    )


def put_state_event(app, out):
    """The line that says state or fault have changed."""
    sup = app.supervisor
    out.add(
        '{"ev":"state","ms":%d,"state":"%s","fault":%s,"latched":%s,"relay":"%s"}'
        % (
            app.sample.now_ms,
            STATE_NAMES[sup.state],
            fault_name(sup.fault),
            fault_name(app.memory.latch_code),
            OPEN_CLOSED[sup.relay_command == CLOSED],
        )
    )


def put_watch_event(app, out):
    """One live line."""
    sup = app.supervisor
    sample = app.sample
    out.add(
        '{"ev":"watch","ms":%d,"state":"%s","v":%d,"lim":%d,"l":"%s","r":"%s","lead":%d'
        ',"fault":%s}'
        % (
            sample.now_ms,
            STATE_NAMES[sup.state],
            app.speed_mm_s(),
            app.limit_mm_s(),
            CONTACT_NAMES[sample.left],
            CONTACT_NAMES[sample.right],
            app.guard.speed.lead_mm(),
            fault_name(sup.fault),
        )
    )
