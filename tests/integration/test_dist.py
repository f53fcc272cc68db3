"""The archive of `make dist`: what is in it, installed, upgraded, rolled back, all without internet.

Root is needed, for users and owners; systemd is not: a stand-in for `systemctl` starts the installed
hub. The lab does the same with the real one.
"""

import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
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
elif words[0] == "start":
    command = [root / "opt/classhub/current/bin/classhub", "run", "--port", "0"]
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

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the archive is for Linux"),
]
as_root = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("systemd-sysusers") is None,
    reason="installing needs root and systemd's sysusers and tmpfiles",
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """The archive, made once."""
    out = tmp_path_factory.mktemp("dist")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [ROOT / "tools/dist.sh", out],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": path},
        timeout=300,
    )
    if done.returncode == 3:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr
    return next(out.glob("*.tar.gz"))


@pytest.fixture(scope="module")
def unpacked(archive, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return next(folder.iterdir())


def seal(folder):
    """Write the sums of an archive anew."""
    lines = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(folder)}\n"
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != "SHA256SUMS"
    ]
    (folder / "SHA256SUMS").write_text("".join(lines))


def another(unpacked, folder, version, edits=None, more=None):
    """Make the archive of another version: the same with some text of the hub changed."""
    source = folder / "source"
    skip = shutil.ignore_patterns("__pycache__", "node_modules", "src", "test")
    for name in ("hub", "drivers", "plugins"):
        shutil.copytree(ROOT / name, source / name, ignore=skip)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    for file, (old, new) in {
        "hub/__init__.py": ('= "0.1.0"', f'= "{version}"'),
        **(edits or {}),
    }.items():
        text = (source / file).read_text()
        assert old in text, file
        (source / file).write_text(text.replace(old, new))
    for file, text in (more or {}).items():
        (source / file).write_text(text)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=source,
        check=True,
        capture_output=True,
    )
    made = folder / "archive"
    shutil.copytree(unpacked, made, copy_function=os.link)
    for old_wheel in (made / "wheels").glob("classroom_hub-*.whl"):
        old_wheel.unlink()
    wheel = next(folder.glob("classroom_hub-*.whl"))
    shutil.copy(wheel, made / "wheels")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    for name, pattern, text in (
        (
            "requirements.txt",
            r"^classroom-hub==.*$",
            f"classroom-hub=={version} --hash=sha256:{digest}",
        ),
        ("RELEASE", r"^version=.*$", f"version={version}"),
    ):
        before = (made / name).read_text()
        (made / name).unlink()  # a link to the other archive's
        (made / name).write_text(re.sub(pattern, text, before, flags=re.MULTILINE))
    (made / "SHA256SUMS").unlink()
    seal(made)
    return made


def test_the_archive_holds_everything(unpacked):
    names = {str(file.relative_to(unpacked)) for file in unpacked.rglob("*") if file.is_file()}
    for needed in (
        *("install.sh", "README.md", "LICENSE", "RELEASE", "requirements.txt"),
        *("systemd/classhub.service", "systemd/70-classhub.rules", "systemd/classhub.sysusers"),
        *("systemd/classhub.tmpfiles", "configs/classhub.toml", "installer/__main__.py"),
        *("docs/install.md", "docs/operations.md", "docs/security.md"),
    ):
        assert needed in names
    assert os.access(unpacked / "install.sh", os.X_OK)
    listed = {line.split("  ", 1)[1] for line in (unpacked / "SHA256SUMS").read_text().splitlines()}
    assert listed == names - {"SHA256SUMS"}
    with zipfile.ZipFile(next(unpacked.glob("wheels/classroom_hub-*.whl"))) as wheel:
        inside = set(wheel.namelist())
    assert not [name for name in inside if name.startswith(("tests/", "packaging/"))]
    for pattern in (
        r"hub/web/dist/.*\.js",
        r"hub/clients/classhub_client-.*\.whl",
        r"plugins/microscopy/web/dist/.*\.js",
        r"hub/locale/kk/LC_MESSAGES/.*\.mo",
        r"hub/store/migrations/0001_first\.py",
        r"hub/locale/ru\.json",
    ):
        assert [name for name in inside if re.fullmatch(pattern, name)], pattern
    for python in sorted((ROOT / "hub").rglob("*.py")):
        if "node_modules" not in python.parts:
            assert str(python.relative_to(ROOT)) in inside


def test_the_same_sources_make_the_same_archive(archive, unpacked, tmp_path):
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = [ROOT / "tools/dist.sh", "--wheels", unpacked / "wheels", tmp_path]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PATH": path})
    again = next(tmp_path.glob("*.tar.gz"))
    assert again.name == archive.name
    assert (
        hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(archive.read_bytes()).digest()
    )


