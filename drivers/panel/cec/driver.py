"""The driver: what a display does that is told over the HDMI cable."""

import re
import time
from typing import Any, ClassVar, Final

from pydantic import Field

from drivers.panel.cec.bus import AMPLIFIER, DISPLAY, EVERYBODY, Bus, Frame, NobodyThere
from drivers.panel.contract import STATUS, Panel
from drivers.panel.problems import NotKnown, NotOffered
from drivers.panel.values import About, Power, Source, SourceName
from hub.device import (
    N_,
    BadSettings,
    Call,
    DeviceError,
    DeviceSettings,
    Match,
    OutOfRange,
    Property,
    TimedOut,
    UsbMatch,
)

WARM_UP: Final = 30.0
SOCKETS: Final = 6
OWN: Final = "own"
STEPPING: Final = 11.0
"""Seconds for which the volume is stepped towards what is wanted."""
AT_ONCE: Final = 5
IMAGE_VIEW_ON, STANDBY, GIVE_POWER, POWER = 0x04, 0x36, 0x8F, 0x90
ACTIVE_SOURCE, REQUEST_ACTIVE_SOURCE, ROUTING_CHANGE, STREAM_PATH = 0x82, 0x85, 0x80, 0x86
GIVE_NAME, NAME, GIVE_VENDOR, VENDOR = 0x46, 0x47, 0x8C, 0x87
GET_VERSION, VERSION, GIVE_AUDIO, AUDIO = 0x9F, 0x9E, 0x71, 0x7A
PRESSED, RELEASED, LOUDER, QUIETER, MUTE = 0x44, 0x45, 0x41, 0x42, 0x43
_POWERS: Final = {0: Power.ON, 1: Power.OFF, 2: Power.WARMING, 3: Power.COOLING}
_VERSIONS: Final = {4: "1.3", 5: "1.4", 6: "2.0"}
_MAKERS: Final = {
    "00e091": "LG", "0000f0": "Samsung", "080046": "Sony", "008045": "Panasonic",
    "00903e": "Philips", "000039": "Toshiba", "08001f": "Sharp", "8065e9": "BenQ",
    "6b746d": "Vizio", "00d0d5": "Grundig", "009053": "Daewoo",
}  # fmt: skip
"""Who has which number (IEEE OUI), as libCEC lists them."""


