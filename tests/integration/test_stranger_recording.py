"""A stranger's driver is tested without its scale, and with the virtual one over a real line."""

import asyncio
import sys
from pathlib import Path

import pytest

from drivers.virtual.harness import Asked, Recorder, recording, replaying, running
from hub.device import Unreachable
from hub.device.transports import ReplayDiverged

SCALE = Path(__file__).parents[1] / "foreign" / "scale"
RECORDING = SCALE / "classhub_scale" / "weighing.jsonl"
LIMIT = 30


@pytest.fixture
def line_scale(monkeypatch):
    """The stranger's driver, from its sources; what was imported is forgotten afterwards."""
    monkeypatch.syspath_prepend(str(SCALE))
    monkeypatch.setenv("PYTHONPATH", str(SCALE), prepend=":")
    from classhub_scale.driver import LineScale

    yield LineScale
    for name in [name for name in sys.modules if name.startswith("classhub_scale")]:
        del sys.modules[name]


async def until(look):
    async with asyncio.timeout(LIMIT):
        while not look():
            await asyncio.sleep(0.01)


async def test_a_recording_from_school_plays_the_scale(line_scale):
    told = Recorder()
    async with replaying(RECORDING) as transports:
        driver = line_scale(line_scale.Settings(port="/dev/scale"), told, transports=transports)
        await driver.connect()
        assert driver.narrowings["mass"] == {"minimum": -2000.0, "maximum": 2000.0}
        assert await driver._read_rate() == 10
        await until(lambda: ("overload", 2400.0) in told.events)
        await until(lambda: ("mass", 250.0) in told.readings)
        await driver.end_background()
        await driver.disconnect()
    assert told.losses == []


async def test_a_driver_that_says_something_else_is_told(line_scale):
    async def played() -> None:
        async with replaying(RECORDING) as transports:
            settings = line_scale.Settings(port="/dev/scale")
            told = Recorder()
            driver = line_scale(settings, told, transports=transports)
            await driver.connect()
            with pytest.raises(TimeoutError):
                await driver._write_rate(7)
            assert isinstance(told.losses[0], ReplayDiverged)

    with pytest.raises(ReplayDiverged, match="RATE 7"):
        await played()


async def test_with_the_virtual_scale_it_sets_to_zero_and_notices_that_it_was_pulled(
    line_scale, tmp_path
):
    told = Recorder()
    async with running("classhub_scale.virtual") as port:
        settings = line_scale.Settings(port=port)
        async with recording(tmp_path / "scale.jsonl", settings) as transports:
            driver = line_scale(settings, told, transports=transports)
            await driver.connect()
            zero = Asked()
            assert await driver._tare(zero) == 12.5
            assert zero.fractions == [0.25, 0.5, 0.75]
            await driver._write_rate(50)
            assert await driver._read_rate() == 50
            transports.drop_all()
            await until(lambda: told.losses)
            await driver.disconnect()
    assert isinstance(told.losses[0], Unreachable)

    again = Recorder()
    async with replaying(tmp_path / "scale.jsonl") as transports:
        driver = line_scale(settings, again, transports=transports)
        await driver.connect()
        assert await driver._tare(Asked()) == 12.5
        await driver.end_background()
        await driver.disconnect()
