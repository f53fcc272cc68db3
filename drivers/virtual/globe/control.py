"""Has the virtual globe touched: a socket that takes lines of JSON.

`{"say": ["OID 10398"]}` has a pen say these lines; `{"say": ["OID 10"], "whole": false}` ends none
of them; `{"unplug": 0.5}` pulls the receiver out for so many seconds.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Wish(BaseModel):
    """What is asked of the globe."""

    model_config = ConfigDict(extra="forbid")

    say: list[str] = Field([], max_length=10_000)
    whole: bool = True
    unplug: float | None = Field(None, ge=0, le=60, allow_inf_nan=False)


async def ask(path: str | Path, **wish: Any) -> None:
    """Ask the globe whose control socket is at `path`; returns when it was done."""
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        writer.write(json.dumps(wish).encode() + b"\n")
        async with asyncio.timeout(10):
            answer = json.loads(await reader.readline())
    finally:
        writer.close()
    if "problem" in answer:
        raise ValueError(answer["problem"])
