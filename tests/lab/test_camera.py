"""Cameras on USB, the whole way: the kernel's uvcvideo, the driver `v4l2`, the hub, its API."""

import contextlib
import hashlib
import io
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.conftest import TINY_JPEG
from tests.lab.hub import LIMIT, Json, LabHub, wait_until
from tests.lab.pictures import picture
from tests.lab.test_hotplug import is_back, measure_pull, replug
from tests.lab.usb.camera import SIZES, Setting, Size, Webcam
from tests.lab.usb.redir import PlayedDevice

pytestmark = pytest.mark.shared_machine
Plug = Callable[[PlayedDevice, int], None]
Figure = Callable[[str, float], None]
INSIDE = Path(__file__).parent / "inside"


class Film:
    """What a camera shows: some whole JPEGs of its own, turn by turn, each size's another."""

    def __init__(self, size: int = 20_000, frames: int = 8) -> None:
        self._pictures = {each: [picture(size) for _ in range(frames)] for each in SIZES}
        self.spoil: Callable[[int, bytes], bytes] = lambda _, data: data

    def __call__(self, number: int, width: int, height: int) -> bytes:
        """Return the frame of this number."""
        pictures = self._pictures[width, height]
        return self.spoil(number, pictures[number % len(pictures)])

    def size_of(self, data: bytes) -> Size | None:
        """Return the size as which the camera sent these very bytes, None: it never did."""
        return next((size for size, pictures in self._pictures.items() if data in pictures), None)


def cameras(hub: LabHub) -> list[Json]:
    """Return what was found that the driver looks for."""
    return [one for one in hub.discoveries() if "v4l2" in one["drivers"]]


def adopt(hub: LabHub, identity: str, name: str, **settings: Any) -> str:
    """Take a camera into use and return its id, once it works."""
    body = {"driver": "v4l2", "identity": identity, "name": name, "settings": settings}
    device = hub.add(body)
    wait_until(lambda: works(hub, device), LIMIT, f"{name} works")
    return device


def works(hub: LabHub, device: str) -> bool:
    """Tell whether a device is there and answers."""
    return is_back(hub.device(device)["state"])


def plugged_in(hub: LabHub, plug: Plug, camera: Webcam, port: int, name: str) -> str:
    """Plug a camera in, take it into use and return its id."""
    known = {one["identity"] for one in cameras(hub)}
    plug(camera, port)
    wait_until(lambda: len(cameras(hub)) > len(known), LIMIT, f"{name} is found")
    (seen,) = [one for one in cameras(hub) if one["identity"] not in known]
    return adopt(hub, seen["identity"], name)


def latest(hub: LabHub, device: str, stream: str = "view") -> bytes:
    """Return the newest picture."""
    with hub.client("teacher") as client:
        answer = client.get(f"/api/v1/devices/{device}/streams/{stream}/latest.jpg")
    assert answer.status_code == 200, answer.text
    return answer.content


def problem_of(hub: LabHub, device: str) -> Json:
    """Return the problem document that who wants a picture now is given, {} where it comes."""
    with hub.client("teacher") as client:
        answer = client.get(f"/api/v1/devices/{device}/streams/view/latest.jpg")
    return {} if answer.status_code == 200 else dict(answer.json())


def value(hub: LabHub, device: str, name: str) -> Any:
    """Return a property's value."""
    return hub.get(f"/devices/{device}/properties/{name}", "teacher")["value"]


def schema(hub: LabHub, device: str) -> Json:
    """Return the schemas of a device's properties."""
    described = hub.device(device)["description"]["properties"]
    return {name: one["schema"] for name, one in described.items()}


def put(hub: LabHub, device: str, name: str, wanted: Any) -> Any:
    """Set a property and return what was read back."""
    with hub.client("teacher") as client:
        answer = client.put(f"/api/v1/devices/{device}/properties/{name}", json={"value": wanted})
    assert answer.status_code == 200, answer.text
    return answer.json()["value"]


def do(hub: LabHub, device: str, action: str, said: Json | None = None) -> Json:
    """Have a device do something; return the operation at its end."""
    with hub.client("teacher") as client:
        answer = client.post(f"/api/v1/devices/{device}/actions/{action}", json={"input": said})
    assert answer.status_code in (201, 202), answer.text
    operation = str(answer.json()["id"])

    def ended() -> Json:
        return hub.get(f"/operations/{operation}", "teacher")

    wait_until(lambda: ended()["status"] in ("done", "failed"), LIMIT, action)
    return ended()


