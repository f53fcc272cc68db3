"""Letters of sticky notes: of the distribution, with all letters of Kazakh, Russian and English."""

import re
from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from plugins.whiteboard.errors import NoLetters

NAME = "Board"
FOLDER = Path("/usr/share/fonts/truetype")
FILES = (
    "dejavu/DejaVuSans.ttf",
    "noto/NotoSans-Regular.ttf",
    "liberation/LiberationSans-Regular.ttf",
)
LINE = 1.25
_LARGEST, _SMALLEST = 34, 9
_BREAKS_WORDS = 18
# What XML has no place for, and what turns the direction of letters round.
_NO_LETTERS = re.compile(
    "[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]|[\\u202a-\\u202e\\u2066-\\u2069]"
)


def clean(text: str) -> str:
    """Return a text without what is no letter."""
    return _NO_LETTERS.sub("", text)


@cache
def load() -> str:
    """Have the letters ready; returns their name. Raises `NoLetters`."""
    for name in FILES:
        file = FOLDER / name
        if file.is_file():
            pdfmetrics.registerFont(TTFont(NAME, str(file)))
            return NAME
    raise NoLetters(f"none of {', '.join(FILES)} in {FOLDER}")


def wide(text: str, size: float) -> float:
    """Return how wide a text is. Raises `NoLetters`."""
    return float(pdfmetrics.stringWidth(text, load(), size))


def laid(text: str, width: float, height: float) -> tuple[int, list[str]]:
    """Break words into lines, in the largest type in which all of it fits; as the page does.

    Returns:
        The size of the letters, and the lines.
    """
    text = clean(text)
    size = _LARGEST
    while True:
        whole = size <= _BREAKS_WORDS or all(wide(word, size) <= width for word in text.split())
        if whole:
            lines = _broken(text, width, size)
            if size <= _SMALLEST or len(lines) * size * LINE <= height:
                return size, lines[: max(1, int(height / (size * LINE)))]
        size = int(size * 0.88)


def _broken(text: str, width: float, size: float) -> list[str]:
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for word in re.split(r"\s+", paragraph):
            if line and wide(f"{line} {word}", size) <= width:
                line += f" {word}"
                continue
            if line:
                lines.append(line)
            line = word
            while len(line) > 1 and wide(line, size) > width:
                fits = _fitting(line, width, size)
                lines.append(line[:fits])
                line = line[fits:]
        lines.append(line)
    return lines


def _fitting(word: str, width: float, size: float) -> int:
    """Return how many letters of a word fit; one at least, and not all of them."""
    used = 0.0
    for count, letter in enumerate(word):
        used += wide(letter, size)
        if used > width:
            return max(1, count)
    return len(word) - 1
