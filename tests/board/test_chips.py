# SPDX-License-Identifier: MIT
"""One firmware, two chips: a board gets the modules of its own chip and nothing of the other."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.board.conftest import FIRMWARE
from tests.board.test_build import contents
from treadguard import __version__, chips, manifest
from treadguard.board.build import build, main
from treadguard.board.program import BuildError, Program

PINS = {"esp32": "board/pins.py", "esp32s3": "board/esp32s3/pins.py"}


def numbers(chip: str) -> dict[str, int]:
    text = (FIRMWARE / "guard" / PINS[chip]).read_text("utf-8")
    return {n: int(gpio) for n, gpio in re.findall(r"^([A-Z0-9_]+) = const\((\d+)\)", text, re.M)}


def texts(folder: Path) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(folder.rglob("*.py")))


def test_both_maps_name_the_same_pins() -> None:
    assert set(numbers("esp32")) == set(numbers("esp32s3"))


def test_what_is_not_asked_for_is_the_esp32(built_text: Path, tmp_path: Path) -> None:
    build(FIRMWARE, tmp_path / "said", compiled=False, chip="esp32")
    assert contents(tmp_path / "said") == contents(built_text)
    assert main([str(tmp_path / "again"), "--text"]) == 0
    assert contents(tmp_path / "again") == contents(built_text)


@pytest.mark.parametrize("chip", chips.NAMES)
def test_each_chip_holds_its_own_relay_pins_low_at_boot(
    built_text: Path, built_s3_text: Path, chip: str
) -> None:
    boot = ((built_s3_text if chip == "esp32s3" else built_text) / "boot.py").read_text("utf-8")
    own = numbers(chip)
    named = tuple(own[name] for name in ("RELAY_EN", "PUMP_A", "PUMP_B", "STOP2_EN"))
    assert f"for gpio in {named}:" in boot


def test_a_board_gets_nothing_of_the_other_chip(built_text: Path, built_s3_text: Path) -> None:
    assert not [name for name in contents(built_text) if "esp32s3" in name]
    assert "USBDevice" not in texts(built_text)
    assert "0x3FF48034" not in texts(built_s3_text)
    assert str(0x3FF48034) not in texts(built_s3_text)
    assert str(0x60008038) in texts(built_s3_text)
    assert not list(built_s3_text.rglob("pins.*"))  # every number stands where it is used


def test_the_version_says_the_chip_except_of_the_esp32(
    built_text: Path, built_s3_text: Path
) -> None:
    assert f"'{__version__}'" in texts(built_text)
    assert f"'{__version__}+esp32s3'" in texts(built_s3_text)
    assert chips.of_version(f"{__version__}+esp32s3") == "esp32s3"
    assert chips.of_version(__version__) == "esp32"
    assert chips.plain(f"{__version__}+esp32s3") == __version__


def test_every_file_for_the_s3_is_in_its_manifest(built_s3_text: Path) -> None:
    listed = [line.split()[0] for line in (built_s3_text / manifest.NAME).read_text().splitlines()]
    assert sorted(listed) == sorted(contents(built_s3_text))
    assert "guard/board/esp32s3/console.py" in listed


def test_a_chip_there_is_nothing_for_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path / "out"), "--chip", "esp32c3"])
    assert "esp32s3" in capsys.readouterr().err
    copied = Path(shutil.copytree(FIRMWARE, tmp_path / "source"))
    shutil.rmtree(copied / "guard/board/esp32s3")
    with pytest.raises(BuildError, match="nothing for esp32s3"):
        Program(copied, "esp32s3")
    assert Program(copied).modules["guard.board.pins"]
