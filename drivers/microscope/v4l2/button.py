"""The button on a microscope: uvcvideo makes an input device of it ("USB Camera button")."""

from typing import TYPE_CHECKING

from drivers.microscope.contract import CaptureButton, Microscope
from hub.device import DeviceError
from hub.device.transports import EvdevPort

if TYPE_CHECKING:
    from drivers.microscope.v4l2.driver import UsbMicroscope

_EV_KEY = 1
_KEY_CAMERA = 212
LONG = 0.8
"""Seconds for which the button is held when it is pressed long."""


async def open_button(microscope: "UsbMicroscope") -> EvdevPort | None:
    """Open the button, None where there is none, or none that may be opened."""
    node = microscope.found and microscope.found.node("input")
    if not node:
        return None
    try:
        port = await microscope.transports.evdev(node)
        if _KEY_CAMERA in await port.bits(_EV_KEY):
            return port
        port.close()
    except DeviceError as error:
        microscope.log.warning("the camera's button cannot be used: %s", error.detail)
    return None


async def listen(microscope: "UsbMicroscope", port: EvdevPort) -> None:
    """Tell of each press when the button is let go of, for as long as it is there."""
    pressed: float | None = None
    while True:
        for event in await port.events(limit=None):
            if (event.type, event.code) != (_EV_KEY, _KEY_CAMERA):
                continue
            if event.value == 1:
                pressed = event.time
            elif event.value == 0 and pressed is not None:
                held = event.time - pressed
                microscope.emit(
                    Microscope.button, CaptureButton.LONG if held >= LONG else CaptureButton.SHORT
                )
                pressed = None
