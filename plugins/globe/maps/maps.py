"""All globe maps: those that came with the hub, and what was taught here."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import delete
from sqlalchemy.orm import Session

from drivers.globe.contract import Globe
from hub.audit import record
from hub.clock import now
from hub.errors import NotFound
from hub.ids import new_id
from hub.plugin import PluginHub, Principal
from plugins.globe.atlas.atlas import Atlas
from plugins.globe.maps.errors import BadGlobeMap, CodeTaken, MapFull, MapShipped
from plugins.globe.maps.file import MOST_CODES, GlobeMap, read_map
from plugins.globe.tables import CodeRow, MapRow

log = logging.getLogger("classhub.globe")

CONFIGS = Path(__file__).resolve().parents[3] / "configs" / "globes"
MOST_MAPS = 100


@dataclass(frozen=True, slots=True)
class KnownMap:
    """A map as it is now.

    Attributes:
        id: of it. title: what people call it. shipped: it came with the hub.
        verified: tried on the very globe. source: where its codes come from.
        codes: places by codes. taught: how many of them were taught here.
    """

    id: str
    title: str
    shipped: bool
    verified: bool
    source: str
    codes: Mapping[str, str]
    taught: int


@dataclass(frozen=True, slots=True)
class Clash:
    """A code that two maps understand otherwise."""

    code: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of a merge: how many codes are new, how many were there, and what clashes."""

    added: int
    same: int
    replaced: int
    clashes: tuple[Clash, ...]


