"""The archive of `make dist`: what is in it, installed, upgraded, rolled back, all without internet.

Root is needed, for users and owners; systemd is not: a stand-in for `systemctl` starts the installed
hub. The lab does the same with the real one. The archive is made once, from a copy of the sources,
and installed once; each test finds that installation anew.
"""

import hashlib
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

from tests.integration.dist_computer import Computer, another, build, copy, put, seal, sources

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the archive is for Linux"),
]
as_root = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("systemd-sysusers") is None,
    reason="installing needs root and systemd's sysusers and tmpfiles",
)


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    """The sources, as they were when the archive was made."""
    return sources(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="session")
def archive(source, tmp_path_factory):
    """The archive, made once."""
    out = tmp_path_factory.mktemp("dist")
    done = build(source, out)
    if done.returncode == 3:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr
    return next(out.glob("*.tar.gz"))


@pytest.fixture(scope="session")
def unpacked(archive, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    subprocess.run(["tar", "-xzf", archive, "-C", folder], check=True)
    return next(folder.iterdir())


@pytest.fixture(scope="session")
def anywhere(unpacked, tmp_path_factory):
    """The archive, with settings that take any free port."""
    made = copy(unpacked, tmp_path_factory.mktemp("anywhere") / "archive")
    settings = made / "configs/classhub.toml"
    put(settings, settings.read_text().replace("\nport = 8420\n", "\nport = 0\n", 1))
    seal(made)
    return made


@pytest.fixture(scope="session")
def installed(anywhere, tmp_path_factory):
    """A computer with an installed hub that was well, and what the installer said."""
    made = Computer(tmp_path_factory.mktemp("computer"))
    done = made.install(anywhere)
    try:
        assert done.returncode == 0, done.stderr
        made.first = made.version()
        made.hub("token", "create", "--role", "teacher", "--name", "kept")
    finally:
        made.systemctl("stop", "classhub.service")
    made.calls = (made.root / "systemctl.log").read_text()
    made.keep()
    # The next ones are looked at for other things than their speed once they run.
    made.options.append("--no-compile")
    return made, done


@pytest.fixture
def computer(installed):
    """That computer, as it was; the hub does not run."""
    made, _ = installed
    made.put_back()
    yield made
    made.systemctl("stop", "classhub.service")


def test_the_archive_holds_everything(source, unpacked):
    names = {str(file.relative_to(unpacked)) for file in unpacked.rglob("*") if file.is_file()}
    for needed in (
        *("install.sh", "README.md", "LICENSE", "RELEASE", "requirements.txt"),
        *("systemd/classhub.service", "systemd/70-classhub.rules", "systemd/classhub.sysusers"),
        *("systemd/classhub.tmpfiles", "configs/classhub.toml", "installer/__main__.py"),
        *("docs/install.md", "docs/operations.md", "docs/security.md"),
    ):
        assert needed in names
    assert os.access(unpacked / "install.sh", os.X_OK)
    for page in (unpacked / "docs").glob("*.md"):
        for link in re.findall(r"\]\(((?!\.\./|https?:)[^):#]+)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
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
    for part in ("hub", "drivers", "plugins"):
        python = {str(file.relative_to(source)) for file in (source / part).rglob("*.py")}
        assert python - inside == set()


def test_the_same_sources_make_the_same_archive(archive, source, unpacked, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(source, elsewhere, copy_function=shutil.copy)
    done = build(elsewhere, tmp_path, "--wheels", unpacked / "wheels")
    assert done.returncode == 0, done.stderr
    again = next(tmp_path.glob("*.tar.gz"))
    assert again.name == archive.name
    sums = [hashlib.sha256(file.read_bytes()).hexdigest() for file in (again, archive)]
    assert sums[0] == sums[1]
    assert (tmp_path / f"{again.name}.sha256").read_text() == f"{sums[0]}  {again.name}\n"


@as_root
def test_installed_it_runs_and_says_how_to_go_on(installed):
    computer, done = installed
    assert "sign-in-link" in done.stdout
    assert computer.first == re.search(r"hub (\S+) is installed", done.stdout)[1]
    assert (computer.root / "etc/systemd/system/classhub.service").exists()
    assert computer.settings.stat().st_mode & 0o777 == 0o640
    assert (computer.opt / "current").readlink() == Path(computer.first)
    assert "enable classhub.service" in computer.calls
    # Compiled now, because the hub may not write there; but for what it never loads.
    modules = next((computer.opt / "current/lib").glob("python3*/site-packages"))
    hub = {file.stem for file in modules.glob("hub/**/*.py")}
    assert hub == {file.name.split(".")[0] for file in modules.glob("hub/**/__pycache__/*.pyc")}
    assert list(modules.glob("scipy/spatial/__pycache__/*.pyc")) != []
    assert list(modules.glob("scipy/spatial/tests/__pycache__/*.pyc")) == []
    # Programs are root's, whoever packed or unpacked the archive.
    for file in (computer.opt / "current/").rglob("*"):
        about = file.lstat()
        assert about.st_uid == 0, file
        assert file.is_symlink() or not about.st_mode & 0o022, file


@as_root
def test_upgraded_and_back_by_hand(anywhere, computer, tmp_path):
    computer.systemctl("start", "classhub.service")
    text = computer.settings.read_text()
    computer.settings.write_text(text.replace('name = "Classroom"', 'name = "Room 12"'))
    kept = computer.opt / "current/share/classhub"
    assert computer.install(kept, "--rollback").returncode == 2, "there is nothing before it"

    done = computer.install(another(anywhere, tmp_path / "newer", "7.0.0"))
    assert done.returncode == 0, done.stderr + done.stdout
    assert computer.version() == "7.0.0"
    assert 'name = "Room 12"' in computer.settings.read_text()
    assert "kept" in computer.hub("token", "list")
    assert list((computer.data / "backups").iterdir()) != []
    assert (computer.opt / "previous").readlink() == Path(computer.first)

    done = computer.install(kept, "--rollback")
    assert done.returncode == 0, done.stderr
    assert computer.version() == computer.first
    assert "kept" in computer.hub("token", "list")
    assert computer.environments() == [computer.first]


@as_root
def test_back_by_itself_where_the_new_one_is_not_well(anywhere, computer, tmp_path):
    with zipfile.ZipFile(next(anywhere.glob("wheels/classroom_hub-*.whl"))) as wheel:
        scripts = sorted(n for n in wheel.namelist() if "hub/store/migrations/0" in n)
        head = re.search(r'(?m)^revision = "(\w+)"', wheel.read(scripts[-1]).decode())[1]
    # It changes the tables, and then cannot start.
    broken = another(
        anywhere,
        tmp_path / "broken",
        "8.0.0",
        {"hub/app.py": ("self.started = time.time()", 'raise RuntimeError("on purpose")')},
        {
            "hub/store/migrations/9999_broken.py": '"""Changes a table."""\n\nfrom alembic import op\n'
            f'revision = "9999"\ndown_revision = "{head}"\n\n'
            'def upgrade():\n    op.execute("ALTER TABLE token ADD COLUMN broken TEXT")\n'
        },
    )
    computer.systemctl("start", "classhub.service")
    done = computer.install(broken, "--no-backup")
    assert done.returncode == 1
    assert "8.0.0 is not well: it ended by itself" in done.stderr
    assert f"{computer.first} runs again. Nothing was lost." in done.stderr
    assert "database of before is back" in done.stdout
    assert computer.version() == computer.first
    assert "kept" in computer.hub("token", "list")
    with sqlite3.connect(computer.data / "hub.sqlite.given-up") as tables:
        assert "broken" in str(tables.execute("SELECT sql FROM sqlite_master").fetchall())
    tables.close()
    assert computer.environments() == [computer.first]


@as_root
def test_wrong_settings_stop_nothing(anywhere, computer):
    wrong = computer.settings.read_text().replace("lesson_hours = 12.0", 'lesson_hours = "many"')
    computer.settings.write_text(wrong)
    line = wrong[: wrong.index('"many"')].count("\n") + 1
    done = computer.install(anywhere)
    assert done.returncode == 3
    # The hub's own words: file, line, what is allowed.
    assert f"{computer.settings}" in done.stderr
    assert re.search(rf"\bline {line}\b.*lesson_hours", done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert computer.stops() == 0
    assert computer.environments() == [computer.first]


@as_root
def test_a_database_of_a_newer_version_is_left_alone(anywhere, computer):
    with sqlite3.connect(computer.data / "hub.sqlite") as tables:
        tables.execute("UPDATE hub_alembic_version SET version_num = 'later'")
    tables.close()
    before = (computer.data / "hub.sqlite").read_bytes()
    done = computer.install(anywhere)
    assert done.returncode == 3
    assert "later is of a newer version" in done.stderr
    assert "Nothing was changed" in done.stderr
    assert "Traceback" not in done.stderr
    assert computer.stops() == 0
    assert (computer.data / "hub.sqlite").read_bytes() == before
    assert computer.environments() == [computer.first]


@as_root
def test_the_classs_screen_is_shown_where_it_was_asked_for(computer):
    kept = computer.opt / "current/share/classhub"
    unit = computer.root / "etc/systemd/system/classhub-kiosk.service"
    assert unit.read_bytes() == (kept / "systemd/classhub-kiosk.service").read_bytes()
    assert "classhub-kiosk" not in (computer.root / "etc/passwd").read_text()
    tools = computer.root.parent / "tools"
    needed = ("cage", "chromium", "Xwayland")
    if any(shutil.which(name) is None for name in needed):
        refused = computer.install(kept, "--kiosk")
        assert refused.returncode == 3
        assert "apt-get install" in refused.stderr
        for name in needed:
            (tools / name).write_text("#!/bin/sh\n")
            (tools / name).chmod(0o755)
    done = computer.install(kept, "--kiosk")
    assert done.returncode == 0, done.stderr
    calls = (computer.root / "systemctl.log").read_text().splitlines()
    assert "--quiet enable --now --no-block classhub-kiosk.service" in calls
    assert not any("classhub.service" in call for call in calls)  # the hub is left as it is
    user = re.search(
        "^classhub-kiosk:.*$", (computer.root / "etc/passwd").read_text(), re.MULTILINE
    )[0]
    assert user.endswith(":/var/lib/classhub-kiosk:/usr/sbin/nologin")
    groups = (computer.root / "etc/group").read_text()
    for group in ("video", "render", "input"):
        assert re.search(f"^{group}:.*classhub-kiosk", groups, re.MULTILINE), group
    assert computer.install(kept, "--uninstall").returncode == 0
    assert not unit.exists()


@as_root
def test_the_computer_says_how_it_is_from_the_installation_on(computer):
    calls = computer.calls.splitlines()
    assert "--quiet enable --now --no-block classhub-computer.timer" in calls
    kept = computer.opt / "current/share/classhub/systemd"
    for name in ("classhub-computer.service", "classhub-computer.timer"):
        placed = computer.root / "etc/systemd/system" / name
        assert placed.read_bytes() == (kept / name).read_bytes()
    # What the unit starts is there, and is root's alone to change.
    command = re.search(
        r"^ExecStart=(.*)$", (kept / "classhub-computer.service").read_text(), re.MULTILINE
    )
    python, *options, program = command[1].replace("/opt/classhub", str(computer.opt)).split()
    assert (Path(program).stat().st_uid, Path(program).stat().st_mode & 0o022) == (0, 0)
    to = computer.root / "state.json"
    subprocess.run([python, *options, program, "--to", to], check=True, timeout=60)
    said = json.loads(to.read_text())
    assert (said["schema"], to.stat().st_mode & 0o777) == (1, 0o644)
    to.unlink()


@as_root
def test_the_camera_for_video_calls_is_made_where_it_was_asked_for(computer):
    kept = computer.opt / "current/share/classhub"
    placed = [
        computer.root / f"etc/{folder}/classhub-virtualcamera.conf"
        for folder in ("modprobe.d", "modules-load.d")
    ]
    tools = computer.root.parent / "tools"
    for name, code in (("modinfo", 1), ("modprobe", 0)):
        (tools / name).write_text(
            f'#!/bin/sh\necho "{name} $*" >> {tools}/modules.log\nexit {code}\n'
        )
        (tools / name).chmod(0o755)
    refused = computer.install(kept, "--virtual-camera")
    assert refused.returncode == 3
    assert "apt-get install v4l2loopback-dkms" in refused.stderr
    assert not any(one.exists() for one in placed)
    (tools / "modinfo").write_text("#!/bin/sh\n")
    done = computer.install(kept, "--virtual-camera", "--no-start")
    assert done.returncode == 0, done.stderr
    assert "modprobe v4l2loopback" in done.stdout
    assert "exclusive_caps=1,1" in placed[0].read_text()
    assert placed[1].read_text().splitlines()[-1] == "v4l2loopback"
    assert computer.install(kept, "--uninstall").returncode == 0
    assert not any(one.exists() for one in placed)


@as_root
def test_removed(anywhere, computer):
    kept = computer.opt / "current/share/classhub"
    done = computer.install(kept, "--uninstall")
    assert done.returncode == 0, done.stderr
    assert not computer.opt.exists()
    assert (computer.data / "hub.sqlite").exists()
    assert computer.settings.exists()
    for name in ("etc/systemd/system/classhub.service", "etc/udev/rules.d/70-classhub.rules"):
        assert not (computer.root / name).exists()
    assert computer.install(anywhere, "--no-start", "--uninstall", "--purge").returncode == 0
    assert not computer.data.exists()
    assert not computer.settings.parent.exists()


# Refused before anything is changed


@pytest.fixture
def empty(tmp_path):
    """A computer with nothing on it."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return Computer(folder)


def refused(computer, done, code, words):
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    left = {str(file.relative_to(computer.root)) for file in computer.root.rglob("*")}
    assert left <= {"systemctl.log"}


def changed(folder):
    file = folder / "systemd/classhub.service"
    put(file, file.read_text() + "# changed on the way\n")


def incomplete(folder):
    (folder / "configs/classhub.toml").unlink()


def sums_cut_short(folder):
    text = (folder / "SHA256SUMS").read_text()
    put(folder / "SHA256SUMS", text[: len(text) // 2])


def of_another_computer(folder):
    put(folder / "RELEASE", (folder / "RELEASE").read_text().replace("x86_64", "riscv64"))


def of_another_python(folder):
    put(folder / "RELEASE", re.sub("python=.*", "python=3.99", (folder / "RELEASE").read_text()))


@as_root
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (changed, "the archive is damaged: systemd/classhub.service"),
        (incomplete, "the archive is not whole"),
        (sums_cut_short, "is not of this archive"),
        (of_another_computer, "this archive is for linux riscv64"),
        (of_another_python, "for Python 3.99, which is not here"),
    ],
)
def test_an_archive_that_is_not_right_changes_nothing(unpacked, empty, tmp_path, spoil, words):
    folder = copy(unpacked, tmp_path / "archive")
    spoil(folder)
    refused(empty, empty.install(folder), 3, words)


@as_root
def test_a_port_that_is_taken_is_named(unpacked, empty):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        empty.settings.parent.mkdir(parents=True)
        empty.settings.write_text(f"port = {port}\n")
        done = empty.install(unpacked)
    assert done.returncode == 3
    assert f"another program listens on port {port}" in done.stderr
    assert str(empty.settings) in done.stderr
    assert not empty.opt.exists()


@as_root
def test_a_disk_without_room_is_named(unpacked, empty):
    mount = ["mount", "-t", "tmpfs", "-o", "size=50m,mode=755", "tmpfs", str(empty.root)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        refused(empty, empty.install(unpacked), 3, "MB free; the programs")
    finally:
        subprocess.run(["umount", "--lazy", empty.root], check=True)


@as_root
def test_somebody_else_than_root_is_told_so(unpacked):
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        folder.chmod(0o755)
        shutil.copytree(unpacked / "installer", folder / "installer")
        for name in ("install.sh", "RELEASE"):
            shutil.copy(unpacked / name, folder)
        done = subprocess.run(
            [folder / "install.sh", "--root", folder / "root"],
            env={"PATH": os.defpath, "CLASSHUB_PYTHON": "/usr/bin/python3"},
            user=65534,
            group=65534,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2, done.stderr
        assert "sudo ./install.sh" in done.stderr
        assert not (folder / "root").exists()


@as_root
def test_a_computer_without_systemd_is_told_so(unpacked, empty):
    (empty.root.parent / "tools/systemctl").write_text("#!/bin/sh\necho offline\nexit 1\n")
    refused(empty, empty.install(unpacked), 3, "--no-start installs without starting")
