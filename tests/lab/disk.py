"""Disks of the machine: overlays that are thrown away, and one whose cache the power cut empties."""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path


def overlay(base: Path, file: Path) -> Path:
    """Make a disk that reads from `base` and keeps its own writes; the old one is gone."""
    file.unlink(missing_ok=True)
    form = "raw" if base.suffix == ".img" else "qcow2"
    subprocess.run(
        [
            "qemu-img",
            "create",
            "-q",
            "-f",
            "qcow2",
            "-F",
            form,
            "-b",
            str(base.resolve()),
            str(file),
        ],
        check=True,
    )
    return file


def memory_stick(folder: Path, file: Path) -> Path:
    """Make a disk with the files of a folder."""
    size = sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())
    with file.open("wb") as disk:
        disk.truncate(size * 5 // 4 + (32 << 20))
    subprocess.run(
        ["mkfs.ext4", "-q", "-F", "-L", "stick", "-d", str(folder), str(file)], check=True
    )
    return file


class VolatileDisk:
    """A disk for the hub's data with a write cache that a power cut empties.

    nbdkit holds writes back until the machine flushes, and is killed together with qemu: what was
    not flushed is gone, as on a disk whose cache has no battery. `honest=False` is a disk that
    acknowledges flushes without doing them; it must lose data, which shows that the test can fail.
    `content` is the folder whose files are on it at first.
    """

    def __init__(self, folder: Path, *, content: Path, honest: bool = True) -> None:
        self.file = folder / "data.img"
        self._sockets = Path(tempfile.mkdtemp(prefix="lab-"))  # a unix socket's path is short
        self._socket = self._sockets / "nbd"
        self._honest = honest
        self._server: subprocess.Popen[bytes] | None = None
        self.file.unlink(missing_ok=True)
        with self.file.open("wb") as file:
            file.truncate(512 << 20)
        make = ["mkfs.ext4", "-q", "-F", "-L", "hub-data", "-d", str(content), str(self.file)]
        subprocess.run(make, check=True)

    @property
    def address(self) -> str:
        """Where qemu finds it."""
        return f"nbd+unix:///?socket={self._socket}"

    def serve(self) -> None:
        """Have it answer."""
        self._socket.unlink(missing_ok=True)
        mode = "writeback" if self._honest else "unsafe"
        self._server = subprocess.Popen(
            [
                *("nbdkit", "-f", "-U", str(self._socket), "--filter=cache"),
                *("file", str(self.file), f"cache={mode}", "cache-min-block-size=4K"),
            ]
        )
        end = time.monotonic() + 20
        while not self._socket.exists():
            if time.monotonic() > end:
                raise TimeoutError("nbdkit does not answer")
            time.sleep(0.02)

    def kill(self) -> None:
        """Lose what was not flushed."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            self._server = None

    def close(self) -> None:
        """End it and remove it."""
        self.kill()
        shutil.rmtree(self._sockets, ignore_errors=True)
        self.file.unlink(missing_ok=True)

    def check(self) -> str:
        """Return what the file system's check says, its journal replayed; an error fails it."""
        done = subprocess.run(
            ["e2fsck", "-f", "-p", str(self.file)], capture_output=True, text=True, check=False
        )
        # 0: clean; 1: mended, which after a replayed journal may be counters of free blocks only
        if done.returncode > 1:
            raise OSError(f"the file system is broken: {done.stdout}{done.stderr}")
        return done.stdout.strip()
