"""What a check says of a model: plain values that go from the worker to the hub as JSON.

`pydantic.TypeAdapter(Verdict)` reads them back.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Severity = Literal["refuse", "warn", "tell"]
Triple = tuple[float, float, float]

MOST_PLACES = 120


@dataclass(frozen=True, slots=True)
class Options:
    """What a model is checked for.

    Attributes:
        volume: x, y, z that the printer can print, mm; None where no printer is known yet.
        density: of the material, g/cm³ (PLA 1.24, PETG 1.27).
        nozzle: its width, mm; walls thinner than it cannot be printed.
        overhang: degrees from upright up to which a surface holds without supports.
        any_side: the model may be laid on another side to fit; else it is only turned where it
            stands.
    """

    volume: Triple | None = None
    density: float = 1.24
    nozzle: float = 0.4
    overhang: float = 45.0
    any_side: bool = True


@dataclass(frozen=True, slots=True)
class Places:
    """Where something is, in millimetres of the model, for the 3D preview.

    Attributes:
        points: x, y, z.
        edges: x, y, z of one end, then of the other.
        triangles: x, y, z of three corners.
        total: so many there are; at most `MOST_PLACES` are listed.
    """

    points: list[list[float]] = field(default_factory=list)
    edges: list[list[float]] = field(default_factory=list)
    triangles: list[list[float]] = field(default_factory=list)
    total: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    Attributes:
        code: stable; `words.WORDS` has its severity and words.
        severity: `refuse`: not printed so; `warn`: it may go wrong; `tell`: good to know.
        title: what it is (message id).
        hint: what to do (message id).
        params: fill the placeholders of title and hint.
        number: the one figure that tells how much, where there is one.
        unit: its unit; empty for a count.
        places: where.
    """

    code: str
    severity: Severity
    title: str
    hint: str
    params: dict[str, float | int | str] = field(default_factory=dict)
    number: float | None = None
    unit: str = ""
    places: Places = field(default_factory=Places)


@dataclass(frozen=True, slots=True)
class UnitOffer:
    """The unit that the model was probably drawn in, and its size then (mm)."""

    unit: str
    factor: float
    size: Triple


@dataclass(frozen=True, slots=True)
class Standing:
    """How a model stands on the plate.

    Attributes:
        rotation: 3 x 3, by rows, for columns of coordinates; the model's own axes first.
        overhang: mm² that hang over too far.
        base: mm² that lie flat on the plate.
        height: mm.
    """

    rotation: list[list[float]]
    overhang: float
    base: float
    height: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check says.

    Attributes:
        kind: how the file is written: `stl`, `stl-ascii`, `3mf`, `obj`, `ply`, `glb`.
        printable: nothing was found for which it is refused.
        repairable: `work.repair` can mend some of it.
        triangles: in the file.
        bodies: parts that do not hang together.
        watertight: the surface has no hole.
        open_edges: where it has.
        low: the lowest x, y, z of the model, mm.
        size: x, y, z, mm.
        volume: mm³.
        volume_sure: it has an inside and an outside everywhere.
        mass: g, printed solid.
        area: mm².
        fits: the printer's volume; None where no printer is known.
        turn: how to turn it so that it fits, where it does not as it is.
        findings: the gravest first.
        units: what it was perhaps drawn in.
        standing: as it is.
        better: a better way, where there is one.
    """

    kind: str
    printable: bool
    repairable: bool
    triangles: int
    bodies: int
    watertight: bool
    open_edges: int
    low: Triple
    size: Triple
    volume: float
    volume_sure: bool
    mass: float
    area: float
    fits: bool | None
    turn: list[list[float]] | None
    findings: list[Finding]
    units: list[UnitOffer]
    standing: Standing
    better: Standing | None

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)
