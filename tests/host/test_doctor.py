# SPDX-License-Identifier: MIT
"""Doctor: what is bad is told with its remedy, and nothing is changed."""

from __future__ import annotations

import json
import os
import time
from binascii import crc32
from pathlib import Path

import pytest

from tests.host.conftest import CommandLine
from tests.support import fake_board
from tests.support.fake_board import FakeBoard
from treadguard import __version__, chips, errors, firmware, manifest
from treadguard.link import client
from treadguard.link.discovery import Port
from treadguard.link.interface import host_hash
from treadguard.setting_up import computer, findings

HEALTHY = {"calibration": "verified", "stop_test_due": False, "counters": {}}


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fake board answers in less than 1 ms or never."""
    monkeypatch.setattr(client.Client.__init__, "__defaults__", (None, 0.2))
    monkeypatch.setattr(client.Client.attach, "__defaults__", (0.5, "status"))


@pytest.fixture(autouse=True)
def healthy(board: FakeBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    """A board whose sensor is good, proved today."""
    board.status = {**HEALTHY, "proof": {"last_min": int(time.time() / 60)}}
    done = board._do

    def do(number: int, name: str, message: fake_board.Message) -> fake_board.Message:
        if name == "selftest":
            board.done.append(name)
            return {"id": number, "ok": True, "hall_permille": board.values.get("hall", 800)}
        return done(number, name, message)

    monkeypatch.setattr(board, "_do", do)


def examine(treadguard: CommandLine, port: str) -> tuple[int, dict[str, dict[str, str]]]:
    ran = treadguard("doctor", "--json", "--port", port)
    found = json.loads(ran.out)
    assert found["schema"] == "treadguard.doctor/1"
    assert found["healthy"] == (ran.code == 0)
    return ran.code, {f["name"]: f for f in found["findings"]}


def test_a_healthy_board_is_healthy_and_untouched(
    treadguard: CommandLine, port: str, board: FakeBoard
) -> None:
    code, found = examine(treadguard, port)
    assert code == errors.OK, found
    assert [name for name, f in found.items() if f["level"] == "bad"] == []
    assert host_hash() in found["firmware"]["said"]
    changing = {"config.set", "clock.set", "stop", "log.ack", "maintenance"}
    assert not changing & set(board.done)


@pytest.mark.parametrize(
    ("status", "name", "word"),
    [
        ({"blockers": ["FIRMWARE_DAMAGED"]}, "firmware_damaged", "deploy"),
        ({"blockers": ["HALL_WIRING"]}, "hall_wiring", "plug"),
        ({"blockers": ["RAIL_WIRING"]}, "rail_wiring", ""),
        ({"blockers": ["STORE_FAILED"]}, "store_failed", ""),
        ({"blockers": ["SENSOR_NOT_PROVEN"]}, "sensor", "Push the belt"),
        ({"state": "LOCKOUT", "latched": "RELAY_WELDED"}, "state", "treadguard proof"),
        ({"state": "TRIPPED", "latched": "OVERSPEED"}, "state", "Hold START 1 s"),
        ({"proof": {"last_min": 29_000_000}}, "proof", "treadguard proof"),
    ],
)
def test_what_is_bad_is_named_with_its_remedy(
    treadguard: CommandLine,
    port: str,
    board: FakeBoard,
    status: fake_board.Message,
    name: str,
    word: str,
) -> None:
    board.status.update(status)
    code, found = examine(treadguard, port)
    assert code == errors.NOT_AS_EXPECTED
    assert found[name]["level"] == "bad"
    assert found[name]["remedy"]
    assert word in found[name]["remedy"]


@pytest.mark.parametrize("level", [0, 119, 400, 600, 1000])
def test_a_sensor_level_outside_both_bands_is_bad(
    treadguard: CommandLine, port: str, board: FakeBoard, level: int
) -> None:
    board.values["hall"] = level
    code, found = examine(treadguard, port)
    assert (code, found["sensor"]["level"]) == (errors.NOT_AS_EXPECTED, "bad")


def test_what_is_merely_not_done_yet_is_a_note(
    treadguard: CommandLine, port: str, board: FakeBoard
) -> None:
    board.status.update(blockers=["NOT_CALIBRATED"], proof={"last_min": 0})
    code, found = examine(treadguard, port)
    assert code == errors.OK
    assert {found[name]["level"] for name in ("arming", "proof", "clock")} == {"note"}


@pytest.mark.parametrize(
    ("crashed", "level", "said"),
    [
        (0, "ok", "it ended in BACKWARD, cause OVERSPEED"),
        (1, "note", "it crashed in BACKWARD, cause OVERSPEED"),
    ],
)
def test_doctor_and_status_say_where_the_last_run_ended(
    treadguard: CommandLine, port: str, board: FakeBoard, crashed: int, level: str, said: str
) -> None:
    states = firmware.load("guard.core.states")
    faults = firmware.load("guard.core.faults")
    left = {"state": states.BACKWARD, "fault": faults.OVERSPEED, "crashed": crashed}
    board.tables["last_run"] = [list(row) for row in left.items()]
    code, found = examine(treadguard, port)
    assert code == errors.OK
    assert (found["last run"]["level"], found["last run"]["said"]) == (level, said)
    assert said.removeprefix("it ") in treadguard("status", "--port", port).out


def test_after_a_loss_of_power_nothing_is_said_of_the_last_run(
    treadguard: CommandLine, port: str, board: FakeBoard
) -> None:
    assert "last run" not in examine(treadguard, port)[1]
    status = treadguard("status", "--json", "--port", port)
    assert json.loads(status.out)["last_run"] is None
    assert "last run" not in treadguard("status", "--port", port).out


def test_a_running_session_is_left_alone(
    treadguard: CommandLine, port: str, board: FakeBoard
) -> None:
    board.status.update(relay="closed", state="BACKWARD")
    code, found = examine(treadguard, port)
    assert code == errors.OK
    assert found["session"]["level"] == "note"
    assert set(board.done) == {"status"}


def test_another_interface_says_which_side_to_update(
    treadguard: CommandLine, port: str, board: FakeBoard
) -> None:
    board.hash, board.version = "00000000", "0.0.1"
    code, found = examine(treadguard, port)
    assert code == errors.NOT_AS_EXPECTED
    assert "treadguard deploy" in found["firmware"]["remedy"]


def test_the_same_version_on_another_chip_is_the_same_version(
    treadguard: CommandLine, port: str, board: FakeBoard
) -> None:
    board.version = f"{__version__}+esp32s3"
    _, found = examine(treadguard, port)
    assert found["firmware"]["level"] == "ok"
    assert "+esp32s3" in found["firmware"]["said"]


def listed(text: str) -> list[str]:
    return [*text.splitlines(), f"{manifest.NAME} {crc32(text.encode()):08x}"]


OURS = listed("boot.py 00000001\nguard/a.mpy 00000002\n")
OURS_ON_S3 = listed("boot.py 00000001\nguard/a.mpy 00000005\n")


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> None:
    def files(chip: chips.Chip) -> dict[str, bytes]:
        lines = OURS if chip is chips.ESP32 else OURS_ON_S3
        return {manifest.NAME: "".join(f"{line}\n" for line in lines).encode()}

    monkeypatch.setattr("treadguard.flashing.procedure.built", files)


def test_the_program_of_this_tool_is_known_by_its_hash(
    treadguard: CommandLine, port: str, board: FakeBoard, built: None
) -> None:
    """As a real board has it, compiled, and as a virtual one, in text."""
    for lines in (OURS, manifest.build(str(firmware.folder())).splitlines()):
        board.tables["text:manifest"] = lines
        found = examine(treadguard, port)[1]["program"]
        theirs = lines[-1].split()[-1]
        assert (found["level"], found["said"]) == ("ok", f"{theirs}, the same as this tool's")
        assert (found["board_hash"], found["tool_hash"], found["same"]) == (theirs, theirs, True)


def test_an_esp32_s3_is_compared_with_what_it_would_get(
    treadguard: CommandLine, port: str, board: FakeBoard, built: None
) -> None:
    board.version = chips.version_on(__version__, chips.ESP32_S3.name)
    for lines, same in ((OURS_ON_S3, True), (OURS, False)):
        board.tables["text:manifest"] = lines
        found = examine(treadguard, port)[1]["program"]
        assert found["same"] is same
        assert found["tool_hash"] == OURS_ON_S3[-1].split()[-1]


def test_a_chip_these_tools_do_not_know_is_another_program(
    treadguard: CommandLine, port: str, board: FakeBoard, built: None
) -> None:
    board.version = f"{__version__}+esp32p4"
    board.tables["text:manifest"] = OURS
    assert examine(treadguard, port)[1]["program"]["same"] is False


@pytest.mark.parametrize("version", [__version__, "0.0.1"])
def test_another_program_is_named_with_its_remedy(
    treadguard: CommandLine, port: str, board: FakeBoard, built: None, version: str
) -> None:
    lines = listed("boot.py 00000001\nguard/a.mpy 00000003\n")
    board.tables["text:manifest"] = lines
    board.version = version
    code, found = examine(treadguard, port)
    program, theirs = found["program"], lines[-1].split()[-1]
    assert (code, program["level"], program["same"]) == (errors.OK, "note", False)
    assert program["said"].startswith(f"{theirs}, another than this tool's")
    assert "treadguard deploy" in program["remedy"]
    assert program["board_hash"] == theirs
    ours = OURS[-1].split()[-1] if version == __version__ else None
    assert program["tool_hash"] == ours


@pytest.mark.parametrize("lines", [[], OURS[:-1], OURS[1:], ["", *OURS], OURS[-1:]])
def test_a_list_that_is_not_whole_is_not_compared(
    treadguard: CommandLine, port: str, board: FakeBoard, lines: list[str]
) -> None:
    board.tables["text:manifest"] = lines
    found = examine(treadguard, port)[1]["program"]
    assert found["said"] == "cannot be read because its list of files is missing or damaged"
    assert (found["level"], found["same"]) == ("note", None)


def test_a_board_of_before_says_why_its_program_cannot_be_told(
    treadguard: CommandLine, port: str, board: FakeBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe = board._describe

    def older(message: fake_board.Message) -> fake_board.Message:
        if message["of"] == "text:manifest":
            return fake_board.error(message["id"], "UNKNOWN_NAME", "There is none.", "of")
        return describe(message)

    monkeypatch.setattr(board, "_describe", older)
    found = examine(treadguard, port)[1]["program"]
    assert found["said"].startswith(f"cannot be read because version {__version__} does not tell")


def test_a_foreign_device(treadguard: CommandLine) -> None:
    with fake_board.on_pty(lambda _: b"hello, I am a modem\r\n") as url:
        code, found = examine(treadguard, url)
    assert code == errors.NO_BOARD
    assert "is not treadguard" in found["board"]["said"]


def test_a_silent_port(treadguard: CommandLine) -> None:
    with fake_board.on_pty(lambda _: b"") as url:
        code, found = examine(treadguard, url)
    assert code == errors.LINK_LOST
    assert "cable" in found["board"]["remedy"]


def test_a_port_that_is_not_there(treadguard: CommandLine, tmp_path: Path) -> None:
    code, found = examine(treadguard, str(tmp_path / "none"))
    assert code == errors.NO_BOARD
    assert "does not exist" in found["rights"]["said"]


def test_no_board_at_all_names_the_driver(treadguard: CommandLine) -> None:
    ran = treadguard("doctor")
    assert ran.code == errors.NO_BOARD
    assert "cable that carries data" in ran.out
    assert "no board is connected" in ran.out


@pytest.mark.skipif(os.name != "posix", reason="rights of a device file")
def test_missing_rights_come_with_the_exact_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    port = tmp_path / "ttyUSB0"
    port.touch()
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr("treadguard.link.transport._owning_group", lambda _: "dialout")
    found = computer.rights(str(port))
    assert found.level == findings.BAD
    assert found.remedy == "sudo usermod -aG dialout $USER && newgrp dialout"


def test_another_program_on_the_port_is_named(tmp_path: Path) -> None:
    device, processes = tmp_path / "ttyUSB0", tmp_path / "proc"
    device.touch()
    (processes / "4711" / "fd").mkdir(parents=True)
    (processes / "4711" / "fd" / "3").symlink_to(device)
    (processes / "4711" / "comm").write_text("screen\n")
    (processes / "4712" / "fd").mkdir(parents=True)
    users = computer.users(str(device), processes)
    assert users == ["screen (4711)"]
    found = computer.other_program(str(device), users)
    assert (found.level, found.exit_code) == (findings.BAD, errors.NO_BOARD)


def test_the_program_that_plays_a_virtual_board_is_no_other_program(tmp_path: Path) -> None:
    link, processes = tmp_path / "board", tmp_path / "proc"
    link.symlink_to("/dev/pts/987654")
    (processes / "4711" / "fd").mkdir(parents=True)
    (processes / "4711" / "fd" / "3").symlink_to("/dev/pts/987654")
    assert computer.users(str(link), processes) == []


def test_an_old_python_is_bad() -> None:
    assert computer.python((3, 10, 9)).level == findings.BAD
    assert computer.python((3, 11, 0)).level == findings.GOOD


def test_a_missing_package_is_named() -> None:
    found = computer.packages(("pyserial", "no-such-package-anywhere"))
    assert (found.level, "no-such-package-anywhere" in found.said) == (findings.BAD, True)


@pytest.mark.parametrize("system", ["linux", "darwin", "win32", "plan9"])
def test_every_system_has_a_word_about_its_driver(system: str) -> None:
    assert computer.driver("/dev/ttyUSB7", [], system).level == findings.BAD
    likely = Port("/dev/ttyUSB7", "10c4:ea60", "1", "CP2102", likely=True)
    assert computer.driver("/dev/ttyUSB7", [likely], system).level == findings.GOOD


def test_options_are_shown_only_where_they_are_fitted(
    treadguard: CommandLine, port: str, board: FakeBoard
) -> None:
    shown = {"sensor B", "stop 2", "key loop", "incline"}
    _, found = examine(treadguard, port)
    assert not shown & set(found)
    board.status["options"] = {
        "fitted": 15, "speed_b_mm_s": 0, "edges_b": 40, "missing": "none",
        "second_stop": "open", "second_dropped": True, "key_loop": "open",
        "incline_permille": 12, "incline_raw_permille": 30,
    }  # fmt: skip
    code, found = examine(treadguard, port)
    assert code == errors.OK
    assert {found[name]["level"] for name in shown} == {"ok"}
    assert found["incline"]["said"] == "1.2 %"
    board.status["options"]["missing"] = "a"
    _, found = examine(treadguard, port)
    assert found["sensor B"]["level"] == "note"
    assert "sensor A WENT SILENT" in found["sensor B"]["said"]


@pytest.mark.parametrize("name", ["HALLS_SWAPPED", "INCLINE_LOST", "SECOND_STOP_FEEDBACK"])
def test_an_option_that_is_broken_is_bad_and_told_with_its_remedy(
    treadguard: CommandLine, port: str, board: FakeBoard, name: str
) -> None:
    board.status["blockers"] = [name]
    code, found = examine(treadguard, port)
    assert code == errors.NOT_AS_EXPECTED
    assert found[name.lower()]["level"] == "bad"
    assert found[name.lower()]["remedy"] == firmware.fault_texts()[name].remedy
