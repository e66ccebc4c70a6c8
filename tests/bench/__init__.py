# SPDX-License-Identifier: MIT
"""Measurements: how soon the guard decides, how fast and how small it is. `make bench`.

    python -m tests.bench                     every part
    python -m tests.bench latency naming      these parts
    python -m tests.bench --json FILE         the numbers as JSON, schema versioned
    python -m tests.bench --write-docs        put the tables into docs/bench.md

Each part is a module with run(options) -> report.Part. The exit code is 1 when a requirement is
missed. docs/bench.md says what each table means.
"""
