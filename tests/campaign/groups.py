# SPDX-License-Identifier: MIT
"""What is walked: one group that nothing may stop, and others that are reported apart."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """What is walked. `gate`: nothing may stop it; the others are reported apart."""

    name: str
    gate: bool = False
    ripple_permille: int | None = None  # None: 0..80
    bias_permille: int = 0
    surge_permille: int = 0
    forward: bool = False
    missed_permille: int = 0


GROUPS = (
    Group("healthy", gate=True),
    Group("ripple 12 %", ripple_permille=120),
    Group("ripple 8 %, belt 3 % fast", ripple_permille=80, bias_permille=30),
    Group("ripple 12 %, belt 3 % fast", ripple_permille=120, bias_permille=30),
    Group("step-off surges of 15 %", surge_permille=150),
    Group("step-off surges of 30 %", surge_permille=300),
    Group("forward, up to 12 km/h", forward=True),
    Group("forward, ripple 12 %", ripple_permille=120, forward=True),
    Group("one edge in 1000 missed", missed_permille=1),
)
BY_NAME = {group.name: group for group in GROUPS}
