"""What the tests of `make dist` install into, and the archives of other versions."""

import base64
import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
# Starts the installed hub as systemd would. Its settings have port 0: any free one.
SYSTEMCTL = """#!{python}
import os, signal, subprocess, sys, time
from pathlib import Path
root = Path({root!r})
pid = root / "pid"
with (root / "systemctl.log").open("a") as log:
    log.write(" ".join(sys.argv[1:]) + "\\n")
def alive():
    try:
        number = int(pid.read_text())
        return Path(f"/proc/{{number}}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (OSError, ValueError):
        return False
words = [word for word in sys.argv[1:] if not word.startswith("-")]
if words[0] == "is-system-running":
    print("running")
elif words[0] == "is-enabled":
    print("disabled")
elif words[0] == "is-active":
    print("active" if alive() else "failed" if pid.exists() else "inactive")
elif words[0] == "reset-failed":
    pid.unlink(missing_ok=True)
elif words[0] == "start" and words[1] == "classhub.service":
    command = [root / "opt/classhub/current/bin/classhub", "run"]
    command += ["--config", root / "etc/classhub/classhub.toml"]
    with (root / "hub.log").open("a") as log:
        hub = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                               start_new_session=True, env={{"PATH": os.defpath, "CLASSHUB_MQTT__ENABLED": "false"}})
    pid.write_text(str(hub.pid))
elif words[0] == "stop" or "--now" in sys.argv and words[1] == "classhub.service":
    if alive():
        os.kill(int(pid.read_text()), signal.SIGTERM)
        end = time.monotonic() + 30
        while alive() and time.monotonic() < end:
            time.sleep(0.05)
    pid.unlink(missing_ok=True)
"""


class Computer:
    """A root folder to install into, with a stand-in for systemctl.

    Args:
        folder: holds it; environments know where they stand, so it stays there.
    """

    def __init__(self, folder):
        self.root = folder / "root"
        self.root.mkdir()
        self._kept = folder / "kept"
        self._tools = folder / "tools"
        self._tools.mkdir()
        program = self._tools / "systemctl"
        program.write_text(SYSTEMCTL.format(python=sys.executable, root=str(self.root)))
        program.chmod(0o755)
        self.environment = {
            "PATH": f"{self._tools}:/usr/sbin:/usr/bin:/sbin:/bin",
            "CLASSHUB_PYTHON": sys.executable,
            "HOME": str(folder),
        }
        self.options = ["--wait", "60"]
        self.data = self.root / "var/lib/classhub"
        self.opt = self.root / "opt/classhub"
        self.settings = self.root / "etc/classhub/classhub.toml"

    def keep(self):
        """Keep how everything is now."""
        (self.root / "systemctl.log").unlink()
        self._copy(self.root, self._kept)

    def put_back(self):
        """Make everything as it was when it was kept."""
        shutil.rmtree(self.root)
        self._copy(self._kept, self.root)

    @staticmethod
    def _copy(source, target):
        shutil.copytree(
            source,
            target,
            symlinks=True,
            ignore=lambda folder, _: ["classhub"] if folder == str(source / "opt") else [],
        )
        # Programs are never written to again: they are shared.
        shutil.copytree(
            source / "opt/classhub", target / "opt/classhub", symlinks=True, copy_function=os.link
        )

    def install(self, folder, *options):
        return subprocess.run(
            [folder / "install.sh", "--root", self.root, *self.options, *options],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )

    def systemctl(self, *words):
        subprocess.run([self._tools / "systemctl", *words], check=True, env=self.environment)

    def stops(self):
        """How often something was stopped."""
        log = self.root / "systemctl.log"
        return log.read_text().count("stop ") if log.exists() else 0

    def version(self):
        """The version that answers."""
        url = (self.data / "address").read_text().strip()
        return httpx.get(f"{url}/api/v1/hub", timeout=30).json()["version"]

    def environments(self):
        """The versions that are kept, without the links."""
        return sorted(f.name for f in self.opt.iterdir() if f.is_dir() and not f.is_symlink())

    def hub(self, *arguments):
        return subprocess.run(
            [self.opt / "current/bin/classhub", *arguments, "--config", self.settings],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout


def sources(folder):
    """Copy what the archive is made from, so that nothing changes meanwhile; files are new there."""
    skip = shutil.ignore_patterns("__pycache__", "node_modules", ".*", "build")
    for name in (
        *("hub", "drivers", "plugins", "configs", "docs", "packaging", "requirements"),
        *("systemd", "tools"),
    ):
        shutil.copytree(ROOT / name, folder / name, ignore=skip, copy_function=shutil.copy)
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def build(folder, out, *options):
    """Run `tools/dist.sh` there."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        [folder / "tools/dist.sh", *options, out],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": path, "SOURCE_DATE_EPOCH": "1780000000"},
        timeout=240,
    )


def copy(folder, target):
    """Copy an archive; unchanged files are shared."""
    shutil.copytree(folder, target, copy_function=os.link)
    return target


def put(file, text):
    """Write a file anew: the old one may be shared."""
    file.unlink()
    file.write_text(text)
    if file.name == "install.sh":
        file.chmod(0o755)


def seal(folder):
    """Write the sums of an archive anew."""
    with contextlib.suppress(FileNotFoundError):
        (folder / "SHA256SUMS").unlink()
    lines = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(folder)}\n"
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    ]
    (folder / "SHA256SUMS").write_text("".join(lines))


def another(folder, target, version, edits=None, more=None):
    """Make the archive of another version: some files of the hub's wheel changed or added.

    Args:
        folder: an unpacked archive.
        target: where to.
        version: of the new one.
        edits: by file: what stands there, what shall stand there.
        more: by file: its text.
    """
    copy(folder, target)
    wheel = next((target / "wheels").glob("classroom_hub-*.whl"))
    old = wheel.name.split("-")[1]
    made = wheel.with_name(wheel.name.replace(old, version))
    edits = {"hub/__init__.py": (f'"{old}"', f'"{version}"'), **(edits or {})}
    with zipfile.ZipFile(wheel) as source:
        files = {name: source.read(name) for name in source.namelist()}
    before, after = f"classroom_hub-{old}.dist-info", f"classroom_hub-{version}.dist-info"
    edits[f"{before}/METADATA"] = (f"\nVersion: {old}\n", f"\nVersion: {version}\n")
    for name, (what, with_what) in edits.items():
        assert what.encode() in files[name], name
        files[name] = files[name].replace(what.encode(), with_what.encode(), 1)
    files |= {name: text.encode() for name, text in (more or {}).items()}
    del files[f"{before}/RECORD"]
    record = ""
    with zipfile.ZipFile(made, "w") as new:
        for name, content in files.items():
            name = name.replace(before, after)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
            record += f"{name},sha256={digest.decode()},{len(content)}\n"
            new.writestr(name, content)
        new.writestr(f"{after}/RECORD", f"{record}{after}/RECORD,,\n")
    wheel.unlink()
    wanted = (
        f"classroom-hub=={version} --hash=sha256:{hashlib.sha256(made.read_bytes()).hexdigest()}"
    )
    text = (target / "requirements.txt").read_text()
    put(target / "requirements.txt", re.sub(r"(?m)^classroom-hub==.*$", wanted, text))
    text = (target / "RELEASE").read_text()
    put(target / "RELEASE", text.replace(f"version={old}", f"version={version}"))
    seal(target)
    return target
