"""The driver: what a monitor does that is told over its video cable."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from pydantic import Field

from drivers.panel.contract import STATUS, Panel
from drivers.panel.ddcci import messages
from drivers.panel.ddcci.monitors import Monitor, monitors
from drivers.panel.ddcci.session import Session
from drivers.panel.problems import NotOffered
from drivers.panel.values import About, Power, Source, SourceName
from hub.device import (
    N_,
    BadSettings,
    Candidate,
    DeviceError,
    DeviceSettings,
    OutOfRange,
    TimedOut,
    Unreachable,
)

WARM_UP: Final = 15.0
POWER, SOURCE, VOLUME, MUTE, BRIGHTNESS, CONTRAST, HOURS, LOCK = (
    0xD6, 0x60, 0x62, 0x8D, 0x10, 0x12, 0xC0, 0xCA,
)  # fmt: skip
_ON, _OFF = 1, 4
_SOURCES: Final = {
    "vga-1": 0x01, "vga-2": 0x02, "dvi-1": 0x03, "dvi-2": 0x04, "displayport-1": 0x0F,
    "displayport-2": 0x10, "hdmi-1": 0x11, "hdmi-2": 0x12,
}  # fmt: skip
"""MCCS 2.2a, feature 60h; what makers add to it (USB-C) is called `input-` and its number."""
_MUTED, _LOUD = 1, 2
_LOCKED, _UNLOCKED, _BUTTONS_LOCKED = 1, 2, 3


class DdcciPanel(Panel):
    """Monitor that obeys over its video cable (DDC/CI).

    At this computer's own sockets: HDMI, DisplayPort, DVI, VGA.
    """

    title = N_("Monitor by DDC/CI")
    isolation = "driver"
    searching = 5.0

    class Settings(DeviceSettings):
        """Which monitor.

        Attributes:
            socket: of this computer, such as `HDMI-A-1`; None where one monitor is plugged in.
            path: of its bus instead, `/dev/i2c-N`; its number may be another after a start.
        """

        socket: str | None = Field(
            None, title=N_("Socket of the computer"), pattern=r"^[A-Za-z0-9-]{1,40}$"
        )
        path: str | None = Field(None, title=N_("I²C bus"), max_length=200, pattern=r"^/")

    @classmethod
    async def search(cls, heard: Callable[[Candidate], None]) -> None:
        """Name the monitors at the computer's own sockets."""
        for one in await asyncio.to_thread(monitors):
            if one.path:
                title = f"{one.maker} {one.model}".strip()
                heard(Candidate(title=title, place=one.socket, settings={"socket": one.socket}))

    settings: Settings
    _session: Session | None = None

    async def connect(self) -> None:
        """Reach the monitor, and learn what it has."""
        self._about, path = await self._place()
        self._turning, self._towards = 0.0, Power.OFF
        self._assumed: set[str] = set()
        self._most: dict[int, int] = {}
        session = self._session = Session(self.transports, path)
        await session.open()
        self.omit(
            Panel.blank, Panel.freeze, Panel.touch_lock, Panel.faults, Panel.lamps,
            Panel.filter_hours, Panel.temperature, Panel.louder, Panel.quieter,
        )  # fmt: skip
        await self._read_power()
        text = await session.capabilities()
        for code, *members in (
            (SOURCE, Panel.source, Panel.sources), (VOLUME, Panel.volume), (MUTE, Panel.mute),
            (BRIGHTNESS, Panel.brightness), (CONTRAST, Panel.contrast), (HOURS, Panel.on_hours),
            (LOCK, Panel.lock),
        ):  # fmt: skip
            if not await self._has(code, text):
                self.omit(*members)
        self._names = self._inputs(messages.values_of(text, SOURCE))
        self.narrow(Panel.source, choices=list(self._names))

    async def disconnect(self) -> None:
        """Let it go."""
        if self._session is not None:
            self._session.close()
            self._session = None

    async def check(self) -> str | None:
        """Ask for its power; it is silent for a while where it is being switched."""
        await self._read_power()
        return None if self._assumed else STATUS

    # Power.

    @Panel.power.polled(every=5.0)
    async def _read_power(self) -> Power:
        turning = time.monotonic() < self._turning
        try:
            told = await self._ask(POWER)
        except NotOffered:
            # It answers, and so it is on; one that is off could only be silent.
            self._tell_assumed({"power"})
            return Power.ON
        except (TimedOut, Unreachable):
            if self._towards is Power.OFF and self._turning:
                self._tell_assumed({"power"})  # switched off by us, many are silent from then on
                return Power.OFF
            if not turning:
                raise
            self._tell_assumed({"power"})
            return Power.WARMING
        self._tell_assumed(set())
        return Power.ON if told.value & 0xFF == _ON else Power.OFF

    @Panel.power.write
    async def _write_power(self, power: Power) -> None:
        if power not in (Power.ON, Power.OFF):
            raise OutOfRange("only on and off can be set")
        await self._set(POWER, _ON if power is Power.ON else _OFF)
        self._turning, self._towards = time.monotonic() + WARM_UP, power

    # Input, sound, picture, keys.

    @Panel.source.polled(every=15.0)
    async def _read_source(self) -> Source:
        value = (await self._ask(SOURCE)).value & 0xFF
        return next((name for name, one in _SOURCES.items() if one == value), f"input-{value}")

    @Panel.source.write
    async def _write_source(self, source: Source) -> None:
        if source not in self._names:
            raise OutOfRange(f"{source!r} is no input of this monitor")
        value = _SOURCES.get(source)
        await self._set(SOURCE, int(source.removeprefix("input-")) if value is None else value)

    @Panel.sources.read
    async def _read_sources(self) -> list[SourceName]:
        return [SourceName(id=name, name=text) for name, text in self._names.items()]

    @Panel.volume.polled(every=15.0)
    async def _read_volume(self) -> int:
        return await self._read_percent(VOLUME)

    @Panel.volume.write
    async def _write_volume(self, volume: int) -> None:
        await self._write_percent(VOLUME, volume)

    @Panel.mute.polled(every=15.0)
    async def _read_mute(self) -> bool:
        return (await self._ask(MUTE)).value & 0xFF == _MUTED

    @Panel.mute.write
    async def _write_mute(self, mute: bool) -> None:
        await self._set(MUTE, _MUTED if mute else _LOUD)

    @Panel.brightness.polled(every=30.0)
    async def _read_brightness(self) -> int:
        return await self._read_percent(BRIGHTNESS)

    @Panel.brightness.write
    async def _write_brightness(self, brightness: int) -> None:
        await self._write_percent(BRIGHTNESS, brightness)

    @Panel.contrast.polled(every=30.0)
    async def _read_contrast(self) -> int:
        return await self._read_percent(CONTRAST)

    @Panel.contrast.write
    async def _write_contrast(self, contrast: int) -> None:
        await self._write_percent(CONTRAST, contrast)

    @Panel.lock.polled(every=30.0)
    async def _read_lock(self) -> bool:
        return (await self._ask(LOCK)).value & 0xFF in (_LOCKED, _BUTTONS_LOCKED)

    @Panel.lock.write
    async def _write_lock(self, lock: bool) -> None:
        await self._set(LOCK, _LOCKED if lock else _UNLOCKED)

    # How it is.

    @Panel.assumed.read
    async def _read_assumed(self) -> list[str]:
        return sorted(self._assumed)

    @Panel.on_hours.polled(every=600.0)
    async def _read_on_hours(self) -> int:
        return (await self._ask(HOURS)).value

    @Panel.about.read
    async def _read_about(self) -> About:
        about = self._about
        return About(maker=about.maker, model=about.model, serial=about.serial, protocol="DDC/CI")

    # How.

    async def _place(self) -> tuple[Monitor, str]:
        """Return the monitor and the path of its bus (BadSettings, Unreachable)."""
        path, socket = self.settings.path, self.settings.socket
        if path is not None:
            return Monitor("", path), path
        there = await asyncio.to_thread(monitors)
        chosen = [one for one in there if socket in (None, one.socket)]
        if len(chosen) > 1:
            names = ", ".join(f"{one.socket} ({one.model})" for one in chosen)
            raise BadSettings(f"socket: say which: {names}")
        if not chosen:
            raise Unreachable(f"no monitor at {socket or 'this computer'}")
        if not chosen[0].path:
            raise Unreachable(f"{chosen[0].socket}: no bus; is the module i2c-dev loaded?")
        return chosen[0], chosen[0].path

    async def _has(self, code: int, text: str) -> bool:
        """Whether it has a feature; what it says that it can is believed where it is silent now."""
        try:
            await self._ask(code)
        except NotOffered:
            return False
        except TimedOut:
            return messages.knows(text, code)
        return True

    def _inputs(self, told: list[int] | None) -> dict[Source, str]:
        known = {value: name for name, value in _SOURCES.items()}
        values = list(known) if told is None else told
        names = [known.get(value, f"input-{value}") for value in values]
        return {name: name.replace("-", " ").upper() for name in names}

    async def _read_percent(self, code: int) -> int:
        told = await self._ask(code)
        if not told.most:
            raise DeviceError(f"{code:02X}: its largest value is 0")
        self._most[code] = told.most
        return min(round(told.value * 100 / told.most), 100)

    async def _write_percent(self, code: int, percent: int) -> None:
        if code not in self._most:
            await self._read_percent(code)
        await self._set(code, round(percent * self._most[code] / 100))

    async def _ask(self, code: int) -> messages.Feature:
        assert self._session is not None  # noqa: S101 - it is connected
        return await self._session.feature(code)

    async def _set(self, code: int, value: int) -> None:
        assert self._session is not None  # noqa: S101 - it is connected
        await self._session.set_to(code, value)

    def _tell_assumed(self, assumed: set[str]) -> None:
        if assumed != self._assumed:
            self._assumed = assumed
            self.report(Panel.assumed, sorted(assumed))
