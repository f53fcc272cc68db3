"""What the routes of the globe take and answer with."""

from typing import Literal

from pydantic import BaseModel, Field

from drivers.globe.contract import TapKind
from hub.plugin import Body
from plugins.globe.atlas.place import PlaceKind
from plugins.globe.maps.file import MOST_FILE, MapTitle, PlaceId


class PlaceShort(BaseModel):
    """A place by its name."""

    id: str
    kind: PlaceKind
    name: str
    centre: tuple[float, float] | None = Field(
        description="Longitude and latitude; of the sky right ascension and declination, degrees."
    )
    numeric: str = Field(description="ISO 3166-1 numeric, of countries.")


class PlacesModel(BaseModel):
    """All places."""

    items: list[PlaceShort]


class FactModel(BaseModel):
    """One thing that is known of a place, or not known."""

    name: str
    label: str
    text: str
    year: int | None = Field(description="For which it holds.")
    source: str = Field(description="The id of its source; empty where it is not known.")
    by: str = Field(description="Who counted, where the source gathers from several.")
    note: str
    places: list[PlaceShort] = Field(description="Those that it names.")


class SourceModel(BaseModel):
    """Where facts come from."""

    id: str
    title: str
    version: str
    date: str
    licence: str
    url: str


class PlaceModel(PlaceShort):
    """A place and what is known of it, in the caller's language."""

    names: dict[str, str] = Field(description="In all languages.")
    flag: bool
    within: PlaceShort | None
    parts: list[PlaceShort] = Field(description="Its regions, or the stars that have names.")
    facts: list[FactModel]
    sentences: list[str] = Field(description="What the voice says, one after the other.")
    sources: list[SourceModel]


class StandsModel(BaseModel):
    """Where a constellation or star stands; degrees, azimuth from north by east."""

    id: str
    altitude: float
    azimuth: float


class SkyModel(BaseModel):
    """The sky above the school this evening."""

    at: str
    latitude: float
    longitude: float
    assumed: bool = Field(description="Nobody has said where the school is.")
    sun: float = Field(description="How high the sun stands, degrees; below zero it has set.")
    dark: bool = Field(description="Constellations are seen.")
    zenith: tuple[float, float] = Field(
        description="What is overhead: right ascension, declination."
    )
    items: list[StandsModel]


class DistanceModel(BaseModel):
    """How far two places are from each other."""

    start: str
    end: str
    kilometres: int


class TapBody(Body):
    """A place that was touched on a page."""

    place: PlaceId


class TapModel(BaseModel):
    """What was touched, as it is told on `x/globe/shown` and `x/globe/taps`."""

    place: str | None = Field(description="Null where no globe map knows the code.")
    code: str | None
    device: str | None = Field(description="Null where it was touched on a page.")
    pen: str
    map: str
    kind: TapKind
    number: int = Field(description="Grows with each touch since the hub started.")
    at: str


class CoverageModel(BaseModel):
    """How many of the atlas's places of a kind a map knows."""

    kind: PlaceKind
    known: int
    of: int


class MapShort(BaseModel):
    """A globe map."""

    id: str
    title: str
    shipped: bool = Field(description="It came with the hub.")
    verified: bool = Field(description="Tried on the very globe.")
    source: str
    count: int = Field(description="Codes.")
    taught: int = Field(description="Codes that were taught here.")
    coverage: list[CoverageModel]


class MapsModel(BaseModel):
    """All globe maps."""

    items: list[MapShort]


class MapModel(MapShort):
    """A globe map with its codes."""

    codes: dict[str, str]


class NewMap(Body):
    """A map to make."""

    title: MapTitle


class Lesson(Body):
    """What a code is."""

    place: PlaceId
    replace: bool = Field(default=False, description="It may be another place's until now.")


class MergeBody(Body):
    """A file to take into a map."""

    file: str = Field(max_length=MOST_FILE)
    how: Literal["keep", "replace"] = Field(
        "keep", description="What becomes of a code that is another place here."
    )


class ClashModel(BaseModel):
    """A code that is one place here and another in the file."""

    code: str
    here: str
    there: str


class MergedModel(BaseModel):
    """What came of a merge."""

    added: int
    same: int
    replaced: int
    clashes: list[ClashModel]
