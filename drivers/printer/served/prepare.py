"""A file of G-code before it goes to a print server: judged by the printer's policy, as ever.

A print server sends what it is given; so what is not to be sent is left out before it has it.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from drivers.printer.gcode import GcodeRefused, Limits, Policy, scan, write_clean
from drivers.printer.served import index
from drivers.printer.served.index import Index
from drivers.printer.served.place import ServerSettings


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is sent: the file itself where nothing had to be left out, else a copy without it."""

    path: Path
    index: Index


@contextlib.contextmanager
def prepared(file: Path, policy: Policy, settings: ServerSettings) -> Iterator[Prepared]:
    """Judge a file and yield what may be sent of it; blocking.

    Raises:
        GcodeRefused: the policy refuses it.
    """
    volume = settings.volume
    tools = max(1, len(settings.materials))
    found = scan(file, policy, Limits(volume=(volume.x, volume.y, volume.z), tools=tools))
    if not found.printable:
        raise GcodeRefused.because(found)
    if not found.stripped:
        yield Prepared(file, index.read(file))
        return
    with tempfile.TemporaryDirectory(prefix="classhub-print-") as folder:
        clean = Path(folder) / "clean.gcode"
        stripped = write_clean(file, clean, policy)
        known = index.read(clean)
        known.stripped = stripped
        yield Prepared(clean, known)
