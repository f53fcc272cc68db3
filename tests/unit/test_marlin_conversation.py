"""The talk with a printer, on a line that spoils it: the printer itself says what it has executed.

The peer is the firmware of the virtual printer, on a clock of the test's own.
"""

from collections import deque
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from drivers.printer.marlin import pace
from drivers.printer.marlin.command import Command, Patience
from drivers.printer.marlin.conversation import Conversation
from drivers.virtual.printer import Faults, Firmware, Options
from tests.spoiler import Spoiler

QUICK = Patience(busy=4.0, mute=6.0, long=20.0, again=3.0, silent=12.0, gone=60.0)


class Talk:
    """A conversation and a firmware with a line between them that may spoil what passes.

    `to` and `back` take the bytes of one write and return what arrives.
    """

    def __init__(self, *, window=1, options=None, to=None, back=None, speed=1000.0, patience=QUICK):
        self.now = 100.0
        self.executed = []
        self.heard = []
        self.told = []
        self.taken_lines = []
        self.printer = Firmware(
            self.now,
            options=Options(boot=0.0, **(options or {})),
            speed=speed,
            executed=lambda number, text: self.executed.append((number, text)),
        )
        self.printer.run(self.now)  # it greets
        self._to = to or (lambda data: data)
        self._back = back or (lambda data: data)
        self._rest = b""
        self.conversation = Conversation(
            lambda data: self.printer.receive(self._to(data), self.now),
            self,
            lambda: self.now,
            window=window,
            patience=patience,
        )
        self.conversation.busy_is_told = self.printer.options.busy

    # Listener.

    def said(self, line):
        self.heard.append(line)

    def taken(self, command):
        self.taken_lines.append(command.line)

    def reset(self, why):
        self.told.append(("reset", why))

    def halted(self, why):
        self.told.append(("halted", why))

    def silent(self, silent):
        self.told.append(("silent", silent, round(self.now, 1)))

    def refused(self, why):
        self.told.append(("refused", why))

    def gone(self, why):
        self.told.append(("gone", why))
        self.conversation.end()

    # Time.

    def run(self, seconds, until=lambda: False):
        """Let time pass on both sides."""
        end = self.now + seconds
        while self.now < end and not until():
            said = self._back(self.printer.run(self.now))
            *lines, self._rest = (self._rest + said).split(b"\n")
            for line in lines:
                self.conversation.received(line.rstrip(b"\r\0 "))
            self.conversation.tick()
            due = min(self.printer.due, self.conversation.due or end, self.now + 0.25)
            self.now = max(due, self.now + 0.0005)

    def print(self, texts, limit=4000.0):
        """Print lines until the printer has taken all of them, or something is told."""
        lines = deque(Command(text, line=n) for n, text in enumerate(texts, 1))
        self.conversation.pull = lambda: lines.popleft() if lines else None
        self.conversation.pump()
        self.run(limit, until=lambda: (not lines and self.conversation.idle) or self.over)

    @property
    def over(self):
        return any(told[0] in ("reset", "halted", "gone", "refused") for told in self.told)

    @property
    def moves(self):
        """What the printer has executed of the file."""
        return [text.encode() for _, text in self.executed if text.startswith("G1")]


def moves(count):
    return [b"G1 X%d Y%d" % (20 + n % 50, n) for n in range(count)]


def all_in_order(talk, texts):
    """Tell that the printer has executed each line once and in order, and we know it."""
    assert talk.moves == texts
    assert talk.taken_lines == list(range(1, len(texts) + 1))
    assert [told for told in talk.told if told[0] != "silent"] == []


@pytest.mark.parametrize("advanced", [True, False])
@pytest.mark.parametrize("window", [1, 4])
def test_every_line_is_executed_once_and_in_order(window, advanced):
    talk = Talk(window=window, options={"advanced_ok": advanced})
    talk.print(moves(300))
    all_in_order(talk, moves(300))
    assert talk.conversation.counts.resent == 0
    assert talk.conversation.window == (window if advanced else 1)


def test_no_more_is_under_way_than_the_firmware_has_room_for():
    most = []
    talk = Talk(
        window=8,
        options={"queue": 3},
        to=lambda data: most.append(talk.conversation.under_way) or data,
    )
    talk.print(moves(200))
    all_in_order(talk, moves(200))
    assert max(most) == 3


FAULTS = {
    "a checksum that is wrong": {"checksum": 1},
    "ten checksums that are wrong": {"checksum": 10},
    "a resend said twice": {"resends": 1},
    "a storm of resends": {"resends": 15},
    "a resend of the line before": {"earlier": 1},
    "a resend of the line before, again and again": {"earlier": 6},
    "an ok that is lost": {"lost_ok": 1},
    "an ok that is doubled": {"doubled_ok": 1},
    "many oks that are doubled": {"doubled_ok": 40},
    "an ok that is spoilt": {"spoilt_ok": 1},
    "noise": {"garbage": 20},
    "a firmware that hangs for a while": {"silence": 9.0},
    "a printer whose words are lost for a while": {"mute": 9.0},
    "a line that takes long": {"slow": 9},
}


