# SPDX-License-Identifier: MIT
# Ctrl-C is read as a byte from here on, so that no exception lands in the middle of a tick.
import micropython

micropython.kbd_intr(-1)

from guard.board import failsafe, relay  # noqa: E402

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
