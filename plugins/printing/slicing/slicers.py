"""Which slicers are there, and one of them run on a model within its bounds."""

import asyncio
import os
import re
import shutil
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hub.errors import HubError
from hub.programs import (
    Bounds,
    ProgramFailed,
    ProgramHadNoRoom,
    ProgramTimedOut,
    find_program,
    run_program,
)
from plugins.printing.slicing import cura, prusa
from plugins.printing.slicing.errors import (
    NoSlicer,
    NothingToSlice,
    SlicingFailed,
    SlicingTooLarge,
    TooBigToSlice,
)
from plugins.printing.slicing.profiles import Profile

SECONDS: Final = 900.0
MEMORY: Final = 4 << 30
LARGEST: Final = 1 << 30
_ASK_SECONDS: Final = 20.0
_ENDED: Final = re.compile(r"ended with (-?\d+):")
_TOO_MUCH: Final = (-signal.SIGKILL, -signal.SIGXFSZ, 128 + signal.SIGKILL, 128 + signal.SIGXFSZ)
_PIECE: Final = 1 << 20
_END: Final = 4096
_LITTLE: Final = 1 << 20
_TYPE: Final = re.compile(rb";TYPE:([^\n]{1,60})\n")
_BESIDE: Final = re.compile(rb"(?i)custom|skirt|brim|support|prime|wipe")
_NO_MEMORY: Final = ("bad_alloc", "bad alloc", "cannot allocate memory", "out of memory")

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Slicer:
    """A slicer: how it is called, asked, and what its words mean."""

    id: str
    title: str
    command: str
    package: str
    version_asked: Sequence[str]
    version: re.Pattern[str]
    arguments: Callable[[str, Path, Path, Path, Profile, float], list[str]]
    progress: Callable[[str], float | None]
    too_big: Sequence[str]
    nothing: Sequence[str]
    last: bytes
    """What the end of a whole file holds; one that a full disk cut short does not."""
    many: bool
    """It lays copies side by side itself."""


SLICERS: Final = {
    "prusa-slicer": Slicer(
        "prusa-slicer", "PrusaSlicer", prusa.COMMAND, prusa.PACKAGE, prusa.VERSION_ASKED,
        prusa.VERSION, prusa.command, prusa.progress, prusa.TOO_BIG, prusa.NOTHING,
        prusa.LAST, many=True,
    ),
    "cura-engine": Slicer(
        "cura-engine", "CuraEngine", cura.COMMAND, cura.PACKAGE, cura.VERSION_ASKED,
        cura.VERSION, cura.command, cura.progress, cura.TOO_BIG, cura.NOTHING,
        cura.LAST, many=False,
    ),
}  # fmt: skip
"""By id; the first that is installed is used where nobody chose."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A slicer that is on this computer."""

    slicer: Slicer
    program: str
    version: str


class Shelf:
    """Finds the slicers of this computer; each is asked for its version once."""

    def __init__(self) -> None:
        self._versions: dict[tuple[str, int], str] = {}

    async def installed(self) -> list[Installed]:
        """Return what is there now, the first choice first."""
        found = []
        for slicer in SLICERS.values():
            program = find_program(slicer.command)
            if program is not None:
                found.append(Installed(slicer, program, await self._version(slicer, program)))
        return found

    async def _version(self, slicer: Slicer, program: str) -> str:
        key = program, (await asyncio.to_thread(os.stat, program)).st_mtime_ns
        if key not in self._versions:
            self._versions[key] = await _version(slicer, program)
        return self._versions[key]


def is_installed(wanted: str | None) -> bool:
    """Whether a slicer is there, or any where none is named, without asking it anything."""
    return any(
        find_program(one.command) is not None
        for one in SLICERS.values()
        if wanted in (None, one.id)
    )


async def _version(slicer: Slicer, program: str) -> str:
    heard: list[str] = []
    try:
        lines = await run_program(
            [program, *slicer.version_asked], limit=_ASK_SECONDS, on_error=heard.append
        )
    except (ProgramFailed, ProgramTimedOut):
        return "unknown"
    for line in (*lines[:40], *heard[:40]):
        if found := slicer.version.search(line):
            return found[1]
    return "unknown"


async def run(
    one: Installed,
    model: Path,
    target: Path,
    folder: Path,
    profile: Profile,
    height: float,
    progress: Progress,
) -> None:
    """Slice `model`, an STL of ours in the folder, to `target`.

    Raises:
        SlicingFailed: it could not; the kinds say why.
        ProgramTimedOut, ProgramHadNoRoom: it took too long; the disk was full.
    """
    slicer = one.slicer
    command = await asyncio.to_thread(
        slicer.arguments, one.program, model, target, folder, profile, height
    )

    far = 0.0

    def hear(line: str) -> None:
        # Its parts go on side by side, and each says how far it is itself.
        nonlocal far
        if (fraction := slicer.progress(line)) is not None and fraction > far:
            far = fraction
            progress(far)

    bounds = Bounds(folder, MEMORY, LARGEST)
    try:
        await run_program(command, limit=SECONDS, on_line=hear, on_error=hear, bounds=bounds)
    except ProgramHadNoRoom:
        raise
    except ProgramFailed as error:
        raise failed(slicer, error.detail) from error
    await asyncio.to_thread(_judge, slicer, target)


def failed(slicer: Slicer, said: str) -> HubError:
    """Return what a slicer's end and last words mean."""
    lower = said.lower()
    ended = _ENDED.search(said)
    code = int(ended[1]) if ended else 0
    if "is the disk full" in lower:
        return ProgramHadNoRoom(said)
    if any(words in lower for words in slicer.too_big):
        return TooBigToSlice(said)
    if any(words in lower for words in slicer.nothing):
        return NothingToSlice(said)
    if code in _TOO_MUCH or any(words in lower for words in _NO_MEMORY):
        return SlicingTooLarge(said)
    return SlicingFailed(said)


def _judge(slicer: Slicer, path: Path) -> None:
    """See that a file is whole, and that more than the rim around a part is in it."""
    if not path.exists() or path.stat().st_size == 0:
        raise NothingToSlice(f"{slicer.id} wrote nothing")
    plastic, end = False, b""
    with path.open("rb") as file:
        while data := file.read(_PIECE):
            # A mark on the seam of two pieces is found with the end of the one before.
            seen = _TYPE.findall(end + data)
            plastic = plastic or any(not _BESIDE.match(one) for one in seen)
            end = data[-_END:] if len(data) >= _END else (end + data)[-_END:]
    if slicer.last not in end:
        if shutil.disk_usage(path.parent).free < _LITTLE:
            raise ProgramHadNoRoom(f"{slicer.id} wrote {path.stat().st_size} bytes")
        raise SlicingFailed(f"{slicer.id} did not write its file to the end")
    if not plastic:
        raise NothingToSlice(f"{slicer.id} wrote no part")


def chosen(found: Sequence[Installed], wanted: str | None) -> Installed:
    """Return the slicer to use. Raises `NoSlicer`."""
    for one in found:
        if wanted in (None, one.slicer.id):
            return one
    if wanted in SLICERS:
        slicer = SLICERS[wanted]
        raise NoSlicer(f"{slicer.command} was not found")
    raise NoSlicer("neither prusa-slicer nor CuraEngine was found")
