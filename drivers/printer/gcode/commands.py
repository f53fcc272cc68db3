"""Lines of G-code taken apart as firmware does it.

Source: Marlin 2.1, `src/gcode/parser.cpp` (the first letter, spaces, a number: `M 0997` is `M997`)
and `src/gcode/queue.cpp` (comments, line numbers, checksums).
"""

import re
from collections.abc import Iterator
from typing import Final

_NUMBERED: Final = re.compile(rb"N\s*-?\d+\s*(.*?)\s*(?:\*\s*\d*\s*)?\Z", re.DOTALL | re.IGNORECASE)
_WORD: Final = re.compile(rb"([GMTgmt])[ \t]*(\d+)(?:\.(\d+))?")
_PLAIN: Final = re.compile(
    rb"[A-Za-z][ \t]*\d+(?:\.\d+)?(?:[ \t]*[A-Za-z][ \t]*(?:[-+]?(?:\d+\.?\d*|\.\d+))?)*\Z"
)
_PARAMETER: Final = re.compile(rb"([A-Za-z])[ \t]*([-+]?(?:\d+\.?\d*|\.\d+))?")
_LAYER: Final = re.compile(rb";\s*(?:LAYER_CHANGE|CHANGE_LAYER|LAYER:\s*-?\d+)\s*\Z")


def command_of(raw: bytes) -> bytes:
    """Return what of a file's line is a command: no comment, number or checksum; empty for none."""
    command = raw.split(b";", 1)[0].strip()
    if command[:1] in (b"N", b"n") and (found := _NUMBERED.match(command)):
        return found[1]
    return command


def word_of(command: bytes) -> bytes:
    """Return a command's first word in capitals, without leading zeros: `G1`, `M862.3`, `START`.

    Of what does not begin with `G`, `M` or `T` and a number, it is all up to the first space.
    """
    if found := _WORD.match(command):
        letter, number, sub = found.groups()
        word = letter.upper() + (number.lstrip(b"0") or b"0")
        return word if sub is None else word + b"." + sub
    return command.split(None, 1)[0].upper() if command else b""


def parameters(command: bytes) -> Iterator[tuple[str, float | None]]:
    """Yield a command's parameters: each letter and its number, None where it has none.

    Raises:
        ValueError: there is something else in it, such as an exponent or a name to be filled in.
    """
    if not _PLAIN.match(command):
        raise ValueError("not only letters and numbers")
    found = _PARAMETER.finditer(command)
    next(found)
    for one in found:
        yield one[1].upper().decode(), None if one[2] is None else float(one[2])


def is_layer(raw: bytes) -> bool:
    """Tell whether a comment says that a layer begins, as slicers write it."""
    return _LAYER.match(raw.rstrip()) is not None
