"""The lab's touch screen: it counts how often it was touched."""

from hub.device import N_, Device, Property, Unreachable, UsbMatch
from hub.device.transports import EvdevPort

EV_KEY, BTN_TOUCH = 1, 0x14A


class TouchDevice(Device, kind="lab_touch", title=N_("Touch device")):
    """Touch device.

    Feels fingers.
    """

    touches: Property[int] = Property(int, title=N_("Touches"), doc=N_("How often it was touched."))


class LabTouch(TouchDevice):
    """The lab's touch screen.

    Speaks through the kernel's input layer.
    """

    discovery = (UsbMatch(subsystem="input", vendor="2575", product="0204"),)
    _node: EvdevPort | None = None
    _touches = 0

    async def connect(self) -> None:
        node = self.found.node("input") if self.found else None
        if node is None:
            raise Unreachable("it has no input node")
        self._node = await self.transports.evdev(node)
        self.background(self._feel(self._node))

    async def disconnect(self) -> None:
        if self._node is not None:
            self._node.close()

    @TouchDevice.touches.polled(every=0.5)
    async def _read_touches(self) -> int:
        return self._touches

    async def _feel(self, node: EvdevPort) -> None:
        while True:
            for event in await node.events(limit=None):
                if (event.type, event.code, event.value) == (EV_KEY, BTN_TOUCH, 1):
                    self._touches += 1
