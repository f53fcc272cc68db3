"""The layers of a print, drawn from its G-code into one small file that pages read layer by layer.

The file, little-endian: `HUBLAYR1`, u32 length of the index, the index (JSON), then the layers.
A layer is paths, one after the other: u8 feature, u8 0, u16 number of points, then each point as
i16 x, i16 y. x mm = origin[0] + unit * x; y likewise. Travel is what lies between paths.

The index: `{version, count, height, box: [x0, y0, x1, y1], origin, unit, features, whole,
layers: [{z, height, offset, length, paths, points}]}`; `offset` counts from the file's beginning.
Lengths are millimetres. `whole` is false where the file ends earlier than the print, because there
is more than is shown.
"""

import json
import math
import os
import re
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from drivers.printer.gcode import command_of, is_layer, word_of
from drivers.printer.gcode.commands import parameters
from hub.errors import N_, HubError
from hub.worker import progress

MAGIC: Final = b"HUBLAYR1"
VERSION: Final = 1
MOST_LAYERS: Final = 10_000
MOST_POINTS: Final = 6_000_000
MOST_IN_LAYER: Final = 200_000
"""Points of one layer: pages draw no more."""
FEATURES: Final = ("wall", "outer", "solid", "infill", "support", "brim")
"""What a path is; a wall where the file does not say."""
_NAMES: Final = {
    "outer": (
        "external perimeter", "overhang perimeter", "wall-outer", "outer wall", "overhang wall",
    ),
    "solid": (
        "solid infill", "top solid infill", "bridge infill", "ironing", "skin", "top surface",
        "bottom surface", "internal solid infill", "bridge", "internal bridge",
    ),
    "infill": ("internal infill", "fill", "sparse infill"),
    "support": (
        "support material", "support material interface", "support", "support-interface",
        "support interface", "support transition", "prime-tower", "prime tower", "wipe tower",
    ),
    "brim": ("skirt/brim", "skirt", "brim"),
}  # fmt: skip
_FEATURE_OF: Final = {name: FEATURES.index(one) for one, names in _NAMES.items() for name in names}
_TYPE: Final = re.compile(rb";\s*(?:TYPE|FEATURE):\s*([\w /-]{1,40})")
_LONGEST_LINE: Final = 64 * 1024
_LONGEST_PATH: Final = 0xFFFF
_HALF: Final = 32_000
_SAME: Final = 0.004
_BOW: Final = 12
"""Straight pieces of a full circle's quarter."""
_TELL_EVERY: Final = 1 << 20
_MOVE: Final = re.compile(
    rb"G[01](?: F[\d.]+)?(?: X(-?[\d.]+))?(?: Y(-?[\d.]+))?(?: Z(-?[\d.]+))?(?: E(-?[\d.]+))?"
    rb"(?: F[\d.]+)?\s*(?:;.*)?\Z",
    re.DOTALL,
)


class NoLayers(HubError):
    """There is nothing to be seen in a file of G-code."""

    code = "no-layers"
    status = 422
    title = N_("There are no layers to be shown in this file.")
    hint = N_("Slice the model again for this printer.")


@dataclass(slots=True)
class _Layer:
    z: float
    paths: "list[tuple[int, array[float]]]" = field(default_factory=list)


