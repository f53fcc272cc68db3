"""Which line and layer stands where in a file: print servers tell bytes, people want layers."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path

_EVERY = 1000
_LAYER = re.compile(rb";\s*(?:LAYER_CHANGE|CHANGE_LAYER|LAYER:\s*\d+)\s*\Z")
_HEIGHT = re.compile(rb"G[01]\b[^;]*?\bZ(-?\d+(?:\.\d+)?)")
_MOST_LAYERS = 100_000


@dataclass(slots=True)
class Index:
    """What is known of a file that was sent to a print server.

    Attributes:
        lines, bytes: how many it has.
        layers: how many it says that it has; None where it marks none.
        stripped: lines that were left out of it.
    """

    lines: int = 0
    bytes: int = 0
    stripped: int = 0
    _starts: list[int] = field(default_factory=list)
    _layers: list[int] = field(default_factory=list)
    _heights: list[float] = field(default_factory=list)

    @property
    def layers(self) -> int | None:
        """How many layers the file marks."""
        return len(self._layers) or None

    def line_at(self, byte: int) -> int:
        """Return the line that stands at a byte, within a thousand lines by proportion."""
        if byte >= self.bytes:
            return self.lines
        at = bisect_right(self._starts, byte) - 1
        if at < 0:
            return 0
        first = self._starts[at]
        last = self._starts[at + 1] if at + 1 < len(self._starts) else self.bytes
        count = min(_EVERY, self.lines - at * _EVERY)
        return at * _EVERY + int(count * (byte - first) / max(last - first, 1))

    def layer_at(self, byte: int) -> int | None:
        """Return the layer (from 1) at a byte; None before the first or where none is marked."""
        return bisect_right(self._layers, byte) or None

    def height_at(self, byte: int) -> float | None:
        """Return the nozzle's height in that layer, None where it is not known."""
        layer = self.layer_at(byte)
        return self._heights[layer - 1] if layer else None


def read(path: Path) -> Index:
    """Read a file; blocking."""
    index = Index()
    seek_height = False
    with path.open("rb") as file:
        for raw in file:
            if index.lines % _EVERY == 0:
                index._starts.append(index.bytes)  # noqa: SLF001 - made here
            index.lines += 1
            if raw[:1] == b";":
                if len(index._layers) < _MOST_LAYERS and _LAYER.match(raw.rstrip()):  # noqa: SLF001
                    index._layers.append(index.bytes)  # noqa: SLF001
                    index._heights.append(index._heights[-1] if index._heights else 0.0)  # noqa: SLF001
                    seek_height = True
            elif seek_height and (found := _HEIGHT.match(raw)):
                index._heights[-1] = float(found[1])  # noqa: SLF001
                seek_height = False
            index.bytes += len(raw)
    return index
