"""The collector begins again whatever happens to the broker, one task or several having met it."""

import asyncio
from pathlib import Path

import aiomqtt
import pytest

from plugins.district.collector import collector
from plugins.district.collector.collector import Collector, CollectorSettings


@pytest.mark.parametrize(
    "met",
    [aiomqtt.MqttError("gone"), ExceptionGroup("several", [aiomqtt.MqttError("gone")])],
    ids=["one", "several"],
)
async def test_it_begins_again(monkeypatch, met):
    monkeypatch.setattr(collector, "FIRST_PAUSE", 0.0)
    file = Path("none.pem")
    begins = Collector(CollectorSettings(host="localhost", ca=file, certificate=file, key=file))
    again = asyncio.Event()

    async def collect() -> None:
        if not begun:
            begun.append(True)
            raise met
        again.set()
        await asyncio.Event().wait()

    begun: list[bool] = []
    monkeypatch.setattr(begins, "_collect", collect)
    running = asyncio.create_task(begins.run())
    async with asyncio.timeout(10):
        await again.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
