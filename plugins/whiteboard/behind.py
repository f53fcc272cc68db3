"""Pictures that are kept for a board, such as the pages of a PDF: in no album, gone with it."""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.errors import NotFound
from hub.plugin import SYSTEM, Asset, AssetRow, PluginHub, Principal
from plugins.whiteboard.sync.room import Room
from plugins.whiteboard.tables import PictureRow

KEEPER = "whiteboard"


class Pictures:
    """Keeps them, and takes those away that no board has any more."""

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub

    async def keep(
        self, room: Room, path: Path, media_type: str, title: str, by: Principal
    ) -> Asset:
        """Keep a picture for a board. Raises what `Assets.add` raises."""

        def also(session: Session, row: AssetRow) -> None:
            session.add(PictureRow(asset=row.id, board=room.board.id))

        return await self._hub.assets.add(
            content=path,
            media_type=media_type,
            title=title,
            owner=by,
            keeper=KEEPER,
            also=also,
        )

    async def drop(self, assets: Iterable[str]) -> None:
        """Delete pictures that were kept for a board."""
        for asset in assets:
            try:
                await self._hub.assets.delete(asset, by=SYSTEM)
            except NotFound:
                continue

    async def sweep(self) -> int:
        """Delete those whose board is gone; returns how many."""
        query = select(AssetRow.id).where(
            AssetRow.keeper == KEEPER, AssetRow.id.not_in(select(PictureRow.asset))
        )
        lost = await self._hub.store.read(lambda session: list(session.scalars(query)))
        await self.drop(lost)
        return len(lost)
