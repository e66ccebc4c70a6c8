# SPDX-License-Identifier: MIT
"""Flash: how long it stalls the chip, and that an operation is whole or absent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.virtual.stub import Stub
from treadguard.virtual.adaptors import files
from treadguard.virtual.flash import NotFoundError


def once(action, at_tick: int = 41):
    """on_tick that does something in one tick of the first boot."""

    def on_tick(stub: Stub) -> None:
        if stub.ticks == at_tick:
            action(stub)

    return on_tick


def write_many(count: int) -> list[int]:
    took = []

    def write(stub: Stub) -> None:
        for i in range(count):
            before = stub.world.now
            files.write(f"f{i % 5}", b"content")
            took.append((stub.world.now - before) // 1000)

    Stub(on_tick=once(write)).run(count * 420 + 2000)
    return took


def test_a_file_operation_stalls_45_to_400_ms_mostly_45_to_60() -> None:
    took = write_many(300)
    assert min(took) >= 45
    assert max(took) <= 400
    assert max(took) > 120
    assert sum(45 <= ms <= 60 for ms in took) > 240


def test_an_nvs_write_takes_a_millisecond_and_erases_once_in_126() -> None:
    took = []

    def store(stub: Stub) -> None:
        from esp32 import NVS

        nvs = NVS("space")
        for i in range(252):
            before = stub.world.now
            nvs.set_i32("k", i)
            took.append((stub.world.now - before) // 1000)

    Stub(on_tick=once(store)).run(5000)
    assert sum(ms == 1 for ms in took) == 250
    assert [i + 1 for i, ms in enumerate(took) if ms > 1] == [126, 252]


def test_an_unchanged_nvs_value_is_not_written_again() -> None:
    def store(stub: Stub) -> None:
        from esp32 import NVS

        for _ in range(10):
            NVS("space").set_blob("k", b"same")

    assert Stub(on_tick=once(store)).run(2000).world.flash.nvs_sets == 1


def test_an_absent_key_raises_as_the_chip_does() -> None:
    def ask(stub: Stub) -> None:
        from esp32 import NVS

        with pytest.raises(NotFoundError):
            NVS("space").get_blob("k", bytearray(4))
        with pytest.raises(OSError, match="NOT_FOUND"):
            NVS("space").get_i32("k")

    assert Stub(on_tick=once(ask)).run(2000).log("chip")[1:] == []


@given(st.integers(0, 130))
def test_a_power_cut_leaves_the_old_content_or_the_new_never_a_part(ms: int) -> None:
    old, new = b"o" * 300, b"n" * 300
    stub = Stub(on_tick=once(lambda stub: files.write("config", new)))
    stub.world.flash.files["config"] = old
    stub.at(1000 + ms, lambda world: world.cut_power()).run(2000)
    assert stub.world.flash.files["config"] in ((old,) if ms < 22 else (old, new))


def test_it_is_the_new_content_from_the_middle_of_the_stall_on() -> None:
    contents = []
    for ms in range(0, 61, 2):
        stub = Stub(on_tick=once(lambda stub: files.write("config", b"new")))
        stub.at(1000 + ms, lambda world: world.cut_power()).run(1500)
        contents.append(stub.world.flash.files.get("config"))
    first_new = contents.index(b"new")
    assert 22 <= 2 * first_new <= 32
    assert contents == [None] * first_new + [b"new"] * (31 - first_new)


@given(st.integers(0, 250))
def test_tmp_and_rename_survive_a_power_cut_at_any_moment(ms: int) -> None:
    def save(stub: Stub) -> None:
        files.write("tmp", b"new")
        files.rename("tmp", "config")

    stub = Stub(on_tick=once(save))
    stub.world.flash.files["config"] = b"old"
    stub.at(1000 + ms, lambda world: world.cut_power()).run(2000)
    assert stub.world.flash.files["config"] in (b"old", b"new")
    assert set(stub.world.flash.files) <= {"tmp", "config"}


@given(st.lists(st.integers(1, 64), min_size=1, max_size=6), st.integers(0, 500))
def test_appends_end_up_whole_or_not_at_all(sizes: list[int], ms: int) -> None:
    def log(stub: Stub) -> None:
        for i, size in enumerate(sizes):
            files.append("log", bytes([i]) * size)

    stub = Stub(on_tick=once(log))
    stub.at(1000 + ms, lambda world: world.cut_power()).run(2000)
    whole = [b"".join(bytes([i]) * n for i, n in enumerate(sizes[:k])) for k in range(7)]
    assert stub.world.flash.files.get("log", b"") in whole


def test_flash_outlives_every_reset() -> None:
    stub = Stub(on_tick=once(lambda stub: files.write("kept", b"1")))
    stub.at(2000, lambda world: world.cut_power()).at(2500, lambda world: world.restore_power())
    assert stub.run(4000).world.flash.files == {"kept": b"1"}


def test_a_failing_store_and_a_full_one_raise_os_error() -> None:
    errors = []

    def write(stub: Stub) -> None:
        for how in ("failing", "full"):
            stub.world.flash.failing = how == "failing"
            stub.world.flash.free = 0 if how == "full" else 1 << 21
            with pytest.raises(OSError) as error:
                files.write("f", b"data")
            errors.append(error.value.args[0])

    Stub(on_tick=once(write)).run(2000)
    assert errors == [5, 28]


def test_the_pump_does_not_ride_through_a_long_erase() -> None:
    stub = Stub(on_tick=once(lambda stub: stub.world.stall(150000, True)))
    stub.run(2000)
    assert [detail for _, detail in stub.log("relay")] == ["closed", "open", "closed"]
