"""A disk that is full: it is said so, nothing is half kept, and the hub can still be used."""

import subprocess
from pathlib import Path

import pytest

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
