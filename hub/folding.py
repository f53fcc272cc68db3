"""How words are compared when somebody searches: as a person reads them, not as they are coded.

SQLite compares without regard to case in ASCII only; here it is so in every script. Kazakh letters
that many school keyboards lack are found by the Russian ones that people type in their place.
"""

import re
import unicodedata

_ALIKE = str.maketrans("ёәғқңөұүһі×", "еагкноуухиx")
_TIMES = re.compile(r"(?<=[0-9]) ?[xх](?![^\W\d_])")  # Latin and Cyrillic, as in 10x


def fold(*texts: str) -> str:
    """Return the words of `texts` in the form in which they are searched.

    Both what is searched and what is searched for go through this; "Құс", "ҚҰС" and "кус" are one.
    A magnification is one whatever sign it is written with: "10×", "10 x", "10х".
    """
    text = unicodedata.normalize("NFKC", " ".join(texts)).casefold()
    # Casefolding may leave letters apart from their marks.
    text = unicodedata.normalize("NFC", " ".join(text.split())).translate(_ALIKE)
    return _TIMES.sub("x", text)
