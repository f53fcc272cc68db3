"""A restore onto a mount point: all of it or nothing, wherever a power cut strikes."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hub.app import DATABASE
from hub.keeping import HubRunning, backup, finish_restore, restore
from hub.keeping import _in_place as in_place
from hub.store import StoreUnreachable
from tests.unit.test_keeping_backup import content, fill, rows

ASSETS = "SELECT id FROM asset"


def mounted(kind: str, folder: Path, source: Path) -> None:
    source.mkdir(exist_ok=True)
    folder.mkdir(exist_ok=True)
    how = ["--bind", str(source)] if kind == "bind" else ["-t", "tmpfs", "-o", "size=64m", "tmpfs"]
    try:
        subprocess.run(["mount", *how, str(folder)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no disk can be mounted here")


def unmounted(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def made(tmp_path):
    fill(tmp_path / "origin")
    return backup(tmp_path / "origin", tmp_path / "out" / "a.zip").path


STAYS = ("backups/", "drivers/")
"""What no backup holds: a restore leaves it as it is."""


@pytest.fixture(params=["tmpfs", "bind"])
def data(request, tmp_path):
    """A data directory, with a blank in its name, that is a mount point; it has nine assets."""
    folder = tmp_path / "hub data"
    mounted(request.param, folder, tmp_path / "disk")
    fill(folder, count=9)
    (folder / "backups").mkdir()
    (folder / "backups" / "mine.zip").write_bytes(b"mine")
    (folder / "drivers" / "video").mkdir(parents=True)
    (folder / "drivers" / "video" / "onion.mp4").write_bytes(b"film")
    yield folder
    unmounted(folder)


def test_what_is_mounted_is_known(data, tmp_path):
    assert in_place.is_mount(data)
    assert not in_place.is_mount(data / "backups")
    assert not in_place.is_mount(tmp_path)


def test_a_backup_comes_back_onto_a_mount_point_and_the_old_data_stays_aside(data, made):
    old = content(data)
    restored = restore(made, data)
    assert restored.aside is not None
    assert restored.aside.parent == data
    assert len(rows(data / DATABASE, ASSETS)) == 5
    assert len(rows(restored.aside / DATABASE, ASSETS)) == 9
    assert (data / "backups" / "mine.zip").read_bytes() == b"mine"
    assert (data / "drivers" / "video" / "onion.mp4").read_bytes() == b"film"
    aside = content(restored.aside)
    assert aside == {name: what for name, what in old.items() if not name.startswith(STAYS)}
    assert not list(data.glob(".restoring*"))
    assert in_place.is_mount(data)
    assert restored.aside.stat().st_mode & 0o077 == 0
    again = restore(made, data)  # within the same second
    assert again.aside is not None
    assert again.aside != restored.aside
    for folder, count in ((data, 5), (again.aside, 5), (restored.aside, 9)):
        assert len(rows(folder / DATABASE, ASSETS)) == count


class PowerCut(BaseException):
    """The process ends here, and nothing after it is done."""


STEPS = ("rename", "mkdir", "rmdir", "unlink")


def cut_after(patch: pytest.MonkeyPatch, count: int) -> None:
    """Have the power fail at the count-th change of a directory while contents change places."""
    left = [count]

    def failing(name):
        real = getattr(Path, name)

        def step(self, *arguments, **more):
            if not left[0]:
                raise PowerCut
            left[0] -= 1
            return real(self, *arguments, **more)

        return step

    for name in STEPS:
        patch.setattr(in_place.Path, name, failing(name))


def test_wherever_the_power_fails_the_next_start_has_all_of_one_or_the_other(data, made, tmp_path):
    """The steps from the first on that touches the old data, one cut at each."""
    first = tmp_path / "first"
    shutil.copytree(data, first)
    origin = content(tmp_path / "origin")
    finished = back = 0
    for count in range(200):
        for path in list(data.iterdir()):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(first, data, dirs_exist_ok=True)
        swap = in_place.swap
        with pytest.MonkeyPatch.context() as patch:

            def cut(*arguments, count=count, patch=patch, swap=swap):
                cut_after(patch, count)
                return swap(*arguments)

            patch.setattr(in_place, "swap", cut)
            try:
                restore(made, data)
                whole = True
            except PowerCut:
                whole = False
        finish_restore(data)
        assert not list(data.glob(".restoring*"))
        asides = list(data.glob("before-restore-*"))
        assert (data / "backups" / "mine.zip").read_bytes() == b"mine"
        assert (data / "drivers" / "video" / "onion.mp4").read_bytes() == b"film"
        kept = {k: v for k, v in content(data).items() if k.startswith("files/")}
        if asides:
            assert len(rows(data / DATABASE, ASSETS)) == 5
            assert len(rows(asides[0] / DATABASE, ASSETS)) == 9
            restored = {k: v for k, v in origin.items() if k.startswith("files/")}
            assert {k: v for k, v in kept.items() if "staging" not in k} == restored
            finished += 1
        else:
            assert len(rows(data / DATABASE, ASSETS)) == 9
            assert not whole
            back += 1
        if whole:
            break
    assert finished > 10
    assert 0 < back < 5


def test_a_step_that_fails_brings_the_old_data_back(data, made, monkeypatch):
    old = content(data)
    real = Path.rename

    def rename(self, target):
        if self.name == "hub.id" and Path(target).parent.name.startswith("before-restore-"):
            raise PermissionError(1, "Operation not permitted", str(self))
        return real(self, target)

    monkeypatch.setattr(in_place.Path, "rename", rename)
    with pytest.raises(StoreUnreachable, match="not permitted"):
        restore(made, data)
    assert content(data) == old
    assert not list(data.glob(".restoring*"))
    assert not list(data.glob("before-restore-*"))


def test_something_mounted_within_is_named_and_nothing_is_touched(data, made, tmp_path):
    old = content(data)
    mounted("tmpfs", data / "more", tmp_path / "unused")
    try:
        with pytest.raises(StoreUnreachable, match="more is mounted there"):
            restore(made, data)
    finally:
        unmounted(data / "more")
        (data / "more").rmdir()
    assert content(data) == old


def test_while_it_is_restored_nobody_opens_it_and_what_was_never_whole_is_removed(data):
    old = content(data)
    (data / ".restoring").mkdir()
    (data / ".restoring" / "half").write_bytes(b"x")
    with (data / "lock").open("a+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(HubRunning):
            finish_restore(data)
    finish_restore(data)
    assert content(data) == old
    assert not (data / ".restoring").exists()


@pytest.mark.parametrize("said", [b"", b"{", b"[]", b'{"step":"in","aside":"../x"}', b'{"step":1}'])
def test_a_damaged_note_is_said_and_nothing_is_touched(tmp_path, said):
    data = tmp_path / "data"
    data.mkdir()
    (data / ".restoring.json").write_bytes(said)
    (data / "hub.id").write_bytes(b"mine")
    with pytest.raises(StoreUnreachable, match="damaged"):
        finish_restore(data)
    assert (data / "hub.id").read_bytes() == b"mine"
    assert os.path.lexists(data / ".restoring.json")
