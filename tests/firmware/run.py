# SPDX-License-Identifier: MIT
"""Run test files without pytest: `micropython tests/firmware/run.py test_speed.py ...`.

With `--firmware FOLDER` in front, the tests meet the firmware built there.

A test is a function named test_* that takes nothing and asserts. One line per failure, then
the count; the exit code is 1 when a test failed and 2 when there was none. Works the same on
CPython, where pytest finds the same functions by itself.
"""

import sys

HERE = sys.argv[0].rsplit("/", 1)[0] if "/" in sys.argv[0] else "."
ROOT = HERE + "/../.."
sys.path.insert(0, ROOT)
sys.path.insert(1, ROOT + "/firmware")
if sys.implementation.name == "cpython":
    sys.dont_write_bytecode = True
    sys.path.append(ROOT + "/host_tools/treadguard/virtual/fakes_cpython")

if sys.argv[1:2] == ["--firmware"]:
    sys.path.append(ROOT + "/host_tools")
    from treadguard.virtual import runner

    runner.find_paths(sys.argv[2])
    runner.fresh_modules()
    del sys.argv[1:3]

# Leaves first: MicroPython compiles on the stack, and nested imports run out of it.
CORE = (
    "states", "ticks", "faults", "events", "memory", "parameters", "sample", "sounds", "noise",
    "surge", "speed", "rails", "interlocks", "proof", "ready", "relay_test", "stopping",
    "gestures", "boot_cause", "before", "closed", "after", "supervisor", "guard",
)  # fmt: skip
for leaf in CORE:
    __import__("guard.core." + leaf)
__import__("tests.support.stream")


def tests_of(name):
    """(name, function) of every test in a file of tests/firmware."""
    module = getattr(__import__("tests.firmware." + name).firmware, name)
    # Not dir(): MicroPython's leaves out names that were made at run time.
    return [(n, module.__dict__[n]) for n in sorted(module.__dict__) if n.startswith("test_")]


def run_file(name):
    """(tests, failures) of one file."""
    tests = tests_of(name)
    failures = 0
    for test_name, test in tests:
        try:
            test()
        except Exception as error:
            failures += 1
            print(f"FAILED {name}.{test_name}: {type(error).__name__} {error}")
            if sys.implementation.name == "micropython":
                sys.print_exception(error)
    return len(tests), failures


def main(paths):
    count = failed = 0
    for path in paths:
        tests, failures = run_file(path.rsplit("/", 1)[-1].replace(".py", ""))
        count += tests
        failed += failures
    print(f"{count} tests, {failed} failed")
    return 2 if not count else 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
