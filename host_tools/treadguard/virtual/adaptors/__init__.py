# SPDX-License-Identifier: MIT
"""Stand-ins for the modules of firmware/guard/board that touch time, console and flash."""
