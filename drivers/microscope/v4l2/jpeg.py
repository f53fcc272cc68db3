"""The JPEG pictures of cameras: whether they are whole, and what they leave out.

Cameras send halves, padding and garbage without a word. Some leave the Huffman tables out, as AVI
files do ("MJPG"): programs for video know the usual ones by heart, browsers need not. (ITU-T T.81,
annexes B and K.3.)
"""

SOI, EOI = b"\xff\xd8", b"\xff\xd9"
_SOS, _DHT, _SOF0, _SOF1 = 0xDA, 0xC4, 0xC0, 0xC1
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_NEVER_INSIDE = frozenset({0x00, *range(0x02, 0xC0), 0xD8, 0xD9})
_TRAILING = 64
# 2048 bits of zero decode to coefficients that no picture has, where the tables are the usual ones.
_HOLE = bytes(256)

_LUMINANCE_DC = "0000010501010101010100000000000000000102030405060708090a0b"
_LUMINANCE_AC = (
    "100002010303020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c11552"
    "d1f02433627282090a161718191a25262728292a3435363738393a434445464748494a535455565758595a63646566"
    "6768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9ba"
    "c2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa"
)
_CHROMINANCE_DC = "0100030101010101010101010000000000000102030405060708090a0b"
_CHROMINANCE_AC = (
    "1100020102040403040705040400010277000102031104052131061241510761711322328108144291a1b1c1092333"
    "52f0156272d10a162434e125f11718191a262728292a35363738393a434445464748494a535455565758595a636465"
    "666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8"
    "b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa"
)
_TABLES = tuple(
    bytes.fromhex(one) for one in (_LUMINANCE_DC, _LUMINANCE_AC, _CHROMINANCE_DC, _CHROMINANCE_AC)
)
HUFFMAN = b"\xff\xc4" + (2 + sum(map(len, _TABLES))).to_bytes(2, "big") + b"".join(_TABLES)
"""The segment with the usual tables (T.81, K.3.3)."""


def whole(data: bytes) -> bytes | None:
    """Return the picture as anybody can show it; None where it is not whole.

    It is the very bytes of the camera, unless there is padding after its end, which is cut off, or
    the Huffman tables are missing, which are put in.
    """
    end = len(data.rstrip(b"\0"))
    if not data.startswith(EOI, end - 2):
        end = data.rfind(EOI, max(end - _TRAILING, 0)) + 2
    if end < len(SOI) + len(EOI) or not data.startswith(SOI):
        return None
    found = _scan_of(data, end)
    if found is None:
        return None
    scan, frame, tables = found
    usual = all(one in _TABLES for one in _split(tables))
    if usual and data.find(_HOLE, scan, end) >= 0:
        return None
    # Inside of a scan 0xFF is followed by 0 or a restart: another beginning is another picture's.
    if data.find(SOI, scan, end) >= 0:
        return None
    if not tables and frame in (_SOF0, _SOF1):
        start = data.rfind(bytes([0xFF, _SOS]), 0, scan)
        return data[:start] + HUFFMAN + data[start:end]
    return data if end == len(data) else data[:end]


def _scan_of(data: bytes, end: int) -> tuple[int, int, bytes] | None:
    """Walk the segments: where the first scan's data begin, the kind of frame, the tables' bytes.

    None where it makes no sense.
    """
    at, frame, tables = 2, 0, b""
    while at + 4 <= end:
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _NEVER_INSIDE:
            return None
        if marker in _STANDALONE:
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > end:
            return None
        if marker == _DHT:
            tables += data[at + 4 : at + 2 + length]
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC8, 0xCC):
            if length < 8 or not any(data[at + 5 : at + 9]):
                return None
            frame = marker
        at += 2 + length
        if marker == _SOS:
            return (at, frame, tables) if frame and at < end - 2 else None
    return None


def _split(tables: bytes) -> list[bytes]:
    """Cut the contents of Huffman segments into tables."""
    found = []
    while tables:
        size = 17 + sum(tables[1:17])
        found.append(tables[:size])
        tables = tables[size:]
    return found
