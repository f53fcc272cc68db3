"""Whose secret is it: tokens and sessions, recognised at every request.

What was found is remembered in memory until the database changes; whether it has changed (also by
another process, such as the command line) is looked at once a second, so that a revocation holds
within a second everywhere.
"""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.bus import Bus
from hub.device import Role
from hub.rights import Principal, restrict
from hub.school._part import Part
from hub.store import Store
from hub.store.tables import SessionRow, TokenRow

TOKEN_PREFIX = "chub_"  # noqa: S105 - what a token looks like, so that scanners find leaked ones
SESSION_PREFIX = "chs_"
_LOOK_AGAIN = 0.8  # seconds; with the time that looking takes it stays below one
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class _Known:
    principal: Principal
    expires: float | None


class Recognition(Part):
    """Tells who it is, from a secret or from an earlier answer."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        **options: Any,
    ) -> None:
        super().__init__(store, bus, **options)
        self._remembered: dict[str, _Known] = {}
        self._generation = 0
        self._seen_version: int | None = None
        self._seen_at = float("-inf")
        self._looking = asyncio.Lock()

    async def authenticate(self, secret: str) -> Principal | None:
        """Return whose token or session this is, None where it is not or no longer good.

        At most one second out of date.
        """
        if not secret.startswith((TOKEN_PREFIX, SESSION_PREFIX)) or len(secret) > 100:
            return None
        hashed = hash_of(secret)
        return await self._who(hashed, lambda session: _by_hash(session, hashed))

    async def renew(self, principal: Principal) -> Principal | None:
        """Return a principal as it is now, None once its token or session is over.

        For long connections; at most one second out of date, and cheap enough to ask every second.
        """
        if principal.via == "system":
            return principal
        now = await self._who(principal.id, lambda session: _by_id(session, principal.id))
        return restrict(now) if now is not None and principal.restricted else now

    async def _who(self, key: str, find: Callable[[Session], _Known | None]) -> Principal | None:
        await self._look_for_changes()
        known = self._remembered.get(key)
        if known is None:
            generation = self._generation
            known = await self._store.read(find)
            if known is None:
                return None
            if generation == self._generation:
                if len(self._remembered) >= _REMEMBERED:
                    self._remembered.clear()
                self._remembered[key] = known
        if known.expires is not None and known.expires <= self._clock():
            return None
        return known.principal

    async def _look_for_changes(self) -> None:
        if self._monotonic() - self._seen_at < _LOOK_AGAIN:
            return
        async with self._looking:
            now = self._monotonic()
            if now - self._seen_at < _LOOK_AGAIN:
                return
            version = await self._store.version()
            if version != self._seen_version:
                self._forget_credentials()
            self._seen_version, self._seen_at = version, now

    def _forget_credentials(self) -> None:
        self._remembered.clear()
        self._generation += 1


def hash_of(secret: str) -> str:
    """Return what is kept of a secret; it is random enough to need no salt."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _token_principal(row: TokenRow) -> Principal:
    return Principal(
        row.id,
        row.name,
        Role(row.role),
        person=row.person,
        lesson=row.lesson,
        via="token",
        scope=row.scope,
    )


def session_principal(row: SessionRow) -> Principal:
    """Return who has this session."""
    role = Role(row.role)
    return Principal(row.id, row.name, role, row.person, row.lesson, via="session")


def _by_hash(session: Session, hashed: str) -> _Known | None:
    return _good(
        session.scalar(select(TokenRow).where(TokenRow.hash == hashed)),
        session.scalar(select(SessionRow).where(SessionRow.hash == hashed)),
    )


def _by_id(session: Session, key: str) -> _Known | None:
    return _good(session.get(TokenRow, key), session.get(SessionRow, key))


def _good(token: TokenRow | None, opened: SessionRow | None) -> _Known | None:
    if token is not None and token.revoked is None:
        return _Known(_token_principal(token), token.expires)
    if opened is not None and opened.revoked is None:
        return _Known(session_principal(opened), opened.expires)
    return None
