"""Prints over the kernel's serial drivers; the cable is pulled in the middle and put back."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.lab.hub import LIMIT, Json, LabHub, wait_until
from tests.lab.machine import await_node
from tests.lab.test_camera import added, value
from tests.lab.test_hotplug import replug
from tests.lab.usb.printer import AcmPrinter, FtdiPrinter, Printer
from tests.lab.usb.redir import PlayedDevice
from tests.printers import END, START, zigzag

pytestmark = pytest.mark.shared_machine
Plug = Callable[[PlayedDevice, int], None]
Figure = Callable[[str, float], None]

LINES = [*START, *zigzag(4000, layers=40), *END]
SPEED = 10.0  # times as fast as a real one: it is warm within the minute, and prints for several
JOB = "lab"


def handed_in(hub: LabHub) -> str:
    """Hand in a file of G-code, as people do; return its asset."""
    with hub.client("teacher") as client:
        file = ("part.gcode", ("\n".join(LINES) + "\n").encode(), "text/x.gcode")
        made = client.post("/api/v1/print-jobs", files={"file": file})
    assert made.status_code == 201, made.text
    return str(made.json()["gcode"])


def begin(hub: LabHub, device: str) -> None:
    """Have the printer print."""
    asset = handed_in(hub)
    with hub.client("engineer", limit=LIMIT) as client:
        asked = {"input": {"file": asset, "job": JOB}}
        made = client.post(f"/api/v1/devices/{device}/actions/print", json=asked)
    assert made.status_code in (201, 202), made.text

    def operation() -> Json:
        return hub.get(f"/operations/{made.json()['id']}")

    wait_until(lambda: operation()["status"] in ("done", "failed"), LIMIT, "the print begins")
    assert operation()["status"] == "done", operation()


def printing_is_cut(
    hub: LabHub, printer: Printer, device: str, pull: Callable[[], None], figure: Figure
) -> None:
    """Print, pull the cable out in the middle, and see what is told."""
    begin(hub, device)
    wait_until(lambda: printer.moves() > 30, LIMIT, "it prints")
    with hub.watched(f"{device}/e/+", f"{device}/state") as watch:
        watch.wait(f"{device}/state", is_whole)
        pull()
        figure("printer pulled to its state on MQTT", watch.wait(f"{device}/state", is_cut))
        told = f"{device}/e/print_interrupted"
        figure("and to the word that the print is interrupted", watch.wait(told, lambda _: True))
        happened = watch.newest[told]["data"]
    assert happened["job"] == JOB
    assert 30 < happened["line"] < happened["lines"] == len(LINES)
    assert happened["height"] > 0


def nothing_resumes(hub: LabHub, printer: Printer, device: str, moves: int) -> None:
    """See that the printer is left alone and cold, and that the print is still told as cut."""
    time.sleep(5)
    # What lay in the printer's own queue when the cable went may have been done since.
    assert printer.moves() <= moves + 16
    before = printer.moves()
    time.sleep(5)
    assert printer.moves() == before
    assert "M104 S0" in " ".join(printer.executed[-60:])
    wait_until(lambda: value(hub, device, "state") == "idle", LIMIT, "it is idle")


def is_cut(state: Any) -> bool:
    """Tell whether a device's state says that it is not reached."""
    return not state["reachable"]


def is_whole(state: Any) -> bool:
    """Tell whether a device's state says that it is reached."""
    return bool(state["reachable"])


def test_a_print_over_cdc_acm_is_interrupted_and_does_not_resume(
    hub: LabHub, plug: Plug, figure: Figure
) -> None:
    printer = Printer(SPEED)
    cable = AcmPrinter(printer, "PRN1")
    plug(cable, 1)

    def found() -> list[Json]:
        return [one for one in hub.discoveries() if "marlin" in one["drivers"]]

    wait_until(lambda: len(found()) == 1, LIMIT, "it is found")
    assert found()[0]["nodes"]["tty"] == ["/dev/ttyACM0"]
    body = {"driver": "marlin", "identity": found()[0]["identity"], "name": "Printer"}
    device = str(added(hub, body)["id"])
    wait_until(lambda: is_whole(hub.device(device)["state"]), LIMIT, "it works")
    printing_is_cut(hub, printer, device, cable.pull, figure)
    moves = printer.moves()
    replug(hub.machine, cable, 1, 2)
    wait_until(lambda: is_whole(hub.device(device)["state"]), LIMIT, "it is back")
    nothing_resumes(hub, printer, device, moves)


def test_a_print_over_an_ftdi_adapter_is_interrupted_and_does_not_resume(
    hub: LabHub, figure: Figure
) -> None:
    printer = Printer(SPEED)
    cable = FtdiPrinter(hub.machine, printer, "PRN2")
    cable.plug(1)
    try:
        hub.machine.run(await_node("/dev/ttyUSB0"))
        # An adapter says nothing of what is behind it: the engineer names the line.
        body = {"driver": "marlin", "name": "Printer", "settings": {"port": "/dev/ttyUSB0"}}
        device = str(added(hub, body)["id"])
        wait_until(lambda: is_whole(hub.device(device)["state"]), LIMIT, "it works")
        printing_is_cut(hub, printer, device, cable.pull, figure)
        moves = printer.moves()
        cable.plug(1)
        wait_until(lambda: is_whole(hub.device(device)["state"]), LIMIT, "it is back")
        nothing_resumes(hub, printer, device, moves)
    finally:
        cable.pull()
