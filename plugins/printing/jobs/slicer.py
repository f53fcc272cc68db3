"""What the work on jobs needs of slicing; `plugins.printing.slicing` is it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from drivers.printer.values import Volume
from plugins.printing.jobs.errors import NoSlicerYet

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class PrinterFacts:
    """What is known of the printer that a job is for.

    Attributes:
        id: of the device; None where it is not known which it will be.
        profile: of the printer, as the engineer has set it; empty for none.
        materials: loaded, one for each tool.
        policy: the name of the one by which its G-code is judged; empty: as the profile says.
    """

    id: str | None
    volume: Volume
    nozzle: float
    materials: tuple[str, ...]
    profile: str = ""
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """G-code that a printer may be given.

    Attributes:
        policy: the mark of the one by which it was judged; empty where nothing was.
        stripped: what of it is left out, as `drivers.printer.gcode.Scan.as_json` has it.
    """

    policy: str = ""
    stripped: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sliced:
    """G-code that was made or looked at.

    Attributes:
        estimate: seconds, grams, millimetres, layers, height; None where it is not known.
        facts: what it needs of a printer: `nozzle`, `material`, `size` (x, y, z mm), and `policy`
            and `stripped` as `Judged` has them; may be empty.
        layers: files of the layer preview: its index first.
    """

    estimate: dict[str, Any]
    facts: dict[str, Any]
    layers: tuple[Path, ...] = ()


class Slicer(Protocol):
    """Makes G-code, or looks at some."""

    def ready(self) -> bool:
        """Whether models can be sliced now: the program is there."""

    async def slice(
        self,
        model: Path,
        *,
        printer: PrinterFacts,
        settings: dict[str, Any],
        target: Path,
        progress: Progress,
    ) -> Sliced:
        """Slice a model into `target`. Raises a HubError where that cannot be."""

    async def look(self, gcode: Path, *, printer: PrinterFacts, target: Path) -> Sliced:
        """Judge finished G-code by the printer's policy. Raises a HubError where it is refused."""

    async def judge(self, gcode: Path, *, printer: PrinterFacts) -> Judged:
        """Judge G-code by a printer's policy, no more. Raises a HubError where it is refused."""


class NoSlicer:
    """Stands where no slicing is: models cannot be printed, finished G-code can."""

    def ready(self) -> bool:
        """Never."""
        return False

    async def slice(self, model: Path, **_: Any) -> Sliced:
        """Refuse."""
        raise NoSlicerYet(model.name)

    async def look(self, gcode: Path, **_: Any) -> Sliced:  # noqa: ARG002 - a Slicer's
        """Know nothing of it; the printer's driver judges it before it prints."""
        return Sliced({}, {})

    async def judge(self, gcode: Path, **_: Any) -> Judged:  # noqa: ARG002 - a Slicer's
        """Know nothing of it."""
        return Judged()
