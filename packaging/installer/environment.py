"""An environment of its own for each version, made beside the one that runs."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import database
from place import Place, Refused, release, say, share

_DONE = "installed"
_NOT_KEPT = {"wheels"}
_not_kept = shutil.ignore_patterns("uv")
# Tests of packages, a third of all modules, and pip itself: never loaded by the hub.
_NOT_COMPILED = r"/site-packages/(pip/|.*/tests?/)"
_TRIAL = """
import sys
from pathlib import Path
import cv2, numpy, uvloop
import hub.app, hub.api.application
from hub.errors import HubError
from hub.settings import SettingsError, load
from hub.store import Store
try:
    load(Path(sys.argv[1]))
    for database in sys.argv[2:]:
        store = Store(Path(database))
        store.open()
        store.close()
except SettingsError as error:
    sys.exit(str(error))
except HubError as error:
    sys.exit(f"{error.title} ({error})")
"""


def make(folder: Path, place: Place, *, compiled: bool = True) -> Path:
    """Make a new environment from an unpacked archive and return it.

    Args:
        folder: the unpacked archive.
        place: where to.
        compiled: whether modules are compiled now. The hub cannot do it later: programs are root's.

    Raises:
        Refused: it could not be made; what runs is untouched.
    """
    place.opt.mkdir(mode=0o755, parents=True, exist_ok=True)
    place.opt.chmod(0o755)
    target = _free(place, release(folder)["version"])
    say(f"Installing into {target} …")
    try:
        _run([sys.executable, "-I", "-m", "venv", "--without-pip", str(target)])
        with _installer(folder, place) as install:
            # What the archive holds, each with its sum, into the new environment.
            install += ["--python", str(target / "bin/python")]
            requirements = str(folder / "requirements.txt")
            _run([*install, "--require-hashes", "--requirement", requirements])
            _extras(install, place)
        # Its lock is anybody's to write.
        (target / ".lock").unlink(missing_ok=True)
        if compiled:
            _compile(target)
        kept = share(target)
        kept.mkdir(parents=True)
        for entry in folder.iterdir():
            if entry.name not in _NOT_KEPT:
                if entry.is_dir():
                    shutil.copytree(entry, kept / entry.name, ignore=_not_kept)
                else:
                    shutil.copy2(entry, kept / entry.name)
        for path in (kept, *kept.rglob("*")):
            # Whatever the umask and the owner of the folder that it was unpacked in.
            os.chown(path, 0, 0)
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        os.sync()
        (target / _DONE).touch()
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return target


def try_out(environment: Path, place: Place) -> None:
    """See that it can be loaded, that the settings are right for it, and the database.

    The database is tried on a copy: its tables are brought to this version there, which a database
    of a newer one refuses. Plugins' tables are not tried.

    Raises:
        Refused: it cannot, or they are not.
    """
    command = [str(environment / "bin/python"), "-I", "-c", _TRIAL, str(place.config)]
    with tempfile.TemporaryDirectory(prefix=".trial-", dir=place.opt) as trial:
        if place.database.exists():
            try:
                database.copy(place.database, Path(trial) / place.database.name)
            except sqlite3.Error as error:
                raise Refused(
                    f"{place.database} cannot be read: {error}. Nothing was changed.", 3
                ) from None
            command.append(str(Path(trial) / place.database.name))
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        said = done.stderr.strip()
        raise Refused(f"this version cannot run here:\n{said[-2000:]}\nNothing was changed.", 3)


def prune(place: Place) -> None:
    """Remove the environments that are neither current nor previous."""
    kept = {place.linked("current"), place.linked("previous")}
    for folder in _all(place):
        if folder not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def _all(place: Place) -> list[Path]:
    return [f for f in place.opt.iterdir() if f.is_dir() and (f / "pyvenv.cfg").exists()]


def _free(place: Place, version: str) -> Path:
    """Return a folder that no environment uses; unfinished ones of this version are removed."""
    for number in range(1, 100):
        folder = place.opt / (version if number == 1 else f"{version}-{number}")
        if folder.exists() and not (folder / _DONE).exists():
            shutil.rmtree(folder)
        if not folder.exists():
            return folder
    raise Refused(f"{place.opt} holds a hundred environments of {version}; please remove some")


@contextlib.contextmanager
def _installer(folder: Path, place: Place) -> Iterator[list[str]]:
    """Yield the command that installs wheels of the archive, and nothing from anywhere else.

    It is uv, copied: a memory stick may hold no programs. It unpacks beside the environment, so
    that files are moved there instead of written twice.
    """
    with tempfile.TemporaryDirectory(prefix=".unpacking-", dir=place.opt) as work:
        program = Path(work) / "uv"
        shutil.copy2(folder / "installer/uv", program)
        program.chmod(0o755)
        yield [
            *(str(program), "pip", "install", "--offline", "--no-config", "--quiet", "--no-build"),
            *("--no-index", "--find-links", str(folder / "wheels")),
            *("--cache-dir", str(Path(work) / "unpacked"), "--link-mode", "hardlink"),
        ]


def _extras(install: list[str], place: Place) -> None:
    """Install drivers and plugins of others, which the school keeps as wheels in `extra`."""
    extra = place.opt / "extra"
    wheels = sorted(map(str, extra.glob("*.whl")))
    if not wheels:
        return
    try:
        _run([*install, "--find-links", str(extra), *wheels])
    except Refused as error:
        say(f"Going on without the wheels of {extra}: {error}")


def _compile(environment: Path) -> None:
    """Compile what may be loaded, on all processors; pip would do all of it on one."""
    command = [str(environment / "bin/python"), "-I", "-m", "compileall", "-qq", "-j", "0"]
    # Some packages carry templates that are no Python: as with pip, these stay as they are.
    subprocess.run([*command, "-x", _NOT_COMPILED, str(_modules(environment))], check=False)


def _modules(environment: Path) -> Path:
    """Return the folder that packages are installed into."""
    return next(environment.glob("lib/python3*/site-packages"))


def _run(command: list[str]) -> None:
    # What somebody has set for installers of their own (UV_…, PIP_…) is not for this one.
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**kept, "HOME": "/nonexistent"}
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise Refused(f"{Path(command[0]).name} failed:\n{said}")
