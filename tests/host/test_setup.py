# SPDX-License-Identifier: MIT
"""Setup, bad input first: one sentence, the remedy, the exit code, and nothing on the board."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.host.conftest import CommandLine, Ran
from tests.support import fake_board
from tests.support.fake_board import FakeBoard, HangUp
from treadguard import errors, firmware
from treadguard.cli.setup import StepName
from treadguard.link import client
from treadguard.setting_up import answers, belt, handrails, measuring, notes, plan, proving

CHANGES = {"config.set", "clock.set", "config.defaults", "maintenance"}


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fake board answers in less than 1 ms or never."""
    monkeypatch.setattr(client.Client.__init__, "__defaults__", (None, 0.2))
    monkeypatch.setattr(client.Client.attach, "__defaults__", (0.5, "status"))
    monkeypatch.setattr("treadguard.setting_up.watching.SETTLE_S", 0.5)


def refused(ran: Ran, code: int, *words: str) -> None:
    """One sentence with these words, nothing on stdout, no traceback."""
    assert ran.code == code, ran.err
    said = [line for line in ran.err.splitlines() if line.startswith("treadguard: ")]
    assert said == ran.err.splitlines()[-1:], ran.err
    assert ran.out == ""
    for word in words:
        assert word in said[0]


def untouched(board: FakeBoard) -> bool:
    return not CHANGES & set(board.done)


def in_file(folder: Path, text: str) -> str:
    path = folder / "answers.toml"
    path.write_text(text, "utf-8")
    return str(path)


# -- before anything is done -------------------------------------------------------------


def test_every_step_can_be_run_alone() -> None:
    assert [step.value for step in StepName] == [*plan.NAMES, "summary"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("belt = 3", "the keys are image, name"),
        ("rails = [1]", "must be text or a whole number"),
        ("rails = ", "is not valid TOML"),
    ],
)
def test_a_file_of_wrong_answers(
    treadguard: CommandLine, port: str, board: FakeBoard, tmp_path: Path, text: str, word: str
) -> None:
    path = in_file(tmp_path, text)
    refused(treadguard("setup", "--port", port, "--answers", path), errors.BAD_FILE, word, path)
    assert untouched(board)


def test_a_missing_file_of_answers(treadguard: CommandLine, port: str) -> None:
    ran = treadguard("setup", "--port", port, "--answers", "nowhere.toml")
    refused(ran, errors.BAD_FILE, "nowhere.toml cannot be read")


@pytest.mark.parametrize("wait", ["0 s", "2 h", "3", "soon"])
def test_a_wrong_patience(treadguard: CommandLine, port: str, wait: str) -> None:
    assert treadguard("setup", "--port", port, "--wait", wait).code == errors.USAGE


def test_two_boards_at_once(treadguard: CommandLine) -> None:
    refused(treadguard("setup", "--virtual", "--port", "x"), errors.USAGE, "contradict")


def test_an_unknown_step(treadguard: CommandLine, port: str) -> None:
    refused(treadguard("setup", "walk", "--port", port), errors.USAGE, "walk")


def test_nobody_to_ask(treadguard: CommandLine, port: str, board: FakeBoard) -> None:
    ran = treadguard("setup", "name", "--port", port)
    refused(ran, errors.USAGE, "Nobody can be asked here", "--answers", "--yes for a1b2c3d4e5f6")
    assert untouched(board)


# -- what is on the port -----------------------------------------------------------------


def test_a_foreign_device_is_left_alone(treadguard: CommandLine, tmp_path: Path) -> None:
    image = tmp_path / "image.bin"
    image.write_bytes(b"x")
    with fake_board.on_pty(lambda _: b"$GPGGA,123519,4807.038,N*47\r\n") as url:
        ran = treadguard("setup", "--port", url, "--image", image, "--yes")
    refused(ran, errors.NO_BOARD, "is not treadguard", "choose another port")


def test_a_silent_port_is_flashed_only_with_an_image(treadguard: CommandLine) -> None:
    with fake_board.on_pty(lambda _: b"") as url:
        refused(treadguard("setup", "--port", url), errors.LINK_LOST, "setup --image FILE")