class CecPanel(Panel):
    """Display or television that obeys over the HDMI cable (HDMI-CEC).

    By a USB adapter of Pulse-Eight between computer and display, or by the kernel's own device.
    """

    title = N_("Display by HDMI-CEC")
    isolation = "driver"
    discovery: ClassVar[tuple[Match, ...]] = (
        UsbMatch(subsystem="tty", vendor="2548", product="1001"),
        UsbMatch(subsystem="tty", vendor="2548", product="1002"),
    )

    class Settings(DeviceSettings):
        """Where the adapter is.

        Attributes:
            port: its serial line, or `/dev/cec0`; None where it was found on USB.
            hdmi: the display's socket that this computer is at; 0 where the adapter knows.
        """

        port: str | None = Field(
            None, title=N_("Serial line"), max_length=200, pattern=r"^/dev/[A-Za-z0-9/_:.-]+$"
        )
        hdmi: int = Field(0, title=N_("HDMI socket of the display"), ge=0, le=SOCKETS)

    settings: Settings
    _bus: Bus | None = None

    async def connect(self) -> None:
        """Join the bus, make sure that a display is there, and learn what it tells."""
        port = self.settings.port or (self.found and self.found.node("tty"))
        if not port:
            raise BadSettings("port: name the adapter's line, or choose it where it is found")
        self._turning, self._towards = 0.0, Power.OFF
        self._set: dict[str, Any] = {}
        self._assumed: set[str] = set()
        self._sound: int | None = None
        bus = self._bus = Bus(self._heard)
        await bus.open(self.transports, port, self.settings.hdmi)
        self.omit(
            Panel.blank, Panel.freeze, Panel.lock, Panel.touch_lock, Panel.faults, Panel.lamps,
            Panel.on_hours, Panel.filter_hours, Panel.temperature, Panel.brightness, Panel.contrast,
        )  # fmt: skip
        self.narrow(Panel.source, choices=[f"hdmi-{n}" for n in range(1, SOCKETS + 1)])
        await self._read_power()
        await self._learn_sound()

    async def disconnect(self) -> None:
        """Leave the bus."""
        bus, self._bus = self._bus, None
        if bus is not None:
            await bus.close()

    async def check(self) -> str | None:
        """Ask for its power; it is silent for a while where it is being switched."""
        await self._read_power()
        return None if Panel.power.name in self._assumed else STATUS

    # Power.

    @Panel.power.polled(every=5.0)
    async def _read_power(self) -> Power:
        turning = time.monotonic() < self._turning
        try:
            told = await self._on.ask(DISPLAY, GIVE_POWER, POWER, by=DISPLAY)
        except NotOffered:
            return Power(self._what_was_set(Panel.power))  # a display that obeys and does not tell
        except TimedOut:
            if not turning:
                raise
            self._assume(Panel.power)
            return Power.WARMING if self._towards is Power.ON else Power.COOLING
        power = _POWERS.get(told.data[0]) if told.data else None
        if power is None:
            raise DeviceError(f"it tells the power {told.data.hex()!r}")
        self._know(Panel.power)
        return power

    @Panel.power.write
    async def _write_power(self, power: Power) -> None:
        if power not in (Power.ON, Power.OFF):
            raise OutOfRange("only on and off can be set")
        await self._on.say(DISPLAY, IMAGE_VIEW_ON if power is Power.ON else STANDBY)
        self._turning, self._towards = time.monotonic() + WARM_UP, power
        self._set[Panel.power.name] = power

    # The input: what is shown is told by whoever is shown.

    @Panel.source.polled(every=15.0)
    async def _read_source(self) -> Source:
        try:
            told = await self._on.ask(EVERYBODY, REQUEST_ACTIVE_SOURCE, ACTIVE_SOURCE)
        except TimedOut:
            return str(self._what_was_set(Panel.source))  # what is shown there speaks no CEC
        self._know(Panel.source)
        return _source_of(told.data)

    @Panel.source.write
    async def _write_source(self, source: Source) -> None:
        match = re.fullmatch(rf"hdmi-([1-{SOCKETS}])", source)
        if match is None:
            raise OutOfRange(f"{source!r} cannot be set over HDMI")
        await self._on.say(EVERYBODY, ACTIVE_SOURCE, (int(match[1]) << 4, 0))
        self._set[Panel.source.name] = source

    @Panel.sources.read
    async def _read_sources(self) -> list[SourceName]:
        sockets = [SourceName(id=f"hdmi-{n}", name=f"HDMI {n}") for n in range(1, SOCKETS + 1)]
        return [*sockets, SourceName(id=OWN, name="TV")]

    # Sound: an amplifier tells how loud it is, a display seldom does.

    @Panel.volume.polled(every=10.0)
    async def _read_volume(self) -> int:
        return await self._volume()

    @Panel.volume.write
    async def _write_volume(self, volume: int) -> None:
        until, former = time.monotonic() + STEPPING, 0
        while (left := volume - await self._volume()) != 0:
            if former * left < 0 and abs(former) == 1:
                return  # its steps are larger than ours: nearer it does not come
            steps = 1 if former * left < 0 else min(abs(left), AT_ONCE)
            if time.monotonic() > until:
                raise DeviceError(f"{abs(left)} steps are missing: it is slow")
            for _ in range(steps):
                await self._press(LOUDER if left > 0 else QUIETER)
            former = steps if left > 0 else -steps

    @Panel.mute.polled(every=10.0)
    async def _read_mute(self) -> bool:
        return bool(await self._audio() & 0x80)

    @Panel.mute.write
    async def _write_mute(self, mute: bool) -> None:
        if await self._read_mute() is not mute:
            await self._press(MUTE)

    @Panel.louder.run
    async def _run_louder(self, call: Call[None]) -> None:  # noqa: ARG002 - the hub's
        await self._press(LOUDER)

    @Panel.quieter.run
    async def _run_quieter(self, call: Call[None]) -> None:  # noqa: ARG002 - the hub's
        await self._press(QUIETER)

    # How it is.

    @Panel.assumed.read
    async def _read_assumed(self) -> list[str]:
        return sorted(self._assumed)

    @Panel.about.read
    async def _read_about(self) -> About:
        async def told(opcode: int, answer: int) -> bytes:
            try:
                return (await self._on.ask(DISPLAY, opcode, answer, by=DISPLAY)).data
            except (NotOffered, TimedOut):
                return b""

        vendor = (await told(GIVE_VENDOR, VENDOR)).hex()
        version = _VERSIONS.get(next(iter(await told(GET_VERSION, VERSION)), 0), "")
        name = (await told(GIVE_NAME, NAME)).decode("ascii", "replace")
        return About(
            maker=_MAKERS.get(vendor, f"OUI {vendor}" if vendor else ""),
            name=name.strip("\0 "),
            protocol=f"HDMI-CEC {version}".strip(),
        )

    # How.

    @property
    def _on(self) -> Bus:
        assert self._bus is not None  # noqa: S101 - it is connected
        return self._bus

    def _heard(self, frame: Frame) -> None:
        """Take what is said unasked: somebody has switched it by hand, or chosen an input."""
        if frame.opcode == STANDBY and frame.source == DISPLAY:
            self.report(Panel.power, Power.OFF)
            return
        data = frame.data
        if frame.opcode == ROUTING_CHANGE and len(data) == 4:
            data = data[2:]
        elif frame.opcode not in (ACTIVE_SOURCE, STREAM_PATH):
            return
        if len(data) == 2:
            self._set[Panel.source.name] = _source_of(data)
            self._know(Panel.source)
            self.report(Panel.source, _source_of(data))

    async def _learn_sound(self) -> None:
        """Find out who makes the sound and tells how loud it is."""
        for who in (AMPLIFIER, DISPLAY):
            try:
                await self._on.ask(who, GIVE_AUDIO, AUDIO, by=who)
            except (NotOffered, NobodyThere, TimedOut):
                continue
            self._sound = who
            return
        self.omit(Panel.volume, Panel.mute)

    async def _audio(self) -> int:
        who = DISPLAY if self._sound is None else self._sound
        told = await self._on.ask(who, GIVE_AUDIO, AUDIO, by=who)
        if not told.data:
            raise DeviceError("it tells no volume")
        return told.data[0]

    async def _volume(self) -> int:
        volume = await self._audio() & 0x7F
        if volume > 100:
            raise NotKnown("it says that it does not know how loud it is")
        return volume

    async def _press(self, key: int) -> None:
        who = DISPLAY if self._sound is None else self._sound
        await self._on.say(who, PRESSED, (key,))
        await self._on.say(who, RELEASED)

    def _what_was_set(self, member: Property[Any]) -> Any:
        """Return what was set last (NotKnown where nothing was), and say that it is assumed."""
        if member.name not in self._set:
            raise NotKnown(f"{member.name}: the display does not tell it, and it was not set yet")
        self._assume(member)
        return self._set[member.name]

    def _assume(self, member: Property[Any]) -> None:
        self._tell_assumed(self._assumed | {member.name})

    def _know(self, member: Property[Any]) -> None:
        self._tell_assumed(self._assumed - {member.name})

    def _tell_assumed(self, assumed: set[str]) -> None:
        if assumed != self._assumed:
            self._assumed = assumed
            self.report(Panel.assumed, sorted(assumed))


def _source_of(address: bytes) -> Source:
    """Return the socket that a physical address (a.b.c.d) begins with; 0.0.0.0 is the display."""
    socket = address[0] >> 4 if address else 0
    return f"hdmi-{socket}" if socket else OWN
