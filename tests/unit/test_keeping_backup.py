"""A backup is whole or is none; a restore changes everything or nothing."""

import asyncio
import contextlib
import fcntl
import hashlib
import json
import sqlite3
import zipfile
from pathlib import Path

import pytest

from hub.app import DATABASE
from hub.assets import Assets
from hub.bus import Bus
from hub.keeping import (
    BadBackup,
    HubRunning,
    NewerBackup,
    backup,
    backups,
    next_name,
    prune,
    restore,
)
from hub.keeping import _backup as making
from hub.rights import SYSTEM
from hub.store import Files, HeldAlready, StorageFull, Store, StoreDamaged, StoreUnreachable
from hub.workers import Workers
from tests.stores import laid

HUB = "01m854wbbzk40fgddhe27125ms"


def fill(data: Path, count: int = 5) -> dict[str, str]:
    """Make a data directory with some assets; returns their hashes by id."""

    async def work() -> dict[str, str]:
        store = Store(laid(data / DATABASE))
        store.open()
        (data / "hub.id").write_text(HUB + "\n")
        (data / "links.key").write_bytes(b"k" * 32)
        files = Files(data / "files")
        assets = Assets(store, files, Bus(), Workers(), thumbnails=data / "thumbnails")
        await assets.start()
        made = {}
        for number in range(count):
            asset = await assets.add(
                content=bytes([number]) * 10_000 + b"!",
                media_type="model/stl",
                title=f"Cube {number}",
                owner=SYSTEM,
            )
            made[asset.id] = asset.sha256
        await assets.swept()
        await assets.stop()
        store.close()
        return made

    return asyncio.run(work())


