"""Slicing as the work on jobs asks for it: see `plugins.printing.jobs.slicer`."""

import asyncio
import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from drivers.printer.gcode import DEFAULT, GcodeRefused, Limits, Refusal, Scan
from hub.errors import HubError
from plugins.printing.jobs.slicer import Judged, PrinterFacts, Progress, Sliced
from plugins.printing.slicing.errors import ProfileUnknown
from plugins.printing.slicing.layers import read_index
from plugins.printing.slicing.profiles import ProfileFacts
from plugins.printing.slicing.service import GcodeFacts, Slicing, limits_of
from plugins.printing.slicing.wishes import QUALITIES, SliceWishes

log = logging.getLogger("classhub.printing")

GENERIC: Final = "marlin-220"
"""For printers of which nobody has said what they are."""
_WISHES: Final = ("quality", "infill", "supports", "brim", "scale", "copies")
_DRAWN = 0.95
_EDGE = 5.0  # mm


class JobSlicer:
    """Slices a job's model, or looks at its finished G-code.

    A job's setting `profile` is a quality, or a printer's profile where somebody wants another than
    the printer is set up with.
    """

    def __init__(self, slicing: Slicing) -> None:
        self._slicing = slicing

    def ready(self) -> bool:
        """Whether a slicer is installed."""
        return self._slicing.ready()

    async def slice(
        self,
        model: Path,
        *,
        printer: PrinterFacts,
        settings: dict[str, Any],
        target: Path,
        progress: Progress,
    ) -> Sliced:
        """Slice a model into `target`; its layers stand beside it.

        Raises:
            HubError: as `Slicing.slice` says.
        """
        profile = self._profile(printer, settings)
        material = self._material(profile, printer, settings)
        if (quality := settings.get("profile")) in QUALITIES:
            settings = {**settings, "quality": quality}
        wished = {name: settings[name] for name in _WISHES if settings.get(name) is not None}
        made = await self._slicing.slice(
            model,
            profile=profile.id,
            wishes=SliceWishes(material=material, **wished),
            target=target,
            progress=lambda part, said: progress(part * _DRAWN, said),
        )
        judged = await self._judged(target, profile, printer)
        size = _size(judged.facts)
        return Sliced(
            estimate={
                "seconds": round(made.seconds) or None,
                "grams": made.grams,
                "millimetres": made.millimetres,
                "layers": made.layers or None,
                "height": made.height,
            },
            facts={
                "nozzle": profile.nozzle,
                "material": next(m.title for m in profile.materials if m.id == material),
                "size": size,
                "profile": profile.id,
                "slicer": made.slicer,
                "policy": judged.policy,
                **({"stripped": judged.stripped} if judged.stripped else {}),
            },
            layers=await self._layers(target, target.parent),
        )

    async def look(self, gcode: Path, *, printer: PrinterFacts, target: Path) -> Sliced:
        """Judge finished G-code by the printer's policy; its layers are written into `target`.

        Raises:
            GcodeRefused: the policy refuses it.
        """
        judged = await self._judged(gcode, self._own_profile(printer), printer)
        facts = judged.facts
        needs = {
            "material": facts["material"],
            "size": _size(facts),
            "slicer": facts["slicer"],
            "machine": facts["printer"],
            "tools": facts["tools"],
            "policy": judged.policy,
            "stripped": judged.stripped,
        }
        return Sliced(
            estimate={
                name: facts[name] or None
                for name in ("seconds", "grams", "millimetres", "layers", "height")
            },
            facts={name: value for name, value in needs.items() if value},
            layers=await self._layers(gcode, target),
        )

    async def judge(self, gcode: Path, *, printer: PrinterFacts) -> Judged:
        """Judge G-code by a printer's policy, no more.

        Raises:
            GcodeRefused: the policy refuses it.
        """
        judged = await self._judged(gcode, self._own_profile(printer), printer)
        return Judged(judged.policy, judged.stripped)

    async def _judged(
        self, gcode: Path, profile: ProfileFacts | None, printer: PrinterFacts
    ) -> GcodeFacts:
        name = printer.policy or (profile.policy if profile else DEFAULT)
        judged = await self._slicing.facts(gcode, _limits(profile, printer), policy=name)
        if not judged.printable:
            raise _refused(judged)
        return judged

    def _own_profile(self, printer: PrinterFacts) -> ProfileFacts | None:
        if not printer.profile:
            return None
        return next((one for one in self._slicing.profiles() if one.id == printer.profile), None)

    async def _layers(self, gcode: Path, folder: Path) -> tuple[Path, ...]:
        """Return the files of the preview, its index first; none where they cannot be drawn."""
        drawn, index = folder / "layers.bin", folder / "layers.json"
        try:
            await self._slicing.layers(gcode, drawn)
        except HubError as error:
            # The print does not depend on its picture; the page shows that there is none.
            log.warning("the layers of %s are not drawn: %s", gcode.name, error)
            return ()

        def write() -> None:
            index.write_text(json.dumps(read_index(drawn)), "utf-8")

        await asyncio.to_thread(write)
        return index, drawn

    def _profile(self, printer: PrinterFacts, settings: dict[str, Any]) -> ProfileFacts:
        known = {one.id: one for one in self._slicing.profiles()}
        wanted = settings.get("profile")
        if not wanted or wanted in QUALITIES:
            wanted = printer.profile
        if wanted:
            if wanted not in known:
                raise ProfileUnknown(f"there is no profile {wanted!r}")
            return known[wanted]
        generic = known[GENERIC]
        room = (printer.volume.x, printer.volume.y, printer.volume.z)
        if all(side <= most for side, most in zip(generic.volume, room, strict=True)):
            return generic
        raise ProfileUnknown(f"no profile is set for the printer {printer.id}")

    def _material(
        self, profile: ProfileFacts, printer: PrinterFacts, settings: dict[str, Any]
    ) -> str:
        """Return what is wished, else what is loaded, else the profile's first."""
        by_name = {
            name.casefold(): one.id for one in profile.materials for name in (one.id, one.title)
        }
        wished = str(settings.get("material") or "").casefold()
        if wished:
            return by_name.get(wished, wished)
        for loaded in printer.materials:
            if loaded.casefold() in by_name:
                return by_name[loaded.casefold()]
        return profile.materials[0].id


def _limits(profile: ProfileFacts | None, printer: PrinterFacts) -> Limits:
    """Return what the printer can do: as it says itself, where it is known."""
    limits = Limits() if profile is None else limits_of(profile)
    if printer.id is None:
        return limits
    room = printer.volume
    return replace(limits, volume=(room.x, room.y, room.z))


def _size(facts: dict[str, Any]) -> list[float] | None:
    """Return how much room the print needs; lines at the plate's very edge do not count."""
    low, high = facts["low"], facts["high"]
    if low is None or high is None:
        return None
    if min(low) >= -_EDGE:
        low = [max(one, 0.0) for one in low]
    return [round(b - a, 2) for a, b in zip(low, high, strict=True)]


def _refused(judged: GcodeFacts) -> GcodeRefused:
    kept = [Refusal(one["reason"], one["line"], one["text"]) for one in judged.refused]
    return GcodeRefused.because(Scan(judged.policy, kept))
