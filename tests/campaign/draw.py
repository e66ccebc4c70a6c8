# SPDX-License-Identifier: MIT
"""What a session's number decides: treadmill, noise, settings, the moment and the speeds.

Everything is drawn from `random.Random` with the campaign's seed and the session's number, so a
session is known by its number alone.
"""

from __future__ import annotations

import random
from typing import Any

from treadguard import bounds, firmware
from treadguard.virtual import profiles

MOMENTS = (
    "WAIT_BELT",
    "MOUNTING",
    "BACKWARD early",
    "accelerating",
    "BACKWARD late",
    "FORWARD",
)
STANDING = "READY"  # before any start, for what an option finds while the belt stands
SLOWEST_MM_S = 105  # a belt that never looks like one that stands
LOOKS_STILL_MM_S = 90
TOP_MM_S = 5500  # 20 km/h; with the footfalls on top of it below the 7 m/s of the blanking
CIRCUMFERENCE_MAX_UM = 600_000
TURN_MS = 250  # a hand off the rail while turning round, at least


class Draw:
    """One session in the making. `facts` is what the bounds will want to know."""

    def __init__(self, seed: int, number: int, engine: str):
        self.rng = random.Random(f"treadguard campaign {seed} {engine} {number}")
        self.moment = MOMENTS[0]
        self.profile = self.rng.choice(sorted(profiles.PROFILES))
        self.treadmill = self._treadmill()
        self.refresh()
        self.config = self._config()
        self.pump = self.rng.choice(("nominal", "nominal", "longest", "shortest"))
        self.facts: dict[str, Any] = {}
        self.fitted: list[str] = []
        self.first: list[dict[str, Any]] = []  # entries with a time of their own

    def refresh(self) -> None:
        """The treadmill's numbers, after a change to it."""
        self.numbers = profiles.treadmill(self.profile, self.treadmill)
        self.distance_um = profiles.distance_per_edge_um(self.numbers)

    def between(self, low: int, high: int) -> int:
        return self.rng.randint(low, max(low, high))

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    # What the treadmill is

    def _treadmill(self) -> dict[str, Any]:
        own: dict[str, Any] = {
            "accel_mm_s2": self.between(100, 300),
            "console_stop_mm_s2": self.between(250, 600),
            "lag_ms": self.between(100, 600),
            "overshoot_mm_s": self.between(0, 56),
            "loop_delay_ms": self.between(10, 100),
            "ripple_permille": self.between(0, 80),
            "waveform": self.between(0, 2),
            "step_ms": self.between(480, 720),
            "asymmetry_permille": self.between(0, 150),
            "edge_jitter_us": self.rng.choice((0, 200, 500, 1500)),
            "uneven_permille": self.rng.choice((0, 0, 20, 50)),
            "missed_permille": self.rng.choice((0, 0, 0, 0, 0, 0, 0, 2)),
        }
        if self.chance(0.35):
            own |= self._other_roller()
        return own

    def _other_roller(self) -> dict[str, Any]:
        """Any distance per edge in its hard range, any number of magnets that one hall takes."""
        magnets = self.rng.choice((1, 3, 4, 5, 6, 7, 8))
        widest = min(260_000, CIRCUMFERENCE_MAX_UM // magnets)
        d_um = int(20_000 * (widest / 20_000) ** self.rng.random())
        coast = self.between(800, 1300)
        return {"magnets": magnets, "circumference_um": d_um * magnets, "coast_mm_s2": coast}

    # What the box is set to

    def _config(self) -> dict[str, Any]:
        """Half the sessions have the default timings, the others any; limits are always drawn."""
        parameters = firmware.load("guard.core.parameters")
        config: dict[str, Any] = {}
        slowest = max(140, (3 * self.distance_um + 3999) // 4000)
        limit = self.rng.choice((833, self.between(slowest, 1118)))
        config["backward_limit_mm_s"] = max(limit, slowest)
        config["mount_limit_mm_s"] = self.between(140, 1118)
        config["forward_limit_mm_s"] = self.rng.choice((3333, self.between(300, 5556)))
        self.usual = self.chance(0.5)
        if not self.usual:
            for name in (
                "overspeed_margin_permille", "overspeed_travel_mm", "rail_grace_ms",
                "one_hand_grace_ms", "turn_confirm_ms", "mount_timeout_s", "start_timeout_s",
                "session_limit_min", "relay_settle_ms",
            ):  # fmt: skip
                row = parameters.row_of(name)
                config[name] = self.between(row[3], row[4])
        config["rails_fitted"] = 1 if self.chance(0.15) else 2
        config["rail_kind"] = 1 if self.chance(0.15) else 0
        if config["rail_kind"]:
            # Held reads 371 permille of released: above that, or no hand is ever seen.
            config["touch_threshold_permille"] = self.between(420, 950)
        if self.chance(0.3):
            config["stop_a_min_mm_s2"] = config["stop_a_max_mm_s2"] = 0
        return config

    def setting(self, name: str) -> int:
        parameters = firmware.load("guard.core.parameters")
        return int(self.config.get(name, parameters.row_of(name)[2]))

    @property
    def tight(self) -> bool:
        """Less room for footfalls than the defaults give."""
        margin = self.setting("overspeed_margin_permille")
        return margin < 100 or self.setting("overspeed_travel_mm") < 30

    # Limits and speeds

    def limit_mm_s(self) -> int:
        if self.moment == "FORWARD":
            return self.setting("forward_limit_mm_s")
        back = self.setting("backward_limit_mm_s")
        if self.moment in (STANDING, "WAIT_BELT", "MOUNTING"):
            return min(back, self.setting("mount_limit_mm_s"))
        return back

    def speed_below(self, limit_mm_s: int) -> int:
        """A console setting from half the limit up to all of it."""
        top = limit_mm_s * 85 // 100 if self.tight else limit_mm_s
        speed = self.between(min(top, max(SLOWEST_MM_S, limit_mm_s // 2)), min(top, 4500))
        # A console that slows down overshoots too: not to a speed that looks like standing.
        room = max(0, speed - LOOKS_STILL_MM_S)
        self.treadmill["overshoot_mm_s"] = min(self.treadmill["overshoot_mm_s"], room)
        return speed

    def setup(self) -> bounds.Setup:
        return bounds.Setup(
            limit_mm_s=self.limit_mm_s(),
            distance_um=self.distance_um,
            magnets=self.numbers["magnets"],
            margin_permille=self.setting("overspeed_margin_permille"),
            travel_mm=self.setting("overspeed_travel_mm"),
            rail_grace_ms=self.setting("rail_grace_ms"),
            one_hand_grace_ms=self.setting("one_hand_grace_ms"),
            backward=self.moment != "FORWARD",
            uneven=self.numbers["uneven_permille"] / 1000,
            touch=bool(self.setting("rail_kind")),
        )
