"""The driver: lines of text into taps."""

import time
from typing import Literal

from pydantic import Field

from drivers.globe.contract import Globe, MapId
from drivers.globe.hearing import Hearing
from drivers.globe.held import HeldMap
from drivers.globe.problems import NotSaidYet
from drivers.globe.serial.lines import Lines
from drivers.globe.taps import Taps, Timing
from drivers.globe.words import USUAL, Pattern, Words
from hub.device import N_, BadSettings, DeviceSettings, TimedOut, UsbMatch

QUIET = 3600.0
"""Seconds; a pen is silent for as long as nobody touches anything. Then it is listened to anew."""
ENDING = 0.25
"""Seconds after which a line is over that has no end."""

ENDS = {"lf": b"\n", "cr": b"\r", "none": None}


class SerialGlobe(HeldMap):
    """Pen on a serial line.

    Its receiver says a line of text for each touch. How, its maker says, or a recording shows.
    """

    title = N_("Globe pen on a serial line")
    isolation = "driver"
    discovery = (
        # Converters that receivers of pens are built with; general ones, so only offered.
        UsbMatch(subsystem="tty", vendor="1a86"),  # CH340, CH9102
        UsbMatch(subsystem="tty", vendor="10c4", product="ea60"),  # CP2102
        UsbMatch(subsystem="tty", vendor="067b"),  # PL2303
        UsbMatch(subsystem="tty", vendor="0403"),  # FTDI
    )

    class Settings(DeviceSettings):
        """What an engineer sets.

        Attributes:
            port: the node, where it is not found by itself (Bluetooth's `/dev/rfcomm0`).
            baudrate: of the line.
            pattern: a regular expression for a whole line, see `drivers.globe.words`.
            end: what ends a line; `none` where a pause does.
            repeats: the pen says its code again and again while it rests on a place.
            map: the globe map that is used until another is chosen.
        """

        port: str | None = Field(None, title=N_("Serial line"), max_length=200)
        baudrate: int = Field(9600, title=N_("Baud rate"), ge=300, le=4_000_000)
        pattern: Pattern = Field(USUAL, title=N_("Pattern of a line"))
        end: Literal["lf", "cr", "none"] = Field("lf", title=N_("What ends a line"))
        repeats: bool = Field(default=False, title=N_("The pen repeats its code while it rests"))

        map: MapId = Field("", title=N_("Globe map"))

    settings: Settings

    async def connect(self) -> None:
        """Open the line and listen."""
        port = self.settings.port or (self.found and self.found.node("tty"))
        if not port:
            raise BadSettings("port: name the serial line, or choose the pen where it is found")
        repeat = 0.35 if self.settings.repeats else 0.0
        self._words = Words(self.settings.pattern, Taps(Timing(repeat=repeat)))
        self._hearing = Hearing(self)
        self._battery: int | None = None
        self._line = await self.transports.serial(port, baudrate=self.settings.baudrate)
        await self._line.forget_input()
        if not self._speaks_of_battery():
            self.omit(Globe.battery)
        self.background(self._listen())

    async def disconnect(self) -> None:
        """Close the line."""
        if hasattr(self, "_line"):
            self._line.close()

    @Globe.name.read
    async def _read_name(self) -> str:
        return "" if self.found is None else self.found.title[:200]

    @Globe.battery.read
    async def _read_battery(self) -> int:
        if self._battery is None:
            raise NotSaidYet
        return self._battery

    async def _listen(self) -> None:
        lines = Lines(ENDS[self.settings.end])
        while True:
            try:
                data = await self._line.read(limit=ENDING if lines.waiting else QUIET)
            except TimedOut:
                self._take(lines.pause())
                continue
            self._take(lines.feed(data))

    def _take(self, lines: list[str]) -> None:
        at = time.monotonic()
        for line in lines:
            heard = self._words.hear(line, at)
            if heard is not None and heard.battery is not None:
                self._battery = heard.battery
            self._hearing.tell(heard)

    def _speaks_of_battery(self) -> bool:
        return "(?P<battery>" in self.settings.pattern
