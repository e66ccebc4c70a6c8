# SPDX-License-Identifier: MIT
"""The command line: one file per command group; heavy modules are imported inside commands."""
