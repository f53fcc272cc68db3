"""The Python client against a running hub: calls, errors, assets, the examples as they stand."""

import io
import os
import re
import subprocess
import sys
import threading
import zipfile
from datetime import UTC, timedelta
from pathlib import Path

import httpx
import pytest

from classhub_client import (
    AsyncClient,
    Client,
    ClientError,
    Forbidden,
    HubUnreachable,
    Invalid,
    NotAHub,
    NotFound,
    NotSignedIn,
    OperationEnded,
    ProblemError,
)

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "clients/python/examples"


@pytest.fixture
def hub(live_hub):
    with Client(live_hub.url, live_hub.token("teacher"), language="en") as client:
        yield client


def test_the_hub_says_what_it_is(hub):
    info = hub.hub()
    assert info.id
    assert info.time.tzinfo is not None
    assert info.time.utcoffset() == timedelta(0)
    assert "kk" in info.languages


def test_devices_are_listed_and_found_by_id_and_by_kind(hub):
    assert [device.id for device in hub.devices.list()] == ["cam"]
    assert hub.devices.list("globe") == []
    device = hub.devices.get("cam")
    device.still()  # by now the camera has been reached
    assert device.refresh().description is not None
    assert hub.devices.first("microscope").id == "cam"
    with pytest.raises(NotFound):
        hub.devices.get("none")
    with pytest.raises(NotFound, match="globe"):
        hub.devices.first("globe")


def test_a_still_and_a_captured_frame_are_the_cameras_own(hub, tiny_jpeg, tmp_path):
    frame = hub.devices.get("cam").still()
    assert frame.data == tiny_jpeg
    assert frame.time.tzinfo is UTC
    asset = hub.capture("cam", frame=frame, note="onion")
    assert asset.note == "onion"
    assert (asset.width, asset.height) == (1, 1)
    path = hub.assets.download(asset, tmp_path)
    assert path.name == f"{asset.id}.jpg"
    assert path.read_bytes() == hub.assets.read(asset.id)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    with pytest.raises(ProblemError) as gone:
        hub.capture("cam", frame=5)
    assert gone.value.code == "frame-gone"
    assert gone.value.status == 410
    assert gone.value.hint


def test_lessons_start_run_and_end(hub):
    lesson = hub.lessons.start("Onion skin")
    assert re.fullmatch(r"\d{6}", lesson.code)
    assert lesson.id in [one.id for one in hub.lessons.running()]
    assert hub.lessons.end(lesson).ended is not None
    assert lesson.id not in [one.id for one in hub.lessons.running()]
    assert hub.lessons.get(lesson.id).title == "Onion skin"


def test_assets_are_uploaded_listed_over_pages_edited_and_deleted(
    hub, tiny_jpeg, tmp_path, monkeypatch
):
    monkeypatch.setattr("classhub_client._http.PAGE", 2)
    lesson = hub.lessons.start("Uploads")
    file = tmp_path / "leaf.jpg"
    file.write_bytes(tiny_jpeg)
    ids = [hub.assets.upload(file, lesson=lesson.id).id]
    ids += [hub.assets.upload(tiny_jpeg, title=f"{n}", lesson=lesson.id).id for n in range(4)]
    found = list(hub.assets.list(lesson=lesson.id, order="oldest"))
    assert [asset.id for asset in found] == ids
    assert found[0].title == "leaf"
    assert len(list(hub.assets.list(lesson=lesson.id, most=3))) == 3
    assert hub.assets.edit(ids[0], note="green").note == "green"
    hub.assets.delete(ids[0])
    with pytest.raises(NotFound):
        hub.assets.get(ids[0])
    hub.lessons.end(lesson)


def test_problems_are_exceptions_that_say_what_to_do(live_hub, hub):
    with pytest.raises(Invalid) as invalid:
        hub.lessons.start("")
    assert invalid.value.errors[0].field == "body.title"
    with Client(live_hub.url, live_hub.token("pupil")) as pupil:
        with pytest.raises(Forbidden) as forbidden:
            pupil.lessons.start("Mine")
        assert forbidden.value.status == 403
    with pytest.raises(NotFound):
        hub.devices.get("cam").read("none/../../x")