def content(data: Path) -> dict[str, str]:
    """Every file below a directory with its hash, but for locks."""
    return {
        str(path.relative_to(data)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(data.rglob("*"))
        if path.is_file() and path.name != "lock"
    }


def rows(database: Path, query: str) -> list[tuple]:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def data(tmp_path):
    fill(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def made(data, tmp_path):
    return backup(data, tmp_path / "out" / "a.zip").path


def test_what_was_backed_up_comes_back_elsewhere_byte_by_byte(tmp_path):
    assets = fill(tmp_path / "data")
    config = tmp_path / "classhub.toml"
    config.write_text('name = "Room 12"\n')
    seen: list[float] = []
    made = backup(tmp_path / "data", tmp_path / "a.zip", config=config, report=seen.append)
    assert (made.assets, made.missing) == (5, 0)
    assert seen[-1] == pytest.approx(1.0)
    assert seen == sorted(seen)
    assert made.path.stat().st_mode & 0o077 == 0
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    there = tmp_path / "elsewhere" / "hub"
    restored = restore(made.path, there)
    assert restored.aside is None
    assert (there / "hub.id").read_text().strip() == HUB
    assert (there / "links.key").read_bytes() == b"k" * 32
    assert (there / "restored" / "classhub.toml").read_text() == 'name = "Room 12"\n'
    found = dict(rows(there / DATABASE, "SELECT id, sha256 FROM asset"))
    assert found == assets
    files = Files(there / "files")
    assert all(files.verify(sha256) for sha256 in assets.values())
    assert there.stat().st_mode & 0o077 == 0
    [(action,)] = rows(there / DATABASE, "SELECT action FROM audit ORDER BY seq DESC LIMIT 1")
    assert action == "backup.restore"


def test_the_data_of_before_is_kept_aside(data, made, tmp_path):
    before = content(data)
    fill(data, count=9)
    (data / "backups").mkdir()
    (data / "backups" / "mine.zip").write_bytes(b"mine")
    (data / "drivers" / "video").mkdir(parents=True)
    (data / "drivers" / "video" / "onion.mp4").write_bytes(b"film")
    restored = restore(made, data)
    assert len(rows(data / DATABASE, "SELECT id FROM asset")) == 5
    assert len(rows(restored.aside / DATABASE, "SELECT id FROM asset")) == 14
    assert (data / "backups" / "mine.zip").read_bytes() == b"mine"
    assert (data / "drivers" / "video" / "onion.mp4").read_bytes() == b"film"
    assert {k: v for k, v in content(data).items() if k.startswith("files/")} == {
        k: v for k, v in before.items() if k.startswith("files/")
    }
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        ["data", restored.aside.name, "out"]
    )


def test_what_is_deleted_while_a_backup_is_made_is_still_in_it(data, tmp_path, monkeypatch):
    files = Files(data / "files")
    shas = [sha for (sha,) in rows(data / DATABASE, "SELECT sha256 FROM asset")]
    wanted = making._wanted

    def meanwhile(copy):
        found = wanted(copy)
        for sha256 in shas:
            files.remove(sha256)
            assert not files.whole(sha256, 10_001)
        with files.read(shas[0]) as held:
            files.put(held.read())  # and one of them is made again
        return found

    monkeypatch.setattr(making, "_wanted", meanwhile)
    made = backup(data, tmp_path / "a.zip")
    assert (made.assets, made.missing) == (5, 0)
    assert files.whole(shas[0], 10_001)
    assert not (data / "files" / "held").exists()
    restore(made.path, tmp_path / "there")
    assert all(Files(tmp_path / "there" / "files").verify(sha256) for sha256 in shas)


def test_damaged_files_are_named_and_stop_no_backup(data, tmp_path):
    shas = [sha for (sha,) in rows(data / DATABASE, "SELECT sha256 FROM asset")]
    files = Files(data / "files")
    files.path(shas[0]).unlink()
    files.path(shas[1]).write_bytes(b"x" * 10_001)
    made = backup(data, tmp_path / "a.zip")
    assert made.missing == 2
    assert sorted(restore(made.path, tmp_path / "there").manifest.missing) == sorted(shas[:2])


def test_only_one_backup_is_made_at_a_time(data, tmp_path):
    with Files(data / "files").hold(), pytest.raises(HeldAlready):
        backup(data, tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == [data]
    backup(data, tmp_path / "a.zip")


def test_a_backup_that_is_cancelled_or_has_no_room_leaves_nothing(data, tmp_path, monkeypatch):
    out = tmp_path / "out"
    before = content(data)
    with pytest.raises(Exception, match="cancelled"):
        backup(data, out / "a.zip", cancelled=lambda: True)
    monkeypatch.setattr(making, "_OVERHEAD", 1 << 60)
    with pytest.raises(StorageFull):
        backup(data, out / "a.zip")
    monkeypatch.undo()
    assert list(out.iterdir()) == []
    assert content(data) == before
    (out / "a.zip").write_bytes(b"mine")
    with pytest.raises(StoreUnreachable, match="there already"):
        backup(data, out / "a.zip")
    assert (out / "a.zip").read_bytes() == b"mine"
    with pytest.raises(StoreUnreachable, match="no data"):
        backup(tmp_path / "nowhere", out / "b.zip")
    (out / "file").write_bytes(b"")
    with pytest.raises(StoreUnreachable):
        backup(data, out / "file" / "b.zip")


def test_a_damaged_database_is_said_so(data, tmp_path):
    database = data / DATABASE
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = bytearray(database.read_bytes())
    for page in range(2, len(whole) // 4096):
        whole[page * 4096 : page * 4096 + 512] = b"\xa5" * 512
    database.write_bytes(whole)
    with pytest.raises(StoreDamaged):
        backup(data, tmp_path / "a.zip")
    assert [p.name for p in tmp_path.iterdir()] == ["data"]


def test_a_backup_that_cannot_be_read_back_is_none(data, tmp_path, monkeypatch):
    write = making._write

    def rotten(part, *rest):
        manifest = write(part, *rest)
        whole = bytearray(part.read_bytes())
        place = whole.find(b"\x03" * 100)
        whole[place] ^= 1
        part.write_bytes(whole)
        return manifest

    monkeypatch.setattr(making, "_write", rotten)
    with pytest.raises(StoreDamaged, match="read back"):
        backup(data, tmp_path / "a.zip")
    assert [p.name for p in tmp_path.iterdir()] == ["data"]


def test_the_newest_backups_stay_whatever_the_clock_said(data, tmp_path, monkeypatch):
    out = tmp_path / "out"
    for wall in (2e9, 1e9, 1.8e9, 1.7e9):
        monkeypatch.setattr(making, "now", lambda wall=wall: wall)
        backup(data, out / next_name(out))
    (out / "holiday.zip").write_bytes(b"mine")
    assert [int(one.name.split("-")[2]) for one in backups(out)] == [4, 3, 2, 1]
    assert len(prune(out, 2)) == 2
    assert [int(one.name.split("-")[2]) for one in backups(out)] == [4, 3]
    assert (out / "holiday.zip").exists()
    assert int(next_name(out).split("-")[2]) == 5


def test_no_restore_beneath_a_running_hub(data, made):
    before = content(data)
    with (data / "lock").open("a+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(HubRunning):
            restore(made, data)
    assert content(data) == before


# What others may hand us


def rewritten(made: Path, change) -> Path:
    """The archive with its members and manifest as `change(members, manifest)` leaves them."""
    with zipfile.ZipFile(made) as old:
        members = {name: old.read(name) for name in old.namelist()}
    manifest = json.loads(members.pop("manifest.json"))
    extra = change(members, manifest) or []
    bad = made.with_name("bad.zip")
    with zipfile.ZipFile(bad, "w") as new:
        for name, data in [*members.items(), *extra]:
            new.writestr(name, data, zipfile.ZIP_DEFLATED)
        new.writestr("manifest.json", json.dumps(manifest))
    return bad


def put(members, manifest, name, data):
    members[name] = data
    manifest["members"][name] = {
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def a_file(members):
    return next(name for name in members if name.startswith("files/"))


def traversal(name):
    return lambda members, manifest: put(members, manifest, name, b"#!/bin/sh")


def wrong_hash(members, manifest):
    members[a_file(members)] = members[a_file(members)].replace(b"!", b"?")


def another_name(members, manifest):
    put(members, manifest, a_file(members), b"something else")


def unlisted(members, manifest):
    members["files/ab/cd/" + "ab" * 32] = b"x"


def lost(members, manifest):
    del members[a_file(members)]


def lost_and_forgotten(members, manifest):
    name = a_file(members)
    del members[name]
    del manifest["members"][name]


def twice(members, manifest):
    return [(a_file(members), b"again")]


def bomb(members, manifest):
    name = a_file(members)
    members[name] = bytes(50_000_000)


def honest_bomb(members, manifest):
    for letter in "0123456789abcdef":
        put(members, manifest, f"files/{letter * 2}/{letter * 2}/{letter * 64}", b"")
        manifest["members"][f"files/{letter * 2}/{letter * 2}/{letter * 64}"]["size"] = 1 << 60


def no_database(members, manifest):
    del members["hub.sqlite"], manifest["members"]["hub.sqlite"]


def garbage_database(members, manifest):
    put(members, manifest, "hub.sqlite", b"SQLite format 3\0" + b"\xa5" * 10_000)


def foreign_database(members, manifest):
    put(members, manifest, "hub.sqlite", b"")


def garbage_id(members, manifest):
    put(members, manifest, "data/hub.id", b"../../etc\n")


def no_schema(members, manifest):
    manifest["schemas"] = {}


def no_manifest_worth_the_name(members, manifest):
    manifest.clear()


@pytest.mark.parametrize(
    "change",
    [
        traversal("../evil"), traversal("data/../../evil"), traversal("/etc/cron.d/evil"),
        traversal("files/ab/cd/../../../evil"), traversal("data/lock"),
        traversal("hub.sqlite-wal"), traversal("data/hub.id/x"), traversal("config/evil.toml"),
        traversal("files/ab/cd/" + "cd" * 32), traversal("C:\\evil"), traversal("data/\u0000x"),
        wrong_hash, another_name, unlisted, lost, lost_and_forgotten, twice, bomb, honest_bomb,
        no_database, garbage_database, foreign_database, garbage_id, no_schema,
        no_manifest_worth_the_name,
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_hostile_archive_is_refused_and_nothing_is_touched(data, made, tmp_path, change):
    before = content(data)
    with pytest.raises(BadBackup):
        restore(rewritten(made, change), data)
    assert content(data) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data", "out"]


def test_an_archive_cut_off_anywhere_is_refused(data, made, tmp_path):
    whole = made.read_bytes()
    before = content(data)
    bad = tmp_path / "out" / "cut.zip"
    for part in (0, 1, 100, len(whole) // 3, len(whole) // 2, len(whole) - 30, len(whole) - 1):
        bad.write_bytes(whole[:part])
        with pytest.raises(BadBackup):
            restore(bad, data)
    for place in range(50, len(whole), len(whole) // 17):
        flipped = bytearray(whole)
        flipped[place] ^= 0xFF
        bad.write_bytes(flipped)
        # A byte that nothing depends on (a date) may be flipped; then the rest is whole.
        with contextlib.suppress(BadBackup, StoreUnreachable):
            restore(bad, tmp_path / f"there-{place}")
            assert content(tmp_path / f"there-{place}" / "files") == content(data / "files")
    assert content(data) == before
    with pytest.raises(StoreUnreachable):
        restore(tmp_path / "nothing.zip", data)


def newer_format(members, manifest):
    manifest["format"] = 2


def newer_schema(members, manifest):
    manifest["schemas"]["hub"] = "9999"


@pytest.mark.parametrize("change", [newer_format, newer_schema])
def test_a_backup_of_a_newer_version_is_refused(data, made, change):
    before = content(data)
    with pytest.raises(NewerBackup):
        restore(rewritten(made, change), data)
    assert content(data) == before


def test_a_backup_whose_database_is_newer_than_it_says_is_refused(data, made, tmp_path):
    with zipfile.ZipFile(made) as archive:
        archive.extract("hub.sqlite", tmp_path / "newer")
    with contextlib.closing(sqlite3.connect(tmp_path / "newer" / "hub.sqlite")) as connection:
        connection.execute("UPDATE hub_alembic_version SET version_num = '9999'")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    newer = (tmp_path / "newer" / "hub.sqlite").read_bytes()
    with pytest.raises(NewerBackup):
        restore(rewritten(made, lambda m, f: put(m, f, "hub.sqlite", newer)), data)


def test_a_place_that_cannot_be_restored_to_is_said_so(made, tmp_path):
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(StoreUnreachable, match="no directory"):
        restore(made, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"mine"
