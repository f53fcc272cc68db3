"""A panel on RS-232 over the kernel's ftdi_sio: set, read back, its cable pulled and put back."""

from collections.abc import Callable

import pytest

from tests.lab.hub import LIMIT, LabHub, wait_until
from tests.lab.machine import await_node
from tests.lab.test_camera import value
from tests.lab.usb.panel import FtdiPanel

pytestmark = pytest.mark.shared_machine


def put(hub: LabHub, device: str, name: str, wanted: object) -> int:
    """Set a property as a teacher does; returns the status."""
    with hub.client("teacher", limit=LIMIT) as client:
        path = f"/api/v1/devices/{device}/properties/{name}"
        return client.put(path, json={"value": wanted}).status_code


def test_a_panel_over_an_ftdi_adapter_is_set_and_survives_its_cable(
    hub: LabHub, figure: Callable[[str, float], None]
) -> None:
    panel = FtdiPanel(hub.machine, "lg", "PANEL1")
    panel.plug(1)
    try:
        hub.machine.run(await_node("/dev/ttyUSB0"))
        settings = {"table": "lg", "port": "/dev/ttyUSB0", "number": 1}
        device = hub.add({"driver": "panel-table", "name": "Board", "settings": settings})
        wait_until(lambda: hub.reachable(device), LIMIT, "it answers")
        assert value(hub, device, "power") == "off"
        assert put(hub, device, "power", "on") == 200
        wait_until(lambda: value(hub, device, "power") == "on", LIMIT, "it is on")
        # It warms up: until then it is told to wait, and nothing is lost by asking again.
        wait_until(lambda: put(hub, device, "volume", 35) == 200, LIMIT, "it takes a volume")
        assert panel.panel.wire["volume"] == b"23"
        assert value(hub, device, "volume") == 35
        assert put(hub, device, "lock", wanted=True) == 200
        assert panel.panel.wire["lock"] == b"01"

        with hub.watched(f"{device}/state") as watch:
            watch.wait(f"{device}/state", lambda state: bool(state["reachable"]))
            panel.pull()
            took = watch.wait(f"{device}/state", lambda state: not state["reachable"])
        figure("panel's cable pulled to its state on MQTT", took)
        panel.plug(1)
        wait_until(lambda: hub.reachable(device), LIMIT, "it is back")
        assert put(hub, device, "volume", 60) == 200
        assert panel.panel.wire["volume"] == b"3C"
    finally:
        panel.pull()
