"""Names of the files of an export."""

from hub import filenames


def safe_name(text: str, fallback: str = "picture") -> str:
    """Return `text` as the stem of a file's name that every system takes."""
    return filenames.safe_name(text, fallback)


def numbered(number: int, total: int, text: str, suffix: str) -> str:
    """Return a name that is unlike any other of the same export, and sorts in its order."""
    return f"{number:0{max(2, len(str(total)))}} {safe_name(text)}{suffix}"
