"""The driver: reports as a data file or the settings explain them."""

import asyncio

from pydantic import Field

from drivers.globe.contract import Globe, MapId
from drivers.globe.hearing import Hearing
from drivers.globe.held import HeldMap
from drivers.globe.hid.layout import Layout, known_pens
from drivers.globe.problems import NotSaidYet
from drivers.globe.taps import Taps, Timing
from hub.device import N_, BadSettings, DeviceSettings, UsbMatch
from hub.device.transports import HidrawPort

MOST_NODES = 8


class HidGlobe(HeldMap):
    """Pen with reports of its own.

    Its receiver is no keyboard and no serial line. Where in a report the code is, a data file says,
    or the settings do.
    """

    title = N_("Globe pen with reports of its own")
    isolation = "driver"
    discovery = tuple(
        UsbMatch(subsystem="hidraw", vendor=one.vendor, product=one.product) for one in known_pens()
    )

    class Settings(DeviceSettings):
        """What an engineer sets.

        Attributes:
            path: the node, where the pen is not found by itself.
            layout: of its reports, where no data file has it.
            repeats: it says its code again and again while it rests on a place.
            map: the globe map that is used until another is chosen.
        """

        path: str | None = Field(None, title=N_("Node"), max_length=200)
        layout: Layout | None = Field(None, title=N_("Where the code is in a report"))
        repeats: bool = Field(default=True, title=N_("The pen repeats its code while it rests"))

        map: MapId = Field("", title=N_("Globe map"))

    settings: Settings

    async def connect(self) -> None:
        """Open its nodes and listen."""
        self._ports: list[HidrawPort] = []
        self._battery: int | None = None
        self._name = ""
        layout = self._layout()
        self._taps = Taps(Timing(repeat=0.35 if self.settings.repeats else 0.0))
        self._hearing = Hearing(self)
        if layout.battery is None:
            self.omit(Globe.battery)
        for path in self._paths():
            port = await self.transports.hidraw(path)
            self._ports.append(port)
            self._name = self._name or (await port.name())[:200]
            self.background(self._follow(port, layout))

    async def disconnect(self) -> None:
        """Close its nodes."""
        for port in getattr(self, "_ports", ()):
            port.close()

    @Globe.name.read
    async def _read_name(self) -> str:
        return self._name

    @Globe.battery.read
    async def _read_battery(self) -> int:
        if self._battery is None:
            raise NotSaidYet
        return self._battery

    async def _follow(self, port: HidrawPort, layout: Layout) -> None:
        loop = asyncio.get_running_loop()
        while True:
            report = await port.receive(limit=None)
            heard = layout.hear(report, loop.time(), self._taps)
            if heard is not None and heard.battery is not None:
                if heard.battery == self._battery:  # each report says it; it is told once
                    heard = heard.without_battery()
                else:
                    self._battery = heard.battery
            self._hearing.tell(heard)

    def _layout(self) -> Layout:
        if self.settings.layout is not None:
            return self.settings.layout
        found = self.found
        for one in known_pens():
            if found is not None and (one.vendor, one.product) == (found.vendor, found.product):
                return one.layout
        raise BadSettings("layout: no data file knows this pen; say where the code is in a report")

    def _paths(self) -> tuple[str, ...]:
        if self.settings.path:
            return (self.settings.path,)
        nodes = () if self.found is None else self.found.nodes.get("hidraw", ())
        if not nodes:
            raise BadSettings("path: name the node, or choose the pen where it is found")
        return tuple(nodes[:MOST_NODES])
