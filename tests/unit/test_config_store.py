# SPDX-License-Identifier: MIT
"""Stored settings are whole or refused: no value out of range ever comes back."""

from __future__ import annotations

import json
from binascii import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core import parameters
from guard.record.config_store import (
    CURRENT,
    DAMAGED,
    FELL_BACK,
    MISSING,
    OK,
    OLDER,
    ConfigStore,
    encode,
)
from tests.support.memory_files import MemoryFiles, PowerCut

DEFAULTS = {row[0]: row[2] for row in parameters.TABLE}


def values(**changed):
    return {**DEFAULTS, **changed}


def saved(*generations):
    files = MemoryFiles()
    store = ConfigStore(files)
    for given_values in generations:
        store.save(given_values)
    return files


def test_a_new_board_has_no_settings():
    assert ConfigStore(MemoryFiles()).load() == ({}, MISSING)


def test_the_last_saved_values_come_back():
    files = saved(values(), values(rail_grace_ms=300), values(rail_grace_ms=200))
    assert ConfigStore(files).load() == (values(rail_grace_ms=200), OK)


def test_numbering_of_generations_survives_a_boot():
    files = saved(values(), values())
    store = ConfigStore(files)
    store.load()
    store.save(values())
    assert store.generation == 3


def test_power_lost_at_any_byte_leaves_the_old_or_the_new_values():
    old, new = values(rail_grace_ms=300), values(rail_grace_ms=200)
    seen = set()
    for cut in range(0, 2400, 3):
        files = saved(values(), old)
        store = ConfigStore(files)
        store.load()
        files.cut_after = cut
        try:
            store.save(new)
        except PowerCut:
            pass
        found, status = ConfigStore(files).load()
        assert status == OK
        assert found in (old, new)
        seen.add(found["rail_grace_ms"])
    assert seen == {200, 300}


@given(st.data())
def test_damage_falls_back_to_the_older_values_and_says_so(data):
    files = saved(values(rail_grace_ms=300), values(rail_grace_ms=200))
    whole = files.files[CURRENT]
    at = data.draw(st.integers(0, len(whole) - 1))
    bit = data.draw(st.integers(0, 7))
    files.files[CURRENT] = whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]
    assert ConfigStore(files).load() == (values(rail_grace_ms=300), FELL_BACK)


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_bytes_load_as_damage(current, older):
    assert ConfigStore(MemoryFiles({CURRENT: current, OLDER: older})).load() == ({}, DAMAGED)


def test_a_torn_file_of_any_length_is_damage():
    whole = saved(values()).files[CURRENT]
    for n in range(len(whole)):
        assert ConfigStore(MemoryFiles({CURRENT: whole[:n]})).load() == ({}, DAMAGED)


def test_a_lost_current_file_is_no_silent_return_to_the_older_one():
    files = saved(values(), values(rail_grace_ms=200))
    del files.files[CURRENT]
    assert ConfigStore(files).load()[1] == FELL_BACK


@pytest.mark.parametrize("row", parameters.TABLE, ids=lambda row: row[0])
@pytest.mark.parametrize("side", ["below", "above"])
def test_a_stored_value_outside_its_range_is_damage(row, side):
    value = row[3] - 1 if side == "below" else row[4] + 1
    files = MemoryFiles({CURRENT: encode(values(**{row[0]: value}), 1)})
    assert ConfigStore(files).load() == ({}, DAMAGED)


@pytest.mark.parametrize("value", [True, 1.5, "400", None, [400]])
def test_a_stored_value_that_is_no_number_is_damage(value):
    files = MemoryFiles({CURRENT: encode(values(rail_grace_ms=value), 1)})
    assert ConfigStore(files).load() == ({}, DAMAGED)


def test_values_that_do_not_fit_together_are_damage():
    both = values(distance_per_edge_um=260000, backward_limit_mm_s=140)
    assert ConfigStore(MemoryFiles({CURRENT: encode(both, 1)})).load() == ({}, DAMAGED)


def test_another_schema_is_damage():
    text = json.dumps({"schema": 2, "generation": 1, "values": values()}).encode()
    data = text + b"\n%08x\n" % crc32(text)
    assert ConfigStore(MemoryFiles({CURRENT: data})).load() == ({}, DAMAGED)


def test_names_of_another_version_are_left_out():
    data = encode({"rail_grace_ms": 300, "of_the_future": 5}, 1)
    assert ConfigStore(MemoryFiles({CURRENT: data})).load() == ({"rail_grace_ms": 300}, OK)


def test_a_damaged_current_file_is_never_kept_as_the_older_one():
    files = saved(values(rail_grace_ms=300), values(rail_grace_ms=200))
    files.files[CURRENT] = b"rubbish"
    store = ConfigStore(files)
    store.load()
    store.save(values(rail_grace_ms=500))
    files.files[CURRENT] = b"rubbish"
    assert ConfigStore(files).load() == (values(rail_grace_ms=300), FELL_BACK)


def test_what_does_not_read_back_never_becomes_current():
    class Forgetful(MemoryFiles):
        def read(self, name):
            data = super().read(name)
            return data[:-1] if name == "config.tmp" else data

    files = Forgetful({})
    with pytest.raises(OSError):
        ConfigStore(files).save(values())
    assert CURRENT not in files.files
