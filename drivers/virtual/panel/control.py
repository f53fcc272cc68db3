"""Misbehaviour on command: a socket that takes a line of JSON and answers with one.

`{}` asks how the panel is; `{"faults": {"zero": true}}` has it misbehave, `{"errors": "000200"}`
has a part fail, `{"hang_up": true}` drops its connections, `{"commands": true}` also asks for what
it was asked.
"""

import asyncio
import json
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from drivers.virtual.panel.faults import Faults
from drivers.virtual.panel.screen import Screen

MOST = 4 * 1024 * 1024


class Wish(BaseModel):
    """What is asked of the panel."""

    model_config = ConfigDict(extra="forbid")

    faults: Faults | None = None
    errors: str | None = Field(None, pattern="^[012]{6}$")
    warm_up: float | None = Field(None, ge=0, le=600, allow_inf_nan=False)
    hang_up: bool = False
    commands: bool = False


class Played(Protocol):
    """A panel that is played, whatever it speaks."""

    screen: Screen
    faults: Faults

    def hang_up(self) -> None:
        """Drop its connections."""


def grant(wish: Wish, panel: Played) -> dict[str, Any]:
    """Do what is asked; return how the panel is then."""
    screen = panel.screen
    if wish.faults is not None:
        panel.faults = wish.faults
    if wish.errors is not None:
        screen.errors = wish.errors
    if wish.warm_up is not None:
        screen.warm_up = wish.warm_up
    if wish.hang_up:
        panel.hang_up()
    told: dict[str, Any] = {
        "power": screen.power, "source": screen.source, "volume": screen.volume,
        "mute": screen.muted, "blank": screen.blank, "freeze": screen.frozen,
        "lock": screen.locked, "touch_lock": screen.touch_locked,
    }  # fmt: skip
    if wish.commands:
        told["commands"] = screen.commands
    return told


async def serve(path: Path, panel: Played) -> asyncio.Server:
    """Take wishes on a socket."""

    async def control(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = grant(Wish.model_validate_json(await reader.readline()), panel)
        except ValidationError as error:
            answer = {"problem": str(error)}
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()
        writer.close()

    return await asyncio.start_unix_server(control, path)


async def ask(path: str | Path, **wish: Any) -> dict[str, Any]:
    """Ask the panel whose control socket is at `path` (for tests)."""
    reader, writer = await asyncio.open_unix_connection(path, limit=MOST)
    try:
        writer.write(json.dumps(wish).encode() + b"\n")
        async with asyncio.timeout(10):
            answer: dict[str, Any] = json.loads(await reader.readline())
    finally:
        writer.close()
    if "problem" in answer:
        raise ValueError(answer["problem"])
    return answer
