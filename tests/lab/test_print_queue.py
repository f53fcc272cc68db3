"""A pupil's part over the kernel's serial drivers: approved, the cable pulled in the middle, printed anew."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.lab.hub import LIMIT, Json, LabHub, wait_until
from tests.lab.machine import await_node
from tests.lab.test_hotplug import replug
from tests.lab.usb.printer import AcmPrinter, FtdiPrinter, Printer
from tests.lab.usb.redir import PlayedDevice
from tests.printers import END, START, moves, zigzag
from tests.printing import BUSY, JOBS, OVER, PRINTERS

pytestmark = pytest.mark.shared_machine
Plug = Callable[[PlayedDevice, int], None]
Figure = Callable[[str, float], None]

LINES = [*START, *zigzag(600, layers=6), *END]
MOVES = moves(LINES)
SPEED = 30.0  # times as fast as a real one
SLOW = 1.0  # while its cable is pulled out: what is left of the print takes two minutes
ENOUGH = 130  # moves: the second layer is begun
BUFFER = 16 + 4  # moves in Marlin's own queue, and lines that were on their way


@contextmanager
def pupil(hub: LabHub) -> Iterator[httpx.Client]:
    """A client of a pupil, who is forgotten afterwards (where it fails, the machine is thrown away)."""
    with hub.client("admin", limit=LIMIT) as admin:
        person = admin.post("/api/v1/people", json={"name": "Aru"}).raise_for_status().json()["id"]
        body = {"role": "pupil", "name": "Aru's tablet", "person": person}
        token = admin.post("/api/v1/tokens", json=body).raise_for_status().json()
        bearer = {"Authorization": f"Bearer {token['token']}"}
        with httpx.Client(base_url=hub.url, headers=bearer, timeout=LIMIT) as client:
            yield client
        admin.delete(f"/api/v1/tokens/{token['id']}").raise_for_status()
        admin.delete(f"/api/v1/people/{person}").raise_for_status()


def job_of(by: httpx.Client, job: str) -> Json:
    """Return a job as it is now."""
    found: Json = by.get(f"{JOBS}/{job}").raise_for_status().json()
    return found


def printer_of(hub: LabHub, device: str) -> Json:
    """Return a printer as the queue knows it."""
    return hub.get(f"/printers/{device}", "teacher")


def approved(hub: LabHub, by: httpx.Client, printer: Printer, device: str, job: str) -> None:
    """Approve a pupil's job as a teacher and say that the plate is clear: not before, it is printed."""
    assert job_of(by, job)["state"] == "waiting"
    assert by.post(f"{JOBS}/{job}/approve").status_code == 403
    before = printer.moves()

    def asks_for_the_plate() -> bool:
        problem = job_of(by, job)["problem"]
        return bool(problem and problem["code"] == "plate-not-clear")

    with hub.client("teacher", limit=LIMIT) as teacher:
        teacher.post(f"{JOBS}/{job}/approve", json={"printer": device}).raise_for_status()
        wait_until(asks_for_the_plate, LIMIT, "it waits until somebody has looked at the plate")
        assert printer.moves() == before
        teacher.post(f"{PRINTERS}/{device}/plate-cleared").raise_for_status()


def cut(
    hub: LabHub,
    by: httpx.Client,
    printer: Printer,
    device: str,
    job: str,
    pull: Callable[[], None],
    figure: Figure,
) -> None:
    """Pull the cable out in the middle of a print, and see what is told of it, where, and to whom."""
    wait_until(lambda: printer.moves() > ENOUGH, LIMIT, "it prints")
    printer.firmware.speed = SLOW
    wait_until(lambda: job_of(by, job)["state"] == "printing", LIMIT, "it is told as printing")
    told = f"{device}/e/print_interrupted"
    with hub.watched(told, f"{device}/state") as watch:
        watch.wait(f"{device}/state", is_whole)
        pull()
        figure("printer pulled to its state on MQTT", watch.wait(f"{device}/state", is_cut))
        figure("and to the word that the print is interrupted", watch.wait(told, lambda _: True))
        happened = watch.newest[told]["data"]
    assert happened["job"] == job
    assert ENOUGH < happened["line"] < happened["lines"] == len(LINES)
    assert happened["height"] >= 0.4
    wait_until(lambda: job_of(by, job)["state"] in OVER, LIMIT, "its job has ended")
    ended = job_of(by, job)
    ending = ended["ending"]
    assert (ended["state"], ending["code"]) == ("failed", "interrupted")
    for name in ("line", "lines", "height"):
        assert ending[name] == happened[name]
    assert ending["hint"]


