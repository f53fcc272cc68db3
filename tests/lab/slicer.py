"""This computer's PrusaSlicer for the machine, with the libraries that it loads and no package.

The package and all that it draws its window by would make the machine's image half again as large, and
each making of it minutes longer. Both are Debian 12, so the program itself runs there as it is.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.machine import Machine

PROGRAM = "prusa-slicer"
LOADER = "ld-linux-x86-64.so.2"
STARTER = f"""#!/bin/sh
exec {{media}}/lib/{LOADER} --library-path {{media}}/lib {{media}}/{PROGRAM} "$@"
"""


def portable(into: Path) -> Path:
    """Copy the program and all that it loads into a new folder, and return that."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise FileNotFoundError(f"{PROGRAM} is missing; packaging/apt-run.txt lists it")
    libraries = into / "lib"
    libraries.mkdir(parents=True)
    shutil.copy(program, into / PROGRAM)
    said = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    for line in said.splitlines():
        if (found := line.partition("=> ")[2].split(" (")[0]).startswith("/"):
            shutil.copy(found, libraries)
        elif LOADER in line:
            shutil.copy(line.split()[0], libraries)
    return into


@contextmanager
def slicer(machine: Machine, folder: Path) -> Iterator[None]:
    """Have the slicer in the machine, on a memory stick, where programs are looked for."""
    place = f"/usr/local/bin/{PROGRAM}"
    with machine.memory_stick(portable(folder)) as media:
        starter = STARTER.format(media=media)
        machine.run(f"cat > {place} <<'END'\n{starter}END\nchmod 755 {place}")
        try:
            yield
        finally:
            machine.run(f"rm {place}")
