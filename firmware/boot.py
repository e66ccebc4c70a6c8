# SPDX-License-Identifier: MIT
# Relay pins low before anything else: levels outlive every reset but power-on. Nothing here
# may fail, because an exception in boot.py keeps main.py from running.
try:
    from machine import Pin

    from guard.board import pins

    for gpio in (pins.RELAY_EN, pins.PUMP_A, pins.PUMP_B, pins.STOP2_EN):
        Pin(gpio, Pin.OUT, value=0)
except Exception:
    pass
