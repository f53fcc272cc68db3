"""STL, binary (80 bytes of header, a count, 50 bytes a triangle) and ASCII.

Source: 3D Systems, "StereoLithography Interface Specification", 1989. Many programs begin also
binary files with "solid", so the size decides.
"""

import re
from array import array
from typing import Any

import numpy as np

from plugins.printing.checking.errors import BadModel, EmptyModel, TruncatedModel
from plugins.printing.checking.mesh import Mesh, bounded, welded

_HEADER = 84
_EACH = 50
_TAIL = 4096
"""Bytes that some programs write after the last triangle."""
_VERTEX = re.compile(
    rb"^[ \t]*vertex[ \t]+(\S+[ \t]+\S+[ \t]+\S+)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE
)
_FACET = re.compile(rb"^[ \t]*facet\b", re.MULTILINE | re.IGNORECASE)
_END_FACET = re.compile(rb"^[ \t]*endfacet\b", re.MULTILINE | re.IGNORECASE)
_BATCH = 50_000


def is_binary(data: bytes) -> bool:
    """Tell whether the announced count and the size fit together, which no text does by chance."""
    if len(data) < _HEADER:
        return False
    over = len(data) - _HEADER - _EACH * _count(data)
    return over == 0 or (0 < over <= _TAIL and _sensible(data))


def read_binary(data: bytes) -> Mesh:
    """Read a binary STL for which `is_binary` holds."""
    count = _count(data)
    if count == 0:
        raise EmptyModel("a binary STL of no triangles")
    bounded(count)
    return welded(_records(data, count).reshape(-1, 3))


def refuse_cut(data: bytes) -> None:
    """Raise `TruncatedModel` where this is the beginning of a binary STL."""
    if len(data) >= _HEADER + _EACH and _count(data) > 0 and _sensible(data):
        raise TruncatedModel(f"{_count(data)} triangles announced, {len(data)} bytes there")


def _count(data: bytes) -> int:
    return int.from_bytes(data[80:84], "little")


def _records(data: bytes, count: int) -> Any:
    raw = np.frombuffer(data, np.uint8, count * _EACH, _HEADER).reshape(-1, _EACH)
    return np.ascontiguousarray(raw[:, 12:48]).view("<f4")


def _sensible(data: bytes) -> bool:
    """Tell whether the first triangles look like some: numbers of a size that models have."""
    count = min((len(data) - _HEADER) // _EACH, 20)
    if count == 0:
        return False
    raw = np.frombuffer(data, np.uint8, count * _EACH, _HEADER).reshape(-1, _EACH)
    numbers = np.ascontiguousarray(raw[:, :48]).view("<f4")
    size = np.abs(numbers)
    return bool(((size <= 1e5) & ((size == 0) | (size > 1e-20))).all() and size.any())


def looks_ascii(data: bytes) -> bool:
    """Tell whether what begins with "solid" is text: binary files may begin so as well."""
    return b"\0" not in data[:_HEADER] or _FACET.search(data[:4096]) is not None


def read_ascii(data: bytes) -> Mesh:
    """Read an ASCII STL.

    Raises:
        TruncatedModel: the end is missing.
        BadModel: facets have not three points each.
    """
    facets = sum(1 for _ in _FACET.finditer(data))
    bounded(facets)
    ended = sum(1 for _ in _END_FACET.finditer(data))
    if facets == 0 and b"endsolid" in data.lower():
        raise EmptyModel("an ASCII STL of no facets")
    if ended < facets or b"endsolid" not in data[-4096:].lower():
        raise TruncatedModel(f"{facets} facets, {ended} ended")
    found = _VERTEX.findall(data)
    if len(found) != 3 * facets:
        raise BadModel(f"{facets} facets with {len(found)} points")
    numbers = array("f")
    for start in range(0, len(found), _BATCH):
        numbers.extend(map(float, b" ".join(found[start : start + _BATCH]).split()))
    return welded(np.frombuffer(numbers, np.float32).reshape(-1, 3))
