"""A backup made while a part is printed, brought back on another computer."""

import asyncio
import hashlib
import json
import subprocess
import sys
import time

import pytest

from drivers.virtual.printer.control import ask
from tests.conftest import start_hub
from tests.integration.test_print_faults import (
    LIMIT,
    NO_MICROSCOPY,
    PRINTER,
    hand_in,
    part,
    port,  # noqa: F401 - a fixture
    ready,
    until,
)
from tests.printers import moves
from tests.printing import JOBS, OVER, PRINTERS, box

KEPT = ("name", "owner", "state", "versions", "verdict", "estimate", "gcode", "left_out", "mark")


@pytest.fixture
def elsewhere(tmp_path):
    """Starts a hub in a folder of its own; it ends with the test."""
    running = []

    def start(config):
        running.append(start_hub(tmp_path / "elsewhere", config=config))
        return running[-1]

    yield start
    for one in running:
        one.stop()


def cli(*words):
    command = [sys.executable, "-m", "hub.cli", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=True)
    return json.loads(done.stdout)


def executed(folder):
    """Return what the printer has been made to do since it was switched on."""
    return [text for _, text in asyncio.run(ask(folder / "control", executed=True))["executed"]]


def line(client, job):
    return (client.get(f"{JOBS}/{job['id']}").json()["progress"] or {}).get("line") or 0


def files(client, job):
    """Return what is in all files of a job."""
    assets = {one["asset"] for one in job["versions"]} | {job["gcode"]} - {None}
    contents = {one: client.get(f"/api/v1/assets/{one}/content") for one in assets}
    assert all(one.status_code == 200 for one in contents.values())
    return {name: hashlib.sha256(one.content).hexdigest() for name, one in contents.items()}


def books(client):
    """Return spools, quotas and the account."""
    paths = ("spools", "print-quotas", "filament-account?by=person", "filament-account?by=spool")
    return {path: client.get(f"/api/v1/{path}").json() for path in paths}


def test_a_backup_made_in_mid_print_prints_nothing_twice_wherever_it_is_brought_back(
    start,
    elsewhere,
    port,  # noqa: F811 - the fixture
    tmp_path,
):
    config = PRINTER.format(port=port) + NO_MICROSCOPY
    hub = start(config=config)
    with hub.client("pupil") as pupil, hub.client("teacher") as teacher:
        ready(teacher)
        spool = {"name": "Red", "material": "PLA", "colour": "#ff0000", "grams": 1000}
        made = teacher.post("/api/v1/spools", json=spool)
        assert made.status_code == 201, made.text
        mounted = teacher.patch(f"{PRINTERS}/printer-1", json={"spool": made.json()["id"]})
        assert mounted.status_code == 200, mounted.text
        limit = teacher.put("/api/v1/print-quotas", json={"grams": 500, "longest": 600})
        assert limit.status_code == 200, limit.text
        given = [
            hand_in(pupil, "done.gcode", part(40)),
            hand_in(pupil, "open.stl", box(lid=False)),
            hand_in(pupil, "printing.gcode", part(20_000)),
            hand_in(pupil, "queued.gcode", part(30)),
        ]
        settled = [until(pupil, job, "waiting", "refused") for job in given]
        done, refused, printing, queued = settled
        assert teacher.post(f"{JOBS}/{done['id']}/approve").status_code == 200
        assert until(pupil, done, *OVER)["state"] == "done"
        for job in (printing, queued):
            assert teacher.post(f"{JOBS}/{job['id']}/approve").status_code == 200
        ready_again(teacher)
        until(pupil, printing, "printing")
        end = time.monotonic() + LIMIT
        while line(pupil, printing) < 100:
            assert time.monotonic() < end
            time.sleep(0.05)
        before = {
            job["id"]: pupil.get(f"{JOBS}/{job['id']}").json()
            for job in (done, refused, printing, queued)
        }
        contents = {id_: files(teacher, job) for id_, job in before.items()}
        kept = books(teacher)
        assert kept["filament-account?by=person"]["items"]
        cli("backup", tmp_path / "class.zip", "--data", hub.data, "--json")
        # The class goes on after the backup: what was queued is printed, which it knows nothing of.
        assert teacher.post(f"{JOBS}/{printing['id']}/cancel").status_code == 200
        ready_again(teacher)
        assert until(pupil, queued, *OVER)["state"] == "done"
        ready_again(teacher)
    tokens = {role: hub.token(role) for role in ("pupil", "teacher")}
    hub.stop()

    printed = len(executed(tmp_path))
    data = tmp_path / "elsewhere" / "data"
    assert cli("restore", tmp_path / "class.zip", "--data", data, "--json")["missing"] == 0
    again = elsewhere(config)
    again._tokens.update(tokens)
    with again.client("pupil") as pupil, again.client("teacher") as teacher:
        # How far the one was that was printed then, is told, and that it is over.
        told = until(teacher, printing, *OVER)
        assert (told["state"], told["ending"]["code"]) == ("failed", "interrupted")
        assert not teacher.get(f"{PRINTERS}/printer-1").json()["plate"]["clear"], "nobody looked"
        waits = teacher.get(f"{JOBS}/{queued['id']}").json()
        assert (waits["state"], waits["problem"]["code"]) == ("waiting", "brought-back")
        assert waits["problem"]["hint"]
        for job in (done, refused):
            now = pupil.get(f"{JOBS}/{job['id']}").json()
            assert {name: now[name] for name in KEPT} == {
                name: before[job["id"]][name] for name in KEPT
            }
        for id_, there in contents.items():
            assert files(teacher, teacher.get(f"{JOBS}/{id_}").json()) == there
        known = books(teacher)
        assert known["spools"]["items"][0]["name"] == "Red"
        limits = known["print-quotas"]["items"][0]
        assert (limits["grams"], limits["longest"]) == (500, 600)
        # Nothing begins on a plate that is clear; approved again it is printed, and once.
        ready(teacher)
        approval = {"mark": waits["mark"]}
        approved = teacher.post(f"{JOBS}/{queued['id']}/approve", json=approval)
        assert approved.status_code == 200, approved.text
        assert until(teacher, queued, *OVER)["state"] == "done"
        wanted = moves(part(30).decode().splitlines())
        assert [line for line in executed(tmp_path)[printed:] if line in wanted] == wanted
        history = teacher.get(f"{JOBS}/{queued['id']}/history").json()["items"]
        assert [one["what"] for one in history].count("approval-taken-back") == 1
        later = until(teacher, hand_in(teacher, "later.gcode", part(30)), "waiting")
        assert teacher.post(f"{JOBS}/{later['id']}/approve").status_code == 200
    again.stop()
    # The next start is no second restore: what was approved since stays so.
    last = elsewhere(config)
    last._tokens.update(tokens)
    with last.client("teacher") as teacher:
        assert teacher.get(f"{JOBS}/{later['id']}").json()["state"] == "queued"


def ready_again(teacher):
    """Say that the plate is clear once the printer is idle, or prints what comes next."""
    end = time.monotonic() + LIMIT
    while teacher.post(f"{PRINTERS}/printer-1/plate-cleared").status_code != 200:
        assert time.monotonic() < end
        time.sleep(0.05)
