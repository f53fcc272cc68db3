"""The file of a globe map: TOML, as in `configs/globes/`."""

import datetime as dt
import json
import tomllib
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from drivers.globe.contract import Code
from plugins.globe.atlas.place import PLACE_ID
from plugins.globe.maps.errors import BadGlobeMap

MOST_CODES = 5_000
MOST_FILE = 512 << 10

PlaceId = Annotated[str, Field(max_length=16, pattern=PLACE_ID)]
MapTitle = Annotated[
    str,
    Field(
        min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
    ),
]


class GlobeMap(BaseModel):
    """A globe map.

    Attributes:
        title: what people call the globe. source: where the codes come from. date: of the file.
        verified: tried on the very globe by whoever wrote it.
        codes: places by codes; several codes may be one place.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: MapTitle
    source: str = Field("", max_length=300)
    date: dt.date
    verified: bool = False
    codes: dict[Code, PlaceId] = Field(max_length=MOST_CODES)


def read_map(text: str) -> GlobeMap:
    """Read a file. Raises `BadGlobeMap`."""
    if len(text) > MOST_FILE:
        raise BadGlobeMap(f"it has more than {MOST_FILE} characters")
    try:
        return GlobeMap.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadGlobeMap(str(error)[:300]) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:100]
        raise BadGlobeMap(f"{where}: {first['msg']}") from None


def write_map(globe: GlobeMap) -> str:
    """Return the file of a map."""

    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)  # a TOML basic string has the same escapes

    lines = [
        "# A globe map of the classroom device hub: which code is which place.",
        f"title = {quoted(globe.title)}",
        f"source = {quoted(globe.source)}",
        f"date = {globe.date.isoformat()}",
        f"verified = {'true' if globe.verified else 'false'}",
        "",
        "[codes]",
        *(f"{quoted(code)} = {quoted(place)}" for code, place in sorted(globe.codes.items())),
    ]
    return "\n".join(lines) + "\n"
