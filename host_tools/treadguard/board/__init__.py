# SPDX-License-Identifier: MIT
"""What goes onto a real board: building it."""