class Computer:
    """A root folder to install into, with a stand-in for systemctl."""

    def __init__(self, root):
        self.root = root
        root.mkdir()
        tools = root.parent / "tools"
        tools.mkdir()
        (tools / "systemctl").write_text(SYSTEMCTL.format(python=sys.executable, root=str(root)))
        (tools / "systemctl").chmod(0o755)
        self.environment = {
            "PATH": f"{tools}:/usr/sbin:/usr/bin:/sbin:/bin",
            "CLASSHUB_PYTHON": sys.executable,
            "HOME": str(root),
        }
        self.data = root / "var/lib/classhub"
        self.opt = root / "opt/classhub"

    def install(self, folder, *options):
        return subprocess.run(
            [folder / "install.sh", "--root", self.root, "--wait", "45", *options],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def version(self):
        url = (self.data / "address").read_text().strip()
        return httpx.get(f"{url}/api/v1/hub", timeout=10).json()["version"]

    def hub(self, *arguments):
        command = [self.opt / "current/bin/classhub", *arguments]
        return subprocess.run(
            [*command, "--config", self.root / "etc/classhub/classhub.toml"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def stop(self):
        subprocess.run([self.root.parent / "tools/systemctl", "stop"], check=False)


@pytest.fixture
def computer(tmp_path):
    made = Computer(tmp_path / "root")
    yield made
    made.stop()


@as_root
def test_installed_upgraded_and_back_where_the_new_one_is_not_well(unpacked, computer, tmp_path):
    done = computer.install(unpacked)
    assert done.returncode == 0, done.stderr
    assert "sign-in-link" in done.stdout
    first = computer.version()
    assert (computer.root / "etc/systemd/system/classhub.service").exists()
    settings = computer.root / "etc/classhub/classhub.toml"
    assert settings.stat().st_mode & 0o777 == 0o640
    settings.write_text(settings.read_text().replace('name = "Classroom"', 'name = "Room 12"'))
    computer.hub("token", "create", "--role", "teacher", "--name", "kept")

    newer = another(unpacked, (tmp_path / "newer"), "7.0.0")
    done = computer.install(newer)
    assert done.returncode == 0, done.stderr + done.stdout
    assert computer.version() == "7.0.0"
    assert "Room 12" in settings.read_text()
    assert "kept" in computer.hub("token", "list")
    assert (computer.opt / "previous").readlink() == Path(first)

    # The next one changes the tables, and then cannot start.
    heads = sorted((ROOT / "hub/store/migrations").glob("0*.py"))
    head = re.search(r'^revision = "(\w+)"', heads[-1].read_text(), re.MULTILINE)[1]
    broken = another(
        unpacked,
        (tmp_path / "broken"),
        "8.0.0",
        {"hub/app.py": ("self.started = time.time()", 'raise RuntimeError("on purpose")')},
        {
            "hub/store/migrations/9999_broken.py": '"""Changes a table."""\n\nfrom alembic import op\n'
            f'revision = "9999"\ndown_revision = "{head}"\n\n'
            'def upgrade():\n    op.execute("ALTER TABLE token ADD COLUMN broken TEXT")\n'
        },
    )
    done = computer.install(broken)
    assert done.returncode == 1
    assert "8.0.0 is not well" in done.stderr
    assert "7.0.0 runs again" in done.stderr
    assert "database of before is back" in done.stdout
    assert computer.version() == "7.0.0"
    assert "kept" in computer.hub("token", "list")
    given_up = computer.data / "hub.sqlite.given-up"
    with sqlite3.connect(given_up) as tables:
        assert "broken" in str(tables.execute("SELECT sql FROM sqlite_master").fetchall())
    tables.close()
    assert sorted(f.name for f in computer.opt.iterdir() if f.is_dir() and not f.is_symlink()) == [
        "7.0.0"
    ]

    # Settings that a version does not know are seen before anything is stopped.
    strict = another(
        unpacked,
        (tmp_path / "strict"),
        "9.0.0",
        {"hub/settings.py": ("lesson_hours: float", "lesson_hour: float")},
    )
    calls = (computer.root / "systemctl.log").read_text().count("stop")
    done = computer.install(strict)
    assert done.returncode == 3
    assert "lesson_hours" in done.stderr
    assert (computer.root / "systemctl.log").read_text().count("stop") == calls
    assert computer.version() == "7.0.0"


@as_root
def test_back_by_hand_and_removed(unpacked, computer, tmp_path):
    assert computer.install(unpacked).returncode == 0
    first = computer.version()
    assert computer.install(unpacked, "--rollback").returncode == 2, "there is nothing before it"
    newer = another(unpacked, (tmp_path / "newer"), "7.0.0")
    assert computer.install(newer, "--no-backup").returncode == 0
    kept = computer.opt / "current/share/classhub"
    done = computer.install(kept, "--rollback")
    assert done.returncode == 0, done.stderr
    assert computer.version() == first
    done = computer.install(computer.opt / "current/share/classhub", "--uninstall")
    assert done.returncode == 0, done.stderr
    assert not computer.opt.exists()
    assert (computer.data / "hub.sqlite").exists()
    assert not (computer.root / "etc/systemd/system/classhub.service").exists()
    done = computer.install(unpacked, "--no-start")
    assert done.returncode == 0, done.stderr
    assert computer.install(unpacked, "--no-start", "--uninstall", "--purge").returncode == 0
    assert not computer.data.exists()


@as_root
def test_a_damaged_archive_changes_nothing(unpacked, computer, tmp_path):
    damaged = tmp_path / "damaged"
    shutil.copytree(unpacked, damaged, copy_function=os.link)
    file = damaged / "systemd/classhub.service"
    text = file.read_text()
    file.unlink()
    file.write_text(text + "# changed on the way\n")
    done = computer.install(damaged)
    assert done.returncode == 3
    assert "systemd/classhub.service" in done.stderr
    assert list(computer.root.iterdir()) == []
