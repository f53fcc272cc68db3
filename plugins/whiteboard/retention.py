"""How long boards are kept."""

from pydantic import BaseModel, ConfigDict, Field

from hub.errors import NotFound
from hub.plugin import SYSTEM, Rule
from plugins.whiteboard.boards import Boards
from plugins.whiteboard.register import Register

NAME = "boards"


class BoardSettings(BaseModel):
    """`[plugins.whiteboard]`. `enabled` is the hub's."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    boards_days: int = Field(
        0, ge=0, le=36_500, description="Boards on which nothing was drawn so long go; 0: never."
    )


def rule(register: Register, boards: Boards, days: int) -> Rule:
    """Return the rule: boards on which nothing was drawn for so many days go; 0 keeps them all."""

    async def count(before: float) -> int:
        return len(await register.unchanged_since(before))

    async def delete(before: float) -> int:
        done = 0
        for board in await register.unchanged_since(before):
            try:
                await boards.delete(board, by=SYSTEM)
                done += 1
            except NotFound:  # somebody was faster
                continue
        return done

    return Rule(NAME, days, count, delete)
