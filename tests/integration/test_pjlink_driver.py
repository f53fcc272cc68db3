"""The driver `pjlink` against a virtual projector on a socket, well and badly behaved."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiopjlink
import pytest

from drivers.panel.contract import Panel
from drivers.panel.pjlink import PjlinkPanel, session
from drivers.panel.problems import NotReady, PasswordWanted
from drivers.panel.values import Lamp, Level, Part, Power
from drivers.virtual.harness import Asked, Recorder, recording, replaying
from drivers.virtual.panel import Faults, Screen
from drivers.virtual.panel.projector import Projector, listening
from hub.device import OutOfRange, TimedOut, Unreachable, WrongDevice
from hub.device.transports import Transports

PASSWORD = "мектеп-7"


@dataclass
class Room:
    projector: Projector
    driver: PjlinkPanel
    told: Recorder

    @property
    def asked(self) -> list[str]:
        return self.projector.screen.commands


@contextlib.asynccontextmanager
async def room(
    *, pjclass: int = 2, password: str = "", given: str | None = None, on: bool = True,
    warm_up: float = 0.0, connect: bool = True, transports: Transports | None = None, **faults: object,
) -> AsyncIterator[Room]:  # fmt: skip
    """A projector and its driver; `on`: it is on already."""
    screen = Screen(warm_up=0.0, cool_down=0.0)
    if on:
        screen.switch(on=True)
    screen.warm_up = warm_up
    projector = Projector(screen, pjclass=pjclass, password=password)
    projector.faults = Faults(**faults)
    async with listening(projector) as port:
        settings = PjlinkPanel.Settings(
            host="127.0.0.1", port=port, password=password if given is None else given or None
        )
        told = Recorder()
        driver = PjlinkPanel(settings, told, transports=transports)
        if not password and given is None:
            driver.settings = settings.model_copy(update={"password": None})
        try:
            if connect:
                await driver.connect()
            yield Room(projector, driver, told)
        finally:
            await driver.disconnect()


async def test_it_learns_what_a_projector_of_class_2_can_do():
    async with room(password=PASSWORD) as made:
        driver = made.driver
        assert driver.omitted == {
            *("volume", "brightness", "contrast"),
            *("lock", "touch_lock", "on_hours", "temperature"),
        }
        sources = ["rgb-1", "digital-1", "digital-2", "storage-1", "network-1"]
        assert driver.narrowings["source"] == {"choices": sources}
        names = {one.id: one.name for one in await driver._read_sources()}
        assert names["digital-2"] == "HDMI 2"
        about = await driver._read_about()
        assert (about.maker, about.name, about.firmware) == ("Virtual", "Room 12", "1.0")
        assert await driver._read_lamps() == [Lamp(hours=1234, lit=True)]
        assert await driver._read_filter_hours() == 56
        # One connection for all of it, signed in once.
        assert made.projector.connections == 1


async def test_it_learns_what_one_of_class_1_can_not():
    async with room(pjclass=1) as made:
        assert {"freeze", "filter_hours", "louder", "quieter"} <= made.driver.omitted
        assert not any(line.startswith("%2") for line in made.asked)


async def test_all_that_can_be_set_is_set_and_read_back():
    async with room() as made:
        driver, screen = made.driver, made.projector.screen
        for member, value in (
            ("source", "digital-2"), ("blank", True), ("mute", True), ("freeze", True),
            ("blank", False), ("mute", False), ("freeze", False),
        ):  # fmt: skip
            await getattr(driver, f"_write_{member}")(value)
            assert await getattr(driver, f"_read_{member}")() == value
        assert screen.source == "32"
        await driver._run_louder(Asked())
        await driver._run_quieter(Asked())
        await driver._run_quieter(Asked())
        assert screen.volume == 15
        with pytest.raises(OutOfRange):
            await driver._write_source("digital-9")
        with pytest.raises(OutOfRange):
            await driver._write_power(Power.WARMING)


async def test_it_warms_up_and_cools_down_and_refuses_meanwhile():
    async with room(on=False, warm_up=0.4) as made:
        driver, screen = made.driver, made.projector.screen
        screen.cool_down = 0.4
        assert await driver._read_power() is Power.OFF
        with pytest.raises(NotReady):
            await driver._read_source()
        assert "source" not in driver.narrowings  # asleep it does not say them
        await driver._write_power(Power.ON)
        assert await driver._read_power() is Power.WARMING
        with pytest.raises(NotReady):
            await driver._write_power(Power.OFF)
        await until_power(driver, Power.ON)
        assert driver.narrowings["source"]["choices"]
        await driver._write_power(Power.OFF)
        assert await driver._read_power() is Power.COOLING
        await until_power(driver, Power.OFF)
        assert await driver._read_assumed() == []


async def until_power(driver: PjlinkPanel, wanted: Power) -> None:
    async with asyncio.timeout(20):
        while await driver._read_power() is not wanted:
            await asyncio.sleep(0.02)


async def test_what_is_silent_while_it_warms_up_is_assumed_to_warm_up(monkeypatch):
    monkeypatch.setattr(session, "PATIENCE", 0.6)
    async with room(on=False, warm_up=1.5, warming="silent") as made:
        driver = made.driver
        await driver._write_power(Power.ON)
        assert await driver._read_power() is Power.WARMING
        assert await driver._read_assumed() == ["power"]
        assert ("assumed", ["power"]) in made.told.readings
        await until_power(driver, Power.ON)
        assert await driver._read_assumed() == []


@pytest.mark.parametrize(
    "faults",
    [
        {"zero": True},
        {"once": "close"},
        {"stray": True},
        {"garble": True},
        {"small": True},
        {"slow": 0.2},
        {"zero": True, "once": "close", "stray": True, "garble": True, "small": True},
    ],
    ids=lambda faults: "+".join(faults),
)
@pytest.mark.parametrize("password", ["", PASSWORD], ids=["open", "password"])
async def test_a_projector_with_ways_of_its_own_is_spoken_to(faults, password):
    async with room(password=password, **faults) as made:
        driver = made.driver
        for freeze in (True, False, True):
            await driver._write_freeze(freeze)
            assert await driver._read_freeze() is freeze
            assert await driver._read_power() is Power.ON
        assert made.told.losses == []


async def test_one_that_answers_once_in_a_connection_is_found_out(monkeypatch):
    monkeypatch.setattr(session, "PATIENCE", 0.6)
    async with room(once="silent") as made:
        driver = made.driver
        assert driver._session.single
        before = made.projector.connections
        began = time.monotonic()
        for _ in range(5):
            await driver._read_power()
        assert made.projector.connections == before + 5
        assert time.monotonic() - began < 0.6 * 5  # none of them waited in vain


async def test_a_connection_that_was_dropped_for_its_silence_is_opened_anew():
    async with room(idle=0.2) as made:
        before = made.projector.connections
        await asyncio.sleep(0.5)
        assert await made.driver._read_power() is Power.ON
        assert made.projector.connections == before + 1


async def test_a_pulled_cable_is_survived_and_nothing_is_said_twice():
    async with room() as made:
        made.projector.hang_up()
        await asyncio.sleep(0.1)
        await made.driver._run_louder(Asked())
        assert made.asked.count("%2SVOL 1") == 1
        assert made.projector.screen.volume == 25


async def test_an_answer_that_comes_too_late_is_not_taken_for_the_next(monkeypatch):
    monkeypatch.setattr(session, "PATIENCE", 0.6)
    async with room() as made:
        made.projector.faults = Faults(late=1.5)
        with contextlib.suppress(TimedOut):
            await made.driver._write_freeze(freeze=True)
        made.projector.faults = Faults()
        for _ in range(10):
            assert await made.driver._read_power() is Power.ON
            await asyncio.sleep(0.05)


async def test_half_duplex_never_a_second_question_before_the_answer():
    async with room(slow=0.01) as made:
        driver = made.driver
        answering = 0

        async def say(writer, answer, before=made.projector._say):
            nonlocal answering
            answering += 1
            assert answering == 1
            await before(writer, answer)
            answering -= 1

        made.projector._say = say
        await asyncio.gather(*(driver._write_freeze(bool(n % 2)) for n in range(10)),
                             *(driver._read_power() for _ in range(10)))  # fmt: skip
        assert answering == 0


async def test_passwords():
    with pytest.raises(PasswordWanted, match="refuses"):
        async with room(password=PASSWORD, given="wrong"):
            pass
    with pytest.raises(PasswordWanted, match="none is set"):
        async with room(password=PASSWORD, given=""):
            pass


async def test_what_is_no_projector_is_told():
    async def other(reader, writer):
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(other, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        driver = PjlinkPanel(PjlinkPanel.Settings(host="127.0.0.1", port=port), Recorder())
        with pytest.raises(WrongDevice, match="not PJLink"):
            await driver.connect()
        await driver.disconnect()
    driver = PjlinkPanel(PjlinkPanel.Settings(host="127.0.0.1", port=port), Recorder())
    with pytest.raises(Unreachable):
        await driver.connect()


async def test_a_deaf_one_is_given_up_in_time(monkeypatch):
    monkeypatch.setattr(session, "PATIENCE", 0.4)
    async with room(connect=False, deaf=True) as made:
        with pytest.raises(TimedOut):
            await made.driver.connect()


async def test_faults_are_its_health():
    async with room() as made:
        made.projector.screen.errors = "200001"
        faults = await made.driver._read_faults()
        assert [(one.part, one.level) for one in faults] == [
            (Part.FAN, Level.ERROR), (Part.OTHER, Level.WARNING),
        ]  # fmt: skip
        assert made.told.problems[-1].code == "panel-fan"
        made.projector.screen.errors = "000000"
        await made.driver._read_faults()
        assert made.told.problems[-1] is None


async def test_the_virtual_projector_satisfies_a_client_that_others_wrote():
    """`aiopjlink2` on PyPI, written apart from both: what it reads is what we read."""
    projector = Projector(Screen(warm_up=0.0, cool_down=0.0), password=PASSWORD)
    async with listening(projector) as port:
        link = aiopjlink.PJLink("127.0.0.1", port, PASSWORD)
        await link.power.turn_on()
        assert await link.power.get() is aiopjlink.Power.State.ON
        assert await link.info.pjlink_class() is aiopjlink.PJClass.TWO
        await link.mute.both(muted=True)
        assert await link.mute.status() == (True, True)
        await link.freeze.set(freeze=True)
        assert await link.freeze.get() is True
        assert await link.lamps.hours() == 1234
        assert await link.filter.hours() == 56
        named = await link.sources.available_with_names()
        assert [name for _, _, name in named] == ["VGA", "HDMI 1", "HDMI 2", "USB", "LAN"]
        errors = await link.errors.query()
        assert set(errors.values()) == {aiopjlink.Errors.Level.OK}
        with pytest.raises(aiopjlink.PJLinkPassword):
            await aiopjlink.PJLink("127.0.0.1", port, "wrong").power.get()


async def test_it_is_recorded_without_its_password_and_played(tmp_path):
    file = tmp_path / "projector.jsonl"
    settings = PjlinkPanel.Settings(host="127.0.0.1", port=1, password=PASSWORD)
    async with recording(file, settings) as transports, room(transports=transports) as made:
        await made.driver._write_freeze(freeze=True)
        assert await made.driver._read_freeze()
        settings = made.driver.settings
    assert PASSWORD.encode() not in file.read_bytes()
    async with replaying(file) as transports:
        driver = PjlinkPanel(settings, Recorder(), transports=transports)
        await driver.connect()
        await driver._write_freeze(freeze=True)
        assert await driver._read_freeze()
        assert Panel.freeze.name not in driver.omitted
        await driver.disconnect()
