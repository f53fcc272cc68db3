"""A stranger's scale in a classroom: adopted, plugged in and out, two in one process, played."""

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

HERE = Path(__file__).parent
SCALE = HERE.parent / "foreign" / "scale"
RECORDING = SCALE / "classhub_scale" / "weighing.jsonl"
LIMIT = 30.0
PORT = "1-1"
USB = f"/devices/pci0000:00/0000:00:14.0/usb1/{PORT}"


def until(look, limit=LIMIT):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come")


def state(client, device):
    return client.get(f"/api/v1/devices/{device}/state").json()


def weighs(client, device):
    """The device once it is reachable and has weighed."""
    told = client.get(f"/api/v1/devices/{device}").json()
    return told if told["state"]["reachable"] and "mass" in told["properties"] else None


def lost(client, device):
    told = state(client, device)
    return None if told["reachable"] else told


def weighed_at(client, device):
    return client.get(f"/api/v1/devices/{device}").json()["properties"]["mass"]["time"]


@pytest.fixture(scope="module")
def installed(install_foreign):
    return str(install_foreign(SCALE))


@pytest.fixture(scope="module")
def udev(tmp_path_factory):
    """Takes what udev tells."""
    path = tmp_path_factory.mktemp("udev") / "events"
    os.mkfifo(path)
    file = os.open(path, os.O_RDWR)

    def tell(*event):
        os.write(file, json.dumps(event).encode() + b"\n")

    tell.path = str(path)
    yield tell
    os.close(file)


@pytest.fixture(scope="module")
def hub(installed, udev, start_shared):
    """A hub without virtual devices; a recording plays the scale `played`."""
    return start_shared(
        config=f"""
language = "en"
[[devices]]
id = "played"
driver = "line-scale"
replay = {json.dumps(str(RECORDING))}
""",
        environment={
            "PYTHONPATH": os.pathsep.join([installed, str(HERE / "drivers_for_tests")]),
            "PLAYED_UDEV": udev.path,
        },
        before="import played_udev",
    )


@pytest.fixture
def engineer(hub):
    with hub.client("engineer") as client:
        yield client


@pytest.fixture
def scale(installed):
    """Makes scales: programs on pseudo-terminals, with the path of their line."""
    with contextlib.ExitStack() as ending:

        def make():
            process = ending.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "classhub_scale.virtual"],
                    stdout=subprocess.PIPE,
                    text=True,
                    env={**os.environ, "PYTHONPATH": os.pathsep.join([installed, *sys.path])},
                )
            )
            ending.callback(process.terminate)
            process.port = process.stdout.readline().split()[2]
            return process

        yield make


def pull(process):
    """End the program: its line hangs up and its path goes."""
    process.terminate()
    process.wait(LIMIT)


def adopt(client, **about):
    reply = client.post("/api/v1/devices", json=about)
    assert reply.status_code == 201, reply.text
    return reply.json()["id"]


def plug(udev, path):
    own = {"SUBSYSTEM": "usb", "ID_VENDOR_ID": "0403", "ID_MODEL_ID": "6015"}
    own |= {"ID_VENDOR": "Maker", "ID_MODEL": "Line_Scale", "ID_SERIAL_SHORT": "S1"}
    udev("add", USB, USB, own)
    udev("add", f"{USB}/{PORT}:1.0/tty/tty0", USB, {"SUBSYSTEM": "tty", "DEVNAME": path})


def unplug(udev):
    udev("remove", f"{USB}/{PORT}:1.0/tty/tty0", "", {})
    udev("remove", USB, "", {})


