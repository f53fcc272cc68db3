"""A layout as the report descriptor that fits it (HID 1.11, 6.2.2)."""

from drivers.tablet.hid.probe.layout import Layout, Part

_USAGES = {
    "tip": (0x0D, 0x42),
    "button_1": (0x0D, 0x44),
    "button_2": (0x0D, 0x5A),
    "near": (0x0D, 0x32),
    "x": (0x01, 0x30),
    "y": (0x01, 0x31),
    "pressure": (0x0D, 0x30),
    "tilt_x": (0x0D, 0x3D),
    "tilt_y": (0x0D, 0x3E),
}
_MILS = 1000 / 25.4


def descriptor(layout: Layout, width: float | None, height: float | None) -> bytes:
    """Return the descriptor.

    Args:
        layout: what was found out.
        width: of the active area in millimetres, None where it was not measured.
        height: likewise.
    """
    made = bytes.fromhex("050d0902a10185") + bytes([layout.number]) + bytes.fromhex("0920a100")
    at = 8
    for name, part in sorted(layout.parts.items(), key=lambda item: item[1].bit):
        made += _gap(part.bit - at) + _field(name, part, {"x": width, "y": height}.get(name))
        at = part.bit + part.bits
    return made + _gap(layout.length * 8 - at) + bytes.fromhex("c0c0")


def _field(name: str, part: Part, millimetres: float | None) -> bytes:
    page, usage = _USAGES[name]
    size = 0 if millimetres is None else round(millimetres * _MILS)
    physical = b"\x35\x00\x45\x00\x65\x00\x55\x00"
    if size:
        physical = b"\x35\x00" + b"\x47" + size.to_bytes(4, "little") + b"\x65\x13\x55\x0d"
    elif name.startswith("tilt"):
        # Degrees: the same numbers (unit 0x14).
        physical = b"\x35" + part.minimum.to_bytes(1, signed=True)
        physical += b"\x45" + part.maximum.to_bytes(1) + b"\x65\x14\x55\x00"
    return (
        bytes([0x05, page, 0x09, usage])
        + (b"\x17" + part.minimum.to_bytes(4, "little", signed=True))
        + (b"\x27" + part.maximum.to_bytes(4, "little", signed=True))
        + physical
        + bytes([0x75, part.bits, 0x95, 1, 0x81, 0x02])
    )


def _gap(bits: int) -> bytes:
    made = b""
    while bits > 0:
        made += bytes([0x75, min(bits, 32), 0x95, 1, 0x81, 0x03])
        bits -= min(bits, 32)
    return made
