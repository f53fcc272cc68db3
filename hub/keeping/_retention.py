"""How long things are kept. By default nothing that people made is ever deleted."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from hub.assets import Assets
from hub.clock import now
from hub.errors import Conflict, HubError, NotFound
from hub.rights import SYSTEM
from hub.store import Store
from hub.store.tables import AssetRow

log = logging.getLogger("classhub.keeping")

_DAY = 86400.0
_AT_ONCE = 200

Spare = Callable[[Session, Sequence[str]], set[str]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of thing, and after how long it goes.

    Attributes:
        name: of the kind, such as `assets`.
        days: after how many days; 0 means never.
        count: given a time (epoch seconds), returns how many things are older; changes nothing.
        delete: given the same, deletes them and returns how many it deleted.
    """

    name: str
    days: int
    count: Callable[[float], Awaitable[int]]
    delete: Callable[[float], Awaitable[int]]


class Retention:
    """The rules, and what goes by them. Plugins add rules of their own (`PluginHub.retention`)."""

    def __init__(self) -> None:
        self._rules: dict[str, Rule] = {}

    def add(self, rule: Rule) -> None:
        """Keep a kind of thing so long; a rule of the same name is replaced."""
        self._rules[rule.name] = rule

    @property
    def rules(self) -> list[Rule]:
        """The rules, by name."""
        return [self._rules[name] for name in sorted(self._rules)]

    async def due(self) -> dict[str, int]:
        """Return how many things each rule would delete now; nothing is changed."""
        return {
            rule.name: await rule.count(now() - rule.days * _DAY) if rule.days else 0
            for rule in self.rules
        }

    async def sweep(self) -> dict[str, int]:
        """Delete what is due; returns how many of each kind. A rule that fails stops no other."""
        done: dict[str, int] = {}
        for rule in self.rules:
            if not rule.days:
                continue
            try:
                done[rule.name] = await rule.delete(now() - rule.days * _DAY)
            except HubError as error:
                log.warning("old %s could not be deleted: %s", rule.name, error)
            except Exception:
                log.exception("old %s could not be deleted", rule.name)  # a plugin's rule, say
        return done


class OldAssets:
    """Assets of the albums that are older than the school keeps them.

    Rows of plugins that belong to an asset go with it, as when somebody deletes it. A plugin that
    wants assets to stay (what a class has chosen, what hangs on the wall) adds a `spare`. What a
    plugin keeps for itself (`Asset.keeper`) is that plugin's to delete.
    """

    def __init__(self, store: Store, assets: Assets) -> None:
        self._store = store
        self._assets = assets
        self._spared: list[Spare] = []

    def spare(self, which: Spare) -> None:
        """Ask `which` before assets are deleted: of these ids, those that must stay."""
        self._spared.append(which)

    async def count(self, before: float) -> int:
        """Return how many assets are older than this time; spared ones are counted too."""
        query = select(func.count(AssetRow.seq)).where(_old(before))
        return await self._store.read(lambda session: session.scalar(query) or 0)

    async def delete(self, before: float) -> int:
        """Delete the assets that are older and that nobody spares; returns how many."""
        deleted, last = 0, 0
        while True:
            found, last = await self._store.read(
                lambda session, last=last: self._next(session, before, last)  # type: ignore[misc]
            )
            for asset in found:
                try:
                    await self._assets.delete(asset, by=SYSTEM)
                    deleted += 1
                except (NotFound, Conflict) as error:
                    log.info("asset %s stays: %s", asset, error)
                await asyncio.sleep(0)
            if not last:
                return deleted

    def _next(self, session: Session, before: float, last: int) -> tuple[list[str], int]:
        query = select(AssetRow.seq, AssetRow.id).where(_old(before))
        query = query.where(AssetRow.seq > last).order_by(AssetRow.seq).limit(_AT_ONCE)
        rows = session.execute(query).all()
        ids = [row.id for row in rows]
        spared: set[str] = set()
        for which in self._spared:
            spared |= which(session, ids)
        more = rows[-1].seq if len(rows) == _AT_ONCE else 0
        return [identity for identity in ids if identity not in spared], more


def _old(before: float) -> ColumnElement[bool]:
    return and_(AssetRow.created < before, AssetRow.keeper.is_(None))
