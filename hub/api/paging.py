"""Pages of lists: `{"items": […], "next": cursor}`.

A cursor is the opaque place after the last item; lists are sorted by something that never changes
(an id that sorts by the time it was made), so that nothing is skipped or shown twice while others
add and remove.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from hub.errors import Invalid

T = TypeVar("T")

LIMIT = 50
MAX_LIMIT = 200


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T]
    next: str | None = Field(
        default=None, description="Pass it as `cursor` for the next page; null on the last one."
    )


@dataclass(frozen=True, slots=True)
class Paging:
    """What the caller wants to see of a list: at most `limit` items after `cursor`."""

    limit: int = LIMIT
    cursor: str | None = None

    def in_place(self, items: Sequence[T]) -> tuple[list[T], str | None]:
        """Cut the page out of a list without keys; the cursor is a place in it."""
        places = [f"{place:06}" for place in range(len(items))]
        found, following = self.of(places, str)
        return [items[int(place)] for place in found], following

    def of(self, items: Sequence[T], key: Callable[[T], str]) -> tuple[list[T], str | None]:
        """Cut the page out of a whole list that is sorted by ascending `key`.

        Raises:
            Invalid: the cursor is none of ours.
        """
        after = decode(self.cursor) if self.cursor else None
        rest = list(items) if after is None else [item for item in items if key(item) > after]
        shown = rest[: self.limit]
        return shown, encode(key(shown[-1])) if len(rest) > self.limit else None


async def _paging(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Items on a page.")] = LIMIT,
    cursor: Annotated[
        str | None, Query(max_length=200, description="`next` of the page before.")
    ] = None,
) -> Paging:
    return Paging(limit, cursor)


Pages = Annotated[Paging, Depends(_paging)]


def encode(key: str) -> str:
    """Return the opaque cursor after the item with this key."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def decode(cursor: str) -> str:
    """Return the key that a cursor stands for.

    Raises:
        Invalid: it is none of ours.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        return raw.decode("utf-8")
    except (binascii.Error, ValueError):
        raise Invalid(f"cursor {cursor[:40]!r}") from None
