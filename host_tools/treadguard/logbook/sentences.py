# SPDX-License-Identifier: MIT
"""What happened, in two sentences a walker understands: why the relay opened, how it ended."""

from __future__ import annotations

from collections.abc import Callable

from treadguard import units
from treadguard.logbook.sessions import Stop

Speed = Callable[[int], str]

# First sentences. {v} is the speed at the decision, {limit} the limit, {lead} how far ahead.
WHY: dict[str, str] = {
    "OVERSPEED": "The belt ran at {v} although the limit was {limit}; when it was {lead} ahead of"
    " where the limit allows, the box opened the relay.",
    "OVERSPEED_EXTREME": "The belt reached {v}, at least half as much again as the limit of"
    " {limit}, and the first interval that showed it opened the relay.",
    "SENSOR_LOST": "The speed sensor fell silent at {v}; silence is not standstill, so the box"
    " opened the relay first and asked afterwards.",
    "SENSOR_NOISE": "The speed sensor gave signals that no belt makes, and a speed that cannot be"
    " trusted opened the relay.",
    "HALL_WIRING": "The lead of the speed sensor was cut or shorted at {v}, and the box opened"
    " the relay.",
    "ACCELERATION": "The belt gained speed faster than a treadmill does and had reached {v}, so"
    " the box opened the relay.",
    "CHANNELS_DISAGREE": "The two speed sensors told different speeds, and the box opened the"
    " relay.",
    "BELT_REVERSED": "The belt ran the wrong way, and the box opened the relay.",
    "HALL_B_WIRING": "The lead of the second speed sensor was cut or shorted at {v}, and the box"
    " opened the relay.",
    "RAIL_WIRING": "The lead of a rail contact was cut or shorted at {v}; without it a hand"
    " cannot be seen, so the box opened the relay.",
    "RELAY_NOT_CLOSED": "The relay was told to close and did not, or dropped by itself, and the"
    " box took the permission away.",
    "SECOND_STOP_OPEN": "The contactor of the second stop dropped by itself or did not pull in,"
    " and the box opened the relay too.",
    "KEY_SENSE_LOST": "The belt ran at {v} although the key loop seemed open, so the sensing of"
    " the loop could not be trusted and the box opened the relay.",
    "INCLINE_LOST": "The inclinometer fell silent or told what no deck does; an incline that is"
    " not known is not flat, so the box opened the relay.",
    "STATE_CORRUPT": "A word in the board's memory did not match its copy, and the program opened"
    " the relay on itself.",
    "FLOW_BROKEN": "A step of the program did not report in, and the program opened the relay on"
    " itself.",
    "LOOP_OVERRUN": "The program was late at {v}, and opened the relay because it could no longer"
    " promise to be in time.",
    "WATCHDOG_RESET": "The program hung with the relay closed; the relay dropped by itself and"
    " the watchdog started the board anew.",
    "CRASH": "The program failed with the relay closed; the relay dropped and the board started"
    " anew.",
    "SESSION_CUT": "Power was lost, or the board was reset, in the middle of a session, and the"
    " relay dropped by itself.",
    "STOP_FAILED": "The relay was open and the belt ran on: the treadmill did not stop, which is"
    " the one thing the box cannot repair.",
    "RELAY_WELDED": "The relay was told to open and its contact stayed closed.",
    "RELAY_SLOW": "The relay took longer to drop than it may.",
    "RELAY_TEST_FAILED": "In the self-test after START the relay closed when it must not, and the"
    " board locked itself before a belt could run.",
    "SECOND_STOP_STUCK": "The contactor of the second stop was told to drop and stayed closed.",
    "KEY_LOOP_CLOSED": "The treadmill's key loop was closed although the relay was open, so a"
    " welded contact or a bypass stood in the box's way.",
    "UNEXPECTED_MOTION": "The belt moved at {v} with the relay open, so something bypasses the"
    " box.",
    "MEMORY_DAMAGED": "The board's memory of its own latches was damaged, and because it may have"
    " held a lockout the board locked itself.",
    "ESTOP": "The red button was pressed, and its own contact opened the relay.",
    "RAILS_RELEASED": "Both hands left the rails at {v}; after a short grace for a re-grip the"
    " box opened the relay.",
    "ONE_HAND": "One hand was off its rail for longer than the grace, and after the warning the"
    " box opened the relay.",
    "INCLINE_TOO_STEEP": "The deck was raised above the incline limit, and the box opened the"
    " relay.",
    "START_PRESSED": "START was pressed, and with the relay closed every press stops.",
    "CTRL_C_STOP": "Ctrl-C arrived over USB, and the box opened the relay.",
    "HOST_STOP": "Somebody asked for a stop on the laptop, and the box opened the relay.",
    "MODE_CHANGED": "The mode switch was turned, and the box opened the relay.",
    "SESSION_TIME": "The session time was over, and after three warnings the box opened the"
    " relay.",
    "MOUNT_TIMEOUT": "Stepping on and turning round took longer than the mount time, and the box"
    " opened the relay.",
    "START_TIMEOUT": "No belt was seen in time after START, and the box opened the relay.",
    "BELT_STOPPED": "The belt was stopped at the console or the rails, the ordinary end, and the"
    " box opened the relay.",
}


def both_units(mm_s: int) -> str:
    """A speed in km/h and mph."""
    return units.speed(mm_s)


def why(stop: Stop, speed: Speed = both_units) -> str:
    """The first sentence."""
    text = WHY.get(stop.cause)
    if text is None:
        return f"The board stopped for {stop.cause}, a reason that these tools do not know."
    v = speed(stop.v_mm_s) if stop.v_mm_s is not None else "an unknown speed"
    limit = speed(stop.limit_mm_s) if stop.limit_mm_s is not None else "an unknown value"
    lead = f"{stop.lead_mm} mm" if stop.lead_mm is not None else "too far"
    return text.format(v=v, limit=limit, lead=lead)


def end(stop: Stop) -> str:
    """The second sentence, and a third where the second stop had to drop."""
    return _end(stop) + _second_stop(stop)


def _second_stop(stop: Stop) -> str:
    if stop.contactor_ms is None:
        return ""
    after = f"{stop.contactor_ms / 1000:.1f} s after the relay"
    return f" The second stop cut the treadmill's supply {after}."


def _end(stop: Stop) -> str:
    travel = stop.travel_mm
    if stop.still_ms is not None and travel is not None:
        return (
            f"The belt stood still {stop.still_ms / 1000:.1f} s after the decision and"
            f" {metres(travel)} further on."
        )
    if stop.cause in ("START_TIMEOUT", "RELAY_TEST_FAILED", "RELAY_NOT_CLOSED"):
        return "Nobody was carried anywhere: no moving belt had been seen."
    if stop.edges is None:
        return "How long the belt took to stand still was not recorded."
    return "That the belt stood still could not be proven by its sensor."


def metres(travel: tuple[int, int]) -> str:
    """`0.42 to 0.49 m`."""
    return f"{travel[0] / 1000:.2f} to {travel[1] / 1000:.2f} m"