def test_a_wrong_image_is_refused_before_the_chip_is_touched(
    treadguard: CommandLine, tmp_path: Path
) -> None:
    image = tmp_path / "image.bin"
    image.write_bytes(b"no image at all")
    with fake_board.on_pty(lambda _: b"") as url:
        ran = treadguard("setup", "--port", url, "--image", image, "--yes")
    refused(ran, errors.BAD_FILE, str(image))


class EmptyChip:
    """Silent until it is flashed, then a controller."""

    warnings = ("PSRAM",)

    def __init__(self, board: FakeBoard) -> None:
        self.board = board
        self.image = self
        self.written = 0

    def feed(self, data: bytes) -> bytes:
        return self.board.feed(data) if self.written else b""

    def lines(self) -> list[str]:
        return ["write everything"]

    def flash(self, plan: object, _: object) -> None:
        assert plan is self
        self.written += 1


def test_a_chip_on_which_nothing_answers_is_flashed_and_setup_goes_on(
    treadguard: CommandLine, board: FakeBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    chip = EmptyChip(board)
    monkeypatch.setattr("treadguard.flashing.make_plan", lambda *_, **__: chip)
    monkeypatch.setattr("treadguard.flashing.flash", chip.flash)
    with fake_board.on_pty(chip.feed) as url:
        words = ("setup", "clock", "--port", url, "--image", "image.bin")
        refused(treadguard(*words), errors.USAGE, "Write this to the chip?")
        assert chip.written == 0
        assert treadguard(*words, "--yes").code == errors.OK
        ran = treadguard(*words, "--yes")
    assert ran.code == errors.OK
    assert chip.written == 1, "a controller that answers is not flashed again"
    assert board.clock_s > 0


def test_another_interface_is_refused(
    treadguard: CommandLine, port: str, board: FakeBoard
) -> None:
    board.hash = "00000000"
    refused(treadguard("setup", "--port", port, "--yes"), errors.REFUSED, "differently")
    assert untouched(board)


def test_no_port_at_all(treadguard: CommandLine) -> None:
    refused(treadguard("setup"), errors.NO_BOARD, "no board is connected")


# -- the board's state -------------------------------------------------------------------

BAD_STATES = {
    "trip": ({"state": "TRIPPED", "latched": "SENSOR_LOST"}, "Hold START 1 s"),
    "lockout": ({"state": "LOCKOUT", "latched": "RELAY_WELDED"}, "treadguard proof"),
    "session": ({"state": "FORWARD", "relay": "closed"}, "a session is running"),
    "pending": ({"pending": "0badcafe"}, "press START shortly to discard"),
}
STEPS = plan.NAMES


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("bad", list(BAD_STATES))
def test_no_step_goes_on_in_a_bad_state(
    treadguard: CommandLine, port: str, board: FakeBoard, step: str, bad: str
) -> None:
    status, word = BAD_STATES[bad]
    board.status = dict(status)
    refused(treadguard("setup", step, "--port", port, "--yes"), errors.REFUSED, word)
    assert untouched(board)


@pytest.mark.parametrize("step", STEPS)
def test_no_step_goes_on_while_the_belt_moves(
    treadguard: CommandLine, port: str, board: FakeBoard, step: str
) -> None:
    board.status = {"speed_mm_s": 420}
    ran = treadguard("setup", step, "--port", port, "--yes")
    refused(ran, errors.NOT_AS_EXPECTED, "420 mm/s", "safety key")
    assert untouched(board)


def test_a_belt_that_starts_moving_under_the_wire_check_ends_it(
    treadguard: CommandLine, port: str, board: FakeBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = 0
    status = board._status

    def moving(message: fake_board.Message) -> fake_board.Message:
        nonlocal seen
        seen += 1
        answer = status(message)
        return {**answer, "estop": seen > 3, "speed_mm_s": 300 if seen > 5 else 0}

    monkeypatch.setattr(board, "_status", moving)
    ran = treadguard("setup", "wires", "--port", port, "--yes")
    refused(ran, errors.NOT_AS_EXPECTED, "the belt moves (300 mm/s) although it must not")


def test_what_nobody_does_is_named_with_its_remedy(
    treadguard: CommandLine, port: str, board: FakeBoard
) -> None:
    ran = treadguard("setup", "wires", "--port", port, "--yes", "--wait", "1 s")
    refused(ran, errors.NOT_AS_EXPECTED, "the pressed red button was not seen within 1 s", "plug")
    assert untouched(board)


def test_a_change_that_nobody_confirms_changes_nothing(
    treadguard: CommandLine, port: str, board: FakeBoard
) -> None:
    board.start = "short"
    before = dict(board.values)
    path = str(Path(notes.of_board("x").path).with_name("a.toml"))
    Path(path).write_text('speed_buttons = "no"\n', "utf-8")
    ran = treadguard("setup", "rails", "--port", port, "--yes", "--answers", path)
    refused(ran, errors.REFUSED, "not confirmed at the board")
    assert board.values == before
    assert not notes.of_board("a1b2c3d4e5f6").done("rails")


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ('backward_limit = "9 km/h"', "it takes 140 mm/s to 1118 mm/s"),
        ('backward_limit = "3"', "backward_limit"),
        ('backward_limit = "nan km/h"', "no number"),
        ('session_limit = "2 h"', "session_limit"),
        ("session_limit = 15", "session_limit"),
    ],
)
def test_a_limit_outside_its_range_is_never_sent(
    treadguard: CommandLine, port: str, board: FakeBoard, tmp_path: Path, answer: str, word: str
) -> None:
    path = in_file(tmp_path, f'speed_buttons = "no"\n{answer}\n')
    ran = treadguard("setup", "limits", "--port", port, "--yes", "--answers", path)
    refused(ran, errors.USAGE, "is refused", word)
    assert untouched(board)


