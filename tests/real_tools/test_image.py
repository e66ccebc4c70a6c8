# SPDX-License-Identifier: MIT
"""Which downloads are taken, and what is said about the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.real_tools.conftest import SMALL
from tests.support import esp_image
from treadguard.cli.main import main
from treadguard.errors import BAD_FILE, FileInvalid
from treadguard.flashing import filesystem, image, loader, partitions

GOOD = esp_image.micropython()
WHOLE_END = len(GOOD)


def written(folder: Path, data: bytes) -> Path:
    path = folder / "image.bin"
    path.write_bytes(data)
    return path


def test_a_good_image_is_taken_apart_around_the_lockouts(tmp_path: Path) -> None:
    found = image.read(written(tmp_path, GOOD))
    assert found.version == "1.26.1"
    assert found.warnings == []
    assert [piece.at for piece in found.pieces] == [0x1000, 0x8000, 0x10000]
    for piece in found.pieces:
        assert GOOD[piece.at - 0x1000 :].startswith(piece.data)
        assert piece.end <= found.nvs.offset or piece.at >= found.nvs.end


def test_esptool_finds_a_good_image_intact(tmp_path: Path) -> None:
    loader.require_intact(image.read(written(tmp_path, GOOD)))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no program for an ESP32"),
        (b"\x7fELF" + bytes(90000), "no program for an ESP32"),
        (esp_image.micropython(chip=9), "is for ESP32-S3"),
        (esp_image.micropython(chip=77), "is for another chip (77)"),
        (esp_image.micropython(b"1.25.0"), "MicroPython 1.25.0; the pulse counter needs 1.26"),
        (esp_image.micropython(counter=b""), "without the pulse counter (PCNT)"),
        (esp_image.micropython(layout=esp_image.LAYOUT[:3]), "no room for files"),
        (esp_image.micropython()[0xF000:], "no partition table"),
        (esp_image.micropython().replace(b"MicroPython v", b"SomethingElse "), "not MicroPython"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes, says: str
) -> None:
    path = written(tmp_path, data)
    assert main(["flash", str(path), "--port", str(tmp_path / "none")]) == BAD_FILE
    said = capsys.readouterr()
    assert (says in said.err, said.out) == (True, "")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("version", [b"1.26.0", b"1.27.0-preview.12.gabc", b"2.0"])
def test_newer_versions_are_taken(tmp_path: Path, version: bytes) -> None:
    found = image.read(written(tmp_path, esp_image.micropython(version)))
    assert found.version == version.decode()


def test_psram_is_warned_about(tmp_path: Path) -> None:
    found = image.read(written(tmp_path, esp_image.micropython(spiram=b" with SPIRAM")))
    assert len(found.warnings) == 1
    assert "286 ms" in found.warnings[0]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 0xF000 + 31))
def test_an_image_cut_before_its_program_is_refused(tmp_path: Path, end: int) -> None:
    with pytest.raises(FileInvalid):
        image.read(written(tmp_path, GOOD[:end]))


@pytest.mark.parametrize("end", [0xF000 + 2000, WHOLE_END - 33, WHOLE_END - 1])
def test_a_program_that_is_cut_off_is_damaged(tmp_path: Path, end: int) -> None:
    with pytest.raises(FileInvalid, match="damaged or cut off"):
        loader.require_intact(image.read(written(tmp_path, GOOD[:end])))


@pytest.mark.parametrize("at", [0x40, 0xF000 + 0x2000, WHOLE_END - 20])
def test_one_flipped_bit_is_damage(tmp_path: Path, at: int) -> None:
    data = bytearray(GOOD)
    data[at] ^= 4
    with pytest.raises(FileInvalid, match="damaged or cut off"):
        loader.require_intact(image.read(written(tmp_path, bytes(data))))


@given(st.integers(0, 0xC00 - 1), st.integers(0, 7))
def test_a_flipped_bit_in_the_partition_table_never_moves_a_partition(at: int, bit: int) -> None:
    table = bytearray(esp_image.table())
    table[at] ^= 1 << bit
    assert partitions.parse(bytes(table)) in (None, partitions.parse(esp_image.table()))


def test_the_file_system_is_read_back_as_it_was_built(compiled: dict[str, bytes]) -> None:
    made = filesystem.build(compiled, SMALL[3][4])
    assert filesystem.read(made) == compiled


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(FileInvalid, match="does not fit"):
        filesystem.build({"big": bytes(1 << 20)}, 1 << 19)


def test_a_blank_area_holds_no_file_system() -> None:
    assert filesystem.read(b"\xff" * (1 << 18)) is None
