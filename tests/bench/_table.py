"""The table that `make bench` prints."""

from dataclasses import dataclass


@dataclass
class Row:
    """One figure: what was measured, the figure, what to reach, and its peer in the same run."""

    what: str
    figure: str
    reach: str
    peer: str = ""


def show(rows: list[Row]) -> None:
    """Print rows in columns."""
    for row in rows:
        print(f"{row.what:<52} {row.figure:>16}   to reach {row.reach:<16} {row.peer}", flush=True)
