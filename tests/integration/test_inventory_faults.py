"""A panel that says itself that it is broken: the hub writes it into the service log, once."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drivers.virtual.panel import Screen
from drivers.virtual.panel.projector import Projector, listening
from hub.app import Hub
from hub.settings import Settings
from plugins.inventory.items import following

OTHERS = ("globe", "health", "microscopy", "panel", "printing", "tablets", "touch", "whiteboard")


async def until(found: Callable[[], Any], seconds: float = 60) -> Any:
    async with asyncio.timeout(seconds):
        while not (value := await found()):
            await asyncio.sleep(0.1)
        return value


async def test_a_fault_that_lasts_is_one_line_and_ends_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "EVERY", 0.1)
    monkeypatch.setattr(following, "LASTING", 0.5)
    projector = Projector(Screen(warm_up=0.1, cool_down=0.1, errors="020000"))
    async with listening(projector) as port:
        panel = {
            "id": "panel",
            "driver": "pjlink",
            "settings": {"host": "127.0.0.1", "port": port},
        }
        off = {name: {"enabled": False} for name in OTHERS}
        hub = Hub(Settings(data=tmp_path, language="en", plugins=off, devices=[panel]))
        await hub.start()
        try:
            plugin: Any = next(p.plugin for p in hub.plugins.running if p.name == "inventory")
            inventory = plugin.inventory

            async def entered() -> Any:
                found = await inventory.items()
                return found[0] if found and found[0].fields.model else None

            item = await until(entered)
            assert (item.device, item.fields.kind) == ("panel", "panel")

            async def faults() -> Any:
                lines = await inventory.entries(item.id)
                return [line for line in lines if line.kind == "fault"]

            (line,) = await until(faults)
            assert (line.by, line.ended, line.times) == ("hub", None, 1)
            assert line.code
            told = hub.devices.get("panel").state_payload()
            assert line.text == told["health"]["title"]
            assert (await inventory.item(item.id)).faults == 1

            async def ended() -> Any:
                return (await faults())[0].ended

            # It is asked every half minute: the next two answers are told as the hub tells them.
            hub.bus.publish("panel/state", {**told, "health": None})
            assert await until(ended) == following.today()

            async def again() -> Any:
                return (await faults())[0].ended is None

            hub.bus.publish("panel/state", told)
            assert await until(again)
            (line,) = await faults()
            assert line.times == 2
        finally:
            await hub.stop()
