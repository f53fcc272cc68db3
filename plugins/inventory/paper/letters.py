"""Letters of printed pages: of the distribution, with all of Kazakh, Russian and English."""

import re
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from hub.plugin import N_, HubError

FOLDER = Path("/usr/share/fonts/truetype")
PAIRS = (
    ("dejavu/DejaVuSans.ttf", "dejavu/DejaVuSans-Bold.ttf"),
    ("noto/NotoSans-Regular.ttf", "noto/NotoSans-Bold.ttf"),
    ("liberation/LiberationSans-Regular.ttf", "liberation/LiberationSans-Bold.ttf"),
)
REGULAR, BOLD = "Paper", "Paper-Bold"
# What XML has no place for, and what turns the direction of letters round.
_NO_LETTERS = re.compile(
    "[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]|[\\u202a-\\u202e\\u2066-\\u2069]"
)


class NoLetters(HubError):
    """No font with the letters of our languages is installed."""

    code = "no-letters"
    status = 503
    title = N_("The hub's computer has no letters to print with.")
    hint = N_("Install the package fonts-dejavu-core on the hub's computer.")


@cache
def load() -> None:
    """Have the letters ready. Raises `NoLetters`."""
    for regular, bold in PAIRS:
        if (FOLDER / regular).is_file() and (FOLDER / bold).is_file():
            pdfmetrics.registerFont(TTFont(REGULAR, str(FOLDER / regular)))
            pdfmetrics.registerFont(TTFont(BOLD, str(FOLDER / bold)))
            return
    raise NoLetters(f"none of {', '.join(pair[0] for pair in PAIRS)} in {FOLDER}")


def clean(text: str) -> str:
    """Return a text without what is no letter."""
    return _NO_LETTERS.sub("", text)


def marked(text: str) -> str:
    """Return a text for a paragraph, in which nothing of it is a tag; its lines stay."""
    return escape(clean(text)).replace("\n", "<br/>")


def fitted(text: str, font: str, size: float, width: float, lines: int) -> list[str]:
    """Break a text into lines of a width, in points; what is too much ends with an ellipsis."""
    load()
    made: list[str] = []
    rest = " ".join(clean(text).split())
    while rest and len(made) < lines:
        count = _fits(rest, font, size, width)
        if count < len(rest):
            space = rest.rfind(" ", 1, count + 1)
            count = space if space > 0 else count
        made.append(rest[:count].strip())
        rest = rest[count:].strip()
    if rest and made:
        last = made[-1]
        while last and pdfmetrics.stringWidth(f"{last}…", font, size) > width:
            last = last[:-1]
        made[-1] = f"{last}…"
    return made


def broken(text: str, font: str, size: float, width: float) -> list[str]:
    """Break a text into all its lines of a width, in points."""
    load()
    lines: list[str] = []
    for paragraph in clean(text).split("\n"):
        rest = paragraph.strip()
        if not rest:
            lines.append("")
        while rest:
            # No letter is narrower than a fifth of its size: longer is no line.
            start = rest[: int(width / size * 5) + 1]
            count = _fits(start, font, size, width)
            if count < len(rest):
                space = rest.rfind(" ", 1, count + 1)
                count = space if space > 0 else count
            lines.append(rest[:count].strip())
            rest = rest[count:].strip()
    return lines


def _fits(text: str, font: str, size: float, width: float) -> int:
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if pdfmetrics.stringWidth(text[:middle], font, size) <= width:
            low = middle
        else:
            high = middle - 1
    return low
