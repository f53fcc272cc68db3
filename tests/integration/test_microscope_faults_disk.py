"""A disk that fills up under the microscope: at each step it is said so, and nothing is lost."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from tests.conftest import MjpegPeer

LIMIT = 60.0

pytestmark = pytest.mark.skipif(
    shutil.which("ffmpeg") is None, reason="ffmpeg is not installed: apt install ffmpeg"
)

# A school's disk is larger than this one, and so are its reserves.
SMALL_RESERVES = """
import hub.store
from hub.store import reserving
hub.store.reserving = lambda folder: reserving(folder, 1 << 20)
import hub.app
hub.app.reserving = hub.store.reserving
import plugins.microscopy.exporting.service as exports
exports._RESERVE = 1 << 20
import plugins.microscopy.film.service as films
films._ROOM = 1 << 20
"""
# The room is there when it is looked for, and is gone when it is written to.
LATE = """
import hub.store
hub.store.reserving = lambda folder: lambda size: None
import hub.app
hub.app.reserving = hub.store.reserving
import plugins.microscopy.exporting.service as exports
exports._RESERVE = -(1 << 40)
"""


@pytest.fixture
def disk(tmp_path: Path):
    """A disk of 24 MB where the hub keeps its data."""
    data = tmp_path / "hub" / "data"
    data.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", str(data)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no disk can be mounted here")
    yield data
    subprocess.run(["umount", "--lazy", str(data)], check=True)


@pytest.fixture
def scope():
    """A microscope whose picture is noise: what is made of it is not small."""
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "nullsrc=size=640x480:rate=1"]
    command += ["-vf", "geq=random(1)*255:128:128", "-frames:v", "1", "-f", "image2"]
    picture = subprocess.run([*command, "-c:v", "mjpeg", "pipe:1"], check=True, capture_output=True)
    peer = MjpegPeer(picture.stdout)
    peer.interval = 0.05
    yield peer
    peer.close()


def config(scope: MjpegPeer) -> str:
    url = json.dumps(scope.url)
    return f"""
language = "en"
[[devices]]
id = "cam"
driver = "stream"
name = "Camera"
settings = {{ url = {url} }}
"""


def until(ask, wanted):
    end = time.monotonic() + LIMIT
    while not wanted(found := ask()):
        assert time.monotonic() < end, found
        time.sleep(0.05)
    return found


def reachable(api) -> None:
    until(lambda: api.get("/api/v1/devices/cam").json(), lambda one: one["state"]["reachable"])


def fill(disk: Path, leave: int = 0) -> Path:
    """Take the room of a disk, all but so many bytes."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            about = os.statvfs(disk)
            left = about.f_bavail * about.f_frsize - leave
            if left <= 0:
                break
            file.write(bytes(min(left, 1 << 16)))
    return filler


def full(problem: dict) -> None:
    assert problem["code"] == "storage-full", problem
    assert problem["hint"]


def refused(answer) -> None:
    assert answer.status_code == 507, (answer.request.url, answer.text)
    full(answer.json())


def outcome(api, answer) -> dict:
    """How an operation ends."""
    assert answer.status_code in (201, 202), answer.text
    return until(lambda: api.get(answer.headers["Location"]).json(), lambda one: one["ended"])


def captures(api, count: int) -> list[str]:
    made = [api.post("/api/v1/microscopes/cam/captures", json={}) for _ in range(count)]
    assert [one.status_code for one in made] == [201] * count, made[-1].text
    return [one.json()["id"] for one in made]


