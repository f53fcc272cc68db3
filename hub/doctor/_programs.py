"""Python, its packages, and the programs of the distribution."""

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata

from hub.doctor._finding import Finding, failed, ok, skipped, warning
from hub.programs import find_program

DISTRIBUTION = "classroom-hub"
LEAST_PYTHON = (3, 11)
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*(.*)$")
_AT_LEAST = re.compile(r">=\s*([0-9][0-9.]*)")


@dataclass(frozen=True, slots=True)
class Program:
    """A program of the distribution that the hub uses.

    Attributes:
        package: what `apt` calls it.
        command: by which it is found.
        purpose: what does not work without it.
        after: what is to be done once it is installed; a shell command.
    """

    package: str
    command: str
    purpose: str
    after: str = ""


PROGRAMS = (
    Program(
        "mosquitto",
        "mosquitto",
        "MQTT",
        # Debian's package starts a broker of its own on the port that ours wants.
        after="sudo systemctl disable --now mosquitto",
    ),
    Program("ffmpeg", "ffmpeg", "clips, time-lapses and films"),
    Program("espeak-ng", "espeak-ng", "spoken films"),
    Program("prusa-slicer", "prusa-slicer", "slicing of models for 3D printers"),
)
"""Those of packaging/apt-run.txt; a test holds them together."""


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
    wanted: Iterable[Program] = PROGRAMS, find: Callable[[str], str | None] = find_program
) -> Finding:
    """The programs of the distribution are there."""
    wanted = tuple(wanted)
    missing = [one for one in wanted if find(one.command) is None]
    if not missing:
        return ok("programs", ", ".join(one.command for one in wanted))
    line = "sudo apt install " + " ".join(one.package for one in missing)
    line = " && ".join([line, *(one.after for one in missing if one.after)])
    said = ", ".join(f"{one.command} (without it: no {one.purpose})" for one in missing)
    return warning("programs", f"not installed: {said}", line)
