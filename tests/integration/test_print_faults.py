"""A hub that runs as a school runs it: killed in mid print, and while jobs are handed in."""

import asyncio
import hashlib
import itertools
import os
import random
import signal
import threading
import time
from pathlib import Path

import httpx
import pytest

from drivers.virtual.printer.control import ask
from tests.printers import END, START, zigzag
from tests.printing import JOBS, OVER, PRINTERS, box, virtual_line

PRINTER = '[[devices]]\nid="printer-1"\ndriver="marlin"\nsettings={{port="{port}"}}\n'
NO_MICROSCOPY = "[plugins.microscopy]\nenabled=false\n"
LIMIT = 90.0
KILLS = max(2, int(os.environ.get("CLASSHUB_TEST_KILLS", "8")) // 4)


def part(lines: int) -> bytes:
    return ("\n".join([*START, *zigzag(lines), *END]) + "\n").encode()


@pytest.fixture
def port(tmp_path: Path):
    """The line of a virtual printer that outlives the hubs of a test."""
    with virtual_line(tmp_path) as line:
        yield line


def until(client, job: dict, *states: str) -> dict:
    end = time.monotonic() + LIMIT
    while (now := client.get(f"{JOBS}/{job['id']}").json())["state"] not in states:
        assert time.monotonic() < end, now
        time.sleep(0.05)
    return now


def ready(client) -> None:
    end = time.monotonic() + LIMIT
    while (now := client.get(f"{PRINTERS}/printer-1").json())["state"] != "idle":
        assert time.monotonic() < end, now
        time.sleep(0.05)
    assert client.post(f"{PRINTERS}/printer-1/plate-cleared").json()["plate"]["clear"]


def hand_in(client, name: str, content: bytes) -> dict:
    made = client.post(JOBS, files={"file": (name, content)})
    assert made.status_code == 201, made.text
    return made.json()


def test_a_hub_that_is_killed_in_mid_print_tells_the_truth_and_prints_nothing_twice(start, port):
    config = PRINTER.format(port=port) + NO_MICROSCOPY
    hub = start(config=config)
    with hub.client("pupil") as pupil, hub.client("teacher") as teacher:
        ready(teacher)
        first = until(pupil, hand_in(pupil, "first.gcode", part(20_000)), "waiting")
        second = until(pupil, hand_in(pupil, "second.gcode", part(40)), "waiting")
        for job in (first, second):
            assert teacher.post(f"{JOBS}/{job['id']}/approve").status_code == 200
        until(pupil, first, "printing")
        end = time.monotonic() + LIMIT
        while (pupil.get(f"{JOBS}/{first['id']}").json()["progress"]["line"] or 0) < 100:
            assert time.monotonic() < end
            time.sleep(0.05)
        time.sleep(6)  # how far it is, is noted every five seconds
        hub.stop(signal.SIGKILL)
    hub = start(config=config)
    with hub.client("pupil") as pupil, hub.client("teacher") as teacher:
        told = until(teacher, first, *OVER)
        assert told["state"] == "failed"
        assert told["ending"]["code"] == "interrupted"
        assert told["ending"]["line"] > 100
        assert told["ending"]["height"] > 0
        assert told["ending"]["hint"]
        waiting = teacher.get(f"{JOBS}/{second['id']}").json()
        assert waiting["state"] == "queued", "it was acknowledged, and is there"
        assert waiting["problem"]["code"] == "plate-not-clear"
        ready(teacher)
        assert until(teacher, second, *OVER)["state"] == "done"
        history = teacher.get(f"{JOBS}/{first['id']}/history").json()["items"]
        assert [one["what"] for one in history].count("start") == 1
    assert "Traceback" not in hub.err.read_text()


def test_at_whichever_line_a_hub_is_killed_nothing_is_resumed_and_nothing_stays_hot(
    start, port, tmp_path
):
    """While it heats, and anywhere in the part: the printer itself says what it has done."""
    config = PRINTER.format(port=port) + NO_MICROSCOPY
    lines = [*START, *zigzag(2000), *END]
    chance = random.Random()
    killed_at = [4, chance.randrange(len(START) + 1, 1500)]

    def printed() -> list[str]:
        """Return what the printer has executed of the file since it was switched on."""
        told = asyncio.run(ask(tmp_path / "control", executed=True))
        return [text for _, text in told["executed"] if text in of_the_file]

    of_the_file = {line for line in lines if line[:2] in ("G1", "M1")} - {*END, "M105"}
    hub = start(config=config)
    for place in killed_at:
        with hub.client("pupil") as pupil, hub.client("teacher") as teacher:
            ready(teacher)
            content = "\n".join([*lines, f"; {place}"]).encode()
            job = until(pupil, hand_in(pupil, f"{place}.gcode", content), "waiting")
            before = len(printed())
            assert teacher.post(f"{JOBS}/{job['id']}/approve").status_code == 200
            end = time.monotonic() + LIMIT
            while len(printed()) - before < place - 2:  # G28 and a comment are not counted
                assert time.monotonic() < end
                time.sleep(0.02)
            hub.stop(signal.SIGKILL)
        hub = start(config=config)
        with hub.client("teacher") as teacher:
            told = until(teacher, job, *OVER)
            assert (told["state"], told["ending"]["code"]) == ("failed", "interrupted"), killed_at
            assert told["ending"]["hint"]
            done = len(printed())
            assert (told["ending"]["line"] or 0) <= done - before + len(lines) - len(of_the_file)
            end = time.monotonic() + LIMIT
            while teacher.get(f"{PRINTERS}/printer-1").json()["state"] != "idle":
                assert time.monotonic() < end
                time.sleep(0.05)
            there = asyncio.run(ask(tmp_path / "control"))
            assert (there["nozzle"][1], there["bed"][1]) == (0, 0), killed_at
            done = len(printed())
            time.sleep(1)
            assert len(printed()) == done, killed_at
            history = teacher.get(f"{JOBS}/{job['id']}/history").json()["items"]
            assert [one["what"] for one in history].count("start") == 1
    assert "Traceback" not in hub.err.read_text()


def press(client, number: int, kept: dict[str, str]) -> None:
    """Hand in models and G-code until the hub is gone; note what it has acknowledged."""
    for count in itertools.count():
        name, content = "box.stl", box(10 + number, 10, 2)
        if count % 5:
            name, content = "part.gcode", part(20) + f"; {number} {count}\n".encode() * 5000
        try:
            answer = client.post(JOBS, files={"file": (name, content)})
        except httpx.TransportError:
            return
        if answer.status_code == 201:
            kept[answer.json()["id"]] = hashlib.sha256(content).hexdigest()
        else:
            assert answer.status_code == 429, answer.text  # enough of theirs wait
            time.sleep(0.05)


def are_whole(client, kept: dict[str, str]) -> None:
    for id_, sha256 in kept.items():
        job = client.get(f"{JOBS}/{id_}").raise_for_status().json()
        own = job["versions"][0]["asset"] if job["kind"] == "model" else job["gcode"]
        content = client.get(f"/api/v1/assets/{own}/content").content
        assert hashlib.sha256(content).hexdigest() == sha256


def test_whenever_a_hub_is_killed_every_acknowledged_job_is_there_whole(start):
    """Pupils hand in one file after the other; the hub is killed at any moment of it."""
    kept: dict[str, str] = {}
    hub = start(config=NO_MICROSCOPY)
    for _ in range(KILLS):
        before = len(kept)
        secrets = [hub.new_token("pupil")[0] for _ in range(3)]
        pupils = [hub.client(None, Authorization=f"Bearer {one}") for one in secrets]
        pressing = [
            threading.Thread(target=press, args=(one, number, kept), name=f"pupil {number}")
            for number, one in enumerate(pupils)
        ]
        for thread in pressing:
            thread.start()
        end = time.monotonic() + LIMIT
        while len(kept) < before + 4:
            assert time.monotonic() < end
            time.sleep(0.01)
        time.sleep(random.random() / 2)
        hub.stop(signal.SIGKILL)
        for thread, pupil in zip(pressing, pupils, strict=True):
            thread.join(LIMIT)
            pupil.close()
        hub = start(config=NO_MICROSCOPY)
        with hub.client("teacher") as teacher:
            are_whole(teacher, kept)
    # And each comes to where a teacher sees it: none is forgotten on the way.
    with hub.client("teacher") as teacher:
        for id_ in kept:
            until(teacher, {"id": id_}, "waiting", "refused")
        are_whole(teacher, kept)
    assert "Traceback" not in hub.err.read_text()
