# SPDX-License-Identifier: MIT
"""Walking programmes: what studies did, as data, and what of a plan is due, done and missed."""