def test_it_is_adopted_by_its_port_and_follows_a_change_of_it(engineer, scale):
    first = scale()
    refused = engineer.post(
        "/api/v1/devices", json={"driver": "line-scale", "settings": {"port": 5}}
    )
    assert refused.status_code == 422
    assert "port" in refused.text
    device = adopt(engineer, driver="line-scale", settings={"port": first.port}, name="Ours")
    assert device.startswith("scale-")
    until(lambda: weighs(engineer, device))
    assert engineer.put(f"/api/v1/devices/{device}/properties/rate", json={"value": 5}).is_success

    pull(first)
    assert until(lambda: lost(engineer, device))["problem"]["code"] == "unreachable"
    second = scale()
    told = engineer.patch(f"/api/v1/devices/{device}", json={"settings": {"port": second.port}})
    assert told.status_code == 200, told.text
    until(lambda: weighs(engineer, device))
    form = engineer.get(f"/api/v1/devices/{device}/settings").json()
    assert form["values"] == {"port": second.port}
    assert form["schema"]["properties"]["port"]["type"] == "string"
    assert engineer.delete(f"/api/v1/devices/{device}").status_code == 204


def test_without_a_port_it_says_what_is_missing(engineer):
    device = adopt(engineer, driver="line-scale")
    problem = until(lambda: lost(engineer, device) and state(engineer, device)["problem"])
    problem = until(
        lambda: (told := state(engineer, device)["problem"])["code"] == "bad-settings" and told
    )
    assert "port" in problem["detail"]
    engineer.delete(f"/api/v1/devices/{device}")


def test_it_is_found_adopted_and_comes_back_wherever_it_is_plugged_in(engineer, scale, udev):
    first = scale()
    plug(udev, first.port)

    def found():
        items = engineer.get("/api/v1/discoveries").json()["items"]
        return [one for one in items if one["vendor"] == "0403"]

    (one,) = until(found)
    # Others may be offered as well: many devices have a converter of this maker.
    assert {"balance", "line-scale"} <= set(one["drivers"])
    assert one["nodes"] == {"tty": [first.port]}
    device = adopt(engineer, driver="line-scale", identity=one["identity"])
    until(lambda: weighs(engineer, device))
    pull(first)
    unplug(udev)
    until(lambda: state(engineer, device)["presence"] == "absent")
    spare = scale()  # takes the path of the first
    second = scale()
    plug(udev, second.port)
    until(lambda: weighs(engineer, device))
    assert state(engineer, device)["presence"] == "present"
    unplug(udev)
    engineer.delete(f"/api/v1/devices/{device}")
    assert spare.poll() is None


def test_two_in_one_process_and_one_is_pulled(hub, engineer, scale):
    scales = [scale(), scale()]
    names = [
        adopt(engineer, driver="balance", settings={"port": one.port}, id=f"balance-{number}")
        for number, one in enumerate(scales)
    ]
    for name in names:
        until(lambda name=name: weighs(engineer, name))
    ports = {one.port for one in scales}
    serving = [
        child.pid
        for child in psutil.Process(hub.process.pid).children(recursive=True)
        if ports <= {os.path.realpath(fd) for fd in Path(f"/proc/{child.pid}/fd").iterdir()}
    ]
    assert len(serving) == 1
    pull(scales[0])
    until(lambda: lost(engineer, names[0]))
    before = weighed_at(engineer, names[1])
    until(lambda: weighed_at(engineer, names[1]) > before)
    assert state(engineer, names[1])["reachable"]
    again = scale()
    engineer.patch(f"/api/v1/devices/{names[0]}", json={"settings": {"port": again.port}})
    until(lambda: weighs(engineer, names[0]))
    assert psutil.pid_exists(serving[0])
    for name in names:
        engineer.delete(f"/api/v1/devices/{name}")


def test_a_recording_plays_it_without_any_scale(engineer):
    device = until(lambda: weighs(engineer, "played"))
    assert device["description"]["properties"]["mass"]["schema"]["maximum"] == 2000
    masses = set()

    def several():
        reading = engineer.get("/api/v1/devices/played").json()["properties"]["mass"]
        masses.add(reading["value"])
        return len(masses - {None}) > 2

    until(several)
