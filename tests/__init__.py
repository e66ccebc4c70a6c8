# SPDX-License-Identifier: MIT
"""Tests of treadguard. docs and CONTRIBUTING.md say how they are organised."""
