# SPDX-License-Identifier: MIT
"""Every limit declared once: name, unit, default, lowest, highest, group.

A value outside its hard range never takes effect, whoever wrote it. Texts for people are in
texts/parameters.txt.
"""

TABLE = (
    ("backward_limit_mm_s", "mm/s", 833, 140, 1118, "limit"),
    ("mount_limit_mm_s", "mm/s", 447, 140, 1118, "limit"),
    ("forward_limit_mm_s", "mm/s", 3333, 140, 5556, "limit"),
    ("overspeed_margin_permille", "permille", 100, 50, 150, "limit"),
    ("overspeed_travel_mm", "mm", 30, 15, 60, "limit"),
    ("rail_grace_ms", "ms", 400, 100, 600, "rails"),
    ("one_hand_grace_ms", "ms", 3000, 500, 5000, "rails"),
    ("turn_confirm_ms", "ms", 2000, 1000, 5000, "rails"),
    ("rails_fitted", "", 2, 1, 2, "rails"),
    ("rail_kind", "", 0, 0, 1, "rails"),
    ("touch_threshold_permille", "permille", 700, 300, 950, "rails"),
    ("mount_timeout_s", "s", 90, 30, 180, "time"),
    ("start_timeout_s", "s", 45, 20, 90, "time"),
    ("session_limit_min", "min", 15, 1, 60, "time"),
    ("relay_settle_ms", "ms", 50, 40, 250, "relay"),
    ("distance_per_edge_um", "um", 100000, 20000, 260000, "calibration"),
    ("magnets_per_turn", "", 4, 1, 8, "calibration"),
    ("calibration", "", 0, 0, 2, "calibration"),
    ("stop_a_min_mm_s2", "mm/s2", 0, 0, 10000, "measured"),
    ("stop_a_max_mm_s2", "mm/s2", 0, 0, 10000, "measured"),
    ("hall_sensors", "", 1, 1, 2, "options"),
    ("hall_mounting", "", 0, 0, 1, "options"),
    ("discrepancy_ms", "ms", 500, 100, 1000, "options"),
    ("second_stop_fitted", "", 0, 0, 1, "options"),
    ("key_sense_fitted", "", 0, 0, 1, "options"),
    ("incline_sensor", "", 0, 0, 2, "options"),
    ("incline_axis", "", 0, 0, 3, "options"),
    ("incline_zero_permille", "permille", 0, -300, 300, "options"),
    ("incline_limit_permille", "permille", 100, 0, 100, "options"),
)
# Columns of the table: all that the board itself needs of it.
NAMES = tuple([row[0] for row in TABLE])
DEFAULTS = tuple([row[2] for row in TABLE])
_LOWEST = tuple([row[3] for row in TABLE])
_HIGHEST = tuple([row[4] for row in TABLE])


def row_of(name):
    """The row of a parameter, or None."""
    for row in TABLE:
        if row[0] == name:
            return row
    return None


def fits(name, value):
    """This value may be given to this parameter."""
    if name not in NAMES or isinstance(value, bool) or not isinstance(value, int):
        return False
    i = NAMES.index(name)
    return _LOWEST[i] <= value <= _HIGHEST[i]


def check(name, value):
    """None, or one sentence that says what is wrong and what is allowed."""
    row = row_of(name)
    if row is None:
        return "There is no parameter {}.".format(name)
    if isinstance(value, bool) or not isinstance(value, int):
        return "{} must be a whole number in {}.".format(name, row[1] or "steps of 1")
    if not row[3] <= value <= row[4]:
        allowed = "{} must be {}..{} {}".format(name, row[3], row[4], row[1]).rstrip() + "."
        coarse = name == "distance_per_edge_um" and value > row[4]
        return allowed + " Fit more magnets." if coarse else allowed
    return None


def in_quadrature(values):
    """Two sensors a quarter of the magnets' distance apart: they show direction and phase."""
    return values["hall_sensors"] == 2 and values["hall_mounting"] == 1


def cross_check(values):
    """None, or (name, sentence) for values that contradict each other."""
    if values["magnets_per_turn"] == 2 and not in_quadrature(values):
        return (
            "magnets_per_turn",
            "2 magnets need a second hall sensor in quadrature: fit 1 or 3 to 8.",
        )
    slowest = (3 * values["distance_per_edge_um"] + 3999) // 4000  # three edges within 4 s
    if values["backward_limit_mm_s"] < slowest:
        return (
            "backward_limit_mm_s",
            "backward_limit_mm_s must be {} mm/s or more with this distance per edge: "
            "fit more magnets.".format(slowest),
        )
    return None


class Settings:
    """One attribute per parameter, always inside its hard range."""

    def __init__(self):
        for i in range(len(NAMES)):
            setattr(self, NAMES[i], DEFAULTS[i])

    def __getattr__(self, name) -> int:
        raise AttributeError(name)  # every parameter was set above

    def load(self, values):
        """Take every value that is given and valid; the names of those that are not."""
        refused = []
        for name in NAMES:
            if name in values:
                if fits(name, values[name]):
                    setattr(self, name, values[name])
                else:
                    refused.append(name)
        return refused

    def fitted(self):
        """One bit per option; what it asks for is loaded at the start only."""
        return (
            (self.hall_sensors == 2)
            | (self.second_stop_fitted << 1)
            | (self.key_sense_fitted << 2)
            | ((self.incline_sensor > 0) << 3)
            | (self.hall_mounting << 4)
        )

    def as_dict(self):
        return {name: getattr(self, name) for name in NAMES}
