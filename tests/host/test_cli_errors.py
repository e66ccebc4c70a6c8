# SPDX-License-Identifier: MIT
"""Bad input: one clear sentence on stderr, the documented exit code, and nothing changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.host.conftest import CommandLine, Ran
from tests.support import fake_board
from tests.support.fake_board import FakeBoard, HangUp
from treadguard import errors, firmware
from treadguard.link import client, discovery
from treadguard.link.discovery import Port


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fake board answers in less than 1 ms or never."""
    monkeypatch.setattr(client, "ANSWER_S", 0.2)
    monkeypatch.setattr(client.Client.__init__, "__defaults__", (None, 0.2))
    monkeypatch.setattr(client.Client.attach, "__defaults__", (0.5, "status"))


def refused(ran: Ran, code: int, *words: str) -> None:
    """One sentence, these words in it, no data, no traceback."""
    assert ran.code == code, ran.err
    sentences = [line for line in ran.err.splitlines() if line.startswith("treadguard: ")]
    assert len(sentences) == 1, ran.err
    assert ran.err.splitlines()[-1] == sentences[0]
    assert "Traceback" not in ran.err
    assert ran.out == ""
    for word in words:
        assert word in sentences[0]


def untouched(board: FakeBoard) -> bool:
    """Whether nothing on the board was changed or even tried."""
    defaults = {name: p.default for name, p in firmware.parameters().items()}
    return board.values == defaults and not {"config.set", "clock.set", "stop"} & set(board.done)


# -- the command line -------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["config", "nonsense"],
        ["status", "--nonsense"],
        ["config", "get"],
        ["config"],
    ],
    ids=" ".join,
)
def test_an_unknown_or_incomplete_command(treadguard: CommandLine, arguments: list[str]) -> None:
    ran = treadguard(*arguments)
    assert ran.code == errors.USAGE
    assert "--help` shows" in ran.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("3", "has no unit"),
        ("3 ms", "no unit of speed"),
        ("fast", "no number"),
        ("9 mph", "out of range"),
        ("1119 mm/s", "140 mm/s to 1118 mm/s"),
        ("-3 km/h", "out of range"),
    ],
)
def test_a_value_the_firmware_would_refuse_is_not_sent(
    treadguard: CommandLine, board: FakeBoard, port: str, value: str, says: str
) -> None:
    ran = treadguard("config", "set", "--port", port, "--", "backward_limit", value)
    refused(ran, errors.USAGE, "backward_limit_mm_s", says)
    assert board.lines_seen == 0


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        (["bakward_limit", "3 km/h"], "did you mean backward_limit_mm_s"),
        (["backward_limit", "3 km/h", "backward_limit_mm_s", "2 km/h"], "given twice"),
        (["backward_limit"], "has no value"),
        (["stop_a_min", "900 mm/s2"], "measured by the board"),
    ],
)
def test_an_unknown_or_duplicate_name_is_not_sent(
    treadguard: CommandLine, board: FakeBoard, port: str, pairs: list[str], says: str
) -> None:
    refused(treadguard("config", "set", *pairs, "--port", port), errors.USAGE, says)
    assert board.lines_seen == 0


def test_values_that_contradict_each_other_are_not_sent(
    treadguard: CommandLine, board: FakeBoard, port: str
) -> None:
    pairs = ("backward_limit", "140 mm/s", "distance_per_edge", "250 mm")
    ran = treadguard("config", "set", *pairs, "--port", port, "--yes")
    assert ran.code == errors.USAGE
    assert "fit more magnets" in ran.err
    assert untouched(board)


# -- ports ------------------------------------------------------------------------------


def test_no_port_at_all(treadguard: CommandLine) -> None:
    refused(treadguard("status"), errors.NO_BOARD, "no board is connected", "--port")


