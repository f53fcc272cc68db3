"""A disk that is full: it is said so, nothing is half kept, and the hub can still be used."""

import contextlib
import os
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from hub.device.transports import Recording

# The reserve of a school's disk is larger than this one.
SMALL_RESERVE = """
import hub.app
from hub.store import reserving
hub.app.reserving = lambda folder: reserving(folder, 1 << 20)
"""


@pytest.fixture
def small_disk(tmp_path: Path):
    """A disk of 12 MB where the hub keeps its data."""
    data = tmp_path / "hub" / "data"
    data.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m,mode=700", "tmpfs", str(data)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no disk can be mounted here")
    yield data
    subprocess.run(["umount", "--lazy", str(data)], check=True)


def test_a_full_disk_is_told_and_room_can_be_made(small_disk, start, tiny_jpeg):
    hub = start(before=SMALL_RESERVE)
    with hub.client("teacher") as teacher:
        kept = []
        for number in range(40):
            picture = tiny_jpeg[:-2] + bytes([number]) * 1_000_000 + tiny_jpeg[-2:]
            files = {"file": ("a.jpg", picture, "image/jpeg")}
            answer = teacher.post("/api/v1/assets", files=files)
            if answer.status_code != 201:
                break
            kept.append(answer.json()["id"])
        assert answer.status_code == 507
        assert answer.json()["code"] == "storage-full"
        assert str(small_disk) not in answer.text
        assert len(kept) >= 2
        assert list((small_disk / "files" / "staging").iterdir()) == []
        listed = teacher.get("/api/v1/assets").json()["items"]
        assert {asset["id"] for asset in listed} == set(kept)
        assert len(list((small_disk / "files").glob("??/??/*"))) == len(kept)
        lesson = teacher.post("/api/v1/lessons", json={"title": "Onion"})
        assert lesson.status_code == 201, "what is small still has room"
        for asset in kept[:2]:
            assert teacher.delete(f"/api/v1/assets/{asset}").status_code == 204
        assert teacher.post("/api/v1/assets", files=files).status_code == 201
    assert "Traceback" not in hub.err.read_text()


LIMIT = 30.0