def test_a_cable_pulled_while_a_change_waits_leaves_no_note(
    treadguard: CommandLine, board: FakeBoard, tmp_path: Path
) -> None:
    def cut(sent: bytes, _: int) -> bytes:
        if b'"pending":"' in sent:
            raise HangUp
        return sent

    board.mangle = cut
    path = in_file(tmp_path, 'speed_buttons = "yes"\nbackward_limit = "2 km/h"\n')
    with fake_board.on_pty(board.feed) as url:
        ran = treadguard("setup", "limits", "--port", url, "--yes", "--answers", path)
    refused(ran, errors.LINK_LOST)
    assert not notes.of_board("a1b2c3d4e5f6").done("limits")


# -- going on ----------------------------------------------------------------------------


def test_a_single_step_is_noted_and_told_as_json(
    treadguard: CommandLine, port: str, board: FakeBoard
) -> None:
    ran = treadguard("setup", "clock", "--port", port, "--yes", "--json")
    assert ran.code == errors.OK, ran.err
    found = json.loads(ran.out)
    assert found["schema"] == "treadguard.setup/1"
    assert found["steps"]["clock"]["found"]["epoch_s"] == board.clock_s
    assert notes.of_board("a1b2c3d4e5f6").done("clock")


def test_a_summary_is_refused_while_the_board_owes_something(
    treadguard: CommandLine, port: str, board: FakeBoard, tmp_path: Path
) -> None:
    path = tmp_path / "summary.txt"
    board.status = {"calibration": "verified", "stop_test_due": True}
    ran = treadguard("setup", "summary", "--port", port, "--save", path)
    refused(ran, errors.REFUSED, "still owes STOP_TEST_DUE")
    assert not path.exists()
    board.status["stop_test_due"] = False
    assert treadguard("setup", "summary", "--port", port, "--save", path).code == errors.OK
    assert "calibration     verified" in path.read_text("utf-8")


