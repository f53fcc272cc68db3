"""A stroke that cannot be written is one lost stroke, and not the end of all that pens draw."""

import asyncio
import contextlib
from types import SimpleNamespace

from plugins.whiteboard.pens.keeping import Keeper


async def test_what_follows_a_stroke_that_made_no_sense_is_written(caplog):
    written = []

    async def change(document, _work, _by):
        written.append(document)
        if document == "odd":
            raise ValueError("no such page")

    keeper = Keeper()
    running = asyncio.create_task(keeper.run())
    for name in ("odd", "next"):
        stroke = SimpleNamespace(document=name, device="pen-1", key=name, item=dict)
        keeper.put(SimpleNamespace(change=change), stroke)
    async with asyncio.timeout(5):
        await keeper.settle()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert written == ["odd", "next"]
    assert "a stroke of pen-1 is lost" in caplog.text
