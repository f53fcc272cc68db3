"""The map that a globe's pens belong to: the driver holds its id and knows no more of it."""

from pydantic import TypeAdapter, ValidationError

from drivers.globe.contract import Globe, MapId
from hub.device import OutOfRange

_ID: TypeAdapter[str] = TypeAdapter(MapId)


class HeldMap(Globe):
    """A globe whose driver holds the id of its map."""

    _map: str | None = None

    @Globe.map.read
    async def _read_map(self) -> str:
        return str(getattr(self.settings, "map", "")) if self._map is None else self._map

    @Globe.map.write
    async def _write_map(self, chosen: str) -> None:
        try:
            self._map = _ID.validate_python(chosen)
        except ValidationError:
            raise OutOfRange(f"{chosen[:80]!r} is no id of a map") from None