@contextlib.contextmanager
def watched(hub: LabHub, device: str) -> Iterator[None]:
    """Watch the live view meanwhile, as a page does."""
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            with contextlib.suppress(Exception), hub.client("teacher", limit=20) as client:
                client.get(f"/api/v1/devices/{device}/streams/view/latest.jpg")
            over.wait(0.5)

    thread = threading.Thread(target=watch, name="watcher")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(60)


def health_of(hub: LabHub, device: str) -> str:
    """Return the code of a device's health, "" where it is well."""
    health = hub.device(device)["state"]["health"]
    return str(health["code"]) if health else ""


def test_what_is_seen_is_what_the_camera_sent(hub: LabHub, plug: Plug, figure: Figure) -> None:
    film = Film()
    camera = Webcam(film, rate=30, serial="CAM1", lies=True)
    device = plugged_in(hub, plug, camera, 1, "Camera")
    # Sizes of 0 and 16384 are no offers; what the size is whose rate is 1/0 nobody knows.
    offered = schema(hub, device)["resolution"]["enum"]
    assert [f"{width}x{height}" for width, height in SIZES] == [
        one for one in offered if one != "320x240"
    ]
    assert value(hub, device, "resolution") == "1920x1080"
    seen = {latest(hub, device) for _ in range(5)}
    assert len(seen) > 1
    assert {film.size_of(one) for one in seen} == {(1920, 1080)}

    assert put(hub, device, "resolution", "640x480") == "640x480"
    wait_until(lambda: film.size_of(latest(hub, device)) == (640, 480), LIMIT, "the new size")
    with watched(hub, device):
        time.sleep(3)
        before, sent, began = value(hub, device, "pictures"), camera.sent, time.monotonic()
        time.sleep(5)
        after, seconds = value(hub, device, "pictures"), time.monotonic() - began
    figure("pictures a second, 640x480, 20 kB", (after["good"] - before["good"]) / seconds)
    figure("of which the camera had sent", (camera.sent - sent) / seconds)
    assert after["good"] > before["good"]


def test_a_still_at_full_size_while_the_class_watches(hub: LabHub, plug: Plug) -> None:
    film = Film()
    device = plugged_in(hub, plug, Webcam(film, serial="CAM1"), 1, "Camera")
    put(hub, device, "resolution", "640x480")
    with watched(hub, device):
        with hub.client("teacher") as client:
            kept = client.post(f"/api/v1/microscopes/{device}/captures", json={"still": True})
        assert kept.status_code == 201, kept.text
        taken = hub.get(f"/captures/{kept.json()['id']}", "teacher")["capture"]
        full = {hashlib.sha256(film(at, 1920, 1080)).hexdigest() for at in range(8)}
        assert taken["frame_sha256"] in full
        # And the class goes on watching what it watched.
        assert film.size_of(latest(hub, device)) == (640, 480)


def test_controls_are_the_camera_s(hub: LabHub, plug: Plug) -> None:
    camera = Webcam(Film(), serial="CAM1")
    device = plugged_in(hub, plug, camera, 1, "Camera")
    has = schema(hub, device)
    assert (has["brightness"]["minimum"], has["brightness"]["maximum"]) == (0, 255)
    assert (has["exposure"]["minimum"], has["exposure"]["maximum"]) == (0.1, 500.0)
    assert (has["white_balance"]["minimum"], has["white_balance"]["maximum"]) == (2800, 6500)
    assert has["power_line"]["enum"] == ["off", "50 Hz", "60 Hz"]
    assert "light" not in has
    assert "saturation" not in has

    said: dict[str, tuple[Any, tuple[int, int], int]] = {
        "brightness": (200, (2, 2), 200),
        "contrast": (10, (2, 3), 10),
        "gain": (5, (2, 4), 5),
        "power_line": ("50 Hz", (2, 5), 1),
        "lens": (50, (1, 6), 50),
    }
    for name, (wanted, where, number) in said.items():
        assert put(hub, device, name, wanted) == wanted
        assert setting(camera, where).value == number
    # A number that the camera chooses by itself is the person's once they set it.
    assert value(hub, device, "exposure_auto") is True
    assert put(hub, device, "exposure", 20.0) == 20.0
    assert (setting(camera, (1, 2)).value, setting(camera, (1, 4)).value) == (1, 200)
    assert value(hub, device, "exposure_auto") is False
    assert put(hub, device, "exposure_auto", wanted=True) is True
    assert setting(camera, (1, 2)).value == 8
    assert put(hub, device, "white_balance", 5000) == 5000
    assert (setting(camera, (2, 0x0B)).value, setting(camera, (2, 0x0A)).value) == (0, 5000)

    others = {one["name"]: one for one in value(hub, device, "controls")}
    assert (others["gamma"]["minimum"], others["gamma"]["maximum"]) == (72, 500)
    done = do(hub, device, "set_control", {"name": "gamma", "value": 300})
    assert done["result"]["value"] == setting(camera, (2, 9)).value == 300
    refused = do(hub, device, "set_control", {"name": "gamma", "value": 501})
    assert refused["problem"]["code"] == "out-of-range"


