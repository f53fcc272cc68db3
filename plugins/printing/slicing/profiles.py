"""Profiles of printers, materials and qualities: data in `configs/`, checked when it is read."""

import datetime as dt
import logging
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from drivers.printer.values import HOTTEST_BED, HOTTEST_TOOL
from hub.errors import N_
from plugins.printing.slicing.errors import ProfileUnknown, WishNotPossible
from plugins.printing.slicing.wishes import Quality, SliceWishes

log = logging.getLogger("classhub.printing")

CONFIGS: Final = Path(__file__).resolve().parents[3] / "configs"
SCHEMA: Final = 1
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}\Z")
_PLACES: Final = re.compile(r"\{(\w*)\}")
_MAY: Final = frozenset({"tool_first", "tool", "bed_first", "bed", "lift"})
_LEAST_LAYER: Final = 0.05
_TITLES: Final[dict[Quality, str]] = {
    "draft": N_("Draft: quick and rough"),
    "normal": N_("Normal"),
    "fine": N_("Fine: slow and smooth"),
}

_T = TypeVar("_T", bound=BaseModel)

Share = Annotated[float, Field(gt=0, le=3)]
Percent = Annotated[int, Field(ge=0, le=100)]
Length = Annotated[float, Field(gt=0, le=2000)]
Speed = Annotated[float, Field(gt=0, le=1000)]


class ProfileError(ValueError):
    """A file of profiles is wrong; the text says where."""


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Material(_Data):
    """A plastic. Degrees Celsius, g/cm³, mm³/s; `pull` and `pace` are shares of the printer's."""

    title: str = Field(max_length=40)
    density: float = Field(gt=0.5, lt=5)
    tool: float = Field(ge=150, le=HOTTEST_TOOL)
    tool_first: float = Field(ge=150, le=HOTTEST_TOOL)
    bed: float = Field(ge=0, le=HOTTEST_BED)
    bed_first: float = Field(ge=0, le=HOTTEST_BED)
    fan: tuple[Percent, Percent]
    flow: float = Field(gt=0, le=50)
    pull: Share
    pace: Share
    colour: str = Field("#DDDDDD", pattern=r"^#[0-9A-Fa-f]{6}$")


class QualityData(_Data):
    """How fine: a layer's height as a share of the nozzle, counted walls and solid layers."""

    layer: float = Field(ge=0.2, le=0.8)
    walls: int = Field(ge=1, le=10)
    top: int = Field(ge=0, le=30)
    bottom: int = Field(ge=0, le=30)
    pace: Share


class Retraction(_Data):
    """How filament is pulled back before the nozzle travels: mm, mm/s, and how far it is lifted."""

    length: float = Field(ge=0, le=15)
    speed: Speed
    lift: float = Field(ge=0, le=5)


class Printer(_Data):
    """A printer as slicing sees it; lengths in millimetres, speeds in mm/s."""

    schema_: int = Field(alias="schema", ge=SCHEMA, le=SCHEMA)
    title: str = Field(max_length=60)
    source: str = Field(min_length=4, max_length=400)
    date: dt.date
    verified: bool
    machines: list[str] = Field(max_length=20)
    volume: tuple[Length, Length, Length]
    centred: bool = False
    nozzle: float = Field(ge=0.1, le=2)
    filament: float = Field(1.75, ge=1, le=4)
    tools: int = Field(1, ge=1, le=8)
    hottest_tool: float = Field(ge=150, le=HOTTEST_TOOL)
    hottest_bed: float = Field(ge=0, le=HOTTEST_BED)
    materials: list[str] = Field(min_length=1, max_length=40)
    policy: str = "default"
    acceleration: float = Field(gt=0, le=50_000)
    speed: Speed
    travel: Speed
    retraction: Retraction
    start: str = Field(max_length=4000)
    end: str = Field(max_length=4000)


