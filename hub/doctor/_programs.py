"""Python, its packages, and the programs of the distribution."""

import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import metadata
from pathlib import Path

from hub.doctor._finding import Finding, failed, ok, skipped, warning
from hub.plugins import GROUP
from hub.programs import KernelModule, Program, find_program

log = logging.getLogger("classhub.doctor")

DISTRIBUTION = "classroom-hub"
LEAST_PYTHON = (3, 11)
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*(.*)$")
_AT_LEAST = re.compile(r">=\s*([0-9][0-9.]*)")


PROGRAMS = (
    Program(
        "mosquitto",
        "mosquitto",
        "MQTT",
        # Debian's package starts a broker of its own on the port that ours wants.
        after="sudo systemctl disable --now mosquitto",
    ),
    Program("ffmpeg", "ffmpeg", "clips, time-lapses and films"),
)
"""Those that the hub itself starts; a plugin says which it does (`Plugin.programs`)."""


def wanted(points: Iterable[metadata.EntryPoint] | None = None) -> tuple[Program, ...]:
    """Return the programs of the hub and of the plugins that can be loaded here.

    What is wrong with a plugin that cannot be loaded, the hub itself says (`plugins`).
    """
    found = list(PROGRAMS)
    for plugin in _plugins(points):
        found += [one for one in getattr(plugin, "programs", ()) if one not in found]
    return tuple(found)


def _plugins(points: Iterable[metadata.EntryPoint] | None = None) -> Iterator[type]:
    for point in metadata.entry_points(group=GROUP) if points is None else points:
        try:
            plugin = point.load()
        except Exception as error:  # noqa: BLE001 - a plugin may be of anybody, and fail at anything
            log.warning("the programs of the plugin %s are not known: %s", point.name, error)
            continue
        yield plugin


def python(version: Sequence[int] = sys.version_info[:3]) -> Finding:
    """Python is one that the hub runs on."""
    shown = ".".join(str(part) for part in version[:3])
    if tuple(version[:2]) >= LEAST_PYTHON:
        return ok("python", f"Python {shown}")
    least = ".".join(str(part) for part in LEAST_PYTHON)
    return failed(
        "python",
        f"Python {shown} is older than {least}",
        "sudo apt install python3, on Debian 12 or later; then install the hub again",
    )


def libraries(
    requirements: Iterable[str] | None = None,
    version_of: Callable[[str], str] = metadata.version,
) -> Finding:
    """The Python packages are there, in the versions that this hub asks for."""
    if requirements is None:
        try:
            requirements = metadata.requires(DISTRIBUTION) or ()
        except metadata.PackageNotFoundError:
            return skipped("libraries", f"{DISTRIBUTION} runs from a folder and is not installed")
    wrong, count = [], 0
    for line in requirements:
        wanted, _, marker = line.partition(";")
        match = _REQUIREMENT.match(wanted.strip())
        if match is None or "extra" in marker:
            continue
        count += 1
        least = _AT_LEAST.search(match[2])
        try:
            found = version_of(match[1])
        except metadata.PackageNotFoundError:
            wrong.append(f"{match[1]} is missing")
            continue
        if least is not None and _numbers(found) < _numbers(least[1]):
            wrong.append(f"{match[1]} is {found}, at least {least[1]} is needed")
    if not wrong:
        return ok("libraries", f"{count} Python packages")
    return failed(
        "libraries", "; ".join(wrong), "install the hub again: sudo ./install.sh of its archive"
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+", maxsplit=1)[0])[:4])


def programs(
    those: Iterable[Program] | None = None, find: Callable[[str], str | None] = find_program
) -> Finding:
    """The programs of the distribution are there."""
    those = wanted() if those is None else tuple(those)
    missing = [one for one in those if find(one.command) is None]
    if not missing:
        return ok("programs", ", ".join(dict.fromkeys(one.command for one in those)))
    line = "sudo apt install " + " ".join(dict.fromkeys(one.package for one in missing))
    line = " && ".join([line, *(one.after for one in missing if one.after)])
    said = ", ".join(f"{one.command} (without it: no {one.purpose})" for one in missing)
    return warning("programs", f"not installed: {said}", line)


def plugin_modules(
    those: Iterable[KernelModule] | None = None, loaded: Path = Path("/sys/module")
) -> Finding:
    """The kernel has what plugins can do more with; not every school wants it."""
    if those is None:
        those = [one for plugin in _plugins() for one in getattr(plugin, "modules", ())]
    those = tuple(those)
    missing = [one for one in those if not (loaded / one.name).is_dir()]
    if not missing:
        return ok("plugin modules", ", ".join(one.name for one in those) or "none are wanted")
    said = ", ".join(f"{one.name} (without it: no {one.purpose})" for one in missing)
    line = "; ".join(one.install for one in missing)
    return skipped("plugin modules", f"not loaded: {said}", f"only where it is wanted: {line}")
