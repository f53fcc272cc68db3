"""Bursts, clips and time-lapses, the whole way: a camera, its driver, the API; ffprobe judges."""

import json
import shutil
import subprocess
import time
from pathlib import Path

import httpx
import pytest

LIMIT = 30.0

pytestmark = pytest.mark.skipif(
    shutil.which("ffprobe") is None, reason="ffmpeg is not installed: apt install ffmpeg"
)

CONFIG = """
language = "en"
[[devices]]
id = "cam"
driver = "stream"
name = "Camera"
settings = {{ url = {url} }}
"""


def config_of(camera) -> str:
    return CONFIG.format(url=json.dumps(camera.url))


@pytest.fixture
def scope():
    """A camera of this test's own: it can be pulled."""
    from tests.conftest import MjpegPeer

    peer = MjpegPeer(picture())
    peer.interval = 0.04
    yield peer
    if not peer.closing.is_set():
        peer.close()


def picture() -> bytes:
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=321x240:rate=1"]
    command += ["-frames:v", "1", "-f", "image2", "-c:v", "mjpeg", "pipe:1"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def probe(file: Path) -> dict:
    """What ffprobe says of a video, having decoded all of it; nothing may be wrong."""
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_entries"]
    command += ["stream=codec_name,pix_fmt,width,height,nb_read_frames,duration", "-of", "json"]
    done = subprocess.run([*command, str(file)], check=True, capture_output=True, text=True)
    assert done.stderr == ""
    (stream,) = json.loads(done.stdout)["streams"]
    return stream


def until(ask, wanted, limit: float = LIMIT):
    end = time.monotonic() + limit
    while not wanted(found := ask()):
        assert time.monotonic() < end, found
        time.sleep(0.05)
    return found


def ended(api: httpx.Client, series: str) -> dict:
    ask = lambda: api.get(f"/api/v1/series/{series}").json()  # noqa: E731
    return until(ask, lambda one: one["state"] not in ("running", "making"))


def begin(api: httpx.Client, what: str, **body) -> dict:
    answer = api.post(f"/api/v1/microscopes/cam/{what}", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()


def reachable(hub) -> None:
    with hub.client() as api:
        until(lambda: api.get("/api/v1/devices/cam").json(), lambda one: one["state"]["reachable"])


def fetched(api: httpx.Client, asset: str, folder: Path) -> tuple[dict, Path]:
    about = api.get(f"/api/v1/assets/{asset}").json()
    file = folder / f"{asset}.mp4"
    file.write_bytes(api.get(f"/api/v1/assets/{asset}/content").content)
    return about, file


def test_a_clip_plays_as_long_as_it_was_recorded_and_can_be_sought(start, scope, tmp_path):
    hub = start(config=config_of(scope))
    reachable(hub)
    with hub.client() as api:
        begun = begin(api, "clips", seconds=2, title="Amoeba")
        assert begun["state"] == "running"
        done = ended(api, begun["id"])
        assert (done["state"], done["problem"], done["stopped"]) == ("done", None, False)
        about, file = fetched(api, done["asset"], tmp_path)
        found = probe(file)
        assert (found["codec_name"], found["pix_fmt"]) == ("h264", "yuv420p")
        assert (found["width"], found["height"]) == (320, 240), "both sides are even"
        assert abs(float(found["duration"]) - 2) < 0.4
        assert int(found["nb_read_frames"]) == done["taken"]
        assert about["title"] == "Amoeba"
        assert (about["media_type"], about["width"]) == ("video/mp4", 320)
        assert about["info"]["series"] == begun["id"]
        ranged = api.get(about["links"]["content"], headers={"Range": "bytes=4-7"})
        assert (ranged.status_code, ranged.content) == (206, b"ftyp")
        assert "inline" in ranged.headers["Content-Disposition"]
        small = api.get(about["links"]["thumbnail"])
        assert small.headers["Content-Type"] == "image/jpeg"
        operation = api.get(done["links"]["operation"]).json()
        assert operation["status"] == "done"
        assert operation["result"]["asset"] == done["asset"]
    assert list((hub.data / "work" / "microscopy" / "series").iterdir()) == []


def test_a_clip_that_is_stopped_is_kept(start, scope, tmp_path):
    hub = start(config=config_of(scope))
    reachable(hub)
    with hub.client() as api:
        begun = begin(api, "clips", seconds=600)
        refused = api.post("/api/v1/microscopes/cam/clips", json={"seconds": 5})
        assert (refused.status_code, refused.json()["code"]) == (409, "series-running")
        time.sleep(1)
        assert api.delete(f"/api/v1/series/{begun['id']}").status_code == 202
        done = ended(api, begun["id"])
        assert (done["state"], done["stopped"]) == ("done", True)
        found = probe(fetched(api, done["asset"], tmp_path)[1])
        assert int(found["nb_read_frames"]) == done["taken"] > 1
        again = begin(api, "clips", seconds=600)
        time.sleep(0.5)
        api.delete(again["links"]["operation"])
        assert ended(api, again["id"])["state"] == "done", "the operation's own way stops it too"


def test_a_camera_that_is_pulled_leaves_what_came_before(start, scope, tmp_path):
    hub = start(config=config_of(scope))
    reachable(hub)
    with hub.client() as api:
        begun = begin(api, "clips", seconds=60)
        time.sleep(1.2)
        scope.close()
        done = ended(api, begun["id"])
        assert (done["state"], done["problem"]["code"]) == ("done", "camera-lost")
        about, file = fetched(api, done["asset"], tmp_path)
        assert about["info"]["problem"] == "camera-lost"
        assert int(probe(file)["nb_read_frames"]) == done["taken"] > 5
        refused = begin(api, "clips", seconds=5)
        failed = ended(api, refused["id"])
        assert (failed["state"], failed["asset"]) == ("failed", None)
        assert failed["problem"]["hint"]


def test_a_hub_that_is_killed_keeps_the_clip_up_to_there(start, scope, tmp_path):
    hub = start(config=config_of(scope))
    reachable(hub)
    with hub.client() as api:
        begun = begin(api, "clips", seconds=60, title="Cut")
        time.sleep(1.5)
    hub.process.kill()
    hub.process.wait()
    hub = start(config=config_of(scope))
    with hub.client() as api:
        done = ended(api, begun["id"])
        assert (done["state"], done["problem"]["code"]) == ("done", "hub-ended")
        about, file = fetched(api, done["asset"], tmp_path)
        assert about["title"] == "Cut"
        assert int(probe(file)["nb_read_frames"]) > 10
    assert list((hub.data / "work" / "microscopy" / "series").iterdir()) == []


def test_a_recording_that_is_no_longer_there_is_told(start, scope):
    hub = start(config=config_of(scope))
    reachable(hub)
    with hub.client() as api:
        begun = begin(api, "clips", seconds=60)
        time.sleep(1)
    hub.process.kill()
    hub.process.wait()
    (spool,) = (hub.data / "work" / "microscopy" / "series").iterdir()
    spool.write_bytes(b"no video at all")
    hub = start(config=config_of(scope))
    with hub.client() as api:
        done = ended(api, begun["id"])
        assert (done["state"], done["problem"]["code"]) == ("failed", "nothing-recorded")
        assert api.get("/api/v1/assets").json()["items"] == []


def test_a_burst_is_so_many_stills(start, scope):
    hub = start(config=config_of(scope))
    reachable(hub)
    with hub.client() as api:
        begun = begin(api, "bursts", count=8)
        done = ended(api, begun["id"])
        assert (done["state"], done["taken"]) == ("done", 8)
        ids = api.get(done["links"]["pictures"]).json()["items"]
        frames = [api.get(f"/api/v1/captures/{one}").json()["capture"]["frame"] for one in ids]
        assert frames == sorted(set(frames))
        assert len(frames) == 8
        spaced = ended(api, begin(api, "bursts", count=3, interval=0.5)["id"])
        ids = api.get(spaced["links"]["pictures"]).json()["items"]
        frames = [api.get(f"/api/v1/captures/{one}").json()["capture"]["frame"] for one in ids]
        assert frames[2] - frames[0] >= 950


def test_a_time_lapse_goes_on_after_a_kill_and_takes_no_place_twice(start, scope, tmp_path):
    hub = start(config=config_of(scope))
    reachable(hub)
    with hub.client() as api:
        begun = begin(api, "time-lapses", interval=1, count=12, rate=4)
        ask = lambda: api.get(f"/api/v1/series/{begun['id']}").json()  # noqa: E731
        until(ask, lambda one: one["taken"] >= 3)
    hub.process.kill()
    hub.process.wait()
    time.sleep(2.5)
    hub = start(config=config_of(scope))
    with hub.client() as api:
        done = ended(api, begun["id"])
        assert (done["state"], done["problem"]) == ("done", None)
        assert done["taken"] + done["missed"] == 12
        assert 1 <= done["missed"] <= 9  # three were taken before
        assert done["gaps"][0]["problem"]["code"] == "hub-ended"
        ids = api.get(done["links"]["pictures"]).json()["items"]
        assert len(ids) == done["taken"]
        places = [api.get(f"/api/v1/assets/{one}").json()["info"]["place"] for one in ids]
        assert places == sorted(set(places))
        about, file = fetched(api, done["asset"], tmp_path)
        found = probe(file)
        assert int(found["nb_read_frames"]) == done["taken"]
        assert abs(float(found["duration"]) - done["taken"] / 4) < 0.3
        assert about["info"]["missed"] == done["missed"]
    assert "Traceback" not in hub.err.read_text()


def test_a_camera_that_is_away_for_a_while_leaves_a_gap(start, scope):
    hub = start(config=config_of(scope))
    reachable(hub)
    with hub.client() as api:
        begun = begin(api, "time-lapses", interval=1, count=600)
        ask = lambda: api.get(f"/api/v1/series/{begun['id']}").json()  # noqa: E731
        until(ask, lambda one: one["taken"] >= 2)
        scope.interval = 3600.0
        until(ask, lambda one: one["missed"] >= 2)
        api.delete(f"/api/v1/series/{begun['id']}")
        done = ended(api, begun["id"])
        assert (done["state"], done["stopped"]) == ("done", True)
        assert done["asset"] is not None
        assert sum(gap["missed"] for gap in done["gaps"]) == done["missed"]
        scope.closing.set()


def test_pupils_have_limits_of_their_own_and_strangers_see_nothing(start, scope):
    hub = start(config=config_of(scope))
    reachable(hub)
    with hub.client("pupil") as pupil, hub.client() as teacher:
        long = pupil.post("/api/v1/microscopes/cam/clips", json={"seconds": 500})
        assert (long.status_code, long.json()["code"]) == (422, "invalid")
        begun = begin(pupil, "clips", seconds=100)
        more = pupil.post("/api/v1/microscopes/cam/time-lapses", json={"interval": 2, "count": 9})
        assert (more.status_code, more.json()["code"]) == (429, "too-many-series")
        secret, _ = hub.new_token("pupil")
        stranger = {"Authorization": f"Bearer {secret}"}
        url = f"{hub.url}/api/v1/series/{begun['id']}"
        assert httpx.get(url, headers=stranger).status_code == 403
        assert httpx.delete(url, headers=stranger).status_code == 403
        time.sleep(1)
        assert teacher.delete(f"/api/v1/series/{begun['id']}").status_code == 202
        assert ended(pupil, begun["id"])["state"] == "done"


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("clips", {"seconds": 601}),
        ("clips", {"seconds": 0}),
        ("clips", {}),
        ("bursts", {"count": 1}),
        ("bursts", {"count": 51}),
        ("bursts", {"count": 5, "interval": -1}),
        ("time-lapses", {"interval": 0.5, "count": 5}),
        ("time-lapses", {"interval": 5}),
        ("time-lapses", {"interval": 5, "count": 3, "until": "2030-01-01T00:00:00Z"}),
        ("time-lapses", {"interval": 1, "until": "2099-01-01T00:00:00Z"}),
        ("time-lapses", {"interval": 1, "until": "2001-01-01T00:00:00Z"}),
        ("time-lapses", {"interval": 1, "count": 3, "rate": 0}),
    ],
)
def test_what_cannot_be_is_refused(live_hub, what, body):
    with live_hub.client() as api:
        answer = api.post(f"/api/v1/microscopes/cam/{what}", json=body)
        assert answer.status_code == 422
        assert answer.json()["hint"]


def test_without_ffmpeg_clips_are_refused_with_what_to_install(start, scope, tmp_path):
    empty = tmp_path / "bin"
    empty.mkdir()
    hide = "import hub.programs\nhub.programs.find_program = lambda command: None\n"
    hub = start(config=config_of(scope), before=hide)
    reachable(hub)
    with hub.client() as api:
        answer = api.post("/api/v1/microscopes/cam/clips", json={"seconds": 5})
        assert (answer.status_code, answer.json()["code"]) == (503, "ffmpeg-missing")
        assert "apt install ffmpeg" in answer.json()["hint"]
        lapse = ended(api, begin(api, "time-lapses", interval=1, count=2)["id"])
        assert (lapse["state"], lapse["problem"]["code"]) == ("done", "ffmpeg-missing")
        assert lapse["taken"] == 2, "the pictures are kept all the same"
