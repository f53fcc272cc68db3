"""How long games and their results are kept."""

from sqlalchemy import delete, func, select

from hub.plugin import PluginHub, Rule
from plugins.touch.tables import GameRow, ResultRow

NAME = "touch-results"


def rule(hub: PluginHub, days: int) -> Rule:
    """Return the rule: results and games of more than `days` ago go; 0 keeps them all."""

    async def count(before: float) -> int:
        games = select(func.count()).where(GameRow.started < before)
        results = select(func.count()).where(ResultRow.ended < before)
        return await hub.store.read(
            lambda session: (session.scalar(games) or 0) + (session.scalar(results) or 0)
        )

    async def delete_old(before: float) -> int:
        old = await count(before)
        games = delete(GameRow).where(GameRow.started < before)
        results = delete(ResultRow).where(ResultRow.ended < before)
        await hub.store.write(lambda session: [session.execute(one) for one in (games, results)])
        return old

    return Rule(NAME, days, count, delete_old)
