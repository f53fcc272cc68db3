"""The archive's modules compiled by this computer, as a wheel beside those of others.

The machine is emulated: compiling there, which a school's computer does within its installation, takes
longer than all else of it. The wheel holds nothing but what compiling would leave. Each module has the
hash of its source with it, so that Python passes over one of another version. That the installer
compiles by itself is shown by tests/integration/test_dist.py.
"""

import base64
import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

NAME = "classhub_lab_compiled"
VERSION = "0"
INFO = f"{NAME}-{VERSION}.dist-info"
# As the installer: never loaded by the hub.
NOT_COMPILED = r"/(pip/|.*/tests?/)"
INSTALLED = "/opt/classhub/current/lib/python3.11/site-packages"


def compiled_wheel(folder: Path, into: Path) -> Path:
    """Compile the modules of an unpacked archive; return the wheel made in `into`.

    Raises:
        OSError: this computer's Python is of another version than the archive is for.
    """
    wanted = f"python={sys.version_info[0]}.{sys.version_info[1]}"
    if wanted not in (folder / "RELEASE").read_text().splitlines():
        raise OSError(f"the archive is not for this computer's Python ({wanted})")
    with tempfile.TemporaryDirectory(dir=into) as work:
        for wheel in sorted((folder / "wheels").glob("*.whl")):
            with zipfile.ZipFile(wheel) as content:
                names = [name for name in content.namelist() if ".data/" not in name]
                modules = [name for name in names if name.endswith(".py")]
                content.extractall(work, modules)
        # What is no Python (templates that some packages carry) stays as it is, as with pip.
        command = [sys.executable, "-I", "-m", "compileall", "-qq", "-j", "0"]
        options = ["--invalidation-mode", "checked-hash", "-x", NOT_COMPILED]
        subprocess.run(
            [*command, *options, "-s", work, "-p", INSTALLED, work],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return _packed(Path(work), into / f"{NAME}-{VERSION}-py3-none-any.whl")


def _packed(tree: Path, wheel: Path) -> Path:
    """Pack what was compiled below a folder as a wheel (PyPA's binary distribution format)."""
    files: dict[str, bytes] = {
        f"{INFO}/METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\n".encode(),
        f"{INFO}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    records = []
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        found = {os.fspath(one.relative_to(tree)): one for one in tree.rglob("*.pyc")}
        for name in (*sorted(found), *files):
            content = found[name].read_bytes() if name in found else files[name]
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
            records.append(f"{name},sha256={digest.decode()},{len(content)}\n")
            target.writestr(name, content)
        target.writestr(f"{INFO}/RECORD", "".join([*records, f"{INFO}/RECORD,,\n"]))
    return wheel
