# SPDX-License-Identifier: MIT
# Ctrl-C is read as a byte from here on, so that no exception lands in the middle of a tick.
import micropython

micropython.kbd_intr(-1)

try:
    from guard.board import failsafe, relay
except Exception:
    # Half a deployment. boot.py has put the pins low and nothing here can drive them: mpremote
    # must get in.
    micropython.kbd_intr(3)
    print("treadguard: FIRMWARE_DAMAGED, deploy it again")
    raise

try:
    from guard.record import buffers  # noqa: F401  first, see there
    from guard.controller import main  # isort: skip

    main()
    relay.all_low()
    micropython.kbd_intr(3)
except Exception as error:
    failsafe.after_crash(error)
finally:
    relay.all_low()
