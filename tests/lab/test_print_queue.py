"""A pupil's G-code from handing in to the part: approved by a teacher, over the kernel's drivers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.lab.hub import LIMIT, Json, LabHub, wait_until
from tests.lab.machine import await_node
from tests.lab.test_camera import added
from tests.lab.test_printer import is_whole
from tests.lab.usb.printer import AcmPrinter, FtdiPrinter, Printer
from tests.lab.usb.redir import PlayedDevice
from tests.printers import END, START, moves, zigzag

pytestmark = pytest.mark.shared_machine
Plug = Callable[[PlayedDevice, int], None]
Figure = Callable[[str, float], None]

JOBS = "/api/v1/print-jobs"
LINES = [*START, *zigzag(300, layers=3), *END]
SPEED = 30.0  # times as fast as a real one
BUSY = ("uploaded", "checking", "slicing")


@contextmanager
def pupil(hub: LabHub) -> Iterator[httpx.Client]:
    """A client of a pupil, who is forgotten afterwards."""
    with hub.client("admin", limit=LIMIT) as admin:
        person = admin.post("/api/v1/people", json={"name": "Aru"}).raise_for_status().json()["id"]
        body = {"role": "pupil", "name": "Aru's tablet", "person": person}
        token = admin.post("/api/v1/tokens", json=body).raise_for_status().json()
        bearer = {"Authorization": f"Bearer {token['token']}"}
        try:
            with httpx.Client(base_url=hub.url, headers=bearer, timeout=LIMIT) as client:
                yield client
        finally:
            admin.delete(f"/api/v1/tokens/{token['id']}").raise_for_status()
            admin.delete(f"/api/v1/people/{person}").raise_for_status()


def job_of(by: httpx.Client, job: str) -> Json:
    """Return a job as it is now."""
    found: Json = by.get(f"{JOBS}/{job}").raise_for_status().json()
    return found


def printed(hub: LabHub, printer: Printer, device: str, figure: Figure) -> None:
    """Hand in as a pupil, approve as a teacher, say that the plate is clear; it is printed once."""
    with pupil(hub) as aru, hub.client("teacher", limit=LIMIT) as teacher:
        file = ("part.gcode", ("\n".join(LINES) + "\n").encode(), "text/x.gcode")
        job = aru.post(JOBS, files={"file": file}).raise_for_status().json()["id"]
        try:
            checked = wait_until(lambda: job_of(aru, job)["state"] not in BUSY, LIMIT, "checked")
            figure("G-code handed in and checked", checked)
            assert job_of(aru, job)["state"] == "waiting"
            assert aru.post(f"{JOBS}/{job}/approve").status_code == 403
            approval = {"printer": device}
            teacher.post(f"{JOBS}/{job}/approve", json=approval).raise_for_status()

            def asks_for_the_plate() -> bool:
                problem = job_of(aru, job)["problem"]
                return bool(problem and problem["code"] == "plate-not-clear")

            wait_until(asks_for_the_plate, LIMIT, "it waits until somebody has looked")
            assert printer.moves() == 0
            teacher.post(f"/api/v1/printers/{device}/plate-cleared").raise_for_status()
            over = ("done", "failed", "cancelled")
            took = wait_until(lambda: job_of(aru, job)["state"] in over, 2 * LIMIT, "it is printed")
            figure("plate clear to print done", took)
            ended = job_of(aru, job)
            assert (ended["state"], ended["ending"]) == ("done", None)
            made = [text for text in printer.executed if text in moves(LINES)]
            assert made == moves(LINES), "each once, and in order"
            plate = hub.get(f"/printers/{device}", "teacher")["plate"]
            assert (plate["clear"], plate["job"]["id"]) == (False, job)
        finally:
            teacher.post(f"{JOBS}/{job}/cancel")  # where it has failed half way
            teacher.delete(f"{JOBS}/{job}").raise_for_status()


def test_a_pupils_part_is_printed_over_cdc_acm(hub: LabHub, plug: Plug, figure: Figure) -> None:
    printer = Printer(SPEED)
    plug(AcmPrinter(printer, "PRN3"), 1)

    def found() -> list[Json]:
        return [one for one in hub.discoveries() if "marlin" in one["drivers"]]

    wait_until(lambda: len(found()) == 1, LIMIT, "it is found")
    body = {"driver": "marlin", "identity": found()[0]["identity"], "name": "Printer"}
    device = str(added(hub, body)["id"])
    wait_until(lambda: is_whole(hub.device(device)["state"]), LIMIT, "it works")
    printed(hub, printer, device, figure)


def test_a_pupils_part_is_printed_over_an_ftdi_adapter(hub: LabHub, figure: Figure) -> None:
    printer = Printer(SPEED)
    cable = FtdiPrinter(hub.machine, printer, "PRN4")
    cable.plug(1)
    try:
        hub.machine.run(await_node("/dev/ttyUSB0"))
        body = {"driver": "marlin", "name": "Printer", "settings": {"port": "/dev/ttyUSB0"}}
        device = str(added(hub, body)["id"])
        wait_until(lambda: is_whole(hub.device(device)["state"]), LIMIT, "it works")
        printed(hub, printer, device, figure)
    finally:
        cable.pull()
