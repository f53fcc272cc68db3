"""Slicing as the rest of the plugin uses it."""

import asyncio
import math
import os
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from drivers.printer.gcode import Limits
from hub.errors import N_
from hub.workers import Progress, Workers
from plugins.printing.slicing import slicers
from plugins.printing.slicing.cache import SliceCache, hash_of, key_of
from plugins.printing.slicing.errors import SlicingFailed, TooBigToSlice
from plugins.printing.slicing.profiles import Profile, ProfileFacts, Profiles
from plugins.printing.slicing.slicers import Installed
from plugins.printing.slicing.wishes import SliceWishes

REVISION: Final = 1
"""Counts up when the same wish gives another file, so that the cache forgets."""
_CHANGE: Final = "plugins.printing.checking.work:change"
_SCAN: Final = "plugins.printing.slicing.work:scan"
_LAYERS: Final = "plugins.printing.slicing.work:layers"
_MODEL_MEMORY: Final = 1_200_000_000
_MODEL_SECONDS: Final = 120.0
_SCAN_MEMORY: Final = 512 << 20
_SCAN_SECONDS: Final = 300.0
_LAYERS_MEMORY: Final = 1 << 30
_PREPARED, _SLICED = 0.1, 0.9
_EASE = 0.01  # mm


def _nothing(_fraction: float, _message: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class SlicerFacts:
    """A slicer that is installed."""

    id: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Sliced:
    """What became of a model. Seconds, millimetres and grams of filament, height in millimetres."""

    seconds: float
    millimetres: float
    grams: float
    layers: int
    height: float
    slicer: str
    profile: str
    policy: str
    cached: bool = False


@dataclass(frozen=True, slots=True)
class GcodeFacts:
    """What is in a file of G-code: `drivers.printer.gcode.Scan` as JSON has it.

    Attributes:
        printable: nothing is refused.
        refused: each `{reason, line, text, title, hint}`, title and hint message ids.
        stripped: each `{reason, word, line, count, title, hint}`.
        facts: `drivers.printer.gcode.Facts`.
        policy: the mark of the one by which it was judged.
    """

    printable: bool
    refused: list[dict[str, Any]]
    stripped: list[dict[str, Any]]
    facts: dict[str, Any]
    policy: str


@dataclass(frozen=True, slots=True)
class LayersFacts:
    """The layers of a file of G-code, as they were written; see `slicing.layers`."""

    layers: int
    bytes: int
    height: float
    whole: bool


class Slicing:
    """Slices models, and looks through G-code.

    Args:
        workers: the hub's.
        folder: its own, for what is half made and for the cache; it survives a restart.
        profiles: folders of the school's own profiles.
        slicer: the id of the slicer to use; None for the first that is installed.
    """

    def __init__(
        self,
        workers: Workers,
        folder: Path,
        *,
        profiles: Iterable[Path] = (),
        slicer: str | None = None,
    ) -> None:
        self._workers = workers
        self._folder = folder
        self._profiles = Profiles(profiles)
        self._wanted = slicer
        self._cache = SliceCache(folder / "sliced")
        self._one = asyncio.Semaphore(1)
        self._shelf = slicers.Shelf()

    async def start(self) -> None:
        """Clear up what a crash left."""
        await asyncio.to_thread(self._clear_up)

    def _clear_up(self) -> None:
        shutil.rmtree(self._folder / "under-way", ignore_errors=True)
        self._cache.clear_up()

    def profiles(self) -> list[ProfileFacts]:
        """Return all printers for which models are sliced, by title."""
        return self._profiles.list()

    def profile_of(self, machine: str) -> str | None:
        """Return the profile for what a printer calls itself; None where none is for it."""
        return self._profiles.of_machine(machine)

    def policy_of(self, profile: str) -> str | None:
        """Return the name of a profile's G-code policy; None where there is no such profile."""
        return self._profiles.policy_of(profile)

    def check(self, profile: str, wishes: SliceWishes) -> None:
        """Look whether wishes can be met. Raises `ProfileUnknown`, `WishNotPossible`."""
        self._profiles.choose(profile, wishes)

    def ready(self) -> bool:
        """Whether the slicer that is to be used is installed."""
        return slicers.is_installed(self._wanted)

    async def slicers(self) -> list[SlicerFacts]:
        """Return the slicers of this computer, the one that is used first; none: empty."""
        found = await self._shelf.installed()
        found.sort(key=lambda one: one.slicer.id != self._wanted)
        return [SlicerFacts(one.slicer.id, one.slicer.title, one.version) for one in found]

    async def slice(
        self,
        model: Path,
        *,
        profile: str,
        wishes: SliceWishes,
        target: Path,
        progress: Progress | None = None,
    ) -> Sliced:
        """Slice a model for a printer; one at a time, whoever asks, at idle priority.

        Args:
            model: a file of any kind that is checked; the slicer itself never reads it.
            profile: the printer's.
            wishes: what the person chose.
            target: where to write the G-code; it is synced. The caller gives it its name.
            progress: told how far it is, 0..1, and what is being done (message id).

        Raises:
            NoSlicer: none is installed.
            ProfileUnknown, WishNotPossible: it cannot be sliced so.
            SlicingFailed: the slicer could not; its kinds say why.
            ProgramTimedOut, ProgramHadNoRoom: it took too long; the disk was full.
            BadModel, WorkFailed and its kin: the model could not be read.
        """
        chosen = self._profiles.choose(profile, wishes)
        one = slicers.chosen(await self._shelf.installed(), self._wanted)
        tell = progress or _nothing
        tell(0.0, N_("Waiting for the slicer"))
        async with self._one:
            key = await asyncio.to_thread(self._key, model, chosen, one)
            kept = await asyncio.to_thread(self._cache.get, key, target)
            if kept is not None:
                tell(1.0, N_("It was sliced before"))
                return replace(Sliced(**kept), cached=True)
            folder = self._folder / "under-way" / uuid.uuid4().hex
            try:
                await asyncio.to_thread(folder.mkdir, parents=True)
                sliced = await self._slice(model, chosen, one, folder, tell)
                await asyncio.to_thread(_hand_over, folder / "print.gcode", target)
            finally:
                await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))
            await asyncio.to_thread(self._cache.put, key, target, asdict(sliced))
            return sliced

    def _key(self, model: Path, chosen: Profile, one: Installed) -> str:
        return key_of(
            REVISION,
            hash_of(model),
            chosen.printer.model_dump(mode="json"),
            chosen.material.model_dump(mode="json"),
            chosen.quality.model_dump(mode="json"),
            chosen.wishes.model_dump(mode="json"),
            one.slicer.id,
            one.version,
        )

    async def _slice(
        self, model: Path, chosen: Profile, one: Installed, folder: Path, tell: Progress
    ) -> Sliced:
        wishes = chosen.wishes
        ready, target = folder / "model.stl", folder / "print.gcode"
        made = await self._workers.run(
            _CHANGE, str(model), str(ready), wishes.scale,
            timeout=_MODEL_SECONDS, memory=_MODEL_MEMORY,
            progress=lambda part, said: tell(part * _PREPARED, said),
        )  # fmt: skip
        x, y, z = made["size"]
        room = chosen.printer.volume
        if z > room[2] + _EASE or not _fits((x, y), room):
            raise TooBigToSlice(f"{x:g} x {y:g} x {z:g} mm for {chosen.id}")

        def sliced(fraction: float) -> None:
            tell(_PREPARED + fraction * (_SLICED - _PREPARED), N_("Slicing the model"))

        await slicers.run(one, ready, target, folder, chosen, z, sliced)
        found = await self.facts(
            target, _limits(chosen), policy=chosen.printer.policy,
            progress=lambda part, said: tell(_SLICED + part * (1 - _SLICED), said),
        )  # fmt: skip
        if not found.printable:
            first = found.refused[0]
            raise _refused(first["reason"], f"{one.slicer.id} wrote {first}")
        facts = found.facts
        millimetres = facts["millimetres"]
        area = math.pi * (chosen.printer.filament / 2) ** 2
        return Sliced(
            seconds=facts["seconds"] or 0.0,
            millimetres=millimetres,
            grams=round(millimetres * area / 1000 * chosen.material.density, 2),
            layers=facts["layers"] or 0,
            height=facts["height"],
            slicer=f"{one.slicer.title} {one.version}",
            profile=chosen.id,
            policy=chosen.printer.policy,
        )

    async def facts(
        self,
        gcode: Path,
        limits: Limits,
        *,
        policy: str = "default",
        progress: Progress | None = None,
    ) -> GcodeFacts:
        """Look through G-code of whatever origin, by a printer's policy.

        Raises:
            WorkFailed and its kin: it could not be read.
        """
        given = asdict(limits)
        found = await self._workers.run(
            _SCAN, str(gcode), policy, given,
            timeout=_SCAN_SECONDS, memory=_SCAN_MEMORY, progress=progress,
        )  # fmt: skip
        return GcodeFacts(**found)

    async def layers(
        self, gcode: Path, target: Path, *, progress: Progress | None = None
    ) -> LayersFacts:
        """Write the layers of G-code for the page: see `slicing.layers` for the file.

        Raises:
            NoLayers: there is nothing to be seen in it.
            WorkFailed and its kin: it could not be read.
        """
        made = await self._workers.run(
            _LAYERS, str(gcode), str(target),
            timeout=_SCAN_SECONDS, memory=_LAYERS_MEMORY, progress=progress,
        )  # fmt: skip
        return LayersFacts(**made)


def limits_of(facts: ProfileFacts) -> Limits:
    """Return what a profile's printer can do."""
    return Limits(volume=facts.volume, centred=facts.centred, tools=facts.tools)


def _limits(chosen: Profile) -> Limits:
    printer = chosen.printer
    return Limits(
        volume=printer.volume,
        centred=printer.centred,
        tools=printer.tools,
        hottest_tool=printer.hottest_tool,
        hottest_bed=printer.hottest_bed,
    )


def _fits(size: tuple[float, float], room: tuple[float, float, float]) -> bool:
    return size[0] <= room[0] + _EASE and size[1] <= room[1] + _EASE


def _refused(reason: str, detail: str) -> SlicingFailed:
    return TooBigToSlice(detail) if reason == "outside" else SlicingFailed(detail)


def _hand_over(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())
