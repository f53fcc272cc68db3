"""Destinations: those of the settings, which only they change, and those of the page."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.audit import record
from hub.ids import new_id
from hub.plugin import N_, HubError, Principal, Store
from plugins.health.alerts.settings import Destination
from plugins.health.alerts.tables import DestinationRow

MOST = 20


class NoSuchDestination(HubError):
    """No destination has this id."""

    code = "unknown-destination"
    status = 404
    title = N_("Nobody is told under this name.")
    hint = N_("Look at the list of destinations again.")


class Fixed(HubError):
    """The destination stands in the settings file."""

    code = "destination-in-settings"
    status = 409
    title = N_("This destination is written in the hub's settings file.")
    hint = N_("Change it there, and start the hub again.")


class TooManyDestinations(HubError):
    """There are as many as can be."""

    code = "too-many-destinations"
    status = 409
    title = N_("There are too many destinations already.")
    hint = N_("Delete a destination that is no longer needed.")


class Destinations:
    """All destinations.

    Args:
        store: where those of the page are kept, with their secrets.
        fixed: those of the settings.
    """

    def __init__(self, store: Store, fixed: Mapping[str, Destination]) -> None:
        self._store = store
        self._fixed = dict(fixed)
        self._made: dict[str, Destination] = {}

    async def start(self) -> None:
        """Read those of the page."""

        def work(session: Session) -> dict[str, str]:
            return {row.id: row.data for row in session.scalars(select(DestinationRow))}

        for id_, data in (await self._store.read(work)).items():
            self._made[id_] = Destination.model_validate(json.loads(data))

    @property
    def all(self) -> dict[str, Destination]:
        """All, by id."""
        return {**self._made, **self._fixed}

    def get(self, id_: str) -> Destination:
        """Return one. Raises `NoSuchDestination`."""
        found = self.all.get(id_)
        if found is None:
            raise NoSuchDestination(id_)
        return found

    def fixed(self, id_: str) -> bool:
        """Tell whether it stands in the settings file."""
        return id_ in self._fixed

    async def add(self, given: Mapping[str, Any], by: Principal) -> str:
        """Add one; return its id.

        Raises:
            TooManyDestinations: there are as many as can be.
            BadDestination: it is none.
        """
        if len(self.all) >= MOST:
            raise TooManyDestinations(f"{MOST} at most")
        id_ = new_id()
        await self._keep(id_, _checked(given), by, "health.destination.add")
        return id_

    async def change(self, id_: str, changes: Mapping[str, Any], by: Principal) -> None:
        """Change one; an address that is left out stays.

        Raises:
            NoSuchDestination, Fixed, BadDestination: it cannot be.
        """
        before = self._changeable(id_)
        fields = {**_plain(before), **changes}
        await self._keep(id_, _checked(fields), by, "health.destination.change")

    async def remove(self, id_: str, by: Principal) -> None:
        """Delete one. Raises `NoSuchDestination`, `Fixed`."""
        self._changeable(id_)

        def work(session: Session) -> None:
            row = session.get(DestinationRow, id_)
            if row is not None:
                session.delete(row)
            record(session, by, "health.destination.remove", id_)

        await self._store.write(work)
        self._made.pop(id_, None)

    def _changeable(self, id_: str) -> Destination:
        found = self.get(id_)
        if id_ in self._fixed:
            raise Fixed(id_)
        return found

    async def _keep(self, id_: str, one: Destination, by: Principal, action: str) -> None:
        data = json.dumps(_plain(one))

        def work(session: Session) -> None:
            session.merge(DestinationRow(id=id_, data=data))
            record(session, by, action, id_)

        await self._store.write(work)
        self._made[id_] = one


class BadDestination(HubError):
    """What was given is no destination."""

    code = "bad-destination"
    status = 422
    title = N_("This is no address that messages can go to.")
    hint = N_("Copy the address as the service gives it, such as mailtos:// or tgram://.")


def _checked(given: Mapping[str, Any]) -> Destination:
    try:
        return Destination.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadDestination(f"{where}: {first['msg']}") from None


def _plain(one: Destination) -> dict[str, Any]:
    return {**one.model_dump(mode="json"), "address": one.address.get_secret_value()}
