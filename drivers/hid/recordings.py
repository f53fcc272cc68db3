"""Recordings of HID and input devices that others' tools make, and what they hold.

- hid-recorder (hid-tools, hid-replay): `R:` the report descriptor, `N:` name, `I:` bus vendor
  product, `E: seconds length bytes…`, all hexadecimal but the time and the lengths.
- evemu (evemu-record): `N:`, `I:`, `P:` properties, `B: type bytes…`, `A: code min max fuzz flat
  res`, `E: seconds.micros type code value`, version 1.0 to 1.3.
- libinput record: YAML; of it the few keys that matter are read, line by line.
- usbhid-dump: `bus:device:interface:STREAM time`, lines of hexadecimal bytes, an empty line;
  `DESCRIPTOR` in place of `STREAM` where report descriptors are dumped.

Files are untrusted: bounded, and what makes no sense is `BadRecordingText` with its line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from hub.device.transports import Axis, InputEvent

MOST_CHARACTERS = 64 << 20
MOST_ENTRIES = 2_000_000
LONGEST_LINE = 64 * 1024
MOST_REPORT = 16384


class BadRecordingText(ValueError):
    """A recording makes no sense; says in which line."""


@dataclass(slots=True)
class HidRecording:
    """Reports of one HID device (of usbhid-dump: of one interface), with their times in seconds."""

    name: str = ""
    vendor: int = 0
    product: int = 0
    descriptor: bytes = b""
    reports: list[tuple[float, bytes]] = field(default_factory=list)


@dataclass(slots=True)
class InputRecording:
    """Events of one input device, and what it said of itself."""

    name: str = ""
    vendor: int = 0
    product: int = 0
    axes: dict[int, Axis] = field(default_factory=dict)
    bits: dict[int, set[int]] = field(default_factory=dict)
    properties: set[int] = field(default_factory=set)
    events: list[InputEvent] = field(default_factory=list)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    if len(text) > MOST_CHARACTERS:
        raise BadRecordingText("the recording is too long")
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > LONGEST_LINE:
            raise BadRecordingText(f"line {number} is too long")
        if number > MOST_ENTRIES:
            raise BadRecordingText("the recording has too many lines")
        yield number, line


def _bytes(words: list[str]) -> bytes:
    if len(words) > MOST_REPORT:
        raise ValueError("too many bytes")
    return bytes(int(word, 16) for word in words)


def _seconds(word: str) -> float:
    if not re.fullmatch(r"\d{1,12}(\.\d{1,9})?", word, re.ASCII):
        raise ValueError(f"no time: {word[:20]!r}")
    return float(word)


def parse_hid_recorder(text: str) -> HidRecording:
    """Parse hid-recorder's text (BadRecordingText). Of several devices in one file the first."""
    result = HidRecording()
    for number, line in _lines(text):
        kind, _, rest = line.partition(":")
        words = rest.split()
        try:
            match kind:
                case "D":
                    if words != ["0"]:
                        break
                case "R":
                    data = _bytes(words[1:])
                    if int(words[0]) != len(data):
                        raise ValueError("a descriptor of another length")
                    result.descriptor = data
                case "N":
                    result.name = rest.strip()[:200]
                case "I":
                    result.vendor, result.product = int(words[1], 16), int(words[2], 16)
                case "E":
                    data = _bytes(words[2:])
                    if int(words[1]) != len(data):
                        raise ValueError("a report of another length")
                    result.reports.append((_seconds(words[0]), data))
        except (ValueError, IndexError) as error:
            raise BadRecordingText(f"line {number}: {error}") from None
    return result


def parse_evemu(text: str) -> InputRecording:
    """Parse evemu's text (BadRecordingText)."""
    result = InputRecording()
    seen: dict[int, int] = {}
    for number, line in _lines(text):
        kind, _, rest = line.partition("#")[0].partition(":")
        words = rest.split()
        try:
            match kind:
                case "N":
                    result.name = line.partition(":")[2].strip()[:200]
                case "I":
                    result.vendor, result.product = int(words[1], 16), int(words[2], 16)
                case "P":
                    seen[-1] = _bits(result.properties, seen.get(-1, 0), words)
                case "B":
                    type_ = int(words[0], 16)
                    codes = result.bits.setdefault(type_, set())
                    seen[type_] = _bits(codes, seen.get(type_, 0), words[1:])
                case "A":
                    code = int(words[0], 16)
                    values = [_value(int(word)) for word in words[1:6]]
                    low, high, fuzz, flat = values[:4]
                    resolution = values[4] if len(values) > 4 else 0
                    result.axes[code] = Axis(0, low, high, fuzz, flat, resolution)
                case "E":
                    type_, code = int(words[1], 16), int(words[2], 16)
                    event = InputEvent(_seconds(words[0]), type_, code, _value(int(words[3])))
                    result.events.append(event)
        except (ValueError, IndexError) as error:
            raise BadRecordingText(f"line {number}: {error}") from None
    return result


