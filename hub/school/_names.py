"""Names and texts that people write: shown to everyone, so never trusted.

Control characters, characters that turn the writing direction round, private and half characters
are taken out, heaps of accents are cut, the rest is brought to Unicode's form NFC. Kazakh, Russian
and emoji names stay as they are.
"""

import unicodedata

from hub.school._errors import BadName

NAME_LIMIT = 80
TITLE_LIMIT = 120
NOTE_LIMIT = 2000

_JOINERS = "\u200c\u200d"  # part of Persian words and of emoji
_MARKS_IN_A_ROW = 3
_REMOVED = {"Cc", "Cf", "Cs", "Co"}


def clean_name(text: str, *, field: str = "name", limit: int = NAME_LIMIT) -> str:
    """Return `text` fit for a name or a title: one line, 1 to `limit` characters.

    Raises:
        BadName: nothing that can be seen is left of it, or it is too long.
    """
    cleaned = _clean(text, field, limit, lines=False)
    if not any(unicodedata.category(c)[0] in "LNPS" for c in cleaned):
        raise BadName(f"{field} is empty", field=field, limit=limit)
    return cleaned


def clean_text(text: str, *, field: str = "note", limit: int = NOTE_LIMIT) -> str:
    """Return `text` fit for a note of several lines, 0 to `limit` characters.

    Raises:
        BadName: it is too long.
    """
    return _clean(text, field, limit, lines=True)


def _clean(text: str, field: str, limit: int, *, lines: bool) -> str:
    if len(text) > limit * 10:
        raise BadName(f"{field} has {len(text)} characters", field=field, limit=limit)
    cleaned = _pass(text, lines=lines)
    # What was taken out may have kept apart what now composes; a few passes settle it.
    while (again := _pass(cleaned, lines=lines)) != cleaned:
        cleaned = again
    if len(cleaned) > limit:
        raise BadName(f"{field} has {len(cleaned)} characters", field=field, limit=limit)
    return cleaned


def _pass(text: str, *, lines: bool) -> str:
    rows = text.splitlines() if lines else [" ".join(text.split())]
    cleaned = ["".join(_kept(" ".join(unicodedata.normalize("NFC", r).split()))) for r in rows]
    return unicodedata.normalize("NFC", "\n".join(r.strip() for r in cleaned).strip())


def _kept(text: str) -> list[str]:
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if category in _REMOVED and character not in _JOINERS:
            continue
        if marks > _MARKS_IN_A_ROW or ord(character) & 0xFFFE == 0xFFFE:
            continue
        kept.append(character)
    return kept
