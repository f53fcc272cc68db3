"""Empty fields: of each objective a picture of nothing, by which the light is made even."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from drivers.microscope.contract import Microscope
from hub.clock import now
from hub.errors import NotFound
from hub.plugin import N_, Asset, PluginHub, Principal, check
from plugins.microscopy.captures import FRESH_FRAME_LIMIT, Captures
from plugins.microscopy.processing.errors import NoEmptyField
from plugins.microscopy.tables import EmptyFieldRow

TITLE = N_("Empty field")
_LIMIT = 60.0
_MEMORY = 2 << 30
_SAME_SHAPE = 0.01


@dataclass(frozen=True, slots=True)
class EmptyField:
    """One empty field, see `EmptyFieldRow`."""

    device: str
    objective: str
    asset: str
    width: int
    height: int
    falloff: float
    by_name: str
    made: float


class EmptyFields:
    """The empty fields of all microscopes; one for each objective, the newest."""

    def __init__(self, hub: PluginHub, captures: Captures) -> None:
        self._hub = hub
        self._captures = captures
        hub.old_assets.spare(_spared)

    async def take(self, device: str, *, by: Principal) -> EmptyField:
        """Take the picture that is seen now as the empty field of the objective in use.

        Raises:
            FieldTooBright, FieldTooDark, FieldNotEmpty: it does not do; nothing is changed.
            NotFound, Forbidden, Unreachable, TimedOut: as for any picture.
        """
        handle = self._captures.microscope(device)
        check(by, handle.access("observe", Microscope.view.name))
        feed = handle.frames(Microscope.view.name)
        seen = 0 if feed.latest is None else feed.latest.id
        frame = await feed.next(after=seen, timeout=FRESH_FRAME_LIMIT)
        # In nobody's album: it is the microscope's, not the lesson's.
        taken = await self._captures.keep(
            handle, frame, by=by, title=TITLE, note="", lesson=None, info={"empty_field": True}
        )
        try:
            facts = await self._hub.workers.run(
                "plugins.microscopy.imaging.flat:look_at_field",
                str(self._hub.assets.content(taken.asset)),
                timeout=_LIMIT,
                memory=_MEMORY,
                urgent=True,
            )
            field = EmptyField(
                device=taken.device,
                objective=taken.optics.objective or "",
                asset=taken.asset.id,
                by_name=by.name,
                made=now(),
                **facts,
            )
            before = await self._hub.store.write(lambda session: _kept(session, field))
        except BaseException:
            await asyncio.shield(self._drop(taken.asset.id))
            raise
        if before is not None:
            await self._drop(before)
        return field

    async def list(self, device: str) -> list[EmptyField]:
        """Return those of a microscope, the newest first. Raises `NotFound`."""
        self._captures.microscope(device)
        query = select(EmptyFieldRow).where(EmptyFieldRow.device == device)

        def work(session: Session) -> list[EmptyField]:
            rows = session.scalars(query.order_by(EmptyFieldRow.made.desc()))
            return [_field(row) for row in rows]

        return await self._hub.store.read(work)

    async def forget(self, device: str, asset: str) -> None:
        """Forget one, and its picture. Raises `NotFound`."""
        if asset not in [one.asset for one in await self.list(device)]:
            raise NotFound(f"no empty field {asset} of {device}")
        await self._drop(asset)

    async def of(self, picture: Asset) -> Asset:
        """Return the empty field that tells how a picture was lit. Raises `NoEmptyField`."""
        objective = picture.info.get("objective") or ""

        def work(session: Session) -> EmptyField | None:
            row = session.get(EmptyFieldRow, (picture.device or "", objective))
            return None if row is None else _field(row)

        field = await self._hub.store.read(work)
        if field is None:
            raise NoEmptyField(f"{picture.device}, objective {objective or 'not known'}")
        width, height = picture.width or 0, picture.height or 0
        across, down = width * field.height, height * field.width
        if across <= 0 or abs(across - down) > _SAME_SHAPE * down:
            raise NoEmptyField(f"{width} x {height} is cut otherwise than the field")
        return await self._hub.assets.get(field.asset)

    async def _drop(self, asset: str) -> None:
        try:
            await self._hub.assets.delete(asset)
        except NotFound:
            # Somebody was quicker.
            await self._hub.store.write(
                lambda session: session.execute(
                    delete(EmptyFieldRow).where(EmptyFieldRow.asset == asset)
                )
            )


def _kept(session: Session, field: EmptyField) -> str | None:
    """Keep a field; return the asset of the one that was there before."""
    row = session.get(EmptyFieldRow, (field.device, field.objective))
    before = None if row is None else row.asset
    session.merge(EmptyFieldRow(**{name: getattr(field, name) for name in EmptyField.__slots__}))
    return before


def _field(row: EmptyFieldRow) -> EmptyField:
    return EmptyField(**{name: getattr(row, name) for name in EmptyField.__slots__})


def _spared(session: Session, assets: Sequence[str]) -> set[str]:
    """Tell the retention which assets stay: those by which light is made even."""
    query = select(EmptyFieldRow.asset).where(EmptyFieldRow.asset.in_(assets))
    return set(session.scalars(query))
