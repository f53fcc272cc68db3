"""The adopted devices, as the store keeps them."""

import time

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.devices._config import DeviceConfig
from hub.errors import NotFound
from hub.store import Store
from hub.store.tables import DeviceRow


class AdoptedDevices:
    """Keeps the devices that the engineer adopted."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def all(self) -> list[DeviceConfig]:
        """Return them in the order in which they were adopted."""
        query = select(DeviceRow).order_by(DeviceRow.adopted, DeviceRow.id)

        def work(session: Session) -> list[DeviceConfig]:
            return [_config(row) for row in session.scalars(query)]

        return await self._store.read(work)

    async def add(self, config: DeviceConfig) -> None:
        """Keep a new one; once this returns it survives a power cut."""

        def work(session: Session) -> None:
            session.add(
                DeviceRow(
                    id=config.id,
                    driver=config.driver,
                    name=config.name,
                    seat=config.seat,
                    identity=config.identity,
                    settings=config.settings,
                    adopted=time.time(),
                )
            )

        await self._store.write(work)

    async def change(self, config: DeviceConfig) -> None:
        """Keep what was changed. Raises `NotFound` where it was never adopted."""

        def work(session: Session) -> None:
            row = session.get(DeviceRow, config.id)
            if row is None:
                raise NotFound(f"no adopted device {config.id}")
            row.name, row.seat = config.name, config.seat
            row.identity, row.settings = config.identity, config.settings

        await self._store.write(work)

    async def remove(self, device: str) -> None:
        """Forget one."""
        await self._store.write(
            lambda session: session.execute(delete(DeviceRow).where(DeviceRow.id == device))
        )


def _config(row: DeviceRow) -> DeviceConfig:
    return DeviceConfig(
        id=row.id,
        driver=row.driver,
        name=row.name,
        seat=row.seat,
        identity=row.identity,
        settings=row.settings,
    )
