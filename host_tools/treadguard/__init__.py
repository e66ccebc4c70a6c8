# SPDX-License-Identifier: MIT
"""Host tools of treadguard: flash, configure, watch, read out, and a virtual board."""

__version__ = "0.1.0"
