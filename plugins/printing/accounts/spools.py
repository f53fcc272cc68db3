"""The spools of filament in the room."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.clock import now, rfc3339
from hub.errors import NotFound
from hub.ids import new_id
from hub.plugin import PluginHub, Principal
from hub.school import clean_name
from plugins.printing.accounts.errors import SpoolInUse
from plugins.printing.accounts.filament import density_of
from plugins.printing.jobs.register import record_printer
from plugins.printing.tables import PrinterRow, SpoolRow


class Spools:
    """What is on each, and in which printer it is."""

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub

    async def list(self) -> list[dict[str, Any]]:
        """Return those that were not put away, the newest first; JSON-ready."""

        def work(session: Session) -> list[dict[str, Any]]:
            rows = session.scalars(
                select(SpoolRow).where(SpoolRow.gone.is_(None)).order_by(SpoolRow.id.desc())
            )
            where = _printers(session)
            return [_shown(row, where) for row in rows]

        return await self._hub.store.read(work)

    async def add(self, about: dict[str, Any], *, by: Principal) -> dict[str, Any]:
        """Add a spool. Raises `BadName`."""
        material = about.get("material") or "PLA"
        row = SpoolRow(
            id=new_id(),
            name=clean_name(about["name"]),
            material=material,
            colour=about.get("colour") or "",
            diameter=about.get("diameter") or 1.75,
            density=about.get("density") or density_of(material),
            grams=about.get("grams") or 1000.0,
            used=0.0,
            created=now(),
            gone=None,
        )
        if about.get("left") is not None:
            row.used = max(row.grams - about["left"], 0.0)

        def work(session: Session) -> dict[str, Any]:
            session.add(row)
            session.flush()
            record_printer(session, by, "spool-add", row.id, {"material": row.material})
            return _shown(row, {})

        return await self._hub.store.write(work)

    async def edit(self, spool: str, about: dict[str, Any], *, by: Principal) -> dict[str, Any]:
        """Change what is said of a spool; fields that are left out stay. Raises `NotFound`."""
        if about.get("name") is not None:
            about["name"] = clean_name(about["name"])

        def work(session: Session) -> dict[str, Any]:
            row = _known(session, spool)
            for name, value in about.items():
                if value is not None and name != "left":
                    setattr(row, name, value)
            if about.get("left") is not None:
                row.used = max(row.grams - about["left"], 0.0)
            session.flush()
            record_printer(session, by, "spool-edit", spool, {"fields": sorted(about)})
            return _shown(row, _printers(session))

        return await self._hub.store.write(work)

    async def put_away(self, spool: str, *, by: Principal) -> None:
        """Put a spool away; what was printed of it stays in the account.

        Raises:
            NotFound: there is no such spool.
            SpoolInUse: it is in a printer.
        """

        def work(session: Session) -> None:
            row = _known(session, spool)
            if (printer := _printers(session).get(spool)) is not None:
                raise SpoolInUse(f"spool {spool} is in {printer}")
            row.gone = now()
            record_printer(session, by, "spool-delete", spool)

        await self._hub.store.write(work)

    async def known(self, spool: str) -> None:
        """Raise `NotFound` where there is no such spool."""
        await self._hub.store.read(lambda session: _known(session, spool) and None)


def _known(session: Session, spool: str) -> SpoolRow:
    row = session.get(SpoolRow, spool)
    if row is None or row.gone is not None:
        raise NotFound(f"spool {spool}")
    return row


def _printers(session: Session) -> dict[str, str]:
    rows = session.scalars(select(PrinterRow))
    return {row.settings["spool"]: row.device for row in rows if row.settings.get("spool")}


def _shown(row: SpoolRow, where: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "material": row.material,
        "colour": row.colour,
        "diameter": row.diameter,
        "density": row.density,
        "grams": row.grams,
        "left": round(max(row.grams - row.used, 0.0), 1),
        "printer": where.get(row.id),
        "created": rfc3339(row.created),
    }
