"""The checksums of panels' protocols."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

Checksum = Literal["sum8", "sum8-neg", "xor8", "bcc", "crc16", "crc16-ccitt"]


def _sum8(data: bytes) -> bytes:
    return bytes([sum(data) & 0xFF])


def _sum8_neg(data: bytes) -> bytes:
    return bytes([-sum(data) & 0xFF])


def _xor8(data: bytes) -> bytes:
    check = 0
    for byte in data:
        check ^= byte
    return bytes([check])


def _crc16(data: bytes) -> bytes:
    check = 0xFFFF
    for byte in data:
        check ^= byte
        for _ in range(8):
            check = check >> 1 ^ 0xA001 if check & 1 else check >> 1
    return check.to_bytes(2, "little")


def _crc16_ccitt(data: bytes) -> bytes:
    check = 0xFFFF
    for byte in data:
        check ^= byte << 8
        for _ in range(8):
            check = (check << 1 ^ 0x1021 if check & 0x8000 else check << 1) & 0xFFFF
    return check.to_bytes(2, "big")


CHECKSUMS: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType({
    "sum8": _sum8,
    "sum8-neg": _sum8_neg,
    "xor8": _xor8,
    "bcc": _xor8,  # the block check character of ISO 1155
    "crc16": _crc16,  # MODBUS: 8005 reflected, from FFFF, low byte first
    "crc16-ccitt": _crc16_ccitt,  # 1021, from FFFF, high byte first
})  # fmt: skip


def width(kind: str) -> int:
    """Return how many bytes a checksum has."""
    return len(CHECKSUMS[kind](b""))
