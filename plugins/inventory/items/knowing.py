"""What the hub knows of a device: maker, model, serial number, firmware."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.plugin import DeviceHandle
from plugins.inventory.items.values import one_line

ABOUT = ("about", "firmware")
"""The properties in which contracts say what a device is (panel, printer)."""
_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Known:
    """What a device says of itself; untrusted text, empty where it says nothing."""

    maker: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""


def known_of(device: DeviceHandle) -> Known:
    """Return what is known of a device now: what it says itself, else what its bus says."""
    said: dict[str, str] = {}
    for name in ABOUT:
        reading = device.readings.get(name)
        if reading is not None and isinstance(reading.value, Mapping):
            said |= {key: value for key, value in _said(name, reading.value).items() if value}
    found = device.found
    if found is not None and found.bus == "usb":
        properties = found.properties
        usb = {
            "maker": properties.get("ID_VENDOR_FROM_DATABASE") or found.vendor,
            "model": found.product or properties.get("ID_MODEL_FROM_DATABASE", ""),
            "serial": found.serial,
        }
        said = {**{key: _text(value) for key, value in usb.items()}, **said}
    return Known(**said)


def _said(name: str, value: Mapping[str, Any]) -> dict[str, str]:
    if name == "firmware":  # a printer's: drivers/printer/values.py
        return {"model": _text(value.get("machine")), "firmware": _text(value.get("name"))}
    return {key: _text(value.get(key)) for key in ("maker", "model", "serial", "firmware")}


def _text(value: Any) -> str:
    return one_line(value)[:_LIMIT] if isinstance(value, str) else ""
