"""The driver: what a Samsung display can do by MDC."""

import re
import time
from typing import Any, Final

from pydantic import Field, SecretStr, field_validator
from samsung_mdc import commands as mdc

from drivers.panel.contract import STATUS, Panel
from drivers.panel.problems import NotOffered, NotReady, problem_of
from drivers.panel.samsung_mdc.secured import open_secured
from drivers.panel.samsung_mdc.session import Session, WrongDisplayId
from drivers.panel.values import About, Fault, Level, Part, Power, Source, SourceName
from hub.device import N_, BadSettings, DeviceError, DeviceSettings, OutOfRange, TimedOut
from hub.device.transports import ByteStream

PORT: Final = 1515
WARM_UP: Final = 30.0
_STATE = mdc.INPUT_SOURCE.INPUT_SOURCE_STATE
_SOURCES: Final[dict[str, Any]] = {
    "hdmi-1": _STATE.HDMI1, "hdmi-2": _STATE.HDMI2, "hdmi-3": _STATE.HDMI3,
    "displayport-1": _STATE.DISPLAY_PORT_1, "dvi-1": _STATE.DVI, "pc": _STATE.PC,
    "ops": _STATE.PLUG_IN_MODE, "whiteboard": _STATE.IWB, "usb": _STATE.INTERNAL_USB,
}  # fmt: skip
_NAMES: Final = {
    "displayport-1": "DisplayPort", "dvi-1": "DVI", "pc": "PC", "ops": "Plug-in module",
    "whiteboard": "Whiteboard", "usb": "USB",
}  # fmt: skip
_ALSO: Final[dict[Any, str]] = {
    _STATE.HDMI1_PC: "hdmi-1", _STATE.HDMI2_PC: "hdmi-2", _STATE.HDMI3_PC: "hdmi-3",
    _STATE.DVI_VIDEO: "dvi-1",
}  # fmt: skip


