"""The packs that are installed: each whole in one file, which of them is used in another.

    packs/<id>/<version>.globepack      as it came
    packs/<id>/used.json                {"now": 3, "before": 2}; replaced at once, or not at all

A power cut leaves the old version used, or the new one: never half of any.
"""

import asyncio
import json
import logging
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from hub.errors import NotFound
from hub.store import write_whole
from plugins.globe.atlas.atlas import Atlas
from plugins.globe.packs.errors import BadPack, NothingBefore, PackOlder, PackStranger
from plugins.globe.packs.file import Card, Pack, read_pack

log = logging.getLogger("classhub.globe")

USED = "used.json"
MOST_PACKS = 50


@dataclass(frozen=True, slots=True)
class Installed:
    """A pack that is used, and the version that Undo goes back to (None: there is none)."""

    pack: Pack
    before: int | None


class Packs:
    """The packs of this hub.

    Args:
        folder: where they are kept. atlas: whose places they are of.
        keys: those of makers who are trusted (hex).
    """

    def __init__(self, folder: Path, atlas: Atlas, keys: frozenset[str]) -> None:
        self._folder = folder
        self._atlas = atlas
        self._keys = keys
        self._one = asyncio.Lock()
        self._used: dict[str, Installed] = {}

    async def start(self) -> None:
        """Read what is installed; what is broken is said and left out."""
        self._used = await asyncio.to_thread(self._found)

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
        """Take a pack from a file, which is left where it is.

        Raises:
            BadPack, PackUnsigned, PackStranger: it is not taken, and why.
            PackOlder: this version or a newer one is used.
        """
        async with self._one:
            found = await asyncio.to_thread(read_pack, file)
            if found.key not in self._keys:
                raise PackStranger(f"it is signed with {found.key}", key=found.key)
            known_places(found, self._atlas)
            says = found.says
            before = self._used.get(says.id)
            if before is not None and before.pack.says.version >= says.version:
                raise PackOlder(f"version {before.pack.says.version} is used")
            if before is None and len(self._used) >= MOST_PACKS:
                raise BadPack(f"there are {MOST_PACKS} packs already")
            last = None if before is None else before.pack.says.version
            self._used[says.id] = await asyncio.to_thread(self._keep, found, last)
            return self._used[says.id]

    async def undo(self, pack: str) -> Installed:
        """Go back to the version before. Raises `NotFound`, `NothingBefore`."""
        async with self._one:
            used = self._get(pack)
            if used.before is None:
                raise NothingBefore
            folder = self._folder / pack
            await asyncio.to_thread(self._say, folder, used.before, None)
            again = await asyncio.to_thread(self._read, folder)
            self._used[pack] = again
            return again

    async def remove(self, pack: str) -> None:
        """Remove a pack with all its versions. Raises `NotFound`."""
        async with self._one:
            self._get(pack)
            folder = self._folder / pack
            await asyncio.to_thread((folder / USED).unlink, missing_ok=True)
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            del self._used[pack]

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

    def _keep(self, found: Pack, before: int | None) -> Installed:
        folder = self._folder / found.says.id
        folder.mkdir(parents=True, exist_ok=True)
        version = found.says.version
        write_whole(folder / f"{version}.globepack", found.path.read_bytes())
        self._say(folder, version, before)
        for old in folder.glob("*.globepack"):
            if old.stem not in (str(version), str(before)):
                old.unlink(missing_ok=True)
        return self._read(folder)

    def _say(self, folder: Path, version: int, before: int | None) -> None:
        text = json.dumps({"now": version, "before": before})
        write_whole(folder / USED, text.encode())

    def _read(self, folder: Path) -> Installed:
        used = json.loads((folder / USED).read_text(encoding="utf-8"))
        return Installed(read_pack(folder / f"{used['now']}.globepack"), used["before"])

    def _found(self) -> dict[str, Installed]:
        used = {}
        for file in sorted(self._folder.glob(f"*/{USED}")):
            try:
                used[file.parent.name] = self._read(file.parent)
            except Exception as error:  # noqa: BLE001 - one broken pack must not take the globe away
                log.warning("the content pack %s is left out: %r", file.parent.name, error)
        return used


def known_places(pack: Pack, atlas: Atlas) -> None:
    """Raise `BadPack` where a card is of a place that the atlas does not know."""
    for card in pack.says.cards:
        if card.place not in atlas.places:
            raise BadPack(f"no place {card.place}")
