"""The objects that were counted in a picture, as people left them.

Each person who counts has a count of their own, a row beside the picture, so that pupils do not
overwrite each other's work; it is seen by whoever sees what they have drawn there (`measuring`).
What the hub found stays; people mark objects as removed and add others, and can take both back.
"""

import csv
import io
import math
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.clock import now
from hub.errors import Conflict, NotFound
from hub.plugin import Access, Asset, AssetRow, PluginHub, Principal, Role, check, may
from plugins.microscopy.measuring import editable
from plugins.microscopy.processing.errors import NotCounted, TooManyCounts
from plugins.microscopy.scales import scale_of
from plugins.microscopy.tables import CountRow

MOST_ADDED = 2000
MOST_COUNTS = 200
"""People who count in one picture."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A count as it is kept: whose it is and what is in it."""

    author: str
    document: dict[str, Any]

    @property
    def number(self) -> int:
        """How many objects there are, those that were removed left out."""
        return sum(not one["removed"] for one in self.document["objects"])


class CountedObjects:
    """Keeps counts and their corrections."""

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub

    async def keep(self, picture: Asset, found: dict[str, Any], *, by: Principal) -> Kept:
        """Keep what was found in a picture; it replaces the same person's earlier count.

        Raises:
            NotFound: the picture is gone.
            TooManyCounts: too many people have counted in it.
        """
        objects = [
            {"number": number, **one, "removed": False, "added": False}
            for number, one in enumerate(found["objects"], 1)
        ]
        document = {**found, "objects": objects}
        return await self._hub.store.write(
            lambda session: _replaced(session, picture, document, by)
        )

    async def edit(
        self,
        picture: Asset,
        removed: list[int],
        added: list[tuple[float, float, float]],
        *,
        by: Principal,
    ) -> Kept:
        """Say which objects are none, and which were missed; replaces all earlier corrections.

        Args:
            picture: the picture they are in.
            removed: numbers of objects that the hub found.
            added: centres and diameters, px.
            by: whose count it is; another's is taken over as one's own.

        Raises:
            NotCounted: nothing was counted here.
            Conflict: an object is named that is not there; somebody counted anew.
        """

        def work(session: Session) -> Kept:
            document = self._seen(session, picture, by).document
            objects = _corrected(document["objects"], removed, added)
            return _replaced(session, picture, {**document, "objects": objects}, by)

        return await self._hub.store.write(work)

    async def get(self, picture: Asset, *, by: Principal) -> Kept:
        """Return the caller's own count of a picture, or the newest that they may see.

        Raises:
            NotCounted: there is none.
        """
        return await self._hub.store.read(lambda session: self._seen(session, picture, by))

    async def picture(self, asset: str, *, by: Principal) -> Asset:
        """Return a picture that `by` may see. Raises `NotFound`, `Forbidden`."""
        found = await self._hub.assets.get(asset)
        check(by, self._hub.assets.access(found, "view"))
        if not found.is_picture:
            raise NotFound(f"asset {asset} is {found.media_type}")
        return found

    def _seen(self, session: Session, picture: Asset, by: Principal) -> Kept:
        of_picture = CountRow.asset == picture.id
        authors = select(CountRow.author, CountRow.shared).where(of_picture)
        seen = [
            author
            for author, shared in session.execute(authors.order_by(CountRow.changed.desc()))
            if may(by, self._audience(picture, author, shared=shared))
        ]
        if not seen:
            raise NotCounted(picture.id)
        chosen = by.owner if by.owner in seen else seen[0]
        row = session.get_one(CountRow, (picture.id, chosen))
        return Kept(row.author, row.document)

    def _audience(self, picture: Asset, author: str, *, shared: bool) -> Access:
        return self._hub.assets.access(picture, "view") if shared else editable(author)


def _replaced(session: Session, picture: Asset, document: dict[str, Any], by: Principal) -> Kept:
    row = session.get(CountRow, (picture.id, by.owner))
    if row is None:
        if session.scalar(select(AssetRow.id).where(AssetRow.id == picture.id)) is None:
            raise NotFound(f"asset {picture.id} is gone")
        others = select(func.count()).where(CountRow.asset == picture.id)
        if (session.scalar(others) or 0) >= MOST_COUNTS:
            raise TooManyCounts(f"{MOST_COUNTS} counts")
        shared = by.owner == picture.owner or by.role.includes(Role.TEACHER)
        row = CountRow(asset=picture.id, author=by.owner, shared=shared)
        session.add(row)
    row.changed = now()
    row.document = document
    return Kept(by.owner, document)


def _corrected(
    objects: list[dict[str, Any]], removed: list[int], added: list[tuple[float, float, float]]
) -> list[dict[str, Any]]:
    found = [one for one in objects if not one["added"]]
    unknown = set(removed) - {one["number"] for one in found}
    if unknown:
        raise Conflict(f"no objects {sorted(unknown)[:5]}")
    first = max((one["number"] for one in found), default=0) + 1
    return [
        *({**one, "removed": one["number"] in set(removed)} for one in found),
        *(_added(number, *one) for number, one in enumerate(added, first)),
    ]


def _added(number: int, x: float, y: float, diameter: float) -> dict[str, Any]:
    return {
        "number": number,
        "x": x,
        "y": y,
        "area": round(math.pi * diameter**2 / 4, 1),
        "diameter": diameter,
        "feret": diameter,
        "outline": [],
        "cut": False,
        "removed": False,
        "added": True,
    }


def table(kept: Kept, picture: Asset) -> str:
    """Return a count as CSV (RFC 4180): in micrometres where the scale is known, else in pixels."""
    scale = scale_of(picture)
    unit, factor = ("px", 1.0) if scale is None else ("um", scale)
    text = io.StringIO()
    writer = csv.writer(text)
    names = ["x", "y", "diameter", "feret"]
    writer.writerow(["number", *(f"{name}_{unit}" for name in names), f"area_{unit}2", "by_hand"])
    rows = [one for one in kept.document["objects"] if not one["removed"]]
    for number, one in enumerate(rows, 1):
        lengths = [round(one[name] * factor, 3) for name in names]
        area = round(one["area"] * factor**2, 3)
        writer.writerow([number, *lengths, area, "yes" if one["added"] else "no"])
    return text.getvalue()
