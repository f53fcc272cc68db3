"""The driver: a panel as its table says it is."""

import time
from typing import Any

from pydantic import Field

from drivers.panel.command_table.table import BadTable, Table, find
from drivers.panel.command_table.talk import Talk
from drivers.panel.command_table.values import meant, written
from drivers.panel.contract import STATUS, Panel
from drivers.panel.problems import NotKnown, NotReady
from drivers.panel.values import About, Power, Source, SourceName
from hub.device import N_, BadSettings, DeviceSettings, OutOfRange, Property, TimedOut
from hub.device.transports import ByteStream

_MEMBERS: dict[str, Property[Any]] = {
    member.name: member
    for member in (
        Panel.source, Panel.volume, Panel.mute, Panel.blank, Panel.freeze, Panel.lock,
        Panel.touch_lock, Panel.on_hours, Panel.filter_hours, Panel.temperature,
    )
}  # fmt: skip


class TablePanel(Panel):
    """Panel with a table of commands.

    Over RS-232 or the network; what it says is in a data file of its maker's commands.
    """

    title = N_("Panel with a table of commands (RS-232 or network)")
    isolation = "driver"

    class Settings(DeviceSettings):
        """Where the panel is, and which table is its.

        Attributes:
            table: the name of its table. number: of the panel, where several share a line.
            port: the serial line. host, tcp_port: on the network, instead.
            baudrate: where it was changed in the panel's menu.
        """

        table: str = Field(title=N_("Table of commands"), pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")
        port: str | None = Field(None, title=N_("Serial line"), max_length=200)
        host: str | None = Field(None, title=N_("Address"), max_length=253)
        tcp_port: int | None = Field(None, title=N_("Port"), ge=1, le=65535)
        number: int | None = Field(None, title=N_("Number of the panel"), ge=0, le=255)
        baudrate: int | None = Field(None, title=N_("Baud rate"), ge=300, le=921600)

    settings: Settings
    _talk: Talk | None = None

    async def connect(self) -> None:
        """Open the line and make sure that the panel answers."""
        table = self._table = self._load()
        number = self.settings.number
        identity = table.identity
        if number is None:
            number = identity.default
        if not identity.least <= number <= identity.most:
            raise BadSettings(f"number: the table has {identity.least} to {identity.most}")
        self._talk = Talk(table, number, self._open)
        self._last: dict[str, Any] = {}
        self._assumed: set[str] = set()
        self._turning = 0.0
        self._towards = Power.OFF
        missing = [one for name, one in _MEMBERS.items() if name not in table.properties]
        self.omit(
            *missing, Panel.faults, Panel.lamps, Panel.louder, Panel.quieter, Panel.brightness,
            Panel.contrast,
        )  # fmt: skip
        if "source" not in table.properties:
            self.omit(Panel.sources)
        for name, command in table.properties.items():
            if name in _MEMBERS and _MEMBERS[name].writable:
                self.narrow(
                    _MEMBERS[name],
                    choices=list(command.values) if name == "source" else None,
                    writable=command.set is not None,
                )
        await self._talk.connect()
        if not self._tells_nothing and table.line.asleep != "none":
            await self._ask("power")

    async def disconnect(self) -> None:
        """Let the line go."""
        if self._talk is not None:
            self._talk.close()
            self._talk = None

    async def check(self) -> str | None:
        """Ask for its power; it is silent for a while where it is being switched."""
        await self._read_power()
        return None if "power" in self._assumed else STATUS

    # Power.

    @Panel.power.polled(every=5.0)
    async def _read_power(self) -> Power:
        turning = time.monotonic() < self._turning
        if turning and self._tells_nothing:
            self._assume("power")
            return self._on_its_way
        try:
            now: Power = await self._read("power")
        except TimedOut:
            if not turning and self._table.line.asleep != "none":
                raise
            # Silent while it turns on or off; or off, where that is how it is when it is off.
            self._assume("power")
            if not turning:
                return Power.OFF
            return self._on_its_way
        if now is self._towards:
            self._turning = 0.0
        return now

    @Panel.power.write
    async def _write_power(self, power: Power) -> None:
        if power not in (Power.ON, Power.OFF):
            raise OutOfRange("only on and off can be set")
        line = self._table.line
        turning = time.monotonic() < self._turning
        if turning and power is not self._towards:
            raise NotReady("it is still being switched the other way")
        already = self._tells_nothing and self._last.get("power") is power
        await self._write("power", power)
        if already:
            return  # it is so, or on its way there: nothing begins anew
        self._towards = power
        self._turning = time.monotonic() + (line.warm_up if power is Power.ON else line.cool_down)

    @property
    def _tells_nothing(self) -> bool:
        """Whether it cannot be asked for its power: that follows from what was set, and when."""
        return self._table.properties["power"].ask is None

    @property
    def _on_its_way(self) -> Power:
        return Power.WARMING if self._towards is Power.ON else Power.COOLING

    # What is only asked and set.

    @Panel.source.polled(every=10.0)
    async def _read_source(self) -> Source:
        return str(await self._read("source"))

    @Panel.source.write
    async def _write_source(self, source: Source) -> None:
        await self._write("source", source)

    @Panel.sources.read
    async def _read_sources(self) -> list[SourceName]:
        command = self._table.properties["source"]
        return [
            SourceName(id=name, name=command.names.get(name, name.replace("-", " ").upper()))
            for name in command.values
        ]

    @Panel.volume.polled(every=10.0)
    async def _read_volume(self) -> int:
        return int(await self._read("volume"))

    @Panel.volume.write
    async def _write_volume(self, volume: int) -> None:
        await self._write("volume", volume)

    @Panel.mute.polled(every=10.0)
    async def _read_mute(self) -> bool:
        return bool(await self._read("mute"))

    @Panel.mute.write
    async def _write_mute(self, mute: bool) -> None:
        await self._write("mute", mute)

    @Panel.blank.polled(every=10.0)
    async def _read_blank(self) -> bool:
        return bool(await self._read("blank"))

    @Panel.blank.write
    async def _write_blank(self, blank: bool) -> None:
        await self._write("blank", blank)

    @Panel.freeze.polled(every=10.0)
    async def _read_freeze(self) -> bool:
        return bool(await self._read("freeze"))

    @Panel.freeze.write
    async def _write_freeze(self, freeze: bool) -> None:
        await self._write("freeze", freeze)

    @Panel.lock.polled(every=15.0)
    async def _read_lock(self) -> bool:
        return bool(await self._read("lock"))

    @Panel.lock.write
    async def _write_lock(self, lock: bool) -> None:
        await self._write("lock", lock)

    @Panel.touch_lock.polled(every=15.0)
    async def _read_touch_lock(self) -> bool:
        return bool(await self._read("touch_lock"))

    @Panel.touch_lock.write
    async def _write_touch_lock(self, touch_lock: bool) -> None:
        await self._write("touch_lock", touch_lock)

    @Panel.on_hours.polled(every=600.0)
    async def _read_on_hours(self) -> int:
        return int(await self._read("on_hours"))

    @Panel.filter_hours.polled(every=600.0)
    async def _read_filter_hours(self) -> int:
        return int(await self._read("filter_hours"))

    @Panel.temperature.polled(every=60.0)
    async def _read_temperature(self) -> float:
        return float(await self._read("temperature"))

    @Panel.assumed.read
    async def _read_assumed(self) -> list[str]:
        return sorted(self._assumed)

    @Panel.about.read
    async def _read_about(self) -> About:
        table = self._table
        seen = "" if table.verified else " (not tried on hardware)"
        return About(maker=table.maker, protocol=f"{table.title}{seen}"[:200])

    # How.

    async def _read(self, name: str) -> Any:
        command = self._table.properties[name]
        if command.ask is None:
            if name not in self._last:
                raise NotKnown(f"{name}: the panel does not say it, and it was not set yet")
            self._assume(name)
            return self._last[name]
        if name != "power" and self._sleeps():
            raise NotReady("it is off, and answers questions for its power alone")
        value = meant(name, command, await self._ask(name))
        self._last[name] = value
        self._know(name)
        return value

    async def _write(self, name: str, value: Any) -> None:
        command = self._table.properties[name]
        wire = written(name, command, value)
        if name != "power" and self._sleeps():
            raise NotReady("it is off")
        assert self._talk is not None  # noqa: S101 - it is connected
        await self._talk.set(command, wire)
        self._last[name] = value
        if name == "power" and value is Power.OFF:
            # What was set before means nothing when it is switched on again.
            self._last = {"power": value}

    async def _ask(self, name: str) -> bytes:
        assert self._talk is not None  # noqa: S101 - it is connected
        return await self._talk.ask(self._table.properties[name])

    def _sleeps(self) -> bool:
        return self._table.line.asleep != "all" and self._last.get("power") is Power.OFF

    def _assume(self, name: str) -> None:
        if name not in self._assumed:
            self._assumed.add(name)
            self.report(Panel.assumed, sorted(self._assumed))

    def _know(self, name: str) -> None:
        if name in self._assumed:
            self._assumed.discard(name)
            self.report(Panel.assumed, sorted(self._assumed))

    def _load(self) -> Table:
        table = find(self.settings.table)
        if (self.settings.port is None) == (self.settings.host is None):
            raise BadSettings("port or host: name either the serial line or the address")
        if self.settings.host and not (self.settings.tcp_port or table.line.tcp_port):
            raise BadTable("tcp_port: the table knows none; name it")
        return table

    async def _open(self) -> ByteStream:
        line, settings = self._table.line, self.settings
        if settings.host is not None:
            port = settings.tcp_port or line.tcp_port or 0
            return await self.transports.tcp(settings.host, port)
        return await self.transports.serial(
            settings.port or "",
            baudrate=settings.baudrate or line.baudrate,
            parity=line.parity,
            stop_bits=line.stop_bits,
        )
