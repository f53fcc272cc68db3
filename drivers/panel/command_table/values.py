"""Values of properties, and what stands for them in messages."""

from typing import Any

from drivers.panel.command_table.table import FLAGS, Command
from drivers.panel.command_table.template import literal
from drivers.panel.values import MOST_HOURS, Power
from hub.device import DeviceError, OutOfRange

_DIGITS = {"hex2": (16, 2), "hex4": (16, 4), "dec3": (10, 3), "dec": (10, 0)}


def written(name: str, command: Command, value: Any) -> bytes:
    """Return what stands for a value.

    Raises:
        OutOfRange: the table has nothing for it.
    """
    if command.format is not None:
        return _number_written(command, value)
    key = ("on" if value else "off") if name in FLAGS else str(value)
    if key not in command.values:
        raise OutOfRange(f"{name}: the table has no {key!r}")
    return literal(command.values[key])


def meant(name: str, command: Command, heard: bytes) -> Any:
    """Return the value that an answer tells.

    Raises:
        DeviceError: the table does not know it.
    """
    if command.format is not None:
        return _number_meant(name, command, heard)
    for key, wire in command.values.items():
        if literal(wire).upper() == heard.upper():
            return _value(name, key)
    for wire, key in command.also.items():
        if literal(wire).upper() == heard.upper():
            return _value(name, key)
    raise DeviceError(f"{name}: it answers {heard[:20]!r}, which the table does not know")


def _value(name: str, key: str) -> Any:
    if name == "power":
        return Power(key)
    return key == "on" if name in FLAGS else key


def _number_written(command: Command, value: Any) -> bytes:
    number = round(command.low + (command.high - command.low) * float(value) / 100)
    match command.format:
        case "byte":
            return bytes([number & 0xFF])
        case "word":
            return (number & 0xFFFF).to_bytes(2, "big")
    base, digits = _DIGITS[command.format or "dec"]
    return (f"{number:0{digits}X}" if base == 16 else f"{number:0{digits}d}").encode()


def _number_meant(name: str, command: Command, heard: bytes) -> Any:
    if command.format in ("byte", "word"):
        if len(heard) != (1 if command.format == "byte" else 2):
            raise DeviceError(f"{name}: it answers {heard[:20]!r}, which is no {command.format}")
        number = int.from_bytes(heard, "big")
    else:
        base, _ = _DIGITS[command.format or "dec"]
        try:
            number = int(heard.decode("ascii"), base)
        except ValueError:
            raise DeviceError(f"{name}: it answers {heard[:20]!r}, which is no number") from None
    if name == "temperature":
        return float(number)
    if name != "volume":
        return min(max(number, 0), MOST_HOURS)
    share = (number - command.low) / (command.high - command.low)
    return min(max(round(100 * share), 0), 100)