class MaterialFacts(BaseModel):
    """A plastic that may be chosen."""

    id: str
    title: str
    density: float = Field(description="g/cm³.")
    tool: float
    bed: float


class QualityFacts(BaseModel):
    """A quality that may be chosen; the title is a message id."""

    id: str
    title: str
    layer_height: float


class ProfileFacts(BaseModel):
    """A printer for which models are sliced."""

    id: str
    title: str
    machines: list[str] = Field(description="Names by which firmware and slicers call it.")
    volume: tuple[float, float, float]
    centred: bool
    nozzle: float
    tools: int
    policy: str = Field(description="Its G-code policy.")
    materials: list[MaterialFacts]
    qualities: list[QualityFacts]
    layer_height: float = Field(description="Of the normal quality.")
    verified: bool = Field(description="A part was made with it on such a printer.")
    source: str


class Profile:
    """A printer with a material and a quality: everything that a slicer is told.

    Raises:
        WishNotPossible: the printer cannot do it.
    """

    def __init__(
        self, name: str, printer: Printer, material: Material, quality: QualityData,
        wishes: SliceWishes,
    ) -> None:  # fmt: skip
        if material.tool_first > printer.hottest_tool or material.tool > printer.hottest_tool:
            raise WishNotPossible(f"{name} may be {printer.hottest_tool:g} °C at most")
        self.id = name
        self.printer = printer
        self.material = material
        self.quality = quality
        self.wishes = wishes
        self.layer_height = layer_height(printer, quality)
        # Layers lower than the plate is flat do not hold.
        self.first_layer = max(0.2 * printer.nozzle / 0.4, min(self.layer_height, 0.3))
        self.bed = min(material.bed, printer.hottest_bed)
        self.bed_first = min(material.bed_first, printer.hottest_bed)
        self.pace = quality.pace * material.pace

    @property
    def middle(self) -> tuple[float, float]:
        """Where on the plate its middle is."""
        if self.printer.centred:
            return 0.0, 0.0
        return self.printer.volume[0] / 2, self.printer.volume[1] / 2

    def code(self, text: str, height: float) -> str:
        """Return the printer's start or end code, filled in for a part of this height."""
        values = {
            "tool_first": f"{self.material.tool_first:g}",
            "tool": f"{self.material.tool:g}",
            "bed_first": f"{self.bed_first:g}",
            "bed": f"{self.bed:g}",
            "lift": f"{min(height + 20.0, self.printer.volume[2]):.2f}",
        }
        return _PLACES.sub(lambda found: values[found[1]], text).strip()