def test_several_boards_are_listed_and_none_is_opened(
    treadguard: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [Port(f"/dev/ttyUSB{n}", "10c4:ea60", "0001", "CP2102", likely=True) for n in range(2)]
    monkeypatch.setattr(discovery, "list_ports", lambda: found)
    monkeypatch.setattr(client, "SerialTransport", lambda url: pytest.fail("a port was opened"))
    refused(treadguard("status"), errors.NO_BOARD, "/dev/ttyUSB0", "/dev/ttyUSB1", "--port")


def test_a_port_that_does_not_exist(treadguard: CommandLine) -> None:
    refused(treadguard("status", "--port", "/dev/ttyNONE"), errors.NO_BOARD, "does not exist")


def test_a_url_nobody_listens_on(treadguard: CommandLine) -> None:
    ran = treadguard("status", "--port", "socket://127.0.0.1:1")
    refused(ran, errors.NO_BOARD, "socket://127.0.0.1:1")


def test_a_url_of_an_unknown_kind(treadguard: CommandLine) -> None:
    refused(treadguard("status", "--port", "nonsense://x"), errors.NO_BOARD, "nonsense://x")


def test_no_right_to_open_names_the_command_that_gives_it(
    treadguard: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("serial.serial_for_url", denied)
    refused(treadguard("status", "--port", "/dev/null"), errors.NO_BOARD, "run `sudo")


def test_a_port_in_use(treadguard: CommandLine, port: str) -> None:
    with client.open_client(port):
        refused(treadguard("status", "--port", port), errors.NO_BOARD, "in use by another")


def test_the_environments_port_is_used_and_said(
    treadguard: CommandLine, port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TREADGUARD_PORT", port)
    ran = treadguard("status")
    assert ran.code == errors.OK
    assert f"using {port} (TREADGUARD_PORT)" in ran.err


# -- the link ---------------------------------------------------------------------------


def test_a_board_that_does_not_answer(treadguard: CommandLine) -> None:
    with fake_board.on_pty(lambda data: b"") as port:
        refused(treadguard("status", "--port", port), errors.LINK_LOST, "did not answer")


def test_a_port_that_is_not_treadguard(treadguard: CommandLine) -> None:
    with fake_board.on_pty(lambda data: b"login: \n") as port:
        refused(
            treadguard("status", "--port", port), errors.NO_BOARD, "is not treadguard", "login"
        )


def test_a_prompt_instead_of_the_controller(treadguard: CommandLine) -> None:
    with fake_board.on_pty(lambda data: b"\r\n>>> ") as port:
        refused(treadguard("status", "--port", port), errors.LINK_LOST, "is not running", "e-stop")


def test_another_interface_is_refused_before_anything_is_sent(
    treadguard: CommandLine, board: FakeBoard
) -> None:
    board.hash = "00000000"
    with fake_board.on_pty(board.feed) as port:
        ran = treadguard("config", "set", "backward_limit", "2 km/h", "--port", port, "--quiet")
    refused(ran, errors.REFUSED, "define the interface differently")
    assert untouched(board)


def test_the_relay_closed_refuses_a_change(
    treadguard: CommandLine, board: FakeBoard, port: str
) -> None:
    board.status.update(relay="closed", state="BACKWARD")
    ran = treadguard("config", "set", "backward_limit", "2 km/h", "--port", port, "--quiet")
    refused(ran, errors.REFUSED, "BUSY")
    assert untouched(board)


def test_the_wrong_state_refuses_a_change(
    treadguard: CommandLine, board: FakeBoard, port: str
) -> None:
    board.status["state"] = "TRIPPED"
    ran = treadguard("config", "set", "backward_limit", "2 km/h", "--port", port, "--quiet")
    refused(ran, errors.REFUSED, "NOT_NOW", "READY only")
    assert untouched(board)


def test_a_link_lost_in_mid_pull_leaves_no_half_file_behind(
    treadguard: CommandLine, board: FakeBoard, tmp_path: Path
) -> None:
    board.files["j00000001.bin"] = bytes(20000)

    def cut(line: bytes, number: int) -> bytes:
        if number == 6:
            raise HangUp
        return line

    board.mangle = cut
    with fake_board.on_pty(board.feed) as port:
        ran = treadguard("logs", "pull", "--into", tmp_path, "--port", port)
    refused(ran, errors.LINK_LOST, "was lost")
    assert [p.name for p in tmp_path.iterdir()] == ["j00000001.bin.part"]


def test_a_board_may_not_choose_where_its_files_go(
    treadguard: CommandLine, board: FakeBoard, port: str, tmp_path: Path
) -> None:
    board.files["j/../../evil.bin"] = b"x"
    ran = treadguard("logs", "pull", "--into", tmp_path / "logs", "--port", port)
    refused(ran, errors.BAD_FILE, "no plain file name")
    assert not list(tmp_path.rglob("*.bin*"))


# -- files ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["config", "check", "missing.toml"],
        ["config", "import", "missing.toml", "--port", "/dev/ttyNONE"],
        ["logs", "show", "missing.bin"],
        ["simulate", "run", "missing.toml"],
        ["simulate", "replay", "missing.csv"],
    ],
    ids=" ".join,
)
def test_a_missing_file_is_named(treadguard: CommandLine, arguments: list[str]) -> None:
    refused(treadguard(*arguments), errors.BAD_FILE, "missing.", "does not exist")


@pytest.mark.parametrize("name", ["b00000001.bin", "t00000001.bin", "notes.bin"])
def test_a_record_that_is_none_is_named(
    treadguard: CommandLine, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(b"not a record of treadguard, whatever its name says")
    refused(treadguard("logs", "show", path), errors.BAD_FILE, name)


CONTRADICTION = """\
name = "contradiction"
[board]
preset = "fresh"
config = { backward_limit_mm_s = 5 }
"""


@pytest.mark.parametrize("text", [CONTRADICTION, "name = ", "nonsense = 1\n"])
def test_a_scenario_that_contradicts_itself_does_not_run(
    treadguard: CommandLine, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    refused(treadguard("simulate", "run", path), errors.BAD_FILE, "mine.toml")


def test_an_unknown_scenario_name(treadguard: CommandLine) -> None:
    refused(treadguard("simulate", "run", "nonsense"), errors.USAGE, "there is no scenario")


def test_a_bad_file_is_refused_before_a_port_is_opened(
    treadguard: CommandLine, board: FakeBoard, port: str, tmp_path: Path
) -> None:
    path = tmp_path / "half.toml"
    path.write_text("[limit]\nbackward_limit_mm_s = ")
    refused(treadguard("config", "import", path, "--port", port), errors.BAD_FILE, "line 2")
    assert board.lines_seen == 0


# -- what is right ----------------------------------------------------------------------


def test_status_names_every_reason_at_once(
    treadguard: CommandLine, board: FakeBoard, port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {"NO_MODE": firmware.FaultText("the mode switch is off", "", "turn the switch")}
    monkeypatch.setattr(firmware, "fault_texts", lambda: words)
    board.status["blockers"] = ["NOT_CALIBRATED", "NO_MODE", "RAILS_NOT_PROVEN"]
    ran = treadguard("status", "--port", port)
    assert ran.code == errors.OK
    assert "cannot be armed, 3 reasons" in ran.out
    for name in board.status["blockers"]:
        assert name in ran.out
    assert "NO_MODE: the mode switch is off\n      turn the switch\n" in ran.out


def test_json_carries_a_versioned_schema(treadguard: CommandLine, port: str) -> None:
    for command in (["status"], ["ports"], ["config", "show"], ["logs", "list"]):
        ran = treadguard(*command, "--json", "--port", port)
        assert json.loads(ran.out)["schema"] == f"treadguard.{'.'.join(command)}/1"


def test_stop_works_with_any_version_and_any_state(
    treadguard: CommandLine, board: FakeBoard
) -> None:
    board.hash = "00000000"
    board.status.update(relay="closed", state="BACKWARD")
    with fake_board.on_pty(board.feed) as port:
        ran = treadguard("stop", "--port", port)
    assert (ran.code, ran.out) == (errors.OK, "relay open, STOPPING\n")


def test_a_stop_that_is_not_answered_says_what_to_do(treadguard: CommandLine) -> None:
    with fake_board.on_pty(lambda data: b"") as port:
        refused(treadguard("stop", "--port", port), errors.LINK_LOST, "USE THE SAFETY KEY")


def test_calibration_counts_edges_in_the_hand_turn_window(
    treadguard: CommandLine, board: FakeBoard, port: str
) -> None:
    board.hand_turn_edges = [5, 5, 20, 95]
    board.status["blockers"] = []
    command = ("calibrate", "laps", "--belt-length", "3 m", "--laps", "3", "--port", port)
    ran = treadguard(*command, "--yes")
    assert ran.code == errors.OK, ran.err
    assert board.values["distance_per_edge_um"] == 100000
    assert board.values["calibration"] == 1
    board.hand_turn_edges = [5, 5, 9]
    refused(treadguard(*command, "--yes", "--quiet"), errors.NOT_AS_EXPECTED, "edges")


def test_debug_shows_the_traceback(
    treadguard: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TREADGUARD_DEBUG", "1")
    assert "Traceback" in treadguard("status").err


def test_a_fault_of_our_own_is_one_sentence_too(
    treadguard: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "choose", lambda _: 1 / 0)
    refused(treadguard("status"), errors.INTERNAL, "ZeroDivisionError", "TREADGUARD_DEBUG=1")


def test_ctrl_c_is_130(treadguard: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(discovery, "choose", interrupt)
    refused(treadguard("status"), errors.INTERRUPTED, "interrupted")
