"""The outline of a long list of assets: how many, in which sections, and where to begin each page.

With it a page can lay out thousands of pictures, jump to any day, and fetch only what is seen.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.assets._queries import Order, Which, after, chosen, visible
from hub.rights import Principal
from hub.store.tables import AssetRow, LessonRow

MOST = 50_000
_NO_DAY = "0001-01-01"


@dataclass(slots=True)
class Section:
    """Assets that follow each other in the list, of one day and one lesson.

    Attributes:
        day: ISO 8601, where the caller is.
        lesson: its id, None where they belong to none; `title` is the lesson's.
    """

    day: str
    lesson: str | None
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What a list holds, in its order.

    Attributes:
        total: how many assets.
        every: assets on a page.
        cursors: for each page, the cursor that `list` begins it with; None for the first.
        sections: their counts add up to `total`.
        more: there are more than are counted here (`MOST`).
    """

    total: int
    every: int
    cursors: list[str | None]
    sections: list[Section]
    more: bool


def outline(
    session: Session,
    which: Which,
    principal: Principal | None,
    order: Order,
    *,
    every: int,
    offset: timedelta,
) -> Outline:
    """Read the outline; one narrow row for each asset, at most `MOST`."""
    query: Any = (
        select(AssetRow.seq, AssetRow.created, AssetRow.lesson, LessonRow.title)
        .outerjoin(LessonRow, LessonRow.id == AssetRow.lesson)
        .where(chosen(session, which))
    )
    if principal is not None:
        query = query.where(visible(principal))
    rows = iter(session.execute(after(query, None, order).limit(MOST + 1)))
    total, cursors, sections, last = 0, list[str | None](), list[Section](), None
    for seq, created, lesson, title in islice(rows, MOST):
        if total % every == 0:
            cursors.append(last)
        total, last = total + 1, str(seq)
        day = _day(created, offset)
        if sections and (sections[-1].day, sections[-1].lesson) == (day, lesson):
            sections[-1].count += 1
        else:
            sections.append(Section(day, lesson, title or "", 1))
    return Outline(total, every, cursors, sections, next(rows, None) is not None)


def _day(created: float, offset: timedelta) -> str:
    try:
        return (datetime.fromtimestamp(created, UTC) + offset).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return _NO_DAY
