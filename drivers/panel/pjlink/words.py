"""The words of PJLink: commands, replies, what they mean.

Source: "PJLink Specifications Class 1" (JBMIA, version 1.04, 2013) and "Class 2" (version 1.00,
2014), https://pjlink.jbmia.or.jp/english/. Read with some mercy: replies in small letters, with
zero bytes or line feeds before them, or of the other class were all met in the field.
"""

import hashlib
import re
from dataclasses import dataclass

from drivers.panel.problems import NotOffered, NotReady
from drivers.panel.values import MOST_HOURS, Fault, Lamp, Level, Part, Power
from hub.device import DeviceError, OutOfRange, WrongDevice

PORT = 4352
END = b"\r"
_NOISE = "\0 \r\n\t"
_REPLY = re.compile(r"%(?P<pjclass>[12])(?P<body>[A-Z0-9]{4})=(?P<parameter>.*)", re.DOTALL)
_ERRORS = frozenset({"ERR1", "ERR2", "ERR3", "ERR4"})
_MOST_LAMPS = 8
_POWER = {"0": Power.OFF, "1": Power.ON, "2": Power.COOLING, "3": Power.WARMING}
_PARTS = (Part.FAN, Part.LAMP, Part.TEMPERATURE, Part.COVER, Part.FILTER, Part.OTHER)
_LEVELS = {"1": Level.WARNING, "2": Level.ERROR}
_INPUTS = {"1": "rgb", "2": "video", "3": "digital", "4": "storage", "5": "network", "6": "inside"}
_KINDS = {name: digit for digit, name in _INPUTS.items()}


@dataclass(frozen=True, slots=True)
class Greeting:
    """What the projector says first: `salt` is None where it wants no password."""

    salt: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What it answers: to which command, and what."""

    body: str
    parameter: str


def command(body: str, parameter: str, pjclass: int = 1) -> bytes:
    """Return a command as it goes over the line (section 3.1)."""
    return f"%{pjclass}{body} {parameter}\r".encode("ascii")


def digest(salt: str, password: str) -> bytes:
    """Return what stands before the first command of a connection (section 5)."""
    text = f"{salt}{password}".encode()
    return hashlib.md5(text, usedforsecurity=False).hexdigest().encode()


def greeting(line: bytes) -> Greeting | None:
    """Read the projector's first line; None where it refuses.

    Raises:
        WrongDevice: this is not PJLink.
    """
    words = line.decode("utf-8", "replace").strip(_NOISE).split(" ")
    if words[0].upper() == "PJLINK":
        rest = [word.strip(_NOISE) for word in words[1:] if word]
        if rest and rest[0].upper() == "ERRA":
            return None
        if rest == ["0"]:
            return Greeting(None)
        if len(rest) == 2 and rest[0] == "1":
            return Greeting(rest[1])
    raise WrongDevice(f"it greets with {line[:60]!r}: this is not PJLink of class 1 or 2")


def refused(line: bytes) -> bool:
    """Tell whether the projector refuses the password (section 5.2)."""
    return line.decode("utf-8", "replace").strip(_NOISE).upper() == "PJLINK ERRA"


def reply(line: bytes) -> Reply | None:
    """Read an answer; None where the line is none."""
    text = line.decode("utf-8", "replace").strip(_NOISE)
    match = _REPLY.fullmatch(text[:2] + text[2:6].upper() + text[6:])
    return None if match is None else Reply(match["body"], match["parameter"])


def answers(answer: Reply, said: bytes) -> bool:
    """Tell whether an answer is one to this command: OK answers no question, values no order."""
    body, asked = said[2:6].decode("ascii"), said[7:8] == b"?"
    if answer.body != body:
        return False
    parameter = answer.parameter.upper()
    return parameter in _ERRORS or (parameter == "OK") != asked


def checked(answer: Reply) -> str:
    """Return an answer's parameter, or raise what it says went wrong (section 2.2)."""
    match answer.parameter.upper():
        case "ERR1":
            raise NotOffered(f"{answer.body}: it does not know this command")
        case "ERR2":
            raise OutOfRange(f"{answer.body}: it does not take this value")
        case "ERR3":
            raise NotReady(f"{answer.body}: not in its present state")
        case "ERR4":
            raise DeviceError(f"{answer.body}: it says that it is faulty")
    return answer.parameter


def _unclear(body: str, parameter: str) -> DeviceError:
    return DeviceError(f"{body}: it answers {parameter[:60]!r}")


def power(parameter: str) -> Power:
    """POWR (section 4.2)."""
    if parameter not in _POWER:
        raise _unclear("POWR", parameter)
    return _POWER[parameter]


def source(code: str) -> str:
    """Return our name of an input (INPT, sections 4.3 and 4.4): `31` is `digital-1`."""
    code = code.strip().upper()
    if len(code) != 2 or code[0] not in _INPUTS or not code[1].isascii() or not code[1].isalnum():
        raise _unclear("INPT", code)
    return f"{_INPUTS[code[0]]}-{code[1].lower()}"


def code_of(name: str) -> str:
    """Return the projector's code of an input (OutOfRange where there is none)."""
    kind, _, number = name.partition("-")
    if kind not in _KINDS or len(number) != 1 or not (number.isascii() and number.isalnum()):
        raise OutOfRange(f"{name!r} is no input of PJLink")
    return _KINDS[kind] + number.upper()


def sources(parameter: str) -> list[str]:
    """INST (section 4.4): what is no input is left out."""
    found: list[str] = []
    for code in parameter.split()[:64]:
        try:
            name = source(code)
        except DeviceError:
            continue
        if name not in found:
            found.append(name)
    return found


def mutes(parameter: str) -> tuple[bool, bool]:
    """AVMT (section 4.6): whether the picture is off, and the sound."""
    told = {
        "11": (True, False), "21": (False, True), "31": (True, True), "30": (False, False),
        "10": (False, False), "20": (False, False),
    }  # fmt: skip
    if parameter not in told:
        raise _unclear("AVMT", parameter)
    return told[parameter]


def faults(parameter: str) -> list[Fault]:
    """ERST (section 4.7): six digits, one for each part."""
    if not re.fullmatch("[012]{6}", parameter):
        raise _unclear("ERST", parameter)
    return [
        Fault(part=part, level=_LEVELS[digit])
        for part, digit in zip(_PARTS, parameter, strict=True)
        if digit != "0"
    ]


def lamps(parameter: str) -> list[Lamp]:
    """LAMP (section 4.8): hours and state of each."""
    words = parameter.split()
    if len(words) == 1:  # some leave the state out
        words.append("")
    pairs = list(zip(words[::2], words[1::2], strict=False))
    if not pairs or len(words) % 2 or len(pairs) > _MOST_LAMPS:
        raise _unclear("LAMP", parameter)
    return [
        Lamp(hours=hours("LAMP", count), lit={"0": False, "1": True}.get(state))
        for count, state in pairs
    ]


def hours(body: str, parameter: str) -> int:
    """Return a count of hours."""
    if not re.fullmatch(r"[0-9]{1,7}", parameter) or int(parameter) > MOST_HOURS:
        raise _unclear(body, parameter)
    return int(parameter)


def flag(body: str, parameter: str) -> bool:
    """Return what 0 or 1 means."""
    if parameter not in ("0", "1"):
        raise _unclear(body, parameter)
    return parameter == "1"
