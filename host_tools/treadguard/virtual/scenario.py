# SPDX-License-Identifier: MIT
"""Runs a scenario: a plain dictionary of treadmill, board, timeline and expectations.

The format is described in docs/scenarios.md, and check.py finds what contradicts itself before a
run begins; this module only carries out. Each timeline entry waits for the entry before it (or
the one named by `after`, or for its own `at_ms`), then for its `when`, then `delay_ms`, and acts.
"""

from treadguard.virtual import actions
from treadguard.virtual.expect import judge
from treadguard.virtual.presets import prepare
from treadguard.virtual.runner import Runner, find_paths
from treadguard.virtual.world import World

WHEN_TIMEOUT_MS = 60000
END_AFTER_MS = 3000
BELT_POLL_US = 20000
# kind of condition: is it true while it lasts, or does it count from the predecessor on
LEVELS = ("state", "relay", "belt", "above", "below")
HAPPENINGS = ("sound", "fault", "link", "boot", "console")


class Timeline:
    def __init__(self, world, entries, end_ms, end_after_ms):
        self.world = world
        self.entries = entries
        self.done_ms = [-1] * len(entries)
        self.marks = [0] * len(entries)  # length of the log when the entry began to wait
        self.waiting = []
        self.left = len(entries)
        self.end_ms = end_ms
        self.end_after_ms = end_after_ms
        self.failures = []
        self.names = {}
        for i in range(len(entries)):
            if "name" in entries[i]:
                self.names[entries[i]["name"]] = i

    def start(self):
        world = self.world
        world.on_stir = self.look
        if self.end_ms:
            world.call_at(self.end_ms * 1000, self._end, 0)
        for i in range(len(self.entries)):
            if "at_ms" in self.entries[i]:
                world.call_at(self.entries[i]["at_ms"] * 1000, self._act, i)
            elif i == 0:
                world.call_at(0, self._arm, 0)
        if not self.entries and not self.end_ms:
            world.call_in(self.end_after_ms * 1000, self._end, 0)

    def _arm(self, i):
        """The predecessor is done."""
        entry = self.entries[i]
        if "when" not in entry:
            self.world.call_in(entry.get("delay_ms", 0) * 1000, self._act, i)
            return
        self.marks[i] = len(self.world.events)
        self.waiting.append(i)
        timeout_ms = entry.get("timeout_ms", WHEN_TIMEOUT_MS)
        self.world.call_in(timeout_ms * 1000, self._give_up, i)
        self._poll(i)

    def _poll(self, i):
        """Belt speeds make no log entries: ask again and again."""
        if i not in self.waiting:
            return
        kind = self.entries[i]["when"].split(":")[0]
        if not self._try(i) and kind in ("belt", "above", "below"):
            self.world.call_in(BELT_POLL_US, self._poll, i)

    def look(self):
        """Something was logged."""
        for i in self.waiting[:]:
            self._try(i)

    def _try(self, i):
        if not true_now(self.world, self.entries[i]["when"], self.marks[i]):
            return False
        self.waiting.remove(i)
        self.world.call_in(self.entries[i].get("delay_ms", 0) * 1000, self._act, i)
        return True

    def _give_up(self, i):
        if i in self.waiting:
            entry = self.entries[i]
            self.failures.append(
                "entry %d (%s): waited in vain for %s" % (i + 1, entry["do"], entry["when"])
            )
            self._end(0)

    def _act(self, i):
        entry = self.entries[i]
        world = self.world
        first = self.done_ms[i] < 0
        if first:
            self.done_ms[i] = world.now // 1000
            self.left -= 1
            self._release(i)
            for round_ in range(1, entry.get("times", 1)):
                world.call_in(round_ * entry["every_ms"] * 1000, self._act, i)
            if not self.left and not self.end_ms:
                rounds_ms = (entry.get("times", 1) - 1) * entry.get("every_ms", 0)
                world.call_in((rounds_ms + self.end_after_ms) * 1000, self._end, 0)
        world.log("do", entry["do"] + (" " + entry["name"] if "name" in entry else ""))
        try:
            actions.do(world, entry["do"], entry)
        except actions.Refused as refused:
            world.log("refused", str(refused))
            if not entry.get("may_fail", False):
                self.failures.append("entry %d (%s): %s" % (i + 1, entry["do"], refused))

    def _release(self, i):
        """Entries that waited for this one."""
        name = self.entries[i].get("name", "")
        for j in range(len(self.entries)):
            entry = self.entries[j]
            if "at_ms" in entry:
                continue
            if "after" in entry:
                if entry["after"] == name:
                    self._arm(j)
            elif j == i + 1:
                self._arm(j)

    def _end(self, _):
        self.world.end()


def true_now(world, condition, mark):
    """Is a `when` condition met? Happenings count from the log position `mark` on."""
    kind, _, wanted = condition.partition(":")
    if kind == "state":
        return world.observer.state == wanted
    if kind == "relay":
        return world.relay.contact == (wanted == "closed")
    if kind == "belt":
        return world.belt.moving == (wanted == "moving")
    if kind == "above":
        return world.belt.mean_um_s > int(wanted) * 1000
    if kind == "below":
        return world.belt.mean_um_s < int(wanted) * 1000
    for i in range(mark, len(world.events)):
        event = world.events[i]
        if matches(event, kind, wanted):
            return True
    return False


def matches(event, kind, wanted):
    """Does a log event fit kind:wanted? Link and console lines need only contain it."""
    if kind == "boot":
        return event[1] == "chip" and event[2].startswith("boot")
    if event[1] != kind:
        return False
    if kind in ("link", "console"):
        return wanted in event[2]
    return event[2] == wanted


def build(scenario, firmware_dir):
    """A world with its board's flash laid out; not started."""
    world = World(scenario)
    World.current = world
    world.set_mode(scenario.get("mode", "off"))
    prepare(world, scenario.get("board", {}), firmware_dir)
    if scenario.get("edges", False):
        world.truth.edges = []
    return world


def run(scenario, firmware_dir):
    """Run it to its end; (world, timeline, failures)."""
    find_paths(firmware_dir)
    world = build(scenario, firmware_dir)
    timeline = Timeline(
        world,
        scenario.get("timeline", []),
        scenario.get("end_ms", 0),
        scenario.get("end_after_ms", END_AFTER_MS),
    )
    timeline.start()
    Runner(world, firmware_dir).run()
    failures = timeline.failures + judge(world, timeline, scenario.get("expect", []))
    return world, timeline, failures
