"""What is shown: the place that was touched last, by a pen or on a page.

x/globe/shown       retained: the last one
x/globe/taps        each of them, for games, lessons and teaching; keys of the globe as well
"""

from collections.abc import Callable
from typing import Any

from drivers.globe.contract import Globe, TapKind
from hub.clock import now
from hub.errors import NotFound
from hub.plugin import Access, Message, PluginHub, Role, when
from plugins.globe.atlas.atlas import Atlas
from plugins.globe.maps.maps import Maps

ANYBODY = Access(role=Role.DISPLAY)

Listener = Callable[[str | None], None]


class Shown:
    """Follows all globes and tells what is shown.

    Attributes:
        listeners: called with the id of each place that comes to be shown; None: what was touched
            is on no map, and whoever tells of the place before leaves off.
    """

    def __init__(self, hub: PluginHub, atlas: Atlas, maps: Maps) -> None:
        self.listeners: list[Listener] = []
        self._hub = hub
        self._atlas = atlas
        self._maps = maps
        self._count = 0
        self._leave: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin to follow."""
        self._leave = self._hub.bus.subscribe(f"+/e/{Globe.tap.name}", self._hear)

    def stop(self) -> None:
        """Follow no more."""
        self._leave()

    def show(self, place: str) -> dict[str, Any]:
        """Show a place that was touched on a page. Raises `NotFound` where there is none."""
        if place not in self._atlas.places:
            raise NotFound(f"no place {place}")
        return self._tell({"place": place, "kind": TapKind.TAP.value})

    def _hear(self, message: Message) -> None:
        device = message.topic.split("/")[0]
        try:
            if self._hub.devices.get(device).kind != Globe.kind:
                return
            tap = message.payload["data"]
            code, kind = str(tap["code"]), TapKind(tap["kind"])
            place = self._maps.place(device, code)
        except NotFound:
            return  # it is being taken away
        told = {"place": place, "code": code, "device": device, "pen": tap["pen"], "kind": kind}
        self._tell({**told, "map": self._maps.of(device)})

    def _tell(self, about: dict[str, Any]) -> dict[str, Any]:
        self._count += 1
        usual = {"place": None, "code": None, "device": None, "pen": "", "map": ""}
        told = {**usual, **about, "number": self._count, "at": when(now())}
        self._hub.publish("taps", told, audience=ANYBODY)
        # A key shows nothing, and the second touch of a double tap is the same place.
        if told["kind"] in (TapKind.TAP, TapKind.DOUBLE):
            self._hub.publish("shown", told, retained=True, audience=ANYBODY)
            for tell in self.listeners:
                tell(told["place"])
        return told
