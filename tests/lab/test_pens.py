"""Pens and tables with the kernel's own drivers, pulled out in the middle and put back."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.hub import LIMIT, Json, LabHub, wait_until
from tests.lab.usb.hid import table_reports, touch_table
from tests.lab.usb.redir import PlayedDevice
from tests.lab.usb.wacom import HIGH, LEVELS, SERIAL, WIDE, Intuos

pytestmark = pytest.mark.shared_machine
INSIDE = Path(__file__).parent / "inside"
Plug = Callable[[PlayedDevice, int], None]


def adopt(hub: LabHub, driver: str, **body: object) -> str:
    """Take a device into use and return its id, once it can be reached."""
    device = hub.add({"driver": driver, "name": driver, **body})
    wait_until(lambda: hub.reachable(device), LIMIT, f"{device} is reached")
    return device


def identity(hub: LabHub, driver: str) -> str:
    """Wait until a device that a driver looks for is found, and return who it is."""

    def found() -> list[Json]:
        return [one for one in hub.discoveries() if driver in one["drivers"]]

    wait_until(lambda: bool(found()), LIMIT, f"something for {driver} is found")
    return str(found()[0]["identity"])


def settled(samples: list[Json], enough: Callable[[], bool], what: str) -> None:
    """Wait for samples; say the last ones where they do not come."""
    try:
        wait_until(enough, LIMIT, what)
    except TimeoutError:
        pytest.fail(f"{what}: {samples[-3:]}")


def test_a_pen_of_the_kernels_wacom_driver(hub: LabHub, plug: Plug) -> None:
    tablet = Intuos("INTUOS01")
    plug(tablet, 1)
    device = adopt(hub, "tablet", identity=identity(hub, "tablet"))
    assert "wacom" in hub.machine.run("readlink -f /sys/bus/hid/devices/*056A*/driver")
    size = hub.device(device)["properties"]["size"]["value"]
    assert (size["width"], size["height"]) == pytest.approx((223.52, 139.7), abs=0.1)
    with hub.client("teacher") as client:
        turned = {"left": 0, "top": 0, "right": 1, "bottom": 1, "rotation": 180}
        at = f"/api/v1/devices/{device}/properties/mapping"
        client.put(at, json={"value": turned}).raise_for_status()
        client.put(at, json={"value": {**turned, "rotation": 0}}).raise_for_status()
    strokes = [(1000 + 900 * n, 2000 + 300 * n, 100 + 48 * n, (n - 20, 20 - n)) for n in range(40)]
    with hub.samples(device, "pen") as samples:
        time.sleep(1)
        tablet.come()
        for x, y, pressure, tilt in strokes:
            tablet.write(x, y, pressure, tilt, button=pressure > 1000)
        tablet.leave()
        settled(samples, lambda: bool(samples) and not samples[-1]["near"], "the pen has left")
        drawn = [one for one in samples if one["contact"]]
        assert len(drawn) == len(strokes)
        for one, (x, y, pressure, tilt) in zip(drawn, strokes, strict=True):
            assert (one["x"], one["y"]) == pytest.approx((x / WIDE, y / HIGH), abs=1e-6)
            assert one["pressure"] == pytest.approx(pressure / LEVELS, abs=1e-6)
            # The kernel smooths the tilt of this driver's tablets by one degree (its fuzz).
            assert (one["tilt_x"], one["tilt_y"]) == pytest.approx(tilt, abs=1.5)
            assert (one["buttons"] == [1]) is (pressure > 1000)
            assert one["tool"] == f"{SERIAL:08x}"
        assert [one["time"] for one in samples] == sorted(one["time"] for one in samples)

        # In the middle of a stroke the cable is pulled out, and put back.
        with hub.client("teacher") as client:
            client.put(at, json={"value": turned}).raise_for_status()
        tablet.come()
        tablet.write(20000, 10000, 1500, (0, 0), button=False)
        settled(samples, lambda: samples[-1]["contact"], "the tip is down")
        tablet.pull()
        wait_until(lambda: not hub.reachable(device), LIMIT, "it is told as gone")
        settled(samples, lambda: not samples[-1]["contact"], "the stroke has ended")
        hub.machine.free_usb_port("port1")
        again = Intuos("INTUOS01")
        plug(again, 2)
        wait_until(lambda: hub.reachable(device), LIMIT, "it is the same one again")
        before = len(samples)
        again.come()
        again.write(WIDE // 4, HIGH // 4, 500, (10, 0), button=False)
        settled(samples, lambda: len(samples) > before and samples[-1]["contact"], "it writes")
        assert samples[-1]["x"] == pytest.approx(0.75, abs=0.001), "its mapping is kept"


def test_a_pen_of_uinput_with_pressure_and_tilt(hub: LabHub) -> None:
    def make() -> str:
        hub.machine.run("modprobe uinput; systemd-run -q --collect python3 /root/pen.py")
        return "/dev/input/" + hub.machine.run(
            "for n in $(seq 100); do [ -p /run/lab-pen ] && cat /run/lab-pen.node && exit 0;"
            " sleep 0.2; done; exit 1"
        )

    hub.machine.send(INSIDE / "pen.py", "/root/pen.py")
    path = make()
    device = adopt(hub, "tablet", settings={"path": path.strip()})
    with hub.samples(device, "pen") as samples:
        time.sleep(1)
        hub.machine.run("echo stroke > /run/lab-pen")
        settled(samples, lambda: bool(samples) and not samples[-1]["near"], "the pen has left")
        drawn = [one for one in samples if one["contact"]][-40:]
        assert [round(one["x"] * 40) for one in drawn] == list(range(40))
        assert [round(one["pressure"] * 8191) for one in drawn] == [200 * n for n in range(40)]
        assert [round(one["tilt_x"]) for one in drawn] == [n - 20 for n in range(40)]
        assert [round(one["tilt_y"]) for one in drawn] == [40 - n for n in range(40)]

        hub.machine.run("echo down > /run/lab-pen")
        settled(samples, lambda: samples[-1]["contact"], "the tip is down")
        hub.machine.run("rm /run/lab-pen.node; echo end > /run/lab-pen; rm /run/lab-pen")
        settled(samples, lambda: not samples[-1]["near"], "the stroke has ended")
        wait_until(lambda: not hub.reachable(device), LIMIT, "it is told as gone")
        assert make() == path, "the kernel gives it the number that it had"
        wait_until(lambda: hub.reachable(device), LIMIT, "it is there again")
        hub.machine.run("echo stroke > /run/lab-pen")
        settled(samples, lambda: samples[-1]["x"] > 0.97, "it writes again")
        hub.machine.run("echo end > /run/lab-pen; rm /run/lab-pen")


def test_twelve_fingers_of_hid_multitouch(hub: LabHub, plug: Plug) -> None:
    table = touch_table("TABLE001")
    plug(table, 1)
    device = adopt(hub, "touch-table", identity=identity(hub, "touch-table"))
    assert hub.device(device)["properties"]["most_contacts"]["value"] >= 12
    moments = [[(1, n, 300 * n + 5 * step, 4000 - 300 * n) for n in range(12)] for step in range(9)]
    lifted = [(0, n, x, y) for _, n, x, y in moments[-1]]

    def touch(of: list[list[tuple[int, int, int, int]]], first: int) -> None:
        for step, fingers in enumerate(of, first):
            for report in table_reports(fingers, 100 * step):
                table.report(report)

    with hub.samples(device, "touches") as samples:
        time.sleep(1)
        touch([*moments, lifted], 1)
        settled(samples, lambda: phases(samples).count("up") == 12, "all have been lifted")
        assert phases(samples).count("down") == 12
        assert len({one["id"] for one in samples}) == 12
        for one in samples:
            if one["phase"] == "down":
                n = round(one["x"] * 4095 / 300)
                assert one["y"] == pytest.approx((4000 - 300 * n) / 4095, abs=1e-3)
        # One moment is one frame, though it takes two reports.
        assert len({one["frame"] for one in samples if one["phase"] == "down"}) == 1

        touch(moments[:1], 20)
        settled(samples, lambda: phases(samples).count("down") == 24, "all are down again")
        table.pull()
        settled(samples, lambda: phases(samples).count("up") == 24, "all end where it goes")
        wait_until(lambda: not hub.reachable(device), LIMIT, "it is told as gone")
        hub.machine.free_usb_port("port1")
        table = touch_table("TABLE001")
        plug(table, 2)
        wait_until(lambda: hub.reachable(device), LIMIT, "it is the same one again")
        touch(moments[:1], 40)
        settled(samples, lambda: phases(samples).count("down") == 36, "it is touched again")
        assert len({one["id"] for one in samples}) >= 24


def phases(samples: list[Json]) -> list[str]:
    """Return what contacts did, in their order."""
    return [str(one["phase"]) for one in samples]
