"""Files that are shown: taken in, looked at, their pages drawn, their parts named."""

import asyncio
from collections import OrderedDict
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from hub.clock import now
from hub.ids import new_id
from hub.plugin import Asset, PluginHub, Principal, check
from plugins.panel.show.errors import BadMaterial
from plugins.panel.tables import ModelRow

PDF = "application/pdf"
MODELS = ("model/gltf-binary", "model/stl")
_WORK = "plugins.panel.show.work"
_SECONDS = 30.0
_MEMORY = 1 << 30
_DRAWN = 24
"""Pages that are remembered: turning back is at once."""

Names = dict[str, dict[str, str]]
"""By part: by language, what it is called."""


class Material:
    """PDFs and 3D models that teachers show.

    Args:
        hub: the hub.
    """

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub
        self._looked: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._drawn: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Take away what a power cut has left half made."""
        await asyncio.to_thread(_cleared, self._hub.work)

    async def take(self, source: Path, title: str, lesson: str | None, by: Principal) -> Asset:
        """Keep a file that was sent. Raises `BadMaterial` and what `Assets.add` raises."""
        found = await self._look(source)
        return await self._hub.assets.add(
            content=source,
            media_type=found["media_type"],
            title=title,
            owner=by,
            lesson=lesson,
        )

    async def seen(self, asset: str, by: Principal) -> Asset:
        """Return an asset that the caller may see, or that the class's screen shows."""
        found = await self._hub.assets.get(asset)
        shown = self._hub.showing.now().values()
        if not any(thing.attributes.get("asset") == asset for thing in shown):
            check(by, self._hub.assets.access(found, "view"))
        return found

    async def about(self, asset: Asset) -> dict[str, Any]:
        """Return what the file has: `pages` or `parts`, as `work.look` tells."""
        known = self._looked.get(asset.sha256)
        if known is None:
            if asset.media_type not in (PDF, *MODELS):
                raise BadMaterial(f"asset {asset.id} is {asset.media_type}")
            known = await self._look(self._hub.assets.content(asset))
            self._looked[asset.sha256] = known
            while len(self._looked) > _DRAWN:
                self._looked.popitem(last=False)
        return known

    async def page(self, asset: Asset, number: int) -> bytes:
        """Return a page of a PDF as PNG. Raises `NoSuchPage`."""
        if asset.media_type != PDF:
            raise BadMaterial(f"asset {asset.id} is {asset.media_type}")
        key = (asset.sha256, number)
        async with self._turn:  # the panel and the teacher's phone ask for the same page at once
            drawn = self._drawn.get(key)
            if drawn is None:
                drawn = await self._draw(self._hub.assets.content(asset), number)
                self._drawn[key] = drawn
                while len(self._drawn) > _DRAWN:
                    self._drawn.popitem(last=False)
            self._drawn.move_to_end(key)
        return drawn

    async def names(self, asset: str) -> Names:
        """Return what the parts of a model are called."""

        def work(session: Session) -> Names:
            row = session.get(ModelRow, asset)
            return {} if row is None else dict(row.names)

        return await self._hub.store.read(work)

    async def name(self, asset: str, names: Names) -> None:
        """Say what the parts of a model are called, all of them."""

        def work(session: Session) -> None:
            session.merge(ModelRow(asset=asset, names=names, changed=now()))

        await self._hub.store.write(work)

    async def _look(self, file: Path) -> dict[str, Any]:
        found: dict[str, Any] = await self._hub.workers.run(
            f"{_WORK}:look", str(file), timeout=_SECONDS, memory=_MEMORY, urgent=True
        )
        return found

    async def _draw(self, file: Path, number: int) -> bytes:
        target = self._hub.work / f"{new_id()}.png"
        await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
        try:
            await self._hub.workers.run(
                f"{_WORK}:draw",
                str(file),
                number,
                str(target),
                timeout=_SECONDS,
                memory=_MEMORY,
                urgent=True,
            )
            return await asyncio.to_thread(target.read_bytes)
        finally:
            await asyncio.to_thread(target.unlink, missing_ok=True)


def _cleared(folder: Path) -> None:
    for left in folder.glob("*.png"):
        left.unlink(missing_ok=True)