class Maps:
    """The globe maps. Read once at the start; every change is kept before it is acknowledged."""

    def __init__(self, hub: PluginHub, atlas: Atlas, folder: Path = CONFIGS) -> None:
        self._hub = hub
        self._atlas = atlas
        self._shipped = _shipped(folder)
        self._made: dict[str, str] = {}
        self._taught: dict[str, dict[str, str]] = {}

    async def start(self) -> None:
        """Read what is kept."""

        def work(session: Session) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
            made = {row.id: row.title for row in session.query(MapRow)}
            return made, [(row.map, row.code, row.place) for row in session.query(CodeRow)]

        self._made, codes = await self._hub.store.read(work)
        for globe, code, place in codes:
            self._taught.setdefault(globe, {})[code] = place

    def all(self) -> list[KnownMap]:
        """Return all maps, those that were made here first."""
        return [self.get(one) for one in (*sorted(self._made), *sorted(self._shipped))]

    def get(self, globe: str) -> KnownMap:
        """Return one map. Raises `NotFound`."""
        shipped = self._shipped.get(globe)
        if shipped is None and globe not in self._made:
            raise NotFound(f"no globe map {globe}")
        taught = self._taught.get(globe, {})
        codes = {**({} if shipped is None else shipped.codes), **taught}
        return KnownMap(
            id=globe,
            title=self._made[globe] if shipped is None else shipped.title,
            shipped=shipped is not None,
            verified=shipped is not None and shipped.verified and not taught,
            source="" if shipped is None else shipped.source,
            codes={code: place for code, place in codes.items() if place},
            taught=sum(1 for place in taught.values() if place),
        )

    def place(self, device: str, code: str) -> str | None:
        """Return the place that a device's pen touched; None where no table knows its code."""
        globe = self.of(device)
        taught = self._taught.get(globe, {}).get(code)
        if taught is None and (shipped := self._shipped.get(globe)) is not None:
            taught = shipped.codes.get(code)
        return taught or None

    def of(self, device: str) -> str:
        """Return the id of the map that a device's pens belong to; empty where none was chosen."""
        reading = self._hub.devices.get(device).readings.get(Globe.map.name)
        return "" if reading is None else str(reading.value)

    async def make(self, title: str, by: Principal) -> KnownMap:
        """Make an empty map. Raises `MapFull` where there are too many."""
        if len(self._made) >= MOST_MAPS:
            raise MapFull(f"{MOST_MAPS} maps")

        def work(session: Session) -> str:
            row = MapRow(id=new_id(), title=title, owner=by.owner, made=now())
            session.add(row)
            record(session, by, "globe.map", row.id)
            return row.id

        globe = await self._hub.store.write(work)
        self._made[globe] = title
        return self.get(globe)

    async def delete(self, globe: str, by: Principal) -> None:
        """Delete a map that was made here. Raises `NotFound`, `MapShipped`."""
        if self.get(globe).shipped:
            raise MapShipped(globe)

        def work(session: Session) -> None:
            session.execute(delete(CodeRow).where(CodeRow.map == globe))
            session.execute(delete(MapRow).where(MapRow.id == globe))
            record(session, by, "globe.map.delete", globe)

        await self._hub.store.write(work)
        self._made.pop(globe, None)
        self._taught.pop(globe, None)

    async def teach(
        self, globe: str, code: str, place: str, *, replace: bool, by: Principal
    ) -> KnownMap:
        """Keep that a code is a place.

        Raises:
            NotFound: there is no such map, or no such place.
            CodeTaken: it is another place's, and that is not to be replaced.
            MapFull: the map has no room for another code.
        """
        known = self.get(globe)
        if place not in self._atlas.places:
            raise NotFound(f"no place {place}")
        there = known.codes.get(code)
        if there not in (None, place) and not replace:
            raise CodeTaken(f"{code} is {there}")
        if there is None and len(known.codes) >= MOST_CODES:
            raise MapFull(f"{MOST_CODES} codes")
        if there != place:
            await self._keep(globe, {code: place}, by)
        return self.get(globe)

    async def forget(self, globe: str, code: str, by: Principal) -> KnownMap:
        """Forget what a code is. Raises `NotFound`."""
        if code not in self.get(globe).codes:
            raise NotFound(f"no code {code} in {globe}")
        await self._keep(globe, {code: ""}, by)
        return self.get(globe)

    async def merge(
        self, globe: str, text: str, how: Literal["keep", "replace"], by: Principal
    ) -> Merged:
        """Take the codes of a file into a map.

        Args:
            globe: the map.
            text: the file.
            how: whether a code that is another place there keeps what it is here, or is replaced.
            by: who does.

        Raises:
            NotFound: there is no such map.
            BadGlobeMap: the file is none, or names a place that the atlas does not have.
            MapFull: not all of it fits.
        """
        here, there = self.get(globe).codes, read_map(text).codes
        unknown = sorted({place for place in there.values() if place not in self._atlas.places})
        if unknown:
            raise BadGlobeMap(f"no such places: {', '.join(unknown[:10])}")
        if len({*here, *there}) > MOST_CODES:
            raise MapFull(f"{MOST_CODES} codes")
        clashes = tuple(
            Clash(code, here[code], place)
            for code, place in sorted(there.items())
            if here.get(code, place) != place
        )
        new = {code: place for code, place in there.items() if code not in here}
        replaced = {one.code: one.there for one in clashes} if how == "replace" else {}
        if new or replaced:
            await self._keep(globe, {**new, **replaced}, by)
        same = len(there) - len(new) - len(clashes)
        return Merged(len(new), same, len(replaced), clashes)

    async def _keep(self, globe: str, codes: Mapping[str, str], by: Principal) -> None:
        def work(session: Session) -> None:
            for code, place in codes.items():
                row = CodeRow(map=globe, code=code, place=place, owner=by.owner, taught=now())
                session.merge(row)
            record(session, by, "globe.teach", globe)

        await self._hub.store.write(work)
        self._taught.setdefault(globe, {}).update(codes)


def _shipped(folder: Path) -> dict[str, GlobeMap]:
    """Return the maps of a folder; a broken one is left out, and said."""
    found: dict[str, GlobeMap] = {}
    for file in sorted(folder.glob("*.toml")):
        try:
            found[file.stem] = read_map(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, BadGlobeMap) as error:
            log.error("the globe map %s is left out: %s", file, error)
    return found