class SamsungPanel(Panel):
    """Samsung display or board that speaks MDC.

    Over the network, also by the secured protocol with its PIN, or over RS-232.
    """

    title = N_("Samsung display or board (MDC)")
    isolation = "driver"

    class Settings(DeviceSettings):
        """Where the display is.

        Attributes:
            host, tcp_port: on the network. port: the serial line, instead.
            display_id: as its menu shows it.
            pin: of the secured protocol, on the network only; None where that is switched off.
        """

        host: str | None = Field(None, title=N_("Address"), max_length=253)
        tcp_port: int = Field(PORT, title=N_("Port"), ge=1, le=65535)
        port: str | None = Field(None, title=N_("Serial line"), max_length=200)
        display_id: int = Field(0, title=N_("ID of the display"), ge=0, le=253)
        pin: SecretStr | None = Field(None, title=N_("PIN of the secured protocol"))

        @field_validator("pin")
        @classmethod
        def _four_digits(cls, pin: SecretStr | None) -> SecretStr | None:
            # Four asterisks stand for it where a recording is played.
            if pin and not re.fullmatch(r"[0-9]{4}|\*{4}", pin.get_secret_value()):
                raise ValueError("four digits")
            return pin

    settings: Settings
    _session: Session | None = None

    async def connect(self) -> None:
        """Make sure that a display of this id answers, and learn what it has."""
        settings = self.settings
        if (settings.port is None) == (settings.host is None):
            raise BadSettings("port or host: name either the serial line or the address")
        if settings.pin is not None and settings.host is None:
            raise BadSettings("pin: a serial line has no secured protocol")
        session = self._session = Session(self._open, settings.display_id)
        self._turning, self._towards = 0.0, Power.OFF
        self._power = Power.OFF
        self._assumed: set[str] = set()
        self.omit(
            Panel.freeze, Panel.touch_lock, Panel.lamps, Panel.filter_hours, Panel.louder,
            Panel.quieter, Panel.brightness, Panel.contrast,
        )  # fmt: skip
        self.narrow(Panel.source, choices=list(_SOURCES))
        try:
            await session.ask(mdc.POWER)
        except TimedOut as error:
            others = [number for number in range(11) if number != settings.display_id]
            found = await session.scan(mdc.POWER, others)
            if found is not None:
                raise WrongDisplayId(
                    f"{found} answers, {settings.display_id} is set", found=found
                ) from None
            raise error from None
        if not await self._has(mdc.PANEL_ON_TIME):
            self.omit(Panel.on_hours)

    async def disconnect(self) -> None:
        """Let the line go."""
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
            (state, *_) = await self._ask(mdc.POWER)
        except TimedOut:
            if not turning:
                raise
            self._tell_assumed({"power"})
            return Power.WARMING if self._towards is Power.ON else Power.COOLING
        self._tell_assumed(set())
        self._power = Power.OFF if state == mdc.POWER.POWER_STATE.OFF else Power.ON
        return self._power

    @Panel.power.write
    async def _write_power(self, power: Power) -> None:
        if power not in (Power.ON, Power.OFF):
            raise OutOfRange("only on and off can be set")
        state = mdc.POWER.POWER_STATE
        await self._ask(mdc.POWER, state.ON if power is Power.ON else state.OFF)
        self._turning, self._towards = time.monotonic() + WARM_UP, power

    # Picture, sound, keys.

    @Panel.source.polled(every=10.0)
    async def _read_source(self) -> Source:
        (state, *_) = await self._ask(mdc.INPUT_SOURCE)
        known = {value: name for name, value in _SOURCES.items()} | _ALSO
        if state not in known:
            return str(state.name).lower().replace("_", "-")
        return known[state]

    @Panel.source.write
    async def _write_source(self, source: Source) -> None:
        if source not in _SOURCES:
            raise OutOfRange(f"{source!r} is no input of MDC")
        await self._ask(mdc.INPUT_SOURCE, _SOURCES[source])

    @Panel.sources.read
    async def _read_sources(self) -> list[SourceName]:
        return [
            SourceName(id=name, name=_NAMES.get(name, name.replace("-", " ").upper()))
            for name in _SOURCES
        ]

    @Panel.volume.polled(every=10.0)
    async def _read_volume(self) -> int:
        (volume, *_) = await self._ask(mdc.VOLUME)
        if volume > 100:
            raise NotOffered("it has no sound")
        return int(volume)

    @Panel.volume.write
    async def _write_volume(self, volume: int) -> None:
        await self._ask(mdc.VOLUME, volume)

    @Panel.mute.polled(every=10.0)
    async def _read_mute(self) -> bool:
        (state, *_) = await self._ask(mdc.MUTE)
        return bool(state == mdc.MUTE.MUTE_STATE.ON)

    @Panel.mute.write
    async def _write_mute(self, mute: bool) -> None:
        state = mdc.MUTE.MUTE_STATE
        await self._ask(mdc.MUTE, state.ON if mute else state.OFF)

    @Panel.blank.polled(every=10.0)
    async def _read_blank(self) -> bool:
        (state, *_) = await self._ask(mdc.PANEL)
        return bool(state == mdc.PANEL.PANEL_STATE.OFF)

    @Panel.blank.write
    async def _write_blank(self, blank: bool) -> None:
        state = mdc.PANEL.PANEL_STATE
        await self._ask(mdc.PANEL, state.OFF if blank else state.ON)

    @Panel.lock.polled(every=15.0)
    async def _read_lock(self) -> bool:
        (state, *_) = await self._ask(mdc.ALL_KEYS_LOCK)
        return bool(state == mdc.ALL_KEYS_LOCK.LOCK_STATE.ON)

    @Panel.lock.write
    async def _write_lock(self, lock: bool) -> None:
        state = mdc.ALL_KEYS_LOCK.LOCK_STATE
        await self._ask(mdc.ALL_KEYS_LOCK, state.ON if lock else state.OFF)

    # How it is.

    @Panel.assumed.read
    async def _read_assumed(self) -> list[str]:
        return sorted(self._assumed)

    @Panel.faults.polled(every=60.0)
    async def _read_faults(self) -> list[Fault]:
        lamp, heat, _, signal, _, fan = await self._ask(mdc.ERROR_STATUS)
        told = {Part.LAMP: lamp, Part.TEMPERATURE: heat, Part.SIGNAL: signal, Part.FAN: fan}
        faults = [Fault(part=part, level=Level.ERROR) for part, state in told.items() if state == 1]
        self.health(problem_of(faults))
        return faults

    @Panel.temperature.polled(every=60.0)
    async def _read_temperature(self) -> float:
        return float((await self._ask(mdc.ERROR_STATUS))[4])

    @Panel.on_hours.polled(every=600.0)
    async def _read_on_hours(self) -> int:
        (tens, *_) = await self._ask(mdc.PANEL_ON_TIME)  # of minutes
        return int(tens) // 6

    @Panel.about.read
    async def _read_about(self) -> About:
        async def text(command: Any) -> str:
            try:
                return str((await self._ask(command))[0]).strip("\0 ")[:200]
            except (NotOffered, NotReady, TimedOut):
                return ""

        return About(
            maker="Samsung",
            model=await text(mdc.MODEL_NAME),
            serial=await text(mdc.SERIAL_NUMBER),
            firmware=await text(mdc.SOFTWARE_VERSION),
            protocol="MDC",
        )

    # How.

    async def _ask(self, command: Any, *value: Any) -> Any:
        assert self._session is not None  # noqa: S101 - it is connected
        try:
            return await self._session.ask(command, *value)
        except NotOffered as error:
            if self._power is Power.OFF and command is not mdc.POWER:
                raise NotReady(error.detail) from None
            raise

    async def _has(self, command: Any) -> bool:
        assert self._session is not None  # noqa: S101 - it is connected
        try:
            await self._session.ask(command)
        except (NotOffered, TimedOut):
            return False
        except DeviceError as error:
            if type(error) is not DeviceError:
                raise
        return True

    def _tell_assumed(self, assumed: set[str]) -> None:
        if assumed != self._assumed:
            self._assumed = assumed
            self.report(Panel.assumed, sorted(assumed))

    async def _open(self) -> ByteStream:
        host, port, pin = self.settings.host, self.settings.tcp_port, self.settings.pin
        if host is None:
            return await self.transports.serial(self.settings.port or "", baudrate=9600)
        if pin is None:
            return await self.transports.tcp(host, port)
        return await open_secured(self.transports, host, port, pin.get_secret_value())