class _Reader:
    """Follows the nozzle.

    Attributes:
        layers: those that are whole by now.
        points: of all of them.
        whole: nothing was left out.
    """

    def __init__(self) -> None:
        self.points = 0
        self.whole = True
        self._drawn = 0
        self._at = [0.0, 0.0, 0.0]
        self._offset = [0.0, 0.0, 0.0]
        self._relative = self._relative_e = False
        self._e = 0.0
        self._feature = 0
        self._marked = False
        self._layer: _Layer | None = None
        self._path: array[float] | None = None
        self.layers: list[_Layer] = []

    def line(self, raw: bytes) -> None:
        """Follow one line of the file."""
        found = _MOVE.match(raw)
        if found is not None:
            try:
                x, y, z, e = (None if one is None else float(one) for one in found.groups())
            except ValueError:
                return
            self._move(x, y, z, e)
        elif raw[:1] == b";":
            self._comment(raw)
        elif command := command_of(raw):
            self._other(word_of(command), command)

    def end(self) -> None:
        """Take what is left at the end."""
        self._finish()

    def _comment(self, raw: bytes) -> None:
        if is_layer(raw):
            self._finish()
            if not self._marked:
                # What came before is the line that cleans the nozzle, far from the part.
                self._marked = True
                self.layers.clear()
                self.points = 0
        elif found := _TYPE.match(raw):
            name = found[1].decode("ascii", "replace").strip().lower()
            self._feature, self._path = _FEATURE_OF.get(name, 0), None

    def _other(self, word: bytes, command: bytes) -> None:
        try:
            given = {letter: value for letter, value in parameters(command) if value is not None}
        except ValueError:
            return
        if word in (b"G0", b"G1"):
            self._move(*(given.get(axis) for axis in "XYZE"))
        elif word in (b"G2", b"G3"):
            self._arc(given, clockwise=word == b"G2")
        elif word in (b"G90", b"G91"):
            self._relative = self._relative_e = word == b"G91"
        elif word in (b"M82", b"M83"):
            self._relative_e = word == b"M83"
        elif word == b"G92":
            self._e = given.get("E", self._e)
            for axis, letter in enumerate("XYZ"):
                if letter in given:
                    self._offset[axis] = self._at[axis] - given[letter]
        elif word == b"G28":
            self._at, self._path = [0.0, 0.0, 0.0], None
            self._offset = [0.0, 0.0, 0.0]

    def _move(self, x: float | None, y: float | None, z: float | None, e: float | None) -> None:
        start = self._at[0], self._at[1]
        for axis, value in enumerate((x, y, z)):
            if value is not None:
                base = self._at[axis] if self._relative else self._offset[axis]
                self._at[axis] = base + value
        if z is not None:
            self._path = None
        pushed = 0.0
        if e is not None:
            pushed = e if self._relative_e else e - self._e
            self._e = e
        if x is None and y is None:
            return
        if pushed <= 0:
            self._path = None
            return
        self._draw(start, (self._at[0], self._at[1]))

    def _draw(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        if not all(math.isfinite(one) for one in (*start, *end, self._at[2])):
            return
        layer = self._layer
        if layer is None:
            layer = self._layer = _Layer(self._at[2])
        elif not self._marked and abs(layer.z - self._at[2]) > _SAME:
            self._finish()
            layer = self._layer = _Layer(self._at[2])
        if self._drawn >= MOST_IN_LAYER:
            self.whole = False
            return
        path = self._path
        if path is None or len(path) >= 2 * _LONGEST_PATH:
            path = self._path = array("d", start)
            layer.paths.append((self._feature, path))
            self.points += 1
        path.extend(end)
        self.points += 1
        self._drawn += 1

    def _arc(self, given: dict[str, float], *, clockwise: bool) -> None:
        x0, y0 = self._at[0], self._at[1]
        i, j = given.get("I"), given.get("J")
        if (i is None and j is None) or self._relative:
            self._move(*(given.get(axis) for axis in "XYZE"))
            return
        x, y = x0 + (i or 0.0), y0 + (j or 0.0)
        x1 = given.get("X", x0 - self._offset[0]) + self._offset[0]
        y1 = given.get("Y", y0 - self._offset[1]) + self._offset[1]
        radius = math.hypot(x0 - x, y0 - y)
        begin = math.atan2(y0 - y, x0 - x)
        sweep = math.atan2(y1 - y, x1 - x) - begin
        sweep = -((-sweep) % math.tau or math.tau) if clockwise else (sweep % math.tau or math.tau)
        pieces = max(1, math.ceil(abs(sweep) / (math.pi / 2) * _BOW))
        e, before = given.get("E"), self._e
        for piece in range(1, pieces + 1):
            share, angle = piece / pieces, begin + sweep * piece / pieces
            push = None
            if e is not None:
                push = e / pieces if self._relative_e else before + (e - before) * share
            self._move(
                x + radius * math.cos(angle) - self._offset[0],
                y + radius * math.sin(angle) - self._offset[1],
                given.get("Z") if piece == pieces else None,
                push,
            )

    def _finish(self) -> None:
        if self._layer is not None and self._layer.paths:
            self.layers.append(self._layer)
        self._layer = self._path = None
        self._drawn = 0


def write(source: Path, target: Path) -> dict[str, Any]:
    """Write the layers of a file of G-code; it is synced.

    Returns:
        `layers`, `bytes`, `height` and `whole`, of what was written.

    Raises:
        NoLayers: there is nothing to be seen in it.
    """
    reader = _Reader()
    for raw in _lines(source):
        reader.line(raw)
        if reader.points > MOST_POINTS or len(reader.layers) >= MOST_LAYERS:
            reader.whole = False
            break
    reader.end()
    if not reader.layers:
        raise NoLayers(f"{source.name} draws nothing")
    return _written(reader.layers[:MOST_LAYERS], target, whole=reader.whole)


def _lines(source: Path) -> Iterator[bytes]:
    size, read, told = max(source.stat().st_size, 1), 0, 0
    with source.open("rb") as file:
        while raw := file.readline(_LONGEST_LINE):
            read += len(raw)
            if read - told >= _TELL_EVERY:
                told = read
                progress(0.9 * read / size, N_("Drawing the layers"))
            yield raw


def _box(layers: list[_Layer]) -> tuple[float, float, float, float]:
    paths = [path for layer in layers for _, path in layer.paths]
    return (
        min(min(path[0::2]) for path in paths),
        min(min(path[1::2]) for path in paths),
        max(max(path[0::2]) for path in paths),
        max(max(path[1::2]) for path in paths),
    )


def _written(layers: list[_Layer], target: Path, *, whole: bool) -> dict[str, Any]:
    x0, y0, x1, y1 = _box(layers)
    origin = (x0 + x1) / 2, (y0 + y1) / 2
    unit = max(0.01, max(x1 - x0, y1 - y0) / 2 / _HALF)
    blocks = [_block(layer, origin, unit) for layer in layers]
    index: dict[str, Any] = {
        "version": VERSION,
        "count": len(layers),
        "height": round(max(layer.z for layer in layers), 4),
        "box": [round(one, 3) for one in (x0, y0, x1, y1)],
        "origin": [round(one, 6) for one in origin],
        "unit": unit,
        "features": FEATURES,
        "whole": whole,
        "layers": [],
    }
    before = 0.0
    for layer, block in zip(layers, blocks, strict=True):
        index["layers"].append(
            {
                "z": round(layer.z, 4),
                "height": round(max(layer.z - before, 0.0), 4),
                "offset": 0,
                "length": len(block),
                "paths": len(layer.paths),
                "points": sum(len(path) // 2 for _, path in layer.paths),
            }
        )
        before = layer.z
    text = _placed(index)
    with target.open("wb") as file:
        file.write(MAGIC + struct.pack("<I", len(text)) + text)
        file.writelines(blocks)
        file.flush()
        os.fsync(file.fileno())
    return {
        "layers": len(layers),
        "bytes": target.stat().st_size,
        "height": index["height"],
        "whole": whole,
    }


def _placed(index: dict[str, Any]) -> bytes:
    """Return the index with offsets; it is padded, since their digits decide its length."""
    room = len(json.dumps(index)) + 12 * len(index["layers"])
    at = len(MAGIC) + 4 + room
    for layer in index["layers"]:
        layer["offset"] = at
        at += layer["length"]
    return json.dumps(index).encode().ljust(room)


def _block(layer: _Layer, origin: tuple[float, float], unit: float) -> bytes:
    parts = []
    for feature, path in layer.paths:
        points = array("h", bytes(2 * len(path)))
        for axis in range(2):
            points[axis::2] = array(
                "h", [round((one - origin[axis]) / unit) for one in path[axis::2]]
            )
        parts.append(struct.pack("<BBH", feature, 0, len(path) // 2) + points.tobytes())
    return b"".join(parts)


def read_index(path: Path) -> dict[str, Any]:
    """Return the index of a file that `write` wrote. Raises ValueError where it is none."""
    with path.open("rb") as file:
        start = file.read(len(MAGIC) + 4)
        if start[:-4] != MAGIC:
            raise ValueError(f"{path.name} holds no layers")
        (length,) = struct.unpack("<I", start[-4:])
        return json.loads(file.read(length))  # type: ignore[no-any-return]


def read_layer(path: Path, number: int) -> dict[str, Any] | None:
    """Return one layer as pages draw it; None where there is none of this number, from 0.

    Returns:
        `z`, `height` and `paths`: each `kind`, one of `FEATURES`, and `points`, x and y by turns,
        mm.

    Raises:
        ValueError: the file holds no layers.
    """
    index = read_index(path)
    if not 0 <= number < len(index["layers"]):
        return None
    layer = index["layers"][number]
    with path.open("rb") as file:
        file.seek(layer["offset"])
        data = file.read(layer["length"])
    (x0, y0), unit = index["origin"], index["unit"]
    paths, at = [], 0
    while at < len(data):
        feature, _, count = struct.unpack_from("<BBH", data, at)
        given = struct.unpack_from(f"<{2 * count}h", data, at + 4)
        at += 4 + 4 * count
        points = [0.0] * (2 * count)
        points[0::2] = [round(x0 + unit * one, 2) for one in given[0::2]]
        points[1::2] = [round(y0 + unit * one, 2) for one in given[1::2]]
        paths.append({"kind": FEATURES[feature], "points": points})
    return {"z": layer["z"], "height": layer["height"], "paths": paths}
