"""A data directory that cannot be used: the hub says so in words, ends, and changes nothing."""

import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

LIMIT = 60
FAILED, USAGE, MISSING, IN_USE = 1, 2, 3, 4


@pytest.fixture
def data(hub_template, tmp_path):
    """The data directory of a hub that has run before."""
    shutil.copytree(hub_template, tmp_path / "data")
    return tmp_path / "data"


def run(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hub.cli", *(words or ("run", "--port", "0"))]
    return subprocess.run(
        [*command, "--data", str(data)],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def refused(data: Path, code: int, said: str, *words: str) -> str:
    done = run(data, *words)
    assert done.returncode == code, done.stderr
    assert re.search(said, done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert "ready" not in done.stdout
    return done.stderr


def test_a_file_in_place_of_the_directory(tmp_path):
    (tmp_path / "data").write_bytes(b"mine")
    refused(tmp_path / "data", USAGE, "is a file")
    refused(tmp_path / "data" / "below", MISSING, "cannot be used")
    assert (tmp_path / "data").read_bytes() == b"mine"


@contextlib.contextmanager
def read_only(data: Path):
    if os.geteuid() != 0:
        data.chmod(0o500)
        yield
        data.chmod(0o700)
        return
    for options in (["--bind"], ["-o", "remount,bind,ro"]):
        try:
            mount = ["mount", *options, str(data), str(data)]
            subprocess.run(mount, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("nothing can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(data)], check=True)


@pytest.mark.parametrize("words", [(), ("token", "create", "--role", "admin")])
def test_a_directory_that_cannot_be_written(data, words):
    with read_only(data):
        refused(data, 1 if words else MISSING, "Read-only|ermission|read-only|readonly", *words)


def test_another_hub_has_it(start):
    hub = start()
    said = refused(hub.data, IN_USE, "another hub .*uses")
    assert str(hub.process.pid) in said
    refused(hub.data, IN_USE, "hub is running.*Stop it", "restore", __file__)


@pytest.mark.parametrize("garbage", [b"this was a database once " * 1000, b"SQLite format 3\0" * 9])
def test_a_database_that_is_none(data, garbage):
    for name in ("hub.sqlite-wal", "hub.sqlite-shm"):
        (data / name).unlink(missing_ok=True)
    (data / "hub.sqlite").write_bytes(garbage)
    refused(data, FAILED, "database is damaged.*backup")
    assert (data / "hub.sqlite").read_bytes() == garbage


def test_a_directory_in_place_of_the_database(data):
    for file in data.glob("hub.sqlite*"):
        file.unlink()
    (data / "hub.sqlite").mkdir()
    refused(data, FAILED, "cannot write to its data folder")


def test_a_database_of_a_newer_version(data):
    with contextlib.closing(sqlite3.connect(data / "hub.sqlite")) as connection:
        connection.execute("UPDATE hub_alembic_version SET version_num = '9999'")
        connection.commit()
    refused(data, FAILED, "could not be brought to this version.*newer version")


@pytest.mark.parametrize("garbage", [b"", b"\xff\xfe\x00", b"../../etc/passwd\n", b"x" * 10_000])
def test_an_id_that_is_none(data, garbage):
    (data / "hub.id").write_bytes(garbage)
    refused(data, FAILED, "hub.id.*damaged.*backup")
    assert (data / "hub.id").read_bytes() == garbage


def test_a_write_ahead_log_that_was_cut_loses_its_end_and_nothing_else(start):
    hub = start()
    with hub.client("teacher") as teacher:
        first = teacher.post("/api/v1/people", json={"name": "Aizhan"}).json()["id"]
        size = (hub.data / "hub.sqlite-wal").stat().st_size
        for number in range(20):
            teacher.post("/api/v1/people", json={"name": f"Pupil {number}"})
    hub.process.kill()
    hub.process.wait()
    log = hub.data / "hub.sqlite-wal"
    assert log.stat().st_size > size
    os.truncate(log, size + 3 * 4096 + 17)
    token = hub.token("teacher")
    again = start()
    again._tokens["teacher"] = token
    with again.client("teacher") as teacher:
        people = [one["id"] for one in teacher.get("/api/v1/people").json()["items"]]
        assert first in people
        assert len(people) < 21
    again.stop()
    with contextlib.closing(sqlite3.connect(hub.data / "hub.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert "Traceback" not in again.err.read_text()
