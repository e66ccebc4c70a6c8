# SPDX-License-Identifier: MIT
"""`python -m treadguard` is the same as `treadguard`."""

from treadguard.cli.main import run

run()