def test_a_wrong_token_is_told_at_once(live_hub):
    with pytest.raises(NotSignedIn):
        Client.connect(live_hub.url, "chub_wrong")
    with pytest.raises(ValueError, match="token"):
        Client(live_hub.url, "")
    with pytest.raises(ValueError, match="address"):
        Client("127.0.0.1:8420", "x")


def test_a_hub_that_is_not_there_is_told_clearly(live_hub, camera):
    with pytest.raises(HubUnreachable, match="is it running"):
        Client.connect("http://127.0.0.1:9", "chub_x")
    with pytest.raises(NotAHub), Client(camera.url, "chub_x", timeout=2) as client:
        client.hub()
    assert not [t for t in threading.enumerate() if t.name.startswith("classhub")]


def test_the_environment_must_say_where_the_hub_is(monkeypatch):
    monkeypatch.delenv("CLASSHUB_URL", raising=False)
    with pytest.raises(ClientError, match="CLASSHUB_URL"):
        Client.from_environment()


def test_a_closed_client_says_so(live_hub):
    client = Client.connect(live_hub.url, live_hub.token("teacher"))
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.hub()


async def test_the_async_client_has_the_same_words(live_hub):
    hub = await AsyncClient.connect(live_hub.url, live_hub.token("teacher"))
    async with hub:
        device = await hub.devices.first("microscope")
        assert (await device.still()).media_type == "image/jpeg"
        assert [asset async for asset in hub.assets.list(most=1)]


def test_an_operation_is_followed_to_its_result_or_cancelled(start):
    """With the virtual microscope: a property is set and read back, autofocus runs."""
    running = start("--virtual")
    with Client(running.url, running.token("teacher"), language="en") as hub:
        microscope = hub.devices.get("virtual-microscope")
        with microscope.changes("focus", timeout=20) as changes:
            next(changes)
            assert microscope.write("focus", 12.0).value == pytest.approx(12.0)
            assert any(change.reading.value == pytest.approx(12.0) for change in changes)
        seen = []
        result = microscope.invoke("autofocus").wait(seen.append)
        assert "focus" in result
        assert seen[-1].status == "done"
        operation = microscope.invoke("autofocus")
        operation.cancel()
        with pytest.raises(OperationEnded) as ended:
            operation.wait()
        assert ended.value.status == "cancelled"
    examples(running, running.data.parent)


def examples(running, folder):
    """The examples run as they stand."""
    environment = {
        **os.environ,
        "CLASSHUB_URL": running.url,
        "CLASSHUB_TOKEN": running.token("teacher"),
        "PYTHONPATH": str(ROOT / "clients/python/src"),
    }

    def run(name):
        return subprocess.run(
            [sys.executable, EXAMPLES / name], cwd=folder, env=environment, timeout=60,
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip

    assert "pixels in capture.jpg" in run("capture.py")
    assert (folder / "capture.jpg").read_bytes().startswith(b"\xff\xd8")
    assert "pictures a second" in run("time_lapse.py")
    assert len(list(folder.glob("lapse-*.jpg"))) == 5
    watching = subprocess.Popen(
        [sys.executable, EXAMPLES / "watch.py"], env=environment, stdout=subprocess.PIPE, text=True
    )
    with watching:
        # Whichever device told first.
        assert watching.stdout.readline().startswith("virtual-")
        watching.kill()


def test_the_guide_shows_the_examples_as_they_are():
    guide = (ROOT / "docs/client.md").read_text()
    for file in sorted(EXAMPLES.glob("*.py")):
        assert f"```python\n{file.read_text()}```" in guide, file.name


def test_the_hub_offers_the_wheel_to_rooms_with_no_internet(live_hub, tmp_path):
    page = httpx.get(f"{live_hub.url}/client/").text
    address = re.search(r"pip install (\S+)</code>", page)[1]
    assert address.startswith(live_hub.url)
    wheel = httpx.get(address)
    assert wheel.status_code == 200
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as files:
        assert "classhub_client/py.typed" in files.namelist()
