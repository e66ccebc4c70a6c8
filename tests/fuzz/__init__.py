# SPDX-License-Identifier: MIT
"""Fuzzing the link and the stores: `python -m tests.fuzz --bytes N --images N`, `make fuzz`.

traffic.py   mutated protocol traffic, byte streams without end
stack.py     the stream against the running full stack, with somebody who walks
images.py    mutated settings, journals and NVS blobs through the store code
oracle.py    what those images hold, by documentation alone
"""