def test_the_boards_word_wins_over_a_note(tmp_path: Path) -> None:
    book = notes.of_board("b", tmp_path)
    for name in plan.NAMES:
        book.finish(name, {})
    fresh = {"calibration": "none", "stop_test_due": True, "blockers": ["NOT_CONFIGURED"]}
    again = [s.name for s in plan.STEPS if not (book.done(s.name) and s.still(fresh))]
    assert again == ["clock", "rails", "belt", "verify", "stop-test"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema":1,"board":"b","steps":{"belt":7}}'])
def test_damaged_notes_are_no_notes(tmp_path: Path, text: str) -> None:
    (tmp_path / "setup-b.json").write_text(text, "utf-8")
    assert notes.of_board("b", tmp_path).steps == {}


# -- figures -----------------------------------------------------------------------------


@given(
    v=st.integers(140, 1118),
    d_um=st.integers(20_000, 260_000),
    phase=st.integers(0, 99),
    every_ms=st.integers(80, 700),
)
def test_the_fitted_speed_is_within_two_percent(
    v: int, d_um: int, phase: int, every_ms: int
) -> None:
    span = max(measuring.SPAN_MS, (measuring.EDGES + 1) * d_um // v)
    times = range(0, max(span, every_ms * measuring.SAMPLES) + every_ms, every_ms)
    samples = [(ms, (ms * v + phase * d_um // 100) // d_um) for ms in times]
    assert abs(measuring.fitted_mm_s(samples, d_um) - v) * 100 <= 2 * v + 100
    assert measuring.steady(samples, d_um)


@given(v=st.integers(200, 1000), d_um=st.integers(20_000, 100_000))
def test_a_belt_that_gains_a_fifth_is_not_steady(v: int, d_um: int) -> None:
    samples = [(ms, (ms * v + ms * ms * v // 60_000) // d_um) for ms in range(0, 15_001, 200)]
    assert not measuring.steady(samples, d_um)


@given(
    base=st.integers(200, 2000),
    held=st.integers(100, 800),
    noise=st.integers(0, 40),
)
def test_a_touch_threshold_lies_between_hand_and_no_hand_or_is_refused(
    base: int, held: int, noise: int
) -> None:
    free = [base, base - base * noise // 1000]
    touched = [base * held // 1000]
    try:
        permille = handrails.touch_threshold([(free, touched)])
    except errors.TreadguardError:
        assert min(free) * 1000 // base - held <= handrails.APART_PERMILLE + 10 or held < 100
        return
    parameter = firmware.parameters()["touch_threshold_permille"]
    assert parameter.lowest <= permille <= parameter.highest
    assert touched[0] * 1000 < base * permille < min(free) * 1000


def test_a_dead_touch_pad_is_refused() -> None:
    with pytest.raises(errors.ExpectationFailed, match="reads nothing"):
        handrails.touch_threshold([([0, 0], [0, 0])])


@pytest.mark.parametrize("backward", [140, 300, 447, 833, 1118])
def test_without_speed_buttons_the_mount_limit_is_the_backward_limit(backward: int) -> None:
    assert handrails.mount_limit(backward, buttons=False) == backward
    assert handrails.mount_limit(backward, buttons=True) == min(447, backward)


@pytest.mark.parametrize("text", ["0.5 m", "20 m", "3", "three metres", "-3 m"])
def test_a_belt_length_that_is_none(text: str) -> None:
    with pytest.raises(errors.ValueRefused):
        belt.belt_length(text)


@given(st.text(max_size=12))
def test_any_text_is_understood_or_refused_in_words(text: str) -> None:
    readers = (answers.yes_or_no, answers.Count(1, 8), answers.OneOf("contact", "touch"))
    for read in readers:
        said = ""
        try:
            read(text)
        except ValueError as error:
            said = str(error)
        assert said != "None"


def test_a_proof_is_overdue_after_31_days_and_unknown_without_a_date() -> None:
    day_min = 24 * 60
    now_s = 1_800_000_000.0
    last = int(now_s / 60)
    for days, overdue in ((0, None), (30, None), (31, 31), (400, 400)):
        status = {"proof": {"last_min": last - days * day_min}}
        assert proving.overdue_days(status, now_s) == overdue
    assert proving.overdue_days({"proof": {"last_min": 0}}, now_s) is None
    assert proving.overdue_days({}, now_s) is None


def test_status_says_when_the_proof_is_overdue(
    treadguard: CommandLine, port: str, board: FakeBoard
) -> None:
    board.status = {"proof": {"last_min": 29_000_000, "overdue": False}}
    said = treadguard("status", "--port", port).out
    assert "the monthly proof is overdue" in said
    assert "treadguard proof" in said
    board.status = {"proof": {"last_min": 0, "overdue": False}}
    assert "overdue" not in treadguard("status", "--port", port).out
