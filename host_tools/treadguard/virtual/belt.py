# SPDX-License-Identifier: MIT
"""Belt, motor and console.

The console runs the belt only after a start press made with the key loop closed; a loop that
opens resets it (unless the profile or a fault says that it obeys late or never), and the belt
coasts. A forced speed (a runaway) replaces the console's setpoint but still obeys the loop; a
shorted motor driver obeys nothing but the mains. Speeds are um/s inside, travel nm per step:
every product of a 10 ms step stays below 2**30 up to 8 m/s.
"""

from treadguard.virtual.gait import Gait

START_MM_S = 222  # 0.8 km/h, where most consoles begin


class Belt:
    def __init__(self, world, numbers, rng):
        self.world = world
        self.numbers = numbers
        self.gait = Gait(numbers, rng)
        self.mean_um_s = 0
        self.true_um_s = 0
        self.before_jump_um_s = -1  # the speed that a runaway jumped from, in this very moment
        self.target_um_s = 0
        self.rate_mm_s2 = 0
        self.moving = False
        self.running = False  # the console's own idea
        self.setpoint_mm_s = 0
        self.obeys_ms = numbers["loop_delay_ms"]
        self.forced = False
        self.shorted = False
        self.pushed = False
        self.powered = True  # the mains reach the treadmill
        self.overshooting = False
        self.rest_us = 0
        self.orders = 0  # a newer console order makes older ones void
        self.travel_um = 0
        self.travel_rest_nm = 0
        self.nm = 0  # travel of the last step

    # -- what people and faults do to it

    def console_speed(self, mm_s):
        """Start press and speed key. False when the console refuses: the key is out."""
        if not self.running:
            if not (self.powered and self.world.loop_closed()):
                return False
            self.running = True
        self.setpoint_mm_s = mm_s
        self.orders += 1
        self.world.call_in(self.numbers["lag_ms"] * 1000, self._obey_console, self.orders)
        return True

    def console_stop(self):
        self.running = False
        self.setpoint_mm_s = 0
        self.orders += 1
        self.world.call_in(self.numbers["lag_ms"] * 1000, self._obey_console, self.orders)

    def force(self, mm_s, accel_mm_s2):
        """A drive that runs away to a speed, at once when the acceleration is 0."""
        self.forced = True
        self.overshooting = False
        self._aim(mm_s * 1000, accel_mm_s2)
        if not accel_mm_s2:
            self.before_jump_um_s = self.mean_um_s
            self.mean_um_s = self.true_um_s = self.target_um_s

    def release(self):
        """The drive is itself again."""
        self.forced = False
        self._obey_console(self.orders)

    def short(self, accel_mm_s2):
        """The motor driver shorts: full speed, whatever the key loop says."""
        self.shorted = True
        self._aim(self.numbers["max_mm_s"] * 1000, accel_mm_s2)

    def mains(self, on):
        """The plug. Pulled, even a shorted driver coasts."""
        self.powered = on
        if on:
            return
        self.shorted = False
        self.orders += 1
        self.running = False
        if not self.pushed:
            self._cut(self.orders)

    def push(self, mm_s):
        """A hand or a foot moves the belt; 0 lets go of it."""
        self.pushed = mm_s > 0
        self._aim(mm_s * 1000, 3000 if mm_s else self._coast())

    def loop_changed(self, closed):
        """The key loop has opened or closed."""
        if not closed and self.obeys_ms >= 0 and not self.pushed:
            self.orders += 1
            self.world.call_in(self.obeys_ms * 1000, self._cut, self.orders)

    # -- inside

    def _obey_console(self, order):
        if order != self.orders or self.forced or self.shorted or self.pushed:
            return
        target_um_s = self.setpoint_mm_s * 1000
        if not target_um_s:
            self._aim(0, self.numbers["console_stop_mm_s2"])
            return
        self.overshooting = self.numbers["overshoot_mm_s"] > 0 and target_um_s != self.mean_um_s
        if self.overshooting:
            over = self.numbers["overshoot_mm_s"] * 1000
            target_um_s += over if target_um_s > self.mean_um_s else -over
        up = target_um_s > self.mean_um_s
        self._aim(target_um_s, self.numbers["accel_mm_s2" if up else "slow_down_mm_s2"])

    def _settle(self, order):
        """The overshoot is over."""
        if order == self.orders and self.running and not (self.forced or self.shorted):
            target_um_s = self.setpoint_mm_s * 1000
            up = target_um_s > self.mean_um_s
            self._aim(target_um_s, self.numbers["accel_mm_s2" if up else "slow_down_mm_s2"])

    def _cut(self, order):
        if order != self.orders or self.shorted:
            return
        self.running = False
        self.forced = False
        self.setpoint_mm_s = 0
        self._aim(0, self._coast())

    def _coast(self):
        coast = self.numbers["coast_mm_s2"]
        if self.world.walker.on_belt:
            return coast
        return coast * self.numbers["coast_empty_permille"] // 1000

    def _aim(self, target_um_s, rate_mm_s2):
        top = self.numbers["max_mm_s"] * 1000
        self.target_um_s = top if target_um_s > top else (target_um_s if target_um_s > 0 else 0)
        self.rate_mm_s2 = rate_mm_s2
        if self.target_um_s or self.mean_um_s:
            if not self.moving:
                self.moving = True
                self.world.log("belt", "moves")

    def advance(self, dt_us):
        """Move for dt_us (at most 10 ms); self.nm is how far."""
        self.before_jump_um_s = -1
        mean_um_s = self.mean_um_s
        if mean_um_s != self.target_um_s:
            mean_um_s = self._ramp(mean_um_s, dt_us)
        true_um_s = mean_um_s + mean_um_s // 1000 * self.gait.factor(dt_us) // 100
        dt_us += self.rest_us
        self.rest_us = dt_us % 10
        self.nm = nm = (self.true_um_s + true_um_s) // 20 * (dt_us // 10) // 10
        self.true_um_s = true_um_s
        rest_nm = self.travel_rest_nm + nm
        self.travel_um += rest_nm // 1000
        self.travel_rest_nm = rest_nm % 1000

    def _ramp(self, mean_um_s, dt_us):
        step_um_s = self.rate_mm_s2 * dt_us // 1000
        target_um_s = self.target_um_s
        if mean_um_s < target_um_s:
            mean_um_s += step_um_s
            reached = mean_um_s >= target_um_s
        else:
            mean_um_s -= step_um_s
            reached = mean_um_s <= target_um_s
        if reached:
            mean_um_s = target_um_s
        self.mean_um_s = mean_um_s
        if self.forced or self.shorted or self.world.truth.waiting_mm_s:
            self.world.truth.belt_at(mean_um_s)
        if reached:
            self._reached()
        return mean_um_s

    def _reached(self):
        if self.overshooting:
            self.overshooting = False
            self.world.call_in(self.numbers["overshoot_ms"] * 1000, self._settle, self.orders)
        if not self.mean_um_s:
            self.moving = False
            self.true_um_s = 0
            self.world.log("belt", "still")
            self.world.truth.still(self.world.now)
