# SPDX-License-Identifier: MIT
"""Stand-ins for the three modules of firmware/guard/board that touch time, UART and flash."""