class Profiles:
    """All profiles: those that come with the hub, and the school's own beside them.

    Args:
        folders: with `printers/*.toml`, `printing/materials.toml` and `printing/qualities.toml`;
            a later folder's go before an earlier one's, and it need not have all of them.

    Raises:
        ProfileError: a file that comes with the hub is wrong. The school's own are left out
            where they are, and that is logged.
    """

    def __init__(self, folders: Iterable[Path] = ()) -> None:
        self._printers: dict[str, Printer] = {}
        self._materials: dict[str, Material] = {}
        self._qualities: dict[str, QualityData] = {}
        self._read(CONFIGS)
        for folder in folders:
            try:
                self._read(folder)
            except (ProfileError, OSError) as error:
                log.error("profiles of printers are left out: %s", error)

    def _read(self, folder: Path) -> None:
        materials = _tables(folder / "printing" / "materials.toml", Material)
        qualities = _tables(folder / "printing" / "qualities.toml", QualityData)
        if unknown := set(qualities) - set(_TITLES):
            raise ProfileError(f"{folder}: qualities that nobody can choose: {unknown}")
        known = {**self._materials, **materials}
        printers = {
            path.stem: _printer(path, known)
            for path in sorted((folder / "printers").glob("*.toml"))
        }
        self._materials.update(materials)
        self._qualities.update(qualities)
        self._printers.update(printers)

    def list(self) -> list[ProfileFacts]:
        """Return all, by title."""
        found = [self._facts(name, printer) for name, printer in self._printers.items()]
        return sorted(found, key=lambda one: one.title)

    def facts(self, name: str) -> ProfileFacts:
        """Return one. Raises `ProfileUnknown`."""
        return self._facts(name, self.printer(name))

    def printer(self, name: str) -> Printer:
        """Return a printer's data. Raises `ProfileUnknown`."""
        try:
            return self._printers[name]
        except KeyError:
            raise ProfileUnknown(f"there is no profile {name!r}") from None

    def policy_of(self, name: str) -> str | None:
        """Return a printer's G-code policy; None where there is no such profile."""
        printer = self._printers.get(name)
        return None if printer is None else printer.policy

    def of_machine(self, machine: str) -> str | None:
        """Return the profile for what a printer calls itself; None where none is for it."""
        wanted = machine.strip().casefold()
        for name, printer in self._printers.items():
            if wanted in (
                name,
                printer.title.casefold(),
                *(m.casefold() for m in printer.machines),
            ):
                return name
        return None

    def choose(self, name: str, wishes: SliceWishes) -> Profile:
        """Return everything for a slicer. Raises `ProfileUnknown`, `WishNotPossible`."""
        printer = self.printer(name)
        if wishes.material not in printer.materials:
            raise WishNotPossible(f"{name} has no material {wishes.material!r}")
        material, quality = self._materials[wishes.material], self._qualities[wishes.quality]
        return Profile(name, printer, material, quality, wishes)

    def _facts(self, name: str, printer: Printer) -> ProfileFacts:
        materials = [
            MaterialFacts(id=one, **data.model_dump(include={"title", "density", "tool", "bed"}))
            for one in printer.materials
            if (data := self._materials[one]).tool_first <= printer.hottest_tool
        ]
        qualities = [
            QualityFacts(
                id=one, title=title, layer_height=layer_height(printer, self._qualities[one])
            )
            for one, title in _TITLES.items()
        ]
        return ProfileFacts(
            id=name,
            materials=materials,
            qualities=qualities,
            layer_height=layer_height(printer, self._qualities["normal"]),
            **printer.model_dump(
                include={
                    "title", "machines", "volume", "centred", "nozzle", "tools", "policy",
                    "verified", "source",
                }
            ),
        )  # fmt: skip


def layer_height(printer: Printer, quality: QualityData) -> float:
    """Return a layer's height, mm."""
    return max(round(printer.nozzle * quality.layer, 2), _LEAST_LAYER)


def _tables(path: Path, kind: type[_T]) -> dict[str, _T]:
    if not path.exists():
        return {}
    given = _toml(path)
    if given.pop("schema", None) != SCHEMA:
        raise ProfileError(f"{path}: schema is not {SCHEMA}")
    if not given.pop("source", "") or not isinstance(given.pop("date", None), dt.date):
        raise ProfileError(f"{path}: it does not say its source and date")
    return {name: _checked(path, name, kind, table) for name, table in given.items()}


def _printer(path: Path, materials: Mapping[str, Material]) -> Printer:
    printer = _checked(path, path.stem, Printer, _toml(path))
    if unknown := set(printer.materials) - set(materials):
        raise ProfileError(f"{path}: materials that are not known: {', '.join(sorted(unknown))}")
    for code in (printer.start, printer.end):
        if unknown := {found[1] for found in _PLACES.finditer(code)} - _MAY:
            raise ProfileError(f"{path}: nothing fills in {', '.join(sorted(unknown))}")
    return printer


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path}: {error}") from error


def _checked(path: Path, name: str, kind: type[_T], table: Any) -> _T:
    if not _ID.match(name):
        raise ProfileError(f"{path}: {name!r} is no name")
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ProfileError(f"{path}: [{name}] {where}: {first['msg']}") from None
