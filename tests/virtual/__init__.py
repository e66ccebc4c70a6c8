# SPDX-License-Identifier: MIT
"""Tests of the virtual board: does it lie where the chip does, and nowhere else?"""