def whole(hub, disk: Path, kept: list[str]) -> None:
    """Whatever was acknowledged can be fetched, and the database is well."""
    with hub.client() as api:
        for asset in kept:
            answer = api.get(f"/api/v1/assets/{asset}/content")
            assert answer.content.startswith(b"\xff\xd8"), asset
            assert answer.content.endswith(b"\xff\xd9"), asset
    assert hub.process.poll() is None
    assert "Traceback" not in hub.err.read_text()
    assert hub.stop() == 0
    with contextlib.closing(sqlite3.connect(disk / "hub.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def steps(api, kept: list[str], film: str) -> dict:
    """All that keeps something, each as a request."""
    scope = "/api/v1/microscopes/cam"
    stack = {"process": "stack", "sources": kept[:2]}
    flat = {"process": "flat-field", "sources": kept[:1]}
    zipped = {"format": "zip", "assets": kept}
    lapse = {"interval": 1, "count": 3}
    return {
        "capture": lambda: api.post(f"{scope}/captures", json={}),
        "burst": lambda: api.post(f"{scope}/bursts", json={"count": 2}),
        "clip": lambda: api.post(f"{scope}/clips", json={"seconds": 2}),
        "time-lapse": lambda: api.post(f"{scope}/time-lapses", json=lapse),
        "stack": lambda: api.post("/api/v1/processes", json=stack),
        "flat field": lambda: api.post("/api/v1/processes", json=flat),
        "film": lambda: api.post(f"/api/v1/films/{film}/render"),
        "export": lambda: api.post("/api/v1/exports", json=zipped),
    }


def test_each_step_is_refused_while_there_is_no_room_and_works_when_there_is(disk, scope, start):
    hub = start(config=config(scope), before=SMALL_RESERVES)
    with hub.client() as api:
        reachable(api)
        kept = captures(api, 3)
        board = {"items": [{"asset": kept[0], "seconds": 1}]}
        film = api.post("/api/v1/films", json={"title": "A", "storyboard": board}).json()["id"]
        # Rows have room, pictures have none.
        filler = fill(disk, leave=900 << 10)
        for name, step in steps(api, kept, film).items():
            answer = step()
            if answer.status_code in (201, 202):
                ended = outcome(api, answer)
                assert ended["status"] == "failed", (name, ended)
                full(ended["problem"])
            else:
                refused(answer)
        left = [one for one in (disk / "work").rglob("*") if one.is_file()]
        assert left == []
        assert list((disk / "files" / "staging").iterdir()) == []
        listed = api.get("/api/v1/assets").json()["items"]
        assert {one["id"] for one in listed} == set(kept)
        filler.unlink()
        for name, step in steps(api, kept, film).items():
            answer = step()
            if name == "capture":
                assert answer.status_code == 201, answer.text
                kept.append(answer.json()["id"])
            else:
                ended = outcome(api, answer)
                assert ended.get("status", ended.get("state")) == "done", (name, ended)
    whole(hub, disk, kept)


def test_room_that_goes_while_it_is_written_is_told_and_leaves_nothing_half(disk, scope, start):
    hub = start(config=config(scope), before=LATE)
    with hub.client() as api:
        reachable(api)
        kept = captures(api, 3)
        board = {"items": [{"asset": one, "seconds": 4} for one in kept]}
        film = api.post("/api/v1/films", json={"title": "A", "storyboard": board}).json()["id"]
        filler = fill(disk, leave=200 << 10)
        wanted = steps(api, kept, film)
        for name in ("stack", "flat field", "film", "export"):
            ended = outcome(api, wanted[name]())
            assert ended["status"] == "failed", (name, ended)
            full(ended["problem"])
        refused(wanted["capture"]())
        assert [one for one in (disk / "work").rglob("*") if one.is_file()] == []
        assert list((disk / "files" / "staging").iterdir()) == []
        filler.unlink()
        assert outcome(api, wanted["film"]())["status"] == "done"
    whole(hub, disk, kept)


@pytest.mark.parametrize("restarted", [False, True])
def test_a_clip_on_a_disk_full_to_the_last_byte_is_made_once_there_is_room(
    disk, scope, start, restarted
):
    hub = start(config=config(scope), before=LATE)
    with hub.client() as api:
        reachable(api)
        begun = api.post("/api/v1/microscopes/cam/clips", json={"seconds": 20}).json()
        spool = disk / "work" / "microscopy" / "series" / f"{begun['id']}.mkv"
        until(lambda: spool.exists() and spool.stat().st_size, lambda size: size > 1_000_000)
        filler = fill(disk)
        time.sleep(3)  # pictures come twenty times a second: one of them finds no room and ends it
        if restarted:
            assert hub.stop() == 0
        filler.unlink()
    if restarted:
        hub = start(config=config(scope), before=LATE)
    with hub.client() as api:
        told = lambda: api.get(f"/api/v1/series/{begun['id']}").json()  # noqa: E731
        one = until(told, lambda one: one["state"] not in ("running", "making"))
        assert one["state"] == "done", one
        assert one["problem"]["code"] in (("hub-ended",) if restarted else ("storage-full",))
        video = disk.parent / "clip.mp4"
        video.write_bytes(api.get(f"/api/v1/assets/{one['asset']}/content").content)
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_entries"]
    command += ["stream=nb_read_frames", "-of", "csv=p=0", str(video)]
    counted = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert int(counted) >= 5  # what a megabyte of these pictures is, at least


def test_a_time_lapse_goes_on_where_room_was_made_and_says_what_it_missed(disk, scope, start):
    hub = start(config=config(scope), before=SMALL_RESERVES)
    with hub.client() as api:
        reachable(api)
        wanted = {"interval": 1, "count": 8}
        begun = api.post("/api/v1/microscopes/cam/time-lapses", json=wanted).json()
        told = lambda: api.get(f"/api/v1/series/{begun['id']}").json()  # noqa: E731
        until(told, lambda one: one["taken"] >= 2)
        filler = fill(disk, leave=900 << 10)
        until(told, lambda one: one["missed"] >= 2)
        filler.unlink()
        one = until(told, lambda one: one["state"] not in ("running", "making"))
        assert one["state"] == "done", one
        assert one["taken"] + one["missed"] == 8
        assert one["taken"] >= 3
        assert {gap["problem"]["code"] for gap in one["gaps"]} >= {"storage-full"}
        pictures = api.get(f"/api/v1/series/{begun['id']}/pictures").json()
        kept = pictures["items"]
        assert len(kept) == one["taken"]
    whole(hub, disk, kept)
