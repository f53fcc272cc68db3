"""Which drivers are installed, and their descriptions: read from a child, kept in a cache."""

import asyncio
import hashlib
import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from hub import __version__
from hub.device import Candidate, DriverDescription, Problem
from hub.driver_host.errors import DriverBroken, DriverTwice
from hub.ids import is_id
from hub.packages import package_of
from hub.processes._child import ask
from hub.processes._nursery import Nursery

log = logging.getLogger("classhub.drivers")

GROUP = "classhub.drivers"
DESCRIBE_LIMIT = 20.0
AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class DriverEntry:
    """An installed driver: its entry point.

    Attributes:
        name: of the entry point.
        target: `module:Class`.
        distribution: name and version of the package that brings it; empty where unknown.
        rivals: other packages that bring a driver of the same name.
    """

    name: str
    target: str
    distribution: str = ""
    rivals: tuple[str, ...] = ()


class SettingsFault(BaseModel):
    """What is wrong with one field of settings; without the value, which may be a secret."""

    field: str
    message: str


class Searched(BaseModel):
    """What a driver's search found, and why it could not search; None where it could."""

    found: list[Candidate]
    problem: Problem | None = None


class Catalogue:
    """The installed drivers.

    Args:
        cache: a folder for descriptions; it is made when needed.
        extra: drivers beside the installed ones: name -> "module:Class".
        nursery: what children are forked from; where there is none, they are started as programs.
    """

    def __init__(
        self,
        cache: Path,
        extra: Mapping[str, str] | None = None,
        nursery: Nursery | None = None,
    ) -> None:
        self._cache = cache / "drivers"
        self._extra = dict(extra or {})
        self._nursery = nursery
        self._turns = asyncio.Semaphore(AT_ONCE)

    def entries(self) -> dict[str, DriverEntry]:
        """Return all drivers that are installed, by name."""
        found: dict[str, DriverEntry] = {}
        for point in entry_points(group=GROUP):
            package = package_of(point)
            made_by = f"{package.name} {package.version}".strip()
            one = DriverEntry(point.name, point.value, made_by)
            first = found.setdefault(point.name, one)
            if first != one:
                found[point.name] = replace(first, rivals=(*first.rivals, made_by))
        for name, target in self._extra.items():
            found[name] = DriverEntry(name, target)
        return found

    async def describe(self, entry: DriverEntry) -> DriverDescription:
        """Return a driver's description, from the cache where that is still true.

        Raises:
            DriverTwice: several packages bring one of this name.
            DriverBroken: it cannot be loaded, or describes itself wrongly.
        """
        if entry.rivals:
            packages = ", ".join(sorted([entry.distribution, *entry.rivals]))
            raise DriverTwice(f"a driver {entry.name} is in each of: {packages}")
        file = self._cache / f"{entry.name if is_id(entry.name) else _digest(entry.name)}.json"
        key = _key(entry)
        cached = await asyncio.to_thread(_cached, file, key)
        if cached is not None:
            return cached
        async with self._turns:
            arguments = ["describe", entry.target, "--name", entry.name]
            answer = await ask(arguments, DESCRIBE_LIMIT, nursery=self._nursery)
        try:
            described = _Described.model_validate_json(answer)
        except ValidationError as error:
            raise DriverBroken(f"{entry.target} describes itself wrongly: {error}") from None
        await asyncio.to_thread(_keep, file, key, described)
        return described.description

    async def faults(self, entry: DriverEntry, settings: Mapping[str, Any]) -> list[SettingsFault]:
        """Ask a driver what is wrong with settings, beyond what their schema can say.

        Raises:
            DriverBroken: it cannot be loaded, or gives no answer.
        """
        told = json.dumps(settings).encode()
        async with self._turns:
            arguments = ["check", entry.target]
            answer = await ask(arguments, DESCRIBE_LIMIT, told=told, nursery=self._nursery)
        try:
            return TypeAdapter(list[SettingsFault]).validate_json(answer)
        except ValidationError as error:
            raise DriverBroken(f"{entry.target} answers wrongly: {error}") from None

    async def search(self, entry: DriverEntry, seconds: float) -> Searched:
        """Have a driver search; it takes that long.

        Raises:
            DriverBroken: it cannot be loaded, fails, or gives no answer.
        """
        answer = await ask(
            ["search", entry.target], seconds + DESCRIBE_LIMIT, nursery=self._nursery
        )
        try:
            return Searched.model_validate_json(answer)
        except ValidationError as error:
            raise DriverBroken(f"{entry.target} answers wrongly: {error}") from None


class _Described(BaseModel):
    """What a child answers: the description, and the files of the modules it was made from."""

    description: DriverDescription
    files: list[str]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _key(entry: DriverEntry) -> str:
    """Return what changes whenever another driver may be found under the name."""
    return _digest(
        json.dumps([__version__, sys.version, sys.path, entry.target, entry.distribution])
    )


def _stamps(files: Sequence[str]) -> list[list[Any]]:
    """Return what changes whenever a file does (OSError where one is gone)."""
    found = []
    for file in files:
        stat = Path(file).stat()
        found.append([file, stat.st_mtime_ns, stat.st_size])
    return found


def _cached(file: Path, key: str) -> DriverDescription | None:
    try:
        kept = json.loads(file.read_bytes())
        if kept["key"] != key or _stamps([stamp[0] for stamp in kept["files"]]) != kept["files"]:
            return None
        return DriverDescription.model_validate(kept["description"])
    except FileNotFoundError:  # the cache, or a file that it was made from
        return None
    except (OSError, ValueError, LookupError, TypeError) as error:
        log.warning("the cached description %s is not used: %s", file.name, error)
        return None


def _keep(file: Path, key: str, described: _Described) -> None:
    """Write the cache; without it the next start is slower, nothing more."""
    temporary = file.with_suffix(f".{os.getpid()}.tmp")
    try:
        data = {
            "key": key,
            "files": _stamps(described.files),
            "description": described.description.model_dump(mode="json"),
        }
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(data), encoding="utf-8")
        temporary.replace(file)
    except OSError as error:
        log.warning("the description of a driver could not be cached: %s", error)