def setting(camera: Webcam, where: tuple[int, int]) -> Setting:
    """Return a control of the played camera itself."""
    return camera.settings[where]


def test_the_button(hub: LabHub, plug: Plug) -> None:
    camera = Webcam(Film(), serial="CAM1")
    device = plugged_in(hub, plug, camera, 1, "Camera")
    with hub.watched(f"{device}/e/button") as watch:
        camera.press()
        watch.wait(f"{device}/e/button", lambda said: said["data"] == "short")
        camera.press(2.0)
        watch.wait(f"{device}/e/button", lambda said: said["data"] == "long")


def test_pulled_while_it_is_watched_and_put_back_elsewhere(
    hub: LabHub, plug: Plug, figure: Figure
) -> None:
    film = Film()
    camera = Webcam(film, rate=30, serial="CAM1")
    device = plugged_in(hub, plug, camera, 1, "Camera")
    with hub.watched("+/state") as watch, watched(hub, device):
        watch.wait(f"{device}/state", is_back)
        time.sleep(2)
        figure("camera pulled to its state on MQTT", measure_pull(hub, watch, camera, device))
        replug(hub.machine, camera, 1, 2)
        figure("camera put back to working", watch.wait(f"{device}/state", is_back))
        assert film.size_of(latest(hub, device))
    (seen,) = cameras(hub)
    assert seen["device"] == device
    # Nothing was left open: the node has its first name again.
    assert hub.machine.run("ls /dev/video0").strip() == "/dev/video0"


def test_two_that_are_alike_stay_two(hub: LabHub, plug: Plug) -> None:
    films = [Film(), Film()]
    left, right = (Webcam(film, serial="SAME") for film in films)
    plug(left, 1)
    plug(right, 2)
    wait_until(lambda: len(cameras(hub)) == 2, LIMIT, "both are found")
    seen = sorted(cameras(hub), key=lambda one: str(one["port"]))
    devices = [adopt(hub, one["identity"], f"Camera {at}") for at, one in enumerate(seen, 1)]
    for film, device in zip(films, devices, strict=True):
        assert film.size_of(latest(hub, device))
    with hub.watched("+/state") as watch:
        watch.wait(f"{devices[1]}/state", is_back)
        measure_pull(hub, watch, left, devices[0])
        replug(hub.machine, left, 1, 1)
        watch.wait(f"{devices[0]}/state", is_back)
    for film, device in zip(films, devices, strict=True):
        assert film.size_of(latest(hub, device))


def test_a_frozen_camera_is_noticed_and_comes_back(hub: LabHub, plug: Plug, figure: Figure) -> None:
    film = Film()
    camera = Webcam(film, serial="CAM1")
    device = plugged_in(hub, plug, camera, 1, "Camera")
    with hub.watched("+/state") as watch, watched(hub, device):
        watch.wait(f"{device}/state", is_back)
        time.sleep(2)
        camera.frozen = True
        figure("camera frozen to its state on MQTT", watch.wait(f"{device}/state", is_lost))
        assert hub.device(device)["state"]["problem"]["code"] == "unreachable"
        camera.frozen = False
        camera.wake()
        figure("camera thawed to working", watch.wait(f"{device}/state", is_back))
        assert film.size_of(latest(hub, device))


def is_lost(state: Any) -> bool:
    """Tell whether a device's state says that it is there and does not answer."""
    return bool(state["presence"] == "present" and not state["reachable"])


