# SPDX-License-Identifier: MIT
"""What the walker and whoever stands by can do: hands, feet, buttons, console, the laptop."""

from binascii import crc32

from treadguard.virtual.canon import dump
from treadguard.virtual.variants import S3
from treadguard.virtual.wiring import START


class Refused(Exception):
    """The world does not let this happen now; the text says why."""


def hands(world, side):
    if side == "both":
        return (world.left, world.right)
    return (world.left,) if side == "left" else (world.right,)


def grip(world, side):
    for hand in hands(world, side):
        hand.set(True)
    world.truth.cancel_named("let_go")


def let_go(world, side):
    for hand in hands(world, side):
        hand.set(False)
    if not (world.left.held or world.right.held) and world.walker.on_belt and world.relay.contact:
        world.truth.begin("let_go", True)


def slip(world, side, ms):
    for hand in hands(world, side):
        hand.slip(ms)


def chatter(world, side, period_ms, times):
    for hand in hands(world, side):
        hand.chatter(period_ms, times)


def tape(world, side, on):
    for hand in hands(world, side):
        hand.taped = on == "on"


def rail(world, side, permille):
    for hand in hands(world, side):
        hand.override_permille = permille


def touch(world, side, fault):
    for hand in hands(world, side):
        hand.touch_fault = "" if fault == "none" else fault


def step(world, on):
    world.walker.step_on(on == "on")


def fall(world):
    world.truth.begin("fall", True)
    world.left.set(False)
    world.right.set(False)


def start(world, what, ms):
    world.start_presses += 1
    world.inputs[START] = 1 if what == "release" else 0
    if what in ("press", "hold"):
        world.call_in(ms * 1000, _start_up, world.start_presses)


def _start_up(order):
    from treadguard.virtual.world import World

    if order == World.current.start_presses:
        World.current.inputs[START] = 1


def mode(world, to):
    world.set_mode(to)


def estop(world, what):
    if what == "press":
        world.truth.begin_if_closed("estop", False)
    world.press_estop(what == "press")


def key(world, to):
    world.key_in = to == "in"
    world.update_loop()


def console(world, what, mm_s):
    if what == "stop":
        world.belt.console_stop()
    elif not world.belt.console_speed(mm_s):
        world.log("console", "refuses: key loop open")
        raise Refused("the console does not start: the key loop is open")


def push(world, mm_s, ms):
    if world.belt.running:
        raise Refused("nobody pushes a belt that the motor runs")
    world.belt.push(mm_s)
    if ms:
        world.call_in(ms * 1000, world.belt.push, 0)


def host(world, send):
    """One request with CRC, and an id if it has none."""
    world.requests += 1
    message = dict(send)
    if "id" not in message:
        message["id"] = world.requests
    body = dump(message).encode()
    world.log("host", body.decode())
    world.uart.host_send(body + ("*%08x\n" % (crc32(body) & 0xFFFFFFFF)).encode())


def host_raw(world, text):
    world.log("host", "raw " + str(len(text)))
    world.uart.host_send(text.encode())


def flood(world, byte, count):
    world.log("host", "flood " + str(count))
    world.uart.host_send(bytes([byte]) * count)


def ctrl_c(world):
    world.log("host", "ctrl-c")
    world.uart.host_send(b"\x03")


def usb(world, laptop):
    if world.variant.name != S3:
        raise Refused("this chip has no USB of its own")
    world.log("host", "usb " + laptop)
    world.usb.plug(laptop)


def note(world, text):
    world.log("note", text)
