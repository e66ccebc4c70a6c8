# SPDX-License-Identifier: MIT
"""Recorder.firmware_sound: only the files of the manifest, whole and unchanged, may arm."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core.events import EventRing
from guard.core.memory import Memory
from guard.recorder import Recorder
from tests.support.memory_files import MemoryFiles
from treadguard import manifest

# One file shorter than a piece of 512 bytes, one of several pieces, one empty.
CONTENT = {"main.py": b"print(1)\n", "guard/a.mpy": bytes(range(256)) * 9, "guard/b.txt": b""}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("deployed")
    (folder / "guard").mkdir()
    for name, data in CONTENT.items():
        (folder / name).write_bytes(data)
    return {**CONTENT, manifest.NAME: manifest.build(str(folder)).encode()}


def sound(files: dict[str, bytes]) -> bool:
    return bool(Recorder(MemoryFiles(files), Memory(), EventRing()).firmware_sound())


def test_what_was_deployed_is_sound(deployed: dict[str, bytes]) -> None:
    assert sound(deployed)
    assert sound({**deployed, "j00000001.bin": b"records are no part of it"})


@pytest.mark.parametrize("name", [*CONTENT, manifest.NAME])
def test_a_missing_file_is_damage(deployed: dict[str, bytes], name: str) -> None:
    assert not sound({n: data for n, data in deployed.items() if n != name})


@given(st.data())
def test_one_changed_bit_anywhere_is_damage(
    deployed: dict[str, bytes], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from([n for n, content in deployed.items() if content]))
    changed = bytearray(deployed[name])
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert not sound({**deployed, name: bytes(changed)})


@given(st.data())
def test_a_copy_cut_short_anywhere_is_damage(
    deployed: dict[str, bytes], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from([n for n, content in deployed.items() if content]))
    end = data.draw(st.integers(0, len(deployed[name]) - 1))
    assert not sound({**deployed, name: deployed[name][:end]})


@given(st.binary(max_size=200))
def test_no_garbage_for_a_manifest_is_sound_or_raises(garbage: bytes) -> None:
    assert not sound({**CONTENT, manifest.NAME: garbage})


def test_a_store_that_fails_is_damage(deployed: dict[str, bytes]) -> None:
    class Failing(MemoryFiles):  # type: ignore[misc]
        def read_part(self, name: str, offset: int, n: int) -> bytes:
            raise OSError(5)

    recorder = Recorder(Failing(deployed), Memory(), EventRing())
    assert not recorder.firmware_sound()


def test_the_firmware_of_this_repository_is_sound_once_built(tmp_path: Path) -> None:
    from treadguard.board.build import build
    from treadguard.firmware import folder

    build(folder(), tmp_path / "out", compiled=False)
    out = tmp_path / "out"
    files = {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()}
    assert sound(files)
