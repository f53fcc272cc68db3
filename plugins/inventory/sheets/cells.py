"""Cells of a table that a spreadsheet opens: none of them is ever a formula.

What a spreadsheet would take for a formula (OWASP, "CSV Injection") gets an apostrophe before it;
reading takes one off again, so that what is written and read is the same.
"""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(text: str) -> str:
    """Return a cell that no spreadsheet works out."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(cell: str) -> str:
    """Return what `guarded` was given."""
    return cell[1:] if _GUARDED.match(cell) else cell