@pytest.mark.parametrize("window", [1, 4])
@pytest.mark.parametrize("ok_after_resend", [True, False])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_every_line_is_executed_once_and_in_order_in_spite_of(fault, window, ok_after_resend):
    talk = Talk(window=window, options={"ok_after_resend": ok_after_resend})
    talk.printer.misbehave(Faults(at=30, **fault))
    talk.printer.misbehave(Faults(at=70, **fault))
    talk.print(moves(120))
    all_in_order(talk, moves(120))


@pytest.mark.slow
@given(
    st.integers(0, 2**32),
    st.sampled_from([1, 4]),
    st.sampled_from([True, False]),
    st.sampled_from([0.01, 0.05]),
)
# Of the last line only the N arrives, or none of its number: an unknown command, and `ok`.
@example(seed=277, window=1, advanced=True, share=0.05)
@example(seed=216, window=4, advanced=True, share=0.05)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_line_that_spoils_what_passes_loses_and_doubles_nothing(seed, window, advanced, share):
    talk = Talk(window=window, options={"advanced_ok": advanced}, to=Spoiler(seed, share))
    with patch.object(pace, "BLOCK", 16):  # what is lost whole is asked after soon
        talk.print(moves(200))
    all_in_order(talk, moves(200))


@pytest.mark.slow
@given(st.integers(0, 2**32), st.sampled_from([1, 4]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_answers_that_are_spoilt_too_lose_and_double_nothing(seed, window):
    talk = Talk(window=window, to=Spoiler(seed, 0.01), back=Spoiler(seed + 1, 0.01))
    with patch.object(pace, "BLOCK", 16):
        talk.print(moves(200))
    assert talk.moves == moves(200)
    assert talk.taken_lines == list(range(1, 201))


def test_a_window_falls_back_to_one_when_a_line_is_wanted_again():
    talk = Talk(window=4)
    talk.printer.misbehave(Faults(at=50, checksum=1))
    talk.print(moves(100))
    all_in_order(talk, moves(100))
    assert talk.conversation.window == 1
    assert talk.conversation.counts.resent == 1


def test_a_start_in_the_middle_is_a_reset_and_nothing_is_sent_after_it():
    talk = Talk()
    talk.printer.misbehave(Faults(at=40, reset=True))
    talk.print(moves(100))
    assert talk.told == [("reset", "start")]
    executed = len(talk.moves)
    talk.run(30)
    assert len(talk.moves) == executed <= 41


@pytest.mark.parametrize("window", [1, 4])
def test_a_printer_that_stops_itself_is_told_as_it_said_it(window):
    talk = Talk(window=window)
    talk.printer.misbehave(Faults(at=40, halt=True))
    talk.print(moves(100))
    assert talk.told == [("halted", "Error:MAXTEMP triggered, system stopped! Heater_ID: 0")]


def test_a_silence_is_asked_after_noticed_within_15_s_and_given_up_at_last():
    talk = Talk()
    talk.printer.misbehave(Faults(at=20, silence=3000))
    begun = talk.now
    talk.print(moves(100), limit=200)
    (what, why, when), gone = talk.told
    assert (what, why) == ("silent", True)
    assert when - begun <= 15
    assert gone[0] == "gone"
    assert talk.conversation.counts.silences == 1
    assert talk.conversation.counts.resent >= 3, "it was asked before it was given up"


def test_a_printer_that_answers_again_is_told_and_printed_on():
    talk = Talk()
    talk.printer.misbehave(Faults(at=20, silence=25))
    talk.print(moves(60))
    assert [told[:2] for told in talk.told] == [("silent", True), ("silent", False)]
    assert talk.moves == moves(60)


def test_a_printer_that_says_that_it_is_busy_is_left_in_peace():
    talk = Talk(speed=1.0)
    talk.print([b"G4 S70", b"G1 X5"], limit=100)
    assert b"echo:busy: processing" in talk.heard
    assert talk.conversation.counts.resent <= 2, "asked once in a minute, whether it has the line"
    assert talk.taken_lines == [1, 2]


def test_a_printer_that_never_says_that_it_is_busy_may_take_long_over_what_takes_long():
    talk = Talk(speed=1.0, options={"busy": False}, patience=Patience())
    talk.print([b"G4 S50", b"G1 X5"], limit=100)
    assert talk.told == []
    assert talk.conversation.counts.silences == 0
    assert talk.taken_lines == [1, 2]


def test_a_line_whose_end_was_lost_is_found_though_the_printer_speaks_of_its_warmth():
    spoil = deque([True])
    talk = Talk(
        speed=20.0,
        to=lambda data: data[:-1] if b"M109" in data and spoil and spoil.popleft() else data,
    )
    talk.conversation.ask(Command(b"M155 S1"))
    talk.run(1)
    talk.print([b"M109 S200", b"G1 X5"], limit=200)
    assert [text for _, text in talk.executed][1:] == ["M109 S200", "G1 X5"]
    assert talk.told == []


def test_a_printer_that_says_wait_is_asked_at_once():
    spoil = deque([True])
    talk = Talk(
        options={"wait": True},
        to=lambda data: b"" if b"X30" in data and spoil and spoil.popleft() else data,
    )
    begun = talk.now
    talk.print(moves(40))
    all_in_order(talk, moves(40))
    assert talk.now - begun < 3


QUICK_LINES = 2 * pace.BLOCK


def swallow(text, times=1):
    """A line on which nothing but its end arrives of these, so often."""
    left = deque([True] * times)
    return lambda data: b"\n" if text in data and left and left.popleft() else data


@pytest.mark.parametrize(("busy", "most"), [(False, 1.0), (True, 3.5)])
def test_a_line_that_is_lost_whole_is_asked_after_soon_where_the_printer_was_quick(busy, most):
    printing = moves(QUICK_LINES + 20)
    lost = b"Y%d*" % QUICK_LINES
    talk = Talk(options={"busy": busy}, to=swallow(lost))
    talk.print(printing[:QUICK_LINES])
    begun = talk.now
    talk.print(printing[QUICK_LINES:])
    assert talk.moves == printing
    assert talk.now - begun < most
    assert talk.told == []
    assert talk.conversation.counts.silences == 1


@pytest.mark.parametrize("window", [1, 4])
@pytest.mark.parametrize("ok_after_resend", [True, False])
def test_a_printer_that_is_asked_too_soon_is_left_in_peace_then_and_no_line_is_doubled(
    window, ok_after_resend
):
    talk = Talk(window=window, options={"busy": False, "ok_after_resend": ok_after_resend})
    talk.print(moves(QUICK_LINES))
    for at in range(QUICK_LINES + 50, QUICK_LINES + 150, 10):
        talk.printer.misbehave(Faults(at=at, slow=2))
    talk.print(moves(QUICK_LINES))
    assert talk.moves == 2 * moves(QUICK_LINES)
    assert talk.told == []
    assert talk.conversation.counts.silences == 1


def test_an_error_that_is_no_stop_is_only_heard():
    talk = Talk()
    talk.conversation.ask(Command(b"M118 Error:something is odd"))
    talk.run(1)
    assert talk.told == []
    assert b"Error:something is odd" in talk.heard


@pytest.mark.parametrize(
    "line",
    [
        b"!!",
        b"Error:Printer halted. kill() called!",
        b"Error:Thermal Runaway, system stopped! Heater_ID: 0",
        b"Error:MINTEMP triggered, system stopped! Heater_ID: bed",
    ],
)
def test_what_a_killed_printer_says_is_understood(line):
    talk = Talk()
    talk.conversation.received(line)
    assert talk.told == [("halted", line.decode())]


def test_questions_go_before_the_file_and_hear_what_was_answered():
    talk = Talk()
    answers = []
    lines = deque(Command(text, line=n) for n, text in enumerate(moves(50), 1))
    talk.conversation.pull = lambda: lines.popleft() if lines else None
    talk.conversation.pump()
    talk.conversation.ask(Command(b"M114", done=answers.append))
    talk.run(20, until=lambda: bool(answers))
    assert any(line.startswith(b"X:") for line in answers[0])
    assert len(talk.taken_lines) < 5
    talk.run(60, until=lambda: talk.conversation.idle)
    assert talk.moves == moves(50)


def test_what_is_shouted_passes_a_command_that_waits_and_no_line_is_lost():
    talk = Talk(speed=1.0)
    talk.conversation.ask(Command(b"M109 S200"))
    talk.run(3)
    talk.conversation.shout(b"M108")
    talk.print(moves(20), limit=20)
    all_in_order(talk, moves(20))
    assert "M108" in [text for _, text in talk.executed]
    assert talk.conversation.counts.resent == 0


def test_a_line_that_is_refused_for_ever_is_given_up():
    talk = Talk()
    talk.printer.misbehave(Faults(at=10, checksum=1000))
    talk.print(moves(40))
    assert talk.told[0][0] == "refused"
    assert "line 11" in talk.told[0][1] or "line 12" in talk.told[0][1]
