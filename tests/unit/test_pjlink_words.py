"""What projectors say by PJLink, and what becomes of it."""

import contextlib
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.panel.pjlink import words
from drivers.panel.problems import NotOffered, NotReady, problem_of
from drivers.panel.values import Fault, Lamp, Level, Part, Power
from hub.device import DeviceError, OutOfRange, Severity, WrongDevice


def test_the_example_of_the_specification_is_signed_as_it_says():
    # PJLink class 1, section 5.1: "498e4a67" and "JBMIAProjectorLink".
    proof = words.digest("498e4a67", "JBMIAProjectorLink")
    assert proof == b"5d8409bc1c3fa39749434aa3a5c38682"
    assert proof == hashlib.md5(b"498e4a67JBMIAProjectorLink").hexdigest().encode()


def test_commands_are_as_the_specification_writes_them():
    assert words.command("POWR", "1") == b"%1POWR 1\r"
    assert words.command("INNM", "?31", 2) == b"%2INNM ?31\r"


@pytest.mark.parametrize(
    ("line", "salt"),
    [
        (b"PJLINK 0\r", None),
        (b"\0PJLINK 0\r", None),
        (b"\n\0 pjlink 0\r", None),
        (b"PJLINK 1 498e4a67\r", "498e4a67"),
        (b"PJLINK 1  498e4a67 \r", "498e4a67"),
    ],
)
def test_greetings(line, salt):
    assert words.greeting(line) == words.Greeting(salt)


@pytest.mark.parametrize(
    "line", [b"", b"\r", b"HTTP/1.1 400 Bad Request\r", b"PJLINK\r", b"PJLINK 1\r", b"PJLINK 3 a\r"]
)
def test_what_greets_otherwise_is_another_device(line):
    with pytest.raises(WrongDevice, match="not PJLink"):
        words.greeting(line)


def test_a_refusal_is_heard_at_once_and_later():
    assert words.greeting(b"PJLINK ERRA\r") is None
    assert words.refused(b"\0pjlink erra\r")
    assert not words.refused(b"%1POWR=ERR3\r")


def test_answers_are_read_with_mercy():
    assert words.reply(b"%1POWR=1\r") == words.Reply("POWR", "1")
    assert words.reply(b"\n\0%1powr=OK\r") == words.Reply("POWR", "OK")
    assert words.reply(b"%2INNM=HDMI 1\r") == words.Reply("INNM", "HDMI 1")
    assert words.reply(b"%1NAME=\r") == words.Reply("NAME", "")
    for noise in (b"%1POWR 1\r", b"%3POWR=1\r", b"POWR=1\r", b"\xff\xfe\r", b"PJLINK 0\r"):
        assert words.reply(noise) is None


@pytest.mark.parametrize(
    ("said", "error"),
    [("ERR1", NotOffered), ("err2", OutOfRange), ("ERR3", NotReady), ("ERR4", DeviceError)],
)
def test_what_went_wrong_is_told_apart(said, error):
    with pytest.raises(error):
        words.checked(words.Reply("POWR", said))


def test_values():
    assert [words.power(digit) for digit in "0123"] == [
        Power.OFF, Power.ON, Power.COOLING, Power.WARMING,
    ]  # fmt: skip
    assert words.source("31") == "digital-1"
    assert words.sources("11 12 31 6A 99 x 31") == ["rgb-1", "rgb-2", "digital-1", "inside-a"]
    assert words.code_of("inside-a") == "6A"
    assert words.mutes("31") == (True, True)
    assert words.lamps("1000 1 50 0") == [Lamp(hours=1000, lit=True), Lamp(hours=50, lit=False)]
    assert words.lamps("77") == [Lamp(hours=77)]
    assert words.faults("010002") == [
        Fault(part=Part.LAMP, level=Level.WARNING),
        Fault(part=Part.OTHER, level=Level.ERROR),
    ]


def test_the_worst_fault_is_the_panels_health():
    told = problem_of(words.faults("010002"))
    assert (told.code, told.severity) == ("panel-other", Severity.FAULT)
    assert problem_of(words.faults("100000")).severity is Severity.WARNING
    assert problem_of([]) is None
    # That no computer is plugged in is no illness of the panel.
    assert problem_of([Fault(part=Part.SIGNAL, level=Level.ERROR)]) is None


@given(st.text(max_size=300))
def test_whatever_it_answers_is_a_value_or_the_devices_error(parameter):
    for read in (
        words.power, words.source, words.sources, words.mutes, words.faults, words.lamps,
        lambda text: words.hours("FILT", text), lambda text: words.flag("FREZ", text),
        words.code_of,
    ):  # fmt: skip
        with contextlib.suppress(DeviceError):
            read(parameter)


@given(st.binary(max_size=300))
def test_no_line_does_harm(line):
    assert words.reply(line) is None or words.reply(line).body.isascii()
    words.refused(line)
    with contextlib.suppress(WrongDevice):
        words.greeting(line)
