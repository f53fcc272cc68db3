"""The hub installed in a copy of the machine's disk by this computer itself, at its full speed.

For work on one test, and on computers that are busy: the machine works a quarter as long. The installer
is the archive's, and runs without systemd; that it starts the service and sees that it is well is shown
by an installation in the machine (`installing.py`) only. The hub is started here once, too, so that its
tables and its drivers' descriptions are made.
"""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.lab.archive import driver_wheel, unpack, version_of
from tests.lab.hub import Installed, LabHub
from tests.lab.installing import PATIENT, begin
from tests.lab.machine import Machine

INSIDE = Path(__file__).parent / "inside"
FIRST = (
    "ip link set lo up; setpriv --reuid=classhub --regid=classhub --init-groups"
    " python3 -B /tmp/first.py"
)
BOOT = 900  # seconds: the hub starts with the machine


def prepare(machine: Machine, archive: Path, folder: Path) -> Installed:
    """Install the hub, start the machine, and put it to sleep in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    disk = folder / "installed.img"
    subprocess.run(["cp", "--sparse=always", machine.image / "root.img", disk], check=True)
    with mounted(disk, machine.folder / "tree") as tree:
        unpacked = unpack(archive, tree / "root")
        extra = tree / "opt/classhub/extra"
        extra.mkdir(parents=True)
        driver_wheel(extra)
        said = inside(tree, f"/root/{unpacked.name}/install.sh --no-start")
        inside(tree, f"systemctl enable classhub classhub-computer.timer; {PATIENT}")
        shutil.rmtree(unpacked)
        shutil.copy(INSIDE / "first.py", tree / "tmp")
        inside(tree, f"unshare -n sh -ec '{FIRST}'; rm /tmp/first.py")
    machine.boot(base=disk, limit=BOOT)
    with contextlib.closing(LabHub(machine, {}).connect()) as hub:
        link = begin(hub)
    return Installed(machine.save(folder), version_of(archive), said, link, hub.tokens)


@contextlib.contextmanager
def mounted(disk: Path, tree: Path) -> Iterator[Path]:
    """Mount a disk's file, with what programs in it want to see of this computer."""
    tree.mkdir(exist_ok=True)
    subprocess.run(["mount", "-o", "loop", disk, tree], check=True)
    try:
        for name in ("proc", "dev"):
            subprocess.run(["mount", "--rbind", f"/{name}", tree / name], check=True)
            subprocess.run(["mount", "--make-rslave", tree / name], check=True)
        yield tree
    finally:
        subprocess.run(["umount", "-R", tree], check=True)
        tree.rmdir()


def inside(tree: Path, script: str) -> str:
    """Run a shell script in a tree as its root; return what it printed."""
    command = [
        "chroot",
        tree,
        "env",
        "-i",
        "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
        "sh",
        "-ec",
        script,
    ]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise OSError(f"exit code {done.returncode}: {script}\n{done.stdout}")
    return done.stdout