def cut(number: int, data: bytes) -> bytes:
    """Spoil two of three pictures: a half, and one with a hole where its picture is."""
    if number % 3 == 0:
        return data[: len(data) // 2]
    if number % 3 == 1:
        return data[:-500] + bytes(498) + data[-2:]
    return data


def test_damaged_pictures_are_left_out_and_told(hub: LabHub, plug: Plug) -> None:
    film = Film()
    camera = Webcam(film, serial="CAM1")
    device = plugged_in(hub, plug, camera, 1, "Camera")
    with watched(hub, device):
        film.spoil = cut
        assert all(film.size_of(latest(hub, device)) for _ in range(10))
        wait_until(lambda: health_of(hub, device) == "damaged-pictures", LIMIT, "it is told")
        assert value(hub, device, "pictures")["damaged"] > 0
        film.spoil = lambda _, data: data
        wait_until(lambda: health_of(hub, device) == "", LIMIT, "it is well again")
        camera.flags = 0x40  # errors that the kernel drops: gaps in the sequence
        time.sleep(1)
        camera.flags = 0
        wait_until(lambda: value(hub, device, "pictures")["missed"] > 0, LIMIT, "gaps are counted")


def test_huffman_tables_that_a_camera_leaves_out_are_put_in(hub: LabHub, plug: Plug) -> None:
    film = Film()
    film.spoil = lambda _, data: without_tables(data)
    device = plugged_in(hub, plug, Webcam(film, serial="CAM1"), 1, "Camera")
    whole = latest(hub, device)
    assert b"\xff\xc4" in whole
    # The tables of the picture that the camera's was made from were the usual ones: an
    # independent decoder sees the very same pixels.
    assert pixels(whole) == pixels(TINY_JPEG)


def without_tables(data: bytes) -> bytes:
    """Return a JPEG without its DHT segments (ITU-T T.81, B.2.4.2)."""
    kept, at = data[:2], 2
    while data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] != 0xC4:
            kept += data[at:end]
        at = end
    return kept + data[at:]


def pixels(data: bytes) -> bytes:
    """Return the pixels that Pillow sees."""
    return Image.open(io.BytesIO(data)).convert("RGB").tobytes()


def test_a_camera_in_use_says_by_whom(hub: LabHub, plug: Plug) -> None:
    film = Film()
    device = plugged_in(hub, plug, Webcam(film, serial="CAM1"), 1, "Camera")
    hub.machine.send(INSIDE / "holds.py", "/tmp/holds.py")
    # Of its own user: the service may look at no others.
    hold = "systemd-run -q --uid=classhub --unit=holding python3 /tmp/holds.py /dev/video0"
    time.sleep(7)  # nobody watches here any more
    hub.machine.run(
        f"{hold}; for i in $(seq 300); do [ -e /tmp/held ] && exit; sleep .1; done; exit 1"
    )
    wait_until(
        lambda: problem_of(hub, device).get("code") == "camera-in-use", LIMIT, "it is in use"
    )
    assert "python3" in problem_of(hub, device)["detail"]
    hub.machine.run("systemctl stop holding; rm /tmp/held")
    wait_until(lambda: not problem_of(hub, device), LIMIT, "it comes back by itself")
    assert film.size_of(latest(hub, device))


def test_released_for_another_program(hub: LabHub, plug: Plug) -> None:
    film = Film()
    device = plugged_in(hub, plug, Webcam(film, serial="CAM1"), 1, "Camera")
    with watched(hub, device):
        time.sleep(2)
        assert do(hub, device, "release")["status"] == "done"
        assert health_of(hub, device) == "camera-released"
        assert value(hub, device, "released") is True
        # Pictures that were on their way are shown yet; then viewers are told.
        told = "camera-released"
        wait_until(lambda: problem_of(hub, device).get("code") == told, LIMIT, "viewers are told")
        # Another program has the camera, although somebody watches here.
        hub.machine.send(INSIDE / "frame.py", "/root/frame.py")
        assert "frame" in hub.machine.run("python3 /root/frame.py /dev/video0 2")
        assert do(hub, device, "take_back")["status"] == "done"
        wait_until(lambda: not problem_of(hub, device), LIMIT, "it shows again")
        assert health_of(hub, device) == ""
        assert film.size_of(latest(hub, device))
