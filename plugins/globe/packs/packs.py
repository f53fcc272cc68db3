"""The packs that are installed: each whole in one file, an asset that the plugin keeps.

So they are in each backup and come back with it. Which version is used is said by the database: it
changes in one step, so that a power cut leaves the old version used, or the new one.
"""

import asyncio
import logging
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Delete, Update, delete, select, update
from sqlalchemy.orm import Session

from hub.errors import HubError, NotFound
from hub.plugin import SYSTEM, AssetRow, PluginHub
from plugins.globe.atlas.atlas import Atlas
from plugins.globe.packs.errors import BadPack, NothingBefore, PackOlder, PackStranger
from plugins.globe.packs.file import Card, Pack, read_pack
from plugins.globe.tables import PackRow

log = logging.getLogger("classhub.globe")

KEEPER = "globe"
MEDIA_TYPE = "application/zip"
MOST_PACKS = 50


@dataclass(frozen=True, slots=True)
class Installed:
    """A pack that is used, and the version that Undo goes back to (None: there is none)."""

    pack: Pack
    before: int | None


class Packs:
    """The packs of this hub.

    Args:
        hub: where their files and what is used are kept.
        atlas: whose places they are of.
        keys: those of makers who are trusted (hex).
    """

    def __init__(self, hub: PluginHub, atlas: Atlas, keys: frozenset[str]) -> None:
        self._hub = hub
        self._atlas = atlas
        self._keys = keys
        self._one = asyncio.Lock()
        self._used: dict[str, Installed] = {}

    async def start(self) -> None:
        """Read what is installed; what is broken is said and left out."""
        versions = await self._versions()
        await self._clear(versions)
        for one in versions:
            if not one.used:
                continue
            try:
                self._used[one.pack] = await self._read(one, versions)
            except Exception as error:  # noqa: BLE001 - one broken pack must not take the globe away
                log.warning("the content pack %s is left out: %r", one.pack, error)

    def all(self) -> list[Installed]:
        """Return the packs that are used, by their ids."""
        return [self._used[one] for one in sorted(self._used)]

    def cards(self, place: str) -> list[tuple[str, Card]]:
        """Return the cards of a place, each with the id of its pack."""
        return [
            (one.pack.says.id, card)
            for one in self.all()
            for card in one.pack.says.cards
            if card.place == place
        ]

    async def install(self, file: Path) -> Installed:
        """Take a pack from a file, which is moved in.

        Raises:
            BadPack, PackUnsigned, PackStranger: it is not taken, and why.
            PackOlder: this version or a newer one is used.
            StorageFull: there is no room; nothing was kept.
        """
        async with self._one:
            found = await asyncio.to_thread(read_pack, file)
            if found.key not in self._keys:
                raise PackStranger(f"it is signed with {found.key}", key=found.key)
            known_places(found, self._atlas)
            says = found.says
            versions = await self._versions()
            used = next((one.version for one in versions if one.pack == says.id and one.used), 0)
            if used >= says.version:
                raise PackOlder(f"version {used} is used")
            if not used and len({one.pack for one in versions}) >= MOST_PACKS:
                raise BadPack(f"there are {MOST_PACKS} packs already")

            def also(session: Session, asset: AssetRow) -> None:
                mine = PackRow.pack == says.id
                session.execute(update(PackRow).where(mine).values(used=False))
                row = PackRow(asset=asset.id, pack=says.id, version=says.version, used=True)
                session.add(row)

            asset = await self._hub.assets.add(
                content=file,
                media_type=MEDIA_TYPE,
                title=f"{says.id} {says.version}",
                owner=SYSTEM,
                keeper=KEEPER,
                also=also,
            )
            path = self._hub.assets.content(asset)
            self._used[says.id] = Installed(replace(found, path=path), used or None)
            await self._clear(await self._versions())
            return self._used[says.id]

    async def undo(self, pack: str) -> Installed:
        """Go back to the version before. Raises `NotFound`, `NothingBefore`."""
        async with self._one:
            used = self._get(pack)
            if used.before is None:
                raise NothingBefore
            before = used.before
            mine = PackRow.pack == pack
            again = update(PackRow).where(mine, PackRow.version == before).values(used=True)
            await self._change(delete(PackRow).where(mine, PackRow.used), again)
            versions = await self._versions()
            one = next(one for one in versions if one.pack == pack and one.used)
            self._used[pack] = await self._read(one, versions)
            await self._clear(versions)
            return self._used[pack]

    async def remove(self, pack: str) -> None:
        """Remove a pack with all its versions. Raises `NotFound`."""
        async with self._one:
            if not any(one.pack == pack for one in await self._versions()):
                raise NotFound(f"no pack {pack}")
            await self._change(delete(PackRow).where(PackRow.pack == pack))
            self._used.pop(pack, None)
            await self._clear(await self._versions())

    async def content(self, pack: str, member: str) -> bytes:
        """Return a picture or sound that a card names. Raises `NotFound`."""
        used = self._get(pack).pack
        if member not in {n for card in used.says.cards for n in (card.picture, card.sound)}:
            raise NotFound(f"{pack} has no {member}")

        def work() -> bytes:
            with zipfile.ZipFile(used.path) as archive:
                return archive.read(member)

        return await asyncio.to_thread(work)

    def _get(self, pack: str) -> Installed:
        used = self._used.get(pack)
        if used is None:
            raise NotFound(f"no pack {pack}")
        return used

    async def _versions(self) -> list["_Version"]:
        def work(session: Session) -> list[_Version]:
            rows = session.scalars(select(PackRow))
            return [_Version(row.pack, row.version, row.asset, row.used) for row in rows]

        return await self._hub.store.read(work)

    async def _change(self, *statements: Delete | Update) -> None:
        def work(session: Session) -> None:
            for one in statements:
                session.execute(one)

        await self._hub.store.write(work)

    async def _read(self, one: "_Version", versions: list["_Version"]) -> Installed:
        path = self._hub.assets.content(await self._hub.assets.get(one.asset))
        return Installed(await asyncio.to_thread(read_pack, path), _before(one, versions))

    async def _clear(self, versions: list["_Version"]) -> None:
        """Delete the files of versions that are neither used nor gone back to."""
        kept = {one.asset for one in versions if one.used}
        for one in versions:
            before = _before(one, versions) if one.used else None
            kept |= {it.asset for it in versions if (it.pack, it.version) == (one.pack, before)}
        files = await self._hub.assets.list(keeper=KEEPER, limit=4 * MOST_PACKS)
        spare = [asset.id for asset in files.items if asset.id not in kept]
        await self._change(delete(PackRow).where(PackRow.asset.not_in(kept)))
        for asset in spare:
            try:
                await self._hub.assets.delete(asset, by=SYSTEM)
            except HubError as error:  # tried again at the next start
                log.warning("a content pack that nobody needs is still there: %s", error)


@dataclass(frozen=True, slots=True)
class _Version:
    pack: str
    version: int
    asset: str
    used: bool


def _before(used: _Version, versions: list[_Version]) -> int | None:
    """Return the version that Undo goes back to from the one that is used."""
    others = [one for one in versions if one.pack == used.pack and one.version < used.version]
    return max((one.version for one in others), default=None)


def known_places(pack: Pack, atlas: Atlas) -> None:
    """Raise `BadPack` where a card is of a place that the atlas does not know."""
    for card in pack.says.cards:
        if card.place not in atlas.places:
            raise BadPack(f"no place {card.place}")
