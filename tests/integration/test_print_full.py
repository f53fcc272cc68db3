"""A full disk: print jobs are refused or wait, and none is lost."""

import contextlib
import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.printers import END, START, zigzag
from tests.printing import JOBS, box

PRINTER = '[[devices]]\nid="printer-1"\ndriver="marlin"\nsettings={{port="{port}"}}\n'
NO_MICROSCOPY = "[plugins.microscopy]\nenabled=false\n"
LIMIT = 90.0
SMALL_RESERVE = """
import hub.app
from hub.store import reserving
hub.app.reserving = lambda folder: reserving(folder, 1 << 20)
"""


def part(lines: int) -> bytes:
    return ("\n".join([*START, *zigzag(lines), *END]) + "\n").encode()


def until(client, job: dict, *states: str) -> dict:
    end = time.monotonic() + LIMIT
    while (now := client.get(f"{JOBS}/{job['id']}").json())["state"] not in states:
        assert time.monotonic() < end, now
        time.sleep(0.05)
    return now


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


def test_a_full_disk_refuses_a_job_or_has_it_wait_and_loses_none(small_disk, start):
    hub = start(before=SMALL_RESERVE, config=NO_MICROSCOPY)
    with hub.client("teacher") as teacher:
        large = b"; " + b"x" * 77 + b"\n"
        kept, answer = [], None
        for number in range(12):
            content = part(40) + f"; {number}\n".encode() + large * 12_500
            answer = teacher.post(JOBS, files={"file": (f"{number}.gcode", content)})
            if answer.status_code != 201:
                break
            kept.append(until(teacher, answer.json(), "waiting"))
        assert answer.status_code == 507
        assert answer.json()["code"] == "storage-full"
        assert kept
        filler = small_disk / "filler"
        model = teacher.post(JOBS, files={"file": ("box.stl", box(lid=False))})
        with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        if model.status_code == 201:
            time.sleep(2)
        assert os.statvfs(small_disk).f_bavail * 4096 < 1 << 20
        filler.unlink()
        for job in kept:
            assert teacher.get(f"{JOBS}/{job['id']}").json()["state"] == "waiting"
        assert teacher.delete(f"{JOBS}/{kept[0]['id']}").status_code == 204
        if model.status_code == 201:
            assert until(teacher, model.json(), "refused")["verdict"]
        assert "Traceback" not in hub.err.read_text()
