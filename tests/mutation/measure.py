# SPDX-License-Identifier: MIT
"""Which lines of the core each test runs, how long it takes, and what no test runs.

Run as `python measure.py TREE FILE...` by the interpreter that has coverage; one object of JSON
on stdout. Lines that run while core and tests are loaded count for no test.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import coverage

LOADING = "loading"


def measured(tree: Path, files: list[str]) -> dict[str, Any]:
    core = tree / "firmware" / "guard" / "core"
    watch = coverage.Coverage(
        data_file=None, config_file=False, branch=True, include=[f"{core}/*"], messages=False
    )
    tests: list[tuple[str, str]] = []
    seconds: list[float] = []
    watch.start()
    try:
        watch.switch_context(LOADING)
        import tests.firmware.run as runner

        for file, name, test in [(f, n, t) for f in files for n, t in runner.tests_of(f)]:
            watch.switch_context(str(len(tests)))
            tests.append((file, name))
            started = time.process_time()
            try:
                test()
            except Exception as error:
                return {"fails": f"{file}::{name}: {type(error).__name__} {error}"}
            seconds.append(round(time.process_time() - started, 4))
    finally:
        watch.stop()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        watch.json_report(morfs=[str(p) for p in sorted(core.glob("*.py"))], outfile=str(report))
        found = json.loads(report.read_text())
    lines = {p.name: contexts(watch, p) for p in sorted(core.glob("*.py"))}
    totals = found["totals"]
    missing = {
        Path(name).name: {"lines": one["missing_lines"], "branches": one["missing_branches"]}
        for name, one in found["files"].items()
        if one["missing_lines"] or one["missing_branches"]
    }
    return {"tests": tests, "seconds": seconds, "lines": lines, "missing": missing,
            "of": [totals["num_statements"], totals["num_branches"]]}  # fmt: skip


def contexts(watch: coverage.Coverage, path: Path) -> dict[int, list]:
    """Per line: does it run while loading, and the tests that run it as bits of one number."""
    found = {}
    for line, names in watch.get_data().contexts_by_lineno(str(path)).items():
        bits = sum(1 << int(name) for name in set(names) - {LOADING, ""})
        found[line] = [LOADING in names, hex(bits)]
    return found


def main(tree: Path, files: list[str]) -> None:
    sys.path.insert(0, str(tree))
    sys.argv = [f"{tree}/tests/firmware/run.py"]
    out, sys.stdout = sys.stdout, sys.stderr
    json.dump(measured(tree, files), out)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
