"""The lab's disk: Debian with its stock kernel, made from the distribution's packages.

An image is a folder: `root.img` (ext4, used read-only beneath overlays), `vmlinux` (unpacked, so
that qemu enters it directly), `initrd.img` and `id_ed25519`, the key for root. It is kept under
`.make/lab/`, named by a hash of all that it is made from, and made again when one of these changes.
"""

import contextlib
import fcntl
import hashlib
import lzma
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
STORE = ROOT / ".make" / "lab"
GUEST = Path(__file__).parent / "guest"
PACKAGES = Path(__file__).with_name("guest-packages.txt")
MASKED = Path(__file__).with_name("guest-masked.txt")

SUITE = "bookworm"
AVAHI = ("avahi-daemon.service", "avahi-daemon.socket")
SIZE = "8G"  # sparse: only what is used takes space


class ImageFailed(Exception):
    """The image could not be made; the message names the log."""


def key() -> str:
    """Return the hash of all that the image is made from."""
    digest = hashlib.sha256()
    for file in [Path(__file__), PACKAGES, MASKED, *sorted(GUEST.rglob("*"))]:
        if file.is_file():
            digest.update(str(file.name).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def ready() -> Path:
    """Return the folder of the image, and make it first where it is missing: about 2 minutes."""
    folder = STORE / f"image-{key()}"
    STORE.mkdir(parents=True, exist_ok=True)
    with locked(STORE / "lock"):
        if not (folder / "root.img").exists():
            for old in STORE.glob("image-*"):
                shutil.rmtree(old)
            making = STORE / "making"
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            make(making)
            making.rename(folder)
    return folder


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file: two runs on one checkout make one image."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make(folder: Path) -> None:
    """Make the image in an empty folder."""
    tree = folder / "tree"
    with (folder / "log.txt").open("w") as log:

        def run(*command: str | Path) -> None:
            done = subprocess.run(
                [str(part) for part in command], stdout=log, stderr=subprocess.STDOUT, check=False
            )
            if done.returncode:
                raise ImageFailed(f"{command[0]} failed, see {folder / 'log.txt'}")

        run(*bootstrap(tree))
        shutil.copytree(GUEST, tree, dirs_exist_ok=True)
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "id_ed25519")
        trust(tree, folder / "id_ed25519.pub")
        run("chroot", tree, "systemctl", "-q", "mask", *listed(MASKED))
        run("chroot", tree, "systemctl", "-q", "enable", "lab-net", "lab-data", "ssh")
        run("chroot", tree, "systemctl", "-q", "set-default", "multi-user.target")
        # The hub starts a broker of its own; Avahi is started by the test that wants it.
        run("chroot", tree, "systemctl", "-q", "disable", "mosquitto", *AVAHI)
        # smartctl alone is used, as classhub-computer.service does.
        run("chroot", tree, "systemctl", "-q", "disable", "smartmontools")
        # Under emulation byte-compiling is slow: the standard library comes compiled.
        run("chroot", tree, "python3", "-m", "compileall", "-q", "/usr/lib/python3.11")
        kernel = next((tree / "boot").glob("vmlinuz-*")).read_bytes()
        (folder / "vmlinux").write_bytes(unpacked(kernel))
        shutil.copy(next((tree / "boot").glob("initrd.img-*")), folder / "initrd.img")
        run("truncate", "-s", SIZE, folder / "root.img")
        run("mkfs.ext4", "-q", "-F", "-L", "lab", "-d", tree, folder / "root.img")
    shutil.rmtree(tree)


def bootstrap(tree: Path) -> list[str]:
    """Return the command that fills `tree` with the packages, from where this machine has them."""
    options = [
        "--aptopt=APT::Install-Recommends false",
        # The sources may be a frozen copy of the archive.
        "--aptopt=Acquire::Check-Valid-Until false",
        "--dpkgopt=path-exclude=/usr/share/man/*",
        "--dpkgopt=path-exclude=/usr/share/doc/*",
        "--dpkgopt=path-exclude=/usr/share/locale/*",
        # A small initramfs: only what reaches the root disk.
        f"--essential-hook=copy-in {GUEST / 'etc' / 'initramfs-tools'} /etc",
    ]
    sources = Path("/etc/apt/sources.list.d/debian.sources")
    return [
        *("mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory", "--quiet"),
        *options,
        f"--include={','.join(listed(PACKAGES))}",
        *(SUITE, str(tree)),
        *([str(sources)] if sources.exists() else []),
    ]


def listed(file: Path) -> list[str]:
    """Return the names in a list with comments."""
    return [name for line in file.read_text().splitlines() for name in line.split("#")[0].split()]


def trust(tree: Path, public: Path) -> None:
    """Let the holder of this key in as root."""
    folder = tree / "root" / ".ssh"
    folder.mkdir(mode=0o700, exist_ok=True)
    shutil.copy(public, folder / "authorized_keys")
    (folder / "authorized_keys").chmod(0o600)
    for host_key in (tree / "etc" / "ssh").glob("ssh_host_*_key*"):
        if "ed25519" not in host_key.name:
            host_key.unlink()


def unpacked(kernel: bytes) -> bytes:
    """Return the ELF kernel that lies as an xz stream inside a packaged kernel."""
    elf = lzma.LZMADecompressor().decompress(kernel[kernel.index(b"\xfd7zXZ\0") :])
    if elf[:4] != b"\x7fELF":
        raise ImageFailed("the packaged kernel holds no ELF kernel")
    return elf


if __name__ == "__main__":
    print(ready())