def nothing_resumes(hub: LabHub, printer: Printer, device: str, job: str, mark: int) -> None:
    """See that the printer is left alone and cold, and that its plate is not taken for clear.

    `mark` is how much it had executed when the cable went.
    """

    def cold() -> bool:
        return any("M104 S0" in text for text in printer.executed[mark:])

    wait_until(lambda: printer_of(hub, device)["state"] == "idle", LIMIT, "it is there, and idle")
    wait_until(cold, LIMIT, "its heaters are switched off")
    # What lay in the printer's own queue when the cable went may have been done since.
    then = [text for text in printer.executed[mark:] if text in MOVES]
    assert len(then) <= BUFFER
    time.sleep(5)
    assert [text for text in printer.executed[mark:] if text in MOVES] == then
    now = printer_of(hub, device)
    assert (now["ready"], now["job"], now["plate"]["clear"]) == (False, None, False)
    assert now["plate"]["job"]["id"] == job


def printed(
    hub: LabHub,
    printer: Printer,
    device: str,
    pull: Callable[[], None],
    put_back: Callable[[], None],
    figure: Figure,
) -> None:
    """A pupil's part from handing in to the plate, with a bad moment in between."""
    with pupil(hub) as aru:
        file = ("part.gcode", ("\n".join(LINES) + "\n").encode(), "text/x.gcode")
        job = aru.post(JOBS, files={"file": file}).raise_for_status().json()["id"]
        checked = wait_until(lambda: job_of(aru, job)["state"] not in BUSY, LIMIT, "checked")
        figure("G-code handed in and checked", checked)
        approved(hub, aru, printer, device, job)
        cut(hub, aru, printer, device, job, pull, figure)
        mark = len(printer.executed)
        printer.firmware.speed = SPEED
        put_back()
        nothing_resumes(hub, printer, device, job, mark)

        # Once more, from its first line: a job of its own that somebody has to approve.
        again = aru.post(f"{JOBS}/{job}/reprint").raise_for_status().json()["id"]
        begun = len(printer.executed)
        approved(hub, aru, printer, device, again)
        took = wait_until(lambda: job_of(aru, again)["state"] in OVER, LIMIT, "it is printed")
        figure(f"plate clear to {len(MOVES)} moves done", took)
        ended = job_of(aru, again)
        assert (ended["state"], ended["ending"]) == ("done", None)
        made = [text for text in printer.executed[begun:] if text in MOVES]
        assert made == MOVES, "each once, and in order"
        plate = printer_of(hub, device)["plate"]
        assert (plate["clear"], plate["job"]["id"]) == (False, again)
        for one in (job, again):
            aru.delete(f"{JOBS}/{one}").raise_for_status()


def is_cut(state: Any) -> bool:
    """Tell whether a device's state says that it is not reached."""
    return not state["reachable"]


def is_whole(state: Any) -> bool:
    """Tell whether a device's state says that it is reached."""
    return bool(state["reachable"])


def in_use(hub: LabHub, body: Json) -> str:
    """Take a printer into use and return its id, once it answers."""
    device = hub.add({"driver": "marlin", "name": "Printer", **body})
    wait_until(lambda: hub.reachable(device), LIMIT, "it works")
    return device


def test_a_pupils_part_over_cdc_acm(hub: LabHub, plug: Plug, figure: Figure) -> None:
    printer = Printer(SPEED)
    cable = AcmPrinter(printer, "PRN1")
    plug(cable, 1)

    def found() -> list[Json]:
        return [one for one in hub.discoveries() if "marlin" in one["drivers"]]

    wait_until(lambda: len(found()) == 1, LIMIT, "it is found")
    assert found()[0]["nodes"]["tty"] == ["/dev/ttyACM0"]
    device = in_use(hub, {"identity": found()[0]["identity"]})
    # Into another port: it is the same printer by its serial number.
    printed(hub, printer, device, cable.pull, lambda: replug(hub.machine, cable, 1, 2), figure)


def test_a_pupils_part_over_an_ftdi_adapter(hub: LabHub, figure: Figure) -> None:
    printer = Printer(SPEED)
    cable = FtdiPrinter(hub.machine, printer, "PRN2")
    cable.plug(1)
    try:
        hub.machine.run(await_node("/dev/ttyUSB0"))
        # An adapter says nothing of what is behind it: the engineer names the line.
        device = in_use(hub, {"settings": {"port": "/dev/ttyUSB0"}})
        printed(hub, printer, device, cable.pull, lambda: cable.plug(1), figure)
    finally:
        cable.pull()
