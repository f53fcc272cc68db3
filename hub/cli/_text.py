"""How the commands print: tables for people, JSON for scripts, and nothing that moves the cursor.

Names, messages and values come from devices and networks. What is printed of them is bounded, and
characters that steer a terminal or turn its writing direction are left out.
"""

import json
import re
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

MOST = 200
_LEAST_COLUMN = 8
_GAP = "  "
_STEERING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_UNSAFE_IN_JSON = re.compile(
    "[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def plain(text: object, most: int = MOST) -> str:
    """Return untrusted text as one line of at most `most` characters, without control characters.

    What breaks a line or moves the cursor becomes a space; marks that turn the writing direction
    are dropped.
    """
    shown = []
    for character in str(text)[: most * 4]:
        kind = unicodedata.category(character)
        if kind not in _STEERING:
            shown.append(character)
        elif kind in ("Cc", "Zl", "Zp"):
            shown.append(" ")
    return _cut(" ".join("".join(shown).split()), most)


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    columns = 0
    for character in text:
        if unicodedata.category(character) in ("Mn", "Me"):
            continue
        columns += 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
    return columns


def _cut(text: str, most: int) -> str:
    """Return the text, shortened to `most` columns with an ellipsis where it is longer."""
    if width(text) <= most:
        return text
    kept: list[str] = []
    used = 1
    for character in text:
        used += width(character)
        if used > most:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"


def table(
    header: Sequence[str], rows: Sequence[Sequence[object]], *, columns: int | None = None
) -> str:
    """Return a table as text, without a line break at its end.

    Args:
        header: the columns' names.
        rows: their cells, untrusted; None is shown as `-`.
        columns: the room there is; None where the output is no terminal: nothing is cut then.
    """
    lines = [list(header)] + [["-" if c in (None, "") else plain(c) for c in row] for row in rows]
    widths = [max(width(line[i]) for line in lines) for i in range(len(header))]
    if columns is not None:
        _fit(widths, columns - len(_GAP) * (len(widths) - 1))
    out = []
    for line in lines:
        cells = [_cut(cell, room) for cell, room in zip(line, widths, strict=True)]
        padded = [
            cell + " " * (room - width(cell)) for cell, room in zip(cells, widths, strict=True)
        ]
        out.append(_GAP.join(padded).rstrip())
    return "\n".join(out)


def _fit(widths: list[int], room: int) -> None:
    """Take from the widest column, again and again, until all fit or none can give any more."""
    while sum(widths) > room:
        widest = widths.index(max(widths))
        if widths[widest] <= _LEAST_COLUMN:
            return
        widths[widest] -= 1


def show_table(header: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str) -> None:
    """Print a table as wide as the terminal, or what there is to say where it has no row."""
    if rows:
        room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        click.echo(table(header, rows, columns=room))
    else:
        click.echo(empty)


def as_json(value: Any, *, indent: int | None = 2) -> str:
    """Return a value as JSON that a terminal shows as it is: letters stay, steering is escaped."""
    separators = None if indent else (",", ":")
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def show_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(as_json(value))


def value_text(value: Any, unit: str | None = None) -> str:
    """Return a reading's value as people read it, with its unit."""
    if value is None:
        return "-"
    if isinstance(value, str):
        shown = plain(value)
    elif isinstance(value, float):
        shown = f"{value:g}"
    else:
        shown = plain(as_json(value, indent=None))
    return f"{shown} {plain(unit, 20)}" if unit else shown


def clock(time: str | None) -> str:
    """Return a time of the API (RFC 3339, UTC) as the local clock shows it."""
    if not time:
        return "-"
    try:
        given = datetime.fromisoformat(time)
    except ValueError:
        return plain(time, 30)
    if given.tzinfo is None:
        given = given.replace(tzinfo=UTC)
    return given.astimezone().strftime("%Y-%m-%d %H:%M:%S")
