"""`classhub audit`."""

from hub.cli._remote import Where, reach
from hub.cli._text import clock, show_json, show_table, value_text


def show(
    where: Where, most: int, action: str | None, subject: str | None, *, as_json: bool
) -> None:
    """Print the newest entries of the audit log."""
    with reach(where) as hub:
        entries = hub.all("/audit", most=most, action=action, subject=subject)
    if as_json:
        show_json(entries)
        return
    rows = [
        (
            clock(one["time"]),
            one["by"]["name"] or one["by"]["id"],
            one["by"]["role"],
            one["action"],
            one["subject"],
            value_text(one["detail"]) if one["detail"] else "",
        )
        for one in entries
    ]
    header = ("TIME", "BY", "ROLE", "ACTION", "TO", "DETAIL")
    show_table(header, rows, empty="Nothing is noted.")
