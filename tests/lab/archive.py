"""The archives that the lab installs: what `make dist` made, and other versions of it."""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
DIST = ROOT / "dist"
DRIVER = Path(__file__).parent / "driver"

# Settings that are not right end a hub in this way; systemd does not try it again.
BROKEN = "raise SystemExit(2)\n"


class NoArchive(Exception):
    """`make dist` has not been run."""


def made() -> Path:
    """Return the archive that `make dist` made from this version.

    `CLASSHUB_LAB_ARCHIVE` names another one.
    """
    if named := os.environ.get("CLASSHUB_LAB_ARCHIVE"):
        return Path(named)
    version = re.search(
        r'^__version__ = "(.+)"$', (ROOT / "hub" / "__init__.py").read_text(), re.MULTILINE
    )
    assert version is not None
    found = sorted(DIST.glob(f"classroom-hub-{version[1]}-*.tar.gz"))
    if not found:
        raise NoArchive("there is no archive of this version: run make dist")
    return found[-1]


def unpack(archive: Path, into: Path) -> Path:
    """Unpack an archive and return its one folder."""
    into.mkdir(parents=True, exist_ok=True)
    subprocess.run(["tar", "-xzf", str(archive), "-C", str(into)], check=True)
    return next(into.glob("classroom-hub-*/"))  # a home has other folders, too


def another_version(folder: Path, into: Path, version: str, *, broken: bool = False) -> Path:
    """Make the unpacked archive of another version of the hub.

    Args:
        folder: an unpacked archive.
        into: where to put the new one.
        version: of the new one.
        broken: whether its service ends at once; everything else of it works, so that nothing
            notices before it is started.

    Returns:
        The new folder. It shares unchanged files with the old one.
    """
    old = facts(folder)["version"]
    new = into / folder.name.replace(old, version)
    shutil.copytree(folder, new, copy_function=os.link)
    wheel = next((new / "wheels").glob("classroom_hub-*.whl"))
    changed = wheel.with_name(wheel.name.replace(f"-{old}-", f"-{version}-"))
    _rewrite(wheel, changed, old, version, broken=broken)
    wheel.unlink()
    lines = (new / "requirements.txt").read_text().splitlines()
    kept = [line for line in lines if not line.startswith("classroom-hub==")]
    digest = hashlib.sha256(changed.read_bytes()).hexdigest()
    _replace(
        new / "requirements.txt",
        "\n".join([*kept, f"classroom-hub=={version} --hash=sha256:{digest}"]) + "\n",
    )
    release = (new / "RELEASE").read_text()
    _replace(new / "RELEASE", release.replace(f"version={old}", f"version={version}"))
    sums = []
    for file in sorted(one for one in new.rglob("*") if one.is_file() and one.name != "SHA256SUMS"):
        name = file.relative_to(new)
        sums.append(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {name}\n")
    _replace(new / "SHA256SUMS", "".join(sums))
    return new


def facts(folder: Path) -> dict[str, str]:
    """Return what an unpacked archive says of itself."""
    return _facts((folder / "RELEASE").read_text())


def version_of(archive: Path) -> str:
    """Return the version that an archive says it is; most of it need not be read for that."""
    with tarfile.open(archive, "r|gz") as members:
        for member in members:
            if member.name.endswith("/RELEASE") and (file := members.extractfile(member)):
                return _facts(file.read().decode())["version"]
    raise NoArchive(f"{archive} does not say what it is")


def _facts(release: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in release.splitlines() if "=" in line)


def driver_wheel(into: Path) -> Path:
    """Build the wheel of the lab's own driver, as others build theirs."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(into)]
    subprocess.run(command, cwd=DRIVER, check=True, capture_output=True)
    return next(into.glob("classhub_lab_line-*.whl"))


def _rewrite(wheel: Path, changed: Path, old: str, version: str, *, broken: bool) -> None:
    """Copy a wheel with another version in its code and metadata, and a right RECORD."""
    before, after = f"classroom_hub-{old}.dist-info", f"classroom_hub-{version}.dist-info"
    records = []
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == f"{before}/RECORD":
                continue
            if name == "hub/__init__.py":
                content = content.replace(f'"{old}"'.encode(), f'"{version}"'.encode())
            elif name == f"{before}/METADATA":
                text = content.decode()
                content = text.replace(f"\nVersion: {old}\n", f"\nVersion: {version}\n", 1).encode()
            elif broken and name == "hub/cli/_run.py":
                content = _broken(content.decode()).encode()
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
            name = name.replace(before, after, 1)
            records.append(f"{name},sha256={digest.decode()},{len(content)}")
            target.writestr(name, content)
        records.append(f"{after}/RECORD,,")
        target.writestr(f"{after}/RECORD", "\n".join(records) + "\n")


def _broken(source: str) -> str:
    """Put the fault after the first docstring."""
    end = source.index('"""', 3) + 3
    return f"{source[:end]}\n\n{BROKEN}{source[end:]}"


def _replace(file: Path, text: str) -> None:
    """Write a file anew: the old one may be shared."""
    file.unlink()
    file.write_text(text)
