"""The objects that were counted in a picture, as people left them.

They are kept as a JSON asset derived from the picture: one for each person who counts, so that
pupils do not overwrite each other's work. What the hub found stays; people mark objects as removed
and add others, and can take both back.
"""

import asyncio
import csv
import io
import json
import math
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.errors import Conflict, NotFound
from hub.plugin import Asset, AssetRow, PluginHub, Principal, check, may
from plugins.microscopy.processing.errors import NotCounted
from plugins.microscopy.scales import scale_of

MEDIA_TYPE = "application/json"
PROCESS = "count"
MOST_ADDED = 2000
_MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """A count as it is kept: the asset and what is in it."""

    asset: Asset
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
        """Keep what was found in a picture; it replaces the same person's earlier count."""
        objects = [
            {"number": number, **one, "removed": False, "added": False}
            for number, one in enumerate(found["objects"], 1)
        ]
        return await self._replace(picture, {**found, "objects": objects}, by)

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
        kept = await self.get(picture, by=by)
        found = [one for one in kept.document["objects"] if not one["added"]]
        unknown = set(removed) - {one["number"] for one in found}
        if unknown:
            raise Conflict(f"no objects {sorted(unknown)[:5]}")
        objects = [{**one, "removed": one["number"] in set(removed)} for one in found]
        first = max((one["number"] for one in found), default=0) + 1
        objects += [_added(number, *one) for number, one in enumerate(added, first)]
        return await self._replace(picture, {**kept.document, "objects": objects}, by)

    async def get(self, picture: Asset, *, by: Principal) -> Kept:
        """Return the caller's own count of a picture, or the newest that they may see.

        Raises:
            NotCounted: there is none.
        """
        rows = await self._rows(picture.id)
        seen = [one for one in rows if may(by, self._hub.assets.access(one, "view"))]
        own = [one for one in seen if one.owner == by.owner]
        for asset in [*own, *seen]:
            try:
                path = self._hub.assets.content(asset)
                return Kept(asset, json.loads(await asyncio.to_thread(path.read_bytes)))
            except (FileNotFoundError, ValueError):
                continue
        raise NotCounted(picture.id)

    async def picture(self, asset: str, *, by: Principal) -> Asset:
        """Return a picture that `by` may see. Raises `NotFound`, `Forbidden`."""
        found = await self._hub.assets.get(asset)
        check(by, self._hub.assets.access(found, "view"))
        if not found.is_picture:
            raise NotFound(f"asset {asset} is {found.media_type}")
        return found

    async def _rows(self, picture: str) -> list[Asset]:
        query = (
            select(AssetRow)
            .where(AssetRow.derived_from == picture, AssetRow.media_type == MEDIA_TYPE)
            .order_by(AssetRow.seq.desc())
            .limit(_MOST_LOOKED_AT)
        )

        def work(session: Session) -> list[Asset]:
            return [Asset.of(row) for row in session.scalars(query)]

        found = await self._hub.store.read(work)
        return [one for one in found if one.info.get("process") == PROCESS]

    async def _replace(self, picture: Asset, document: dict[str, Any], by: Principal) -> Kept:
        earlier = [one for one in await self._rows(picture.id) if one.owner == by.owner]
        number = sum(not one["removed"] for one in document["objects"])
        content = await asyncio.to_thread(lambda: json.dumps(document, allow_nan=False).encode())
        asset = await self._hub.assets.add(
            content=content,
            media_type=MEDIA_TYPE,
            title=picture.title,
            owner=by,
            lesson=picture.lesson,
            device=picture.device,
            derived_from=picture.id,
            info={"process": PROCESS, "sources": [picture.id], "count": number},
        )
        for one in earlier:
            await self._hub.assets.delete(one.id, by=by)
        return Kept(asset, document)


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
