# SPDX-License-Identifier: MIT
"""An ESP32-S3 with the real esptool: its image at 0, its program, and never the other chip's."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.real_tools.conftest import SMALL, another
from tests.support import esp_image
from tests.support.chip_port import plugged_in
from tests.support.rom_loader import Nor, Rom, S3Rom
from tests.support.whole_board import WholeBoard
from treadguard import __version__, chips, manifest
from treadguard.chips import CHIPS, ESP32, ESP32_S3
from treadguard.cli.chip_option import ChipName
from treadguard.cli.main import main
from treadguard.deploying import DeployPlan, procedure
from treadguard.errors import BAD_FILE, BoardRefused, FileInvalid, NoBoardError
from treadguard.flashing import filesystem, flash, image, loader
from treadguard.flashing.loader import Loader
from treadguard.flashing.procedure import FlashPlan, built
from treadguard.link import discovery
from treadguard.measuring.procedure import pins

NVS, NVS_END = 0x9000, 0xF000
LOCKOUT = b"lockout!" * ((NVS_END - NVS) // 8)
FILES_AT, FILES_BYTES = SMALL[3][3], SMALL[3][4]
S3 = esp_image.micropython(chip=9, layout=SMALL)


@pytest.fixture
def download(tmp_path: Path) -> Path:
    path = tmp_path / "ESP32_GENERIC_S3.bin"
    path.write_bytes(S3)
    return path


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return built(ESP32_S3)


@pytest.fixture
def plan(download: Path, tmp_path: Path, files: dict[str, bytes]) -> FlashPlan:
    reach = Loader(str(tmp_path / "port"), by_hand=True, chip=ESP32_S3)
    return FlashPlan(image.read(download, ESP32_S3), reach, files, tmp_path / "saved")


def test_the_command_line_knows_the_chips_there_are() -> None:
    assert tuple(ChipName) == chips.NAMES


# The image


def test_its_bootloader_lies_at_0_and_the_lockouts_are_left_out(download: Path) -> None:
    found = image.read(download, ESP32_S3)
    assert [piece.at for piece in found.pieces] == [0x0, 0x8000, 0x10000]
    for piece in found.pieces:
        assert S3[piece.at :].startswith(piece.data)
        assert piece.end <= found.nvs.offset or piece.at >= found.nvs.end


def test_esptool_finds_it_intact_and_damage_in_it(download: Path) -> None:
    loader.require_intact(image.read(download, ESP32_S3))
    data = bytearray(S3)
    data[0x10000 + 0x2000] ^= 4
    download.write_bytes(bytes(data))
    with pytest.raises(FileInvalid, match="damaged or cut off"):
        loader.require_intact(image.read(download, ESP32_S3))


@pytest.mark.parametrize(
    ("data", "words", "says"),
    [
        (S3, [], ("is for ESP32-S3, and what is asked for is the ESP32: download the .bin for"
         " ESP32_GENERIC, version 1.26 or later, again, or, if the chip is an ESP32-S3, give"
         " --chip esp32s3")),
        (esp_image.micropython(), ["--chip", "esp32s3"],
         ("is for ESP32, and what is asked for is the ESP32-S3: download the .bin for"
         " ESP32_GENERIC_S3, version 1.26 or later, again, or, if the chip is an ESP32, give"
         " --chip esp32")),
        (esp_image.micropython(chip=5), ["--chip", "esp32s3"], "is for ESP32-C3"),
        (esp_image.micropython(b"1.25.0", chip=9), ["--chip", "esp32s3"], "1.26 or later"),
        (S3[0x1000:], ["--chip", "esp32s3"], "no program for an ESP32-S3"),
    ],
    ids=["an S3's", "an ESP32's", "a C3's", "too old", "cut at the front"],
)  # fmt: skip
def test_an_image_that_is_not_the_chips_is_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes, words: list[str], says: str
) -> None:
    path = tmp_path / "image.bin"
    path.write_bytes(data)
    assert main(["flash", str(path), *words, "--port", str(tmp_path / "none")]) == BAD_FILE
    said = capsys.readouterr()
    assert (says in said.err, said.out) == (True, ""), said.err
    assert said.err.count("\n") == 1


def test_psram_is_warned_about_by_module_because_there_is_no_build_without(
    download: Path,
) -> None:
    download.write_bytes(esp_image.micropython(chip=9, spiram=b" with SPIRAM"))
    (warning,) = image.read(download, ESP32_S3).warnings
    assert "module without PSRAM" in warning
    assert "286 ms" in warning


def test_the_plan_says_the_chip_and_where_everything_goes(
    download: Path,
    files: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    wanted: list[chips.Chip] = []
    monkeypatch.setattr(
        "treadguard.flashing.procedure.built", lambda chip: wanted.append(chip) or files
    )
    words = ["flash", str(download), "--chip", "esp32s3", "--port", "p", "--dry-run"]
    assert main(words) == 0
    text = capsys.readouterr().out
    assert "for the ESP32-S3" in text
    assert f"treadguard {__version__}+esp32s3," in text
    assert "write       bootloader: 0x0 to" in text
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["chip"] == "esp32s3"
    assert wanted == [ESP32_S3, ESP32_S3]


# On the chip


def test_everything_is_written_and_verified_and_the_lockouts_are_not_touched(
    plan: FlashPlan, tmp_path: Path, files: dict[str, bytes]
) -> None:
    rom = S3Rom(Nor())
    rom.flash.data[NVS:NVS_END] = LOCKOUT
    with plugged_in(rom, tmp_path / "port"):
        assert loader.mac_of(plan.loader) == "240ac4001234"
        loader.write(plan.loader, plan.pieces())
    for piece in plan.pieces():
        assert rom.flash.data[piece.at : piece.at + len(piece.data)] == piece.data
    assert rom.flash.data[NVS:NVS_END] == LOCKOUT
    on_chip = filesystem.read(bytes(rom.flash.data[FILES_AT : FILES_AT + FILES_BYTES]))
    assert on_chip == files
    assert "guard/board/esp32s3/console.mpy" in files
    assert manifest.NAME in files


@pytest.mark.parametrize("there", CHIPS.values(), ids=lambda chip: chip.name)
def test_the_other_chips_program_is_refused_before_anything_is_written(
    tmp_path: Path, there: chips.Chip
) -> None:
    wanted = ESP32 if there is ESP32_S3 else ESP32_S3
    rom = S3Rom(Nor()) if there is ESP32_S3 else Rom(Nor())
    reach = Loader(str(tmp_path / "port"), by_hand=True, chip=wanted)
    with plugged_in(rom, tmp_path / "port"), pytest.raises(NoBoardError) as refusal:
        loader.mac_of(reach)
    said = str(refusal.value)
    assert f"is an {there.title}, and this is for the {wanted.title}" in said
    assert f"repeat with --chip {there.name}" in said
    assert "nothing was changed" in said
    assert set(rom.commands).isdisjoint({2, 3, 16, 17})


# A controller that runs, and MicroPython's prompt


class Told:
    """A client whose board says this version."""

    reset_note = ""

    def __init__(self, version: str) -> None:
        self.version = version

    def __enter__(self) -> Told:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def attach(self) -> dict[str, Any]:
        return {"board": "240ac4001234", "version": self.version}

    def request(self, *_: object, **__: object) -> dict[str, Any]:
        raise AssertionError("asked for more, although it is another chip")


@pytest.mark.parametrize(
    ("version", "wanted", "title"),
    [
        (f"{__version__}+esp32s3", ESP32, "an ESP32-S3"),
        (__version__, ESP32_S3, "an ESP32"),
        ("9.1.0+esp32c9", ESP32, "a chip called esp32c9"),
    ],
)
def test_a_running_controller_of_another_chip_is_left_alone(
    plan: FlashPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    version: str, wanted: chips.Chip, title: str,
) -> None:  # fmt: skip
    monkeypatch.setattr("treadguard.flashing.loader.require_port", lambda _: None)
    monkeypatch.setattr("treadguard.link.client.open_client", lambda _: Told(version))
    with pytest.raises(BoardRefused, match=f"is {title}, and this is the program for the"):
        procedure.deploy(DeployPlan("port", {}, chip=wanted))
    path = tmp_path / "other.bin"
    path.write_bytes(esp_image.micropython(chip=wanted.id, layout=SMALL))
    reach = Loader("port", by_hand=True, chip=wanted)
    other = FlashPlan(image.read(path, wanted), reach, {}, tmp_path / "saved")
    with pytest.raises(BoardRefused, match="nothing was changed"):
        flash(other)


@pytest.mark.parametrize(
    ("machine", "wanted", "refused"),
    [
        ("Generic ESP32S3 module with ESP32S3", ESP32, True),
        ("Generic ESP32 module with ESP32", ESP32_S3, True),
        ("Generic ESP32 module with SPIRAM with ESP32", ESP32, False),
        ("Generic ESP32S3 module with Octal-SPIRAM with ESP32S3", ESP32_S3, False),
        ("linux [GCC 12.2.0] version", ESP32, False),
        ("", ESP32_S3, False),
    ],
)
def test_at_the_prompt_micropythons_own_word_counts(
    machine: str, wanted: chips.Chip, refused: bool
) -> None:
    plan = DeployPlan("port", {}, chip=wanted)
    if not refused:
        procedure._require_chip(plan, machine)
        return
    with pytest.raises(BoardRefused, match=r"repeat with --chip \w+; nothing was changed"):
        procedure._require_chip(plan, machine)


def test_the_bench_wire_is_looked_for_at_the_chips_own_pins() -> None:
    assert pins() == (13, 34)
    assert pins("esp32s3") == (12, 6)


@pytest.mark.parametrize("usb", ["303a:1001", "303A:4001"])
def test_the_chips_own_usb_is_refused_before_it_is_opened(
    monkeypatch: pytest.MonkeyPatch, usb: str
) -> None:
    """A flash would succeed there and the controller never answer."""
    port = discovery.Port("/dev/ttyACM0", usb, "", "", True)
    monkeypatch.setattr("treadguard.link.discovery.list_ports", lambda: [port])
    with pytest.raises(NoBoardError, match="socket, marked UART"):
        loader.require_port("/dev/ttyACM0")
    with pytest.raises(NoBoardError, match="does not exist"):
        loader.require_port("/dev/ttyACM9")


# From end to end: the S3's program on a virtual S3, mpremote against a real MicroPython


@pytest.fixture
def running(
    plain_micropython: Sequence[str], source_files: dict[str, bytes], tmp_path: Path
) -> Iterator[WholeBoard]:
    flash_memory = Nor()
    board = WholeBoard(
        flash_memory, plain_micropython, 2 * FILES_BYTES, tmp_path, chip=ESP32_S3.name
    )
    board.put(source_files)
    with plugged_in(S3Rom(flash_memory), tmp_path / "port", lambda _: board) as plugged:
        plugged.program = board
        yield board


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_running_s3_is_updated_and_refuses_the_esp32s_program(
    running: WholeBoard, source_files: dict[str, bytes], tmp_path: Path
) -> None:
    newer = another(source_files)
    plan = DeployPlan(str(tmp_path / "port"), newer, tmp_path / "saved")
    with pytest.raises(BoardRefused, match="is an ESP32-S3, and this is the program for the"):
        procedure.deploy(plan)
    assert running.files().keys() >= source_files.keys()
    done = procedure.deploy(dataclasses.replace(plan, chip=ESP32_S3))
    assert (done.before, done.version) == (f"{__version__}+esp32s3",) * 2
    assert (done.state, done.not_restored) == ("READY", "")
    assert "FIRMWARE_DAMAGED" not in done.blockers
    files = running.files()
    assert {path: files[path] for path in newer} == newer