def fill(disk: Path) -> Path:
    """Take all the room that is left on a disk."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    about = os.statvfs(disk)
    assert about.f_bavail * about.f_frsize < 4096
    return filler


def refused(answer) -> None:
    assert answer.status_code == 507, answer.text
    assert answer.json()["code"] == "storage-full"
    assert answer.json()["hint"]


def test_a_disk_without_a_single_free_byte_refuses_each_write_and_stops_nothing(
    small_disk, start, tiny_jpeg
):
    hub = start(before=SMALL_RESERVE)
    picture = {"file": ("a.jpg", tiny_jpeg, "image/jpeg")}
    with hub.client("admin") as admin:
        asset = admin.post("/api/v1/assets", files=picture).json()["id"]
        lesson = admin.post("/api/v1/lessons", json={"title": "Onion"}).json()
        filler = fill(small_disk)
        kept = []
        writes = [
            lambda n: admin.post("/api/v1/people", json={"name": f"Pupil {n} " + "x" * 60}),
            lambda n: admin.post("/api/v1/tokens", json={"role": "pupil", "name": f"P {n}"}),
            lambda n: admin.post("/api/v1/groups", json={"name": f"Group {n} " + "x" * 60}),
            lambda n: admin.patch(f"/api/v1/assets/{asset}", json={"note": f"{n} " * 300}),
            lambda n: admin.post(
                "/api/v1/session", json={"digits": lesson["code"], "name": f"Pupil {n}"}
            ),
            lambda n: admin.post("/api/v1/lessons", json={"title": f"Lesson {n}"}),
        ]
        for write in writes:
            # What the log of SQLite has room for already still works; then each is refused.
            for number in range(2000):
                answer = write(number)
                if not answer.is_success:
                    break
                kept.append(answer)
            refused(answer)
        refused(admin.post("/api/v1/assets", files=picture))
        backup = admin.post("/api/v1/backups").json()
        end = time.monotonic() + LIMIT
        while backup["ended"] is None and time.monotonic() < end:
            backup = admin.get(f"/api/v1/operations/{backup['id']}").json()
        assert backup["problem"]["code"] == "storage-full"
        # Reading goes on, and so does what needs no room.
        assert admin.get(f"/api/v1/assets/{asset}/content").status_code == 200
        assert admin.get("/api/v1/lessons").status_code == 200
        about = admin.get("/api/v1/hub").json()
        assert about["storage"]["low"] is True
        assert "disk-low" in [problem["code"] for problem in about["problems"]]
        # Room is made, and everything works again by itself.
        filler.unlink()
        for number, write in enumerate(writes):
            answer = write(9000 + number)
            assert answer.is_success, answer.text
        assert admin.post("/api/v1/assets", files=picture).status_code == 201
        people = {answer.json()["id"] for answer in kept if "/people" in str(answer.url)}
        found, cursor = set(), None
        while True:
            place = {} if cursor is None else {"cursor": cursor}
            page = admin.get("/api/v1/people", params={"limit": 200, **place}).json()
            found |= {one["id"] for one in page["items"]}
            if (cursor := page["next"]) is None:
                break
        assert people <= found
        end = time.monotonic() + LIMIT
        while admin.get(f"/api/v1/operations/{backup['id']}").json()["ended"] is None:
            assert time.monotonic() < end
    assert hub.process.poll() is None
    assert "Traceback" not in hub.err.read_text()
    assert hub.stop() == 0
    with contextlib.closing(sqlite3.connect(small_disk / "hub.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_hub_starts_on_a_full_disk_so_that_somebody_can_make_room(small_disk, start, tiny_jpeg):
    first = start(before=SMALL_RESERVE)
    token = first.token("teacher")
    with first.client("teacher") as teacher:
        files = {
            "file": ("a.jpg", tiny_jpeg[:-2] + bytes(3_000_000) + tiny_jpeg[-2:], "image/jpeg")
        }
        asset = teacher.post("/api/v1/assets", files=files).json()["id"]
    first.process.kill()
    first.process.wait()
    # What the hub itself does first; `start` would delete the file, and its room with it.
    (small_disk / "address").rename(small_disk / ".address")
    filler = fill(small_disk)
    try:
        again = start(before=SMALL_RESERVE)
        again._tokens["teacher"] = token
        with again.client("teacher") as teacher:
            assert teacher.get(f"/api/v1/assets/{asset}").status_code == 200
            filler.unlink()
            assert teacher.delete(f"/api/v1/assets/{asset}").status_code == 204
        assert "Traceback" not in again.err.read_text()
    finally:
        filler.unlink(missing_ok=True)


def test_a_full_disk_ends_a_recording_with_its_reason_and_the_lesson_goes_on(
    small_disk, start, camera, tmp_path
):
    # The hub would not begin on so small a disk.
    roomy = "import hub.recordings._recordings as recordings\nrecordings.RESERVE = -(64 << 20)\n"
    config = f'[[devices]]\nid = "cam"\ndriver = "stream"\nsettings = {{ url = "{camera.url}" }}\n'
    hub = start(config=config, before=SMALL_RESERVE + roomy)
    device = "/api/v1/devices/cam"
    view = f"{device}/streams/view/latest.jpg"

    def until(look):
        end = time.monotonic() + LIMIT
        while not (found := look()):
            assert time.monotonic() < end, hub.err.read_text()
            time.sleep(0.1)
        return found

    with hub.client("engineer") as client:
        until(lambda: client.get(f"{device}/state").json().get("reachable"))
        begun = client.post(f"{device}/recordings", json={"seconds": 600})
        assert begun.status_code == 201, begun.text
        folder = small_disk / "recordings"
        until(lambda: [one for one in folder.glob("*.jsonl") if one.stat().st_size > 1000])
        filler = fill(small_disk)

        def ended():
            client.get(view)  # somebody watches, so pictures come
            told = client.get(f"/api/v1/operations/{begun.json()['id']}").json()
            return told["ended"] and told

        told = until(ended)
        assert told["status"] == "failed"
        assert told["problem"]["code"] == "recording-failed"
        assert "No space left" in told["problem"]["detail"]
        assert told["problem"]["hint"]
        # The lesson has noticed nothing: pictures still come.
        assert client.get(view).content.startswith(b"\xff\xd8")
        state = client.get(f"{device}/state").json()
        assert state["reachable"], state
        (kept,) = client.get("/api/v1/recordings").json()["items"]
        assert kept["seconds"] is None
        file = tmp_path / "cut.jsonl"
        file.write_bytes(client.get(f"/api/v1/recordings/{kept['id']}/content").content)
        recording = Recording(file)
        assert not recording.whole
        assert b"GET /" in b"".join(
            recording.data(event)
            for one in recording.connections
            for event in one.events
            if event.kind == "tx"
        )
        recording.close()
        filler.unlink()
        assert client.delete(f"/api/v1/recordings/{kept['id']}").status_code == 204
    assert "Traceback" not in hub.err.read_text()
