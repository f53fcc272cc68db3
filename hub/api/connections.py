"""The open connections of a kind: how many there may be, and who of them is still signed in."""

import asyncio
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from hub.errors import N_, HubError, TooMany
from hub.logs import Latch
from hub.rights import Principal

if TYPE_CHECKING:
    from hub.app import Hub

RENEW_SECONDS = 0.15  # the school's own view is 0.8 s old at most


class TooManyViewers(TooMany):
    """So many connections are open that another one would slow all of them."""

    title = N_("Too many pages are open.")
    hint = N_("Close pages that nobody looks at, and try again.")


class Client(Protocol):
    """One connection. `principal`: who it is, as they are now; None until they have said so."""

    principal: Principal | None

    def sign_out(self) -> None:
        """Close it: the token or session is over."""


C = TypeVar("C", bound=Client)


class Connections(Generic[C]):
    """All of them; whoever is no longer signed in is closed within a second.

    Args:
        hub: whose school is asked.
        log: where it is said that the school cannot be asked.
        most: so many in all.
        of_one: so many of one principal.
        of_strangers: so many of those who have not said who they are.
    """

    def __init__(
        self, hub: "Hub", log: logging.Logger, *, most: int, of_one: int, of_strangers: int
    ) -> None:
        self._hub = hub
        self._most = most
        self._of_one = of_one
        self._of_strangers = of_strangers
        self._all: set[C] = set()
        self._renewing: asyncio.Task[None] | None = None
        self._unseen = Latch(
            log, "cannot see who is still signed in: %s", "it is seen again who is signed in"
        )

    def __len__(self) -> int:
        """How many are open."""
        return len(self._all)

    def __iter__(self) -> Iterator[C]:
        """Those that are open now, also while some of them are closed."""
        return iter(tuple(self._all))

    def make_sure_of_room(self, principal: Principal | None) -> None:
        """Raise `TooManyViewers` where all, strangers, or this principal have enough connections.

        Those who have not said who they are, and one alone, never take the room of the others.
        """
        who = None if principal is None else principal.id
        alike = sum(
            who == (None if other.principal is None else other.principal.id) for other in self._all
        )
        most = self._of_strangers if principal is None else self._of_one
        if len(self._all) >= self._most or alike >= most:
            raise TooManyViewers(f"{alike} of {len(self._all)} connections")

    def add(self, client: C) -> None:
        """Count one, and see from now on whether it is still signed in."""
        self._all.add(client)
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.get_running_loop().create_task(
                self._renew(), name="connections: see who is still signed in"
            )

    def discard(self, client: C) -> None:
        """Forget one."""
        self._all.discard(client)

    async def stop(self) -> None:
        """Look no more."""
        task, self._renewing = self._renewing, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task], timeout=2.0)

    async def _renew(self) -> None:
        while self._all:
            await asyncio.sleep(RENEW_SECONDS)
            for client in self:
                if client.principal is None:
                    continue
                try:
                    living = await self._hub.school.renew(client.principal)
                except HubError as error:
                    self._unseen.failed(error)
                    break
                self._unseen.worked()
                if living is None:
                    client.sign_out()
                else:
                    client.principal = living
