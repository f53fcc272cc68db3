"""What was set of a device and holds for good: values of `kept` properties, over restarts."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.store import Store
from hub.store.tables import KeptRow


class KeptValues:
    """The values that are set again whenever a device is connected anew.

    Args:
        store: where they are kept; None keeps them as long as this object.
    """

    def __init__(self, store: Store | None = None) -> None:
        self._store = store
        self._values: dict[str, dict[str, Any]] = {}

    async def load(self) -> None:
        """Read them from the store."""
        if self._store is None:
            return

        def work(session: Session) -> list[tuple[str, str, Any]]:
            return [(row.device, row.name, row.value) for row in session.scalars(_ALL)]

        self._values.clear()
        for device, name, value in await self._store.read(work):
            self._values.setdefault(device, {})[name] = value

    def of(self, device: str) -> dict[str, Any]:
        """Return those of a device by the names of its properties; not to be changed."""
        return self._values.setdefault(device, {})

    async def keep(self, device: str, name: str, value: Any) -> None:
        """Keep a value; once this returns it survives a power cut."""
        if self._store is not None:
            row = KeptRow(device=device, name=name, value=value)
            await self._store.write(lambda session: session.merge(row) and None)
        self.of(device)[name] = value

    async def forget(self, device: str) -> None:
        """Forget those of a device."""
        self._values.pop(device, None)
        if self._store is not None:
            gone = delete(KeptRow).where(KeptRow.device == device)
            await self._store.write(lambda session: session.execute(gone) and None)


_ALL = select(KeptRow)
