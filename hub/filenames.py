"""Names of files that every system takes, whatever people have called what is in them."""

import re
import unicodedata

_LIMIT = 100
_BAD = re.compile(r"[^\w .,()+-]|[/\\]", re.UNICODE)
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(?![^.])", re.IGNORECASE
)


def safe_name(text: str, fallback: str) -> str:
    """Return `text` as the stem of a file's name, of at most 100 bytes.

    Letters of all scripts stay. What leads elsewhere (slashes, leading dots), what Windows refuses
    (reserved names, trailing dots, `<>:"|?*`) and what cannot be seen is taken out.
    """
    kept = unicodedata.normalize("NFC", text)
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in kept)
    kept = " ".join(_BAD.sub(" ", kept).split())
    kept = kept.encode()[:_LIMIT].decode(errors="ignore").strip(" .-")
    if _RESERVED.match(kept):
        kept = f"_{kept}"
    return kept or fallback
