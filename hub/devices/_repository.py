"""The adopted devices, as the store keeps them."""

import logging

from pydantic import ValidationError
from sqlalchemy import ColumnElement, delete, false, select
from sqlalchemy.orm import Session

from hub.clock import now
from hub.devices._config import DeviceConfig
from hub.errors import NotFound
from hub.store import Store
from hub.store.tables import DeviceRow

log = logging.getLogger("classhub.devices")


class AdoptedDevices:
    """Keeps the devices that the engineer adopted."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def all(self) -> list[DeviceConfig]:
        """Return them in the order in which they were adopted.

        One that makes no sense (of another version, or written by another program) is left out: the
        others work on.
        """
        query = select(DeviceRow).order_by(DeviceRow.adopted, DeviceRow.id)

        def work(session: Session) -> list[DeviceConfig]:
            return [one for row in session.scalars(query) if (one := _config(row)) is not None]

        return await self._store.read(work)

    async def add(self, config: DeviceConfig) -> None:
        """Keep a new one; once this returns it survives a power cut.

        One that is kept but was left out at the start makes way, where it has the same id or
        identity.
        """

        def work(session: Session) -> None:
            _make_way(session, DeviceRow.id == config.id, config.identity)
            session.add(
                DeviceRow(
                    id=config.id,
                    driver=config.driver,
                    name=config.name,
                    seat=config.seat,
                    identity=config.identity,
                    settings=config.settings,
                    adopted=now(),
                )
            )

        await self._store.write(work)

    async def change(self, config: DeviceConfig) -> None:
        """Keep what was changed. Raises `NotFound` where it was never adopted."""

        def work(session: Session) -> None:
            row = session.get(DeviceRow, config.id)
            if row is None:
                raise NotFound(f"no adopted device {config.id}")
            if row.identity != config.identity:
                _make_way(session, false(), config.identity)
            row.name, row.seat = config.name, config.seat
            row.identity, row.settings = config.identity, config.settings

        await self._store.write(work)

    async def remove(self, device: str) -> None:
        """Forget one."""
        await self._store.write(
            lambda session: session.execute(delete(DeviceRow).where(DeviceRow.id == device))
        )


def _make_way(session: Session, same: ColumnElement[bool], identity: str | None) -> None:
    if identity is not None:
        same |= DeviceRow.identity == identity
    for row in session.scalars(select(DeviceRow).where(same)):
        log.warning("the device %s, which is not in use, is forgotten", row.id)
        session.delete(row)
    session.flush()


def _config(row: DeviceRow) -> DeviceConfig | None:
    try:
        return DeviceConfig(
            id=row.id,
            driver=row.driver,
            name=row.name,
            seat=row.seat,
            identity=row.identity,
            settings=row.settings,
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        log.error("the adopted device %s is left out: %s: %s", row.id, where, first["msg"])
        return None
