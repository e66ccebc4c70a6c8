# SPDX-License-Identifier: MIT
"""The client against a board that is healthy, noisy, slow, cut off, or something else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import fake_board
from tests.support.fake_board import FakeBoard, HangUp
from treadguard import config_push, errors, firmware
from treadguard.link import frames, interface
from treadguard.link.client import Client, open_client
from treadguard.link.files import PIECE, TAIL, read_file
from treadguard.link.transport import SerialTransport

BOOT_NOISE = b"\x00\xff\xfeets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET)\r\nentry 0x4"
HELLO = fake_board.frame({"ev": "hello", "reset": "power_on", "boot": 4})
JOURNAL = bytes(range(256)) * 60


def impatient(url: str) -> Client:
    """A client that gives an answer 200 ms: a fake board needs less than one."""
    return Client(SerialTransport(url), answer_s=0.2)


def nth(number: int, replacement: Callable[[bytes], bytes]) -> Callable[[bytes, int], bytes]:
    """Mangle only answer `number`, counted from 1."""
    return lambda line, n: replacement(line) if n == number else line


# -- frames -----------------------------------------------------------------------------


@given(st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=20), max_size=6))
def test_frames_round_trip(message: dict[str, object]) -> None:
    line = frames.encode(message)
    assert line.isascii()
    assert all(byte >= 0x20 for byte in line[:-1])
    assert frames.decode(line) == message
    assert line == fake_board.frame(message)


@given(st.dictionaries(st.text(max_size=4), st.integers(0, 1 << 29), max_size=4))
def test_the_firmware_reads_what_we_write(message: dict[str, object]) -> None:
    board = firmware.load("guard.link.frames")
    lines = board.Lines()
    for byte in b"half a li\n" + frames.encode(message):
        lines.feed(byte)
        if lines.kind != board.WHOLE:
            lines.release()
    found, with_crc, _ = board.decode(lines.waiting, lines.length)
    assert (found, with_crc) == (message, True)
    assert board.LINE_MAX == frames.REQUEST_MAX


@given(st.data())
def test_a_damaged_frame_is_never_taken(data: st.DataObject) -> None:
    line = bytearray(frames.encode({"id": 7, "ok": True, "state": "READY"}).rstrip())
    at = data.draw(st.integers(0, len(line) - 1))
    line[at] ^= 1 << data.draw(st.integers(0, 7))
    taken = frames.decode(bytes(line))
    assert taken in (None, {"id": 7, "ok": True, "state": "READY"})
    if taken is not None:  # only the case of a hex digit may differ
        assert bytes(line).lower() == frames.encode(taken).rstrip().lower()


@given(st.lists(st.binary(max_size=30), max_size=8))
def test_lines_do_not_depend_on_the_portions(portions: list[bytes]) -> None:
    whole, pieces = frames.LineAssembler(), frames.LineAssembler()
    stream = b"".join(portions)
    assert whole.feed(stream) == [line for p in portions for line in pieces.feed(p)]
    assert whole.rest == pieces.rest


def test_noise_without_a_newline_does_not_fill_the_memory() -> None:
    lines = frames.LineAssembler()
    for _ in range(100):
        lines.feed(b"x" * 1000)
    assert len(lines.rest) <= frames.LINE_MAX


# -- a healthy board --------------------------------------------------------------------


def test_a_board_on_a_pty_answers(port: str, board: FakeBoard) -> None:
    with impatient(port) as client:
        assert client.attach()["state"] == "READY"
        interface.require_same(client)
        assert config_push.read_values(client) == board.values
        assert client.reset_cause is None


def test_a_board_on_a_socket_answers(board: FakeBoard) -> None:
    with fake_board.on_tcp(board.feed) as url, impatient(url) as client:
        client.attach()
        assert config_push.read_values(client) == board.values


def test_no_request_is_longer_than_the_boards_buffer(port: str, board: FakeBoard) -> None:
    with impatient(port) as client:
        client.attach()
        wanted = {name: value for name, value in board.values.items() if "stop_a" not in name}
        wanted["session_limit_min"] = 14
        config_push.push(client, wanted, lambda _: None)
    assert board.values["session_limit_min"] == 14
    assert all(len(line) <= frames.REQUEST_MAX for line in board.bytes_seen.split(b"\n"))


def test_two_runs_do_not_share_ids(port: str) -> None:
    seen = set()
    for _ in range(3):
        with impatient(port) as client:
            seen.add(client.attach()["id"])
    assert len(seen) == 3


def test_events_reach_the_callback_between_answers(board: FakeBoard) -> None:
    event = fake_board.frame({"ev": "state", "state": "ARMING"})
    board.mangle = lambda line, _: event + line
    heard: list[object] = []
    with fake_board.on_pty(board.feed) as port:
        client = open_client(port, lambda message: heard.append(message["state"]))
        with client:
            client.attach()
    assert heard == ["ARMING"]


# -- a bad line -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mangle",
    [
        lambda line: b"",
        lambda line: line[: len(line) // 2],
        lambda line: line[:-4] + b"0000\n",
        lambda line: line.replace(b"true", b"tr\x00e"),
        lambda line: fake_board.frame({"id": None, "ok": False, "error": "BAD_CRC"}),
        lambda line: BOOT_NOISE + b"\n",
    ],
    ids=["lost", "half", "crc", "garbled", "refused as damaged", "replaced"],
)
def test_a_lost_answer_is_asked_for_again_with_the_same_id(
    board: FakeBoard, mangle: Callable[[bytes], bytes]
) -> None:
    board.mangle = nth(2, mangle)
    with fake_board.on_pty(board.feed) as port, impatient(port) as client:
        client.attach()
        client.request("clock.set", epoch_s=1_800_000_000)
    assert board.lines_seen == 3
    assert board.done == ["status", "clock.set"], "the repetition was carried out twice"
    requests = [line for line in board.bytes_seen.split(b"\n") if b"clock.set" in line]
    assert requests[0] == requests[1]


@pytest.mark.parametrize("noise", [BOOT_NOISE, BOOT_NOISE + b"\n", b'{"id":1,"o', b"\r\n\n\r"])
def test_noise_before_an_answer_is_skipped(board: FakeBoard, noise: bytes) -> None:
    board.mangle = lambda line, _: noise + line
    with fake_board.on_pty(board.feed) as port, impatient(port) as client:
        assert client.attach()["state"] == "READY"
        assert config_push.read_values(client) == board.values
    assert board.lines_seen == len(board.done), "nothing had to be repeated"


def test_a_wrong_answer_is_not_taken_for_ours(board: FakeBoard) -> None:
    stale = fake_board.frame({"id": 1, "ok": True, "state": "LOCKOUT"})
    board.mangle = lambda line, _: stale + line
    with fake_board.on_pty(board.feed) as port, impatient(port) as client:
        assert client.attach()["state"] == "READY"


# -- resets -----------------------------------------------------------------------------


def test_opening_that_resets_the_board_is_reported(board: FakeBoard) -> None:
    greeting = BOOT_NOISE + b"\n" + HELLO
    with fake_board.on_pty(board.feed, greeting) as port, impatient(port) as client:
        client.attach()
        assert client.reset_cause == "power_on"


def test_a_reset_in_mid_conversation_is_an_error(board: FakeBoard) -> None:
    board.mangle = nth(2, lambda line: BOOT_NOISE + b"\n" + HELLO)
    with fake_board.on_pty(board.feed) as port, impatient(port) as client:
        client.attach()
        with pytest.raises(errors.LinkError, match=r"restarted \(power_on\)"):
            client.request("clock.set", epoch_s=1)


# -- something else on the port ---------------------------------------------------------


def why_not(feed: Callable[[bytes], bytes], error: type[Exception], connect_s: float = 0.5) -> str:
    """The sentence with which attaching to this port fails."""
    with fake_board.on_pty(feed) as port, impatient(port) as client, pytest.raises(error) as why:
        client.attach(connect_s)
    return str(why.value)


def test_a_silent_port_is_a_timeout() -> None:
    assert "did not answer within 0.5 s" in why_not(lambda data: b"", errors.LinkError)


def test_a_port_that_is_not_treadguard_is_named() -> None:
    sentence = why_not(lambda data: b"ok T:21.3 /0.0\n", errors.NotTreadguardError)
    assert 'is not treadguard (it says "ok T:21.3' in sentence


def test_our_own_echo_is_not_treadguard() -> None:
    assert "is not treadguard" in why_not(lambda data: data, errors.NotTreadguardError)


def test_the_micropython_prompt_is_recognised_at_once() -> None:
    prompt = b"Traceback (most recent call last):\r\nNameError: name 'a' isn't defined\r\n>>> "
    assert "is not running" in why_not(lambda data: prompt, errors.NotRunningError, 30)


def test_another_interface_says_which_side_to_update(board: FakeBoard) -> None:
    board.hash = "00000000"
    for version, remedy in (
        ("0.0.1", "treadguard deploy"),
        ("99.0.0", "pip install treadguard==99.0.0`"),
        ("99.0.0+esp32s3", "pip install treadguard==99.0.0`"),
    ):
        board.version = version
        with fake_board.on_pty(board.feed) as port, impatient(port) as client:
            client.attach()
            with pytest.raises(errors.InterfaceMismatch, match=remedy):
                interface.require_same(client)


def test_the_boards_refusal_keeps_its_code_and_field(port: str) -> None:
    with impatient(port) as client:
        client.attach()
        with pytest.raises(errors.BoardRefused) as refused:
            client.request("config.set", values={"nonsense": 1}, more=False)
    assert (refused.value.code, refused.value.field) == ("UNKNOWN_NAME", "nonsense")


# -- pulling files ----------------------------------------------------------------------


def test_a_pulled_file_is_identical(port: str, board: FakeBoard, tmp_path: Path) -> None:
    board.files["j00000001.bin"] = JOURNAL
    with impatient(port) as client:
        client.attach()
        path = read_file(client, "log.read", "j00000001.bin", len(JOURNAL), tmp_path)
    assert path.read_bytes() == JOURNAL
    assert [p.name for p in tmp_path.iterdir()] == ["j00000001.bin"]


@pytest.mark.parametrize("on", [fake_board.on_pty, fake_board.on_tcp], ids=["pty", "tcp"])
def test_a_link_lost_in_mid_pull_leaves_a_part_and_resumes(
    on: Callable[..., object], board: FakeBoard, tmp_path: Path
) -> None:
    board.files["j00000001.bin"] = JOURNAL

    def cut(line: bytes, number: int) -> bytes:
        if number == 5:
            raise HangUp
        return line

    board.mangle = cut
    with on(board.feed) as url, impatient(url) as client:  # type: ignore[attr-defined]
        client.attach()
        with pytest.raises(errors.LinkError):
            read_file(client, "log.read", "j00000001.bin", len(JOURNAL), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["j00000001.bin.part"]
    assert (tmp_path / "j00000001.bin.part").read_bytes() == JOURNAL[: 3 * PIECE]

    board.mangle, board.bytes_seen = None, b""
    with fake_board.on_pty(board.feed) as url, impatient(url) as client:
        client.attach()
        path = read_file(client, "log.read", "j00000001.bin", len(JOURNAL), tmp_path)
    assert path.read_bytes() == JOURNAL
    assert b'"at":0,' not in board.bytes_seen, "it was read again from the start"


def test_a_part_of_another_file_is_not_continued(
    port: str, board: FakeBoard, tmp_path: Path
) -> None:
    board.files["j00000001.bin"] = JOURNAL
    (tmp_path / "j00000001.bin.part").write_bytes(b"x" * 600)
    with impatient(port) as client:
        client.attach()
        path = read_file(client, "log.read", "j00000001.bin", len(JOURNAL), tmp_path)
    assert path.read_bytes() == JOURNAL


def test_a_grown_journal_costs_only_its_new_end(
    port: str, board: FakeBoard, tmp_path: Path
) -> None:
    board.files["j00000001.bin"] = JOURNAL[:1000]
    with impatient(port) as client:
        client.attach()
        read_file(client, "log.read", "j00000001.bin", 1000, tmp_path)
        board.files["j00000001.bin"] = JOURNAL
        board.bytes_seen = b""
        path = read_file(client, "log.read", "j00000001.bin", len(JOURNAL), tmp_path)
    assert path.read_bytes() == JOURNAL
    asked = [
        json.loads(line.split(b"*")[0])["at"] for line in board.bytes_seen.split(b"\n") if line
    ]
    assert min(asked) == 1000 - TAIL


def test_a_piece_damaged_on_the_board_side_is_never_stored(
    board: FakeBoard, tmp_path: Path
) -> None:
    board.files["j00000001.bin"] = JOURNAL
    board.mangle = lambda line, n: line if n == 1 else _wrong_piece_crc(line)
    with fake_board.on_pty(board.feed) as port, impatient(port) as client:
        client.attach()
        with pytest.raises(errors.LinkError, match="arrives damaged"):
            read_file(client, "log.read", "j00000001.bin", len(JOURNAL), tmp_path)
    assert not (tmp_path / "j00000001.bin").exists()


def _wrong_piece_crc(line: bytes) -> bytes:
    message = frames.decode(line)
    assert message is not None
    return fake_board.frame({**message, "crc": "00000000"})