def _bits(codes: set[int], at: int, words: list[str]) -> int:
    """Take eight bytes of a bit field; return where the next ones begin."""
    for byte in _bytes(words):
        if at >= 128:
            raise ValueError("too many bits")
        codes |= {8 * at + bit for bit in range(8) if byte >> bit & 1}
        at += 1
    return at


def _value(value: int) -> int:
    if not -(2**31) <= value < 2**31:
        raise ValueError(f"no value of an event: {value}")
    return value


_EVENT_LINE = re.compile(
    r"- \[\s*(\d{1,12}),\s*(\d{1,6}),\s*(\d{1,3}),\s*(\d{1,3}),\s*(-?\d{1,10})\s*\]", re.ASCII
)
_ID_LINE = re.compile(r"id: \[\s*(\d+),\s*(\d+),\s*(\d+),\s*(\d+)\s*\]", re.ASCII)
_AXIS_LINE = re.compile(r"(\d{1,3}): \[((?:\s*-?\d{1,10},?)+)\s*\]", re.ASCII)
_CODES_LINE = re.compile(r"(\d{1,2}): \[([\d\s,]*)\]", re.ASCII)
_LIST_LINE = re.compile(r"properties: \[([\d\s,]*)\]", re.ASCII)


def parse_libinput(text: str) -> InputRecording:
    """Parse `libinput record`'s YAML (BadRecordingText). Of several devices the first."""
    result = InputRecording()
    section = ""
    nodes = 0
    for number, line in _lines(text):
        bare = (
            line.partition("#")[0].strip() if not line.lstrip().startswith("name") else line.strip()
        )
        if bare.startswith("- node:"):
            nodes += 1
            if nodes > 1:
                break
        elif bare in ("codes:", "absinfo:", "events:", "evdev:", "udev:", "quirks:"):
            section = bare[:-1]
        elif bare.startswith("name:"):
            result.name = bare[5:].strip().strip('"')[:200]
        try:
            _libinput_line(result, section, bare)
        except (ValueError, IndexError) as error:
            raise BadRecordingText(f"line {number}: {error}") from None
    return result


def _libinput_line(result: InputRecording, section: str, line: str) -> None:
    if section in ("evdev", "events") and (found := _EVENT_LINE.match(line)):
        seconds, micros, type_, code, value = (int(word) for word in found.groups())
        time = seconds + micros / 1e6
        result.events.append(InputEvent(time, type_, code, _value(value)))
    elif section == "absinfo" and (found := _AXIS_LINE.match(line)):
        values = [_value(int(word)) for word in found[2].replace(",", " ").split()]
        low, high, fuzz, flat, resolution = values[:5]
        result.axes[int(found[1])] = Axis(0, low, high, fuzz, flat, resolution)
    elif section == "codes" and (found := _CODES_LINE.match(line)):
        codes = {int(word) for word in found[2].replace(",", " ").split()}
        if any(code > 1023 for code in codes):
            raise ValueError("a code that there is not")
        result.bits[int(found[1])] = codes
    elif found := _ID_LINE.match(line):
        result.vendor, result.product = int(found[2]), int(found[3])
    elif found := _LIST_LINE.match(line):
        result.properties = {int(word) for word in found[1].replace(",", " ").split()}


_DUMP_HEAD = re.compile(r"\s*(\d{3}):(\d{3}):(\d{3}):(STREAM|DESCRIPTOR)\s+(\d+\.\d+)\s*", re.ASCII)


def parse_usbhid_dump(text: str) -> dict[int, HidRecording]:
    """Parse usbhid-dump's text: by interface its reports, its descriptor (BadRecordingText)."""
    result: dict[int, HidRecording] = {}
    head: tuple[int, str, float] | None = None
    words: list[str] = []

    def end(number: int) -> None:
        if head is None:
            return
        interface, kind, time = head
        one = result.setdefault(interface, HidRecording())
        try:
            data = _bytes(words)
        except ValueError as error:
            raise BadRecordingText(f"line {number}: {error}") from None
        if kind == "DESCRIPTOR":
            one.descriptor = data
        elif data:
            one.reports.append((time, data))

    number = 0
    for number, line in _lines(text):
        found = _DUMP_HEAD.fullmatch(line)
        if found is not None:
            end(number)
            head, words = (int(found[3]), found[4], float(found[5])), []
        elif head is not None and line.strip():
            words += line.split()
    end(number)
    return result
