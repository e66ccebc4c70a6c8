# SPDX-License-Identifier: MIT
"""Every option fitted and set; apart, so that no other run knows the parameters' names."""

OPTIONS = {
    "hall_sensors": 2,
    "hall_mounting": 1,
    "second_stop_fitted": 1,
    "key_sense_fitted": 1,
    "incline_sensor": 2,
}
FITTED = ("hall_b", "second_stop", "key_sense", "mpu6050")
