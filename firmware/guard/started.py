# SPDX-License-Identifier: MIT
"""Imported when the controller is made: the build puts here what forgets what only that needed.

See host_tools/treadguard/board/phases.py. Run from source, nothing is forgotten.
"""
