"""Files by their content: whole or not there."""

import errno
import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import Invalid
from hub.store import Files, StorageFull, StoreUnreachable


@pytest.fixture
def files(tmp_path: Path) -> Files:
    files = Files(tmp_path / "files")
    assert files.open() == []
    return files


def everything(files: Files) -> list[Path]:
    return sorted(path for path in files.root.rglob("*") if path.is_file())


@settings(deadline=None, max_examples=30)
@given(st.binary(max_size=4096))
def test_what_is_put_comes_back_by_its_hash(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    files = Files(tmp_path_factory.getbasetemp() / "shared-files")
    files.open()
    stored = files.put(data)
    assert stored.sha256 == hashlib.sha256(data).hexdigest()
    assert files.path(stored.sha256).read_bytes() == data
    assert files.whole(stored.sha256, len(data))
    assert files.verify(stored.sha256)


def test_the_same_content_is_kept_once(files: Files) -> None:
    assert files.put(b"leaf") == files.put(b"leaf")
    assert len(everything(files)) == 1


def test_a_cut_file_is_replaced_when_its_content_comes_again(files: Files) -> None:
    stored = files.put(b"leaf")
    files.path(stored.sha256).write_bytes(b"le")
    assert not files.whole(stored.sha256, 4)
    files.put(b"leaf")
    assert files.path(stored.sha256).read_bytes() == b"leaf"


def test_a_changed_file_of_the_same_length_does_not_verify(files: Files) -> None:
    stored = files.put(b"leaf")
    files.path(stored.sha256).write_bytes(b"loaf")
    assert files.whole(stored.sha256, 4)
    assert not files.verify(stored.sha256)


def test_what_was_staged_and_never_committed_is_removed_and_said_at_start(files: Files) -> None:
    staged = files.stage(b"half a picture")
    assert Files(files.root).open() == [staged.path.name]
    assert everything(files) == []


def test_discarding_leaves_nothing(files: Files) -> None:
    staged = files.stage(b"unwanted")
    files.discard(staged)
    files.discard(staged)
    assert everything(files) == []


def test_an_adopted_file_is_moved_in(files: Files, tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(b"clip" * 1000)
    stored = files.adopt(upload)
    assert not upload.exists()
    assert files.path(stored.sha256).read_bytes() == b"clip" * 1000
    assert files.path(stored.sha256).stat().st_mode & 0o077 == 0


def test_a_file_of_another_disk_is_copied_in(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(b"clip" * 1000)

    def refuse(_self: Path, _target: Path) -> None:
        raise OSError(errno.EXDEV, "another disk")

    monkeypatch.setattr(Path, "rename", refuse)
    stored = files.adopt(upload)
    assert not upload.exists()
    assert stored.size == 4000
    assert files.verify(stored.sha256)


def test_only_regular_files_are_adopted(files: Files, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"not yours")
    link = tmp_path / "link"
    link.symlink_to(secret)
    with pytest.raises(StoreUnreachable, match="symbolic"):
        files.adopt(link)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(Invalid):
        files.adopt(fifo)
    assert secret.read_bytes() == b"not yours"
    assert everything(files) == []


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"]
)
def test_a_path_is_only_for_a_hash(files: Files, name: str) -> None:
    with pytest.raises(Invalid):
        files.path(name)


def test_a_full_disk_is_said_so_and_leaves_nothing(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFull):
        files.put(b"leaf")
    assert everything(files) == []


def test_room_is_asked_for_before_anything_is_written(tmp_path: Path) -> None:
    asked: list[int] = []

    def room(size: int) -> None:
        asked.append(size)
        raise StorageFull("as little must stay free")

    files = Files(tmp_path / "files", room=room)
    files.open()
    with pytest.raises(StorageFull):
        files.put(b"leaf")
    assert asked == [4]
    assert everything(files) == []


def test_a_file_of_nothing_is_set_aside_not_deleted(files: Files) -> None:
    stored = files.put(b"stray")
    assert list(files.shards()) == [stored.sha256[:2]]
    assert files.stored(stored.sha256[:2]) == {stored.sha256: 5}
    files.set_aside(stored.sha256)
    assert files.stored(stored.sha256[:2]) == {}
    assert (files.root / "lost+found" / stored.sha256).read_bytes() == b"stray"
