"""v4l2loopback for the machine's own kernel: Debian's source, compiled by this computer."""

import re
import shutil
import subprocess
from pathlib import Path

from tests.lab.image import STORE

DKMS = "v4l2loopback-dkms"


class NotBuilt(Exception):
    """It could not be compiled here; the message says why."""


def built(kernel: str) -> Path:
    """Return the module, compiled once for a kernel: fifteen megabytes of headers, and five seconds.

    Args:
        kernel: its release, as `uname -r` says it in the machine.

    Raises:
        NotBuilt: no compiler, or the packages cannot be had.
    """
    module = STORE / f"v4l2loopback-{kernel}.ko"
    if module.exists():
        return module
    folder = STORE / "loopback"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    version = kernel.removesuffix("-amd64")
    series = ".".join(kernel.split(".")[:2])
    headers = f"linux-headers-{version}"
    packages = (f"{headers}-amd64", f"{headers}-common", f"linux-kbuild-{series}", DKMS)
    _run(folder, "apt-get", "download", "-q", *packages)
    for package in folder.glob("*.deb"):
        _run(folder, "dpkg", "-x", package.name, "tree")
    sources = folder / "tree/usr/src"
    makefile = sources / f"{headers}-amd64/Makefile"
    makefile.write_text(makefile.read_text().replace("/usr/src", str(sources)))
    source = next(sources.glob("v4l2loopback-*"))
    compiler = "CC=gcc-12" if shutil.which("gcc-12") else "CC=gcc"
    _run(folder, "make", "-s", "-C", str(makefile.parent), f"M={source}", compiler, "modules")
    made = source / "v4l2loopback.ko"
    if not re.search(rb"vermagic=%s " % re.escape(kernel.encode()), made.read_bytes()):
        raise NotBuilt(f"the module is not for {kernel}")
    shutil.copy(made, module)
    shutil.rmtree(folder)
    return module


def _run(folder: Path, *command: str) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotBuilt(f"{command[0]}: {error}") from error
    if done.returncode:
        raise NotBuilt(f"{command[0]}: {(done.stderr or done.stdout).strip()[-500:]}")
