"""Films, the whole way: a storyboard over the API, the worker, ffmpeg; ffprobe judges."""

import json
import shutil
import subprocess
import time

import pytest

LIMIT = 90.0

pytestmark = pytest.mark.skipif(
    shutil.which("ffprobe") is None, reason="ffmpeg is not installed: apt install ffmpeg"
)


def made_by_ffmpeg(*command: str) -> bytes:
    return subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", *command], check=True, capture_output=True
    ).stdout


def still(colour: str) -> bytes:
    source = f"color=c={colour}:size=640x360"
    return made_by_ffmpeg("-i", source, "-frames:v", "1", "-f", "image2", "-c:v", "mjpeg", "pipe:1")


def clip(tmp_path) -> bytes:
    file = tmp_path / "clip.mp4"
    options = ["-t", "2", "-pix_fmt", "yuv420p", str(file)]
    made_by_ffmpeg("-i", "color=c=0x00c000:size=320x240:rate=30", *options)
    return file.read_bytes()


def upload(api, content: bytes, media_type: str, name: str = "a") -> str:
    answer = api.post("/api/v1/assets", files={"file": (name, content, media_type)})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def rendered(api, film: str) -> dict:
    answer = api.post(f"/api/v1/films/{film}/render")
    assert answer.status_code == 202, answer.text
    end = time.monotonic() + LIMIT
    while (operation := api.get(answer.headers["Location"]).json())["ended"] is None:
        assert time.monotonic() < end, operation
        time.sleep(0.1)
    return operation


def colour_at(file, seconds: float) -> tuple[int, int, int]:
    command = ["ffmpeg", "-v", "error", "-ss", str(seconds), "-i", str(file), "-frames:v", "1"]
    command += ["-vf", "crop=200:200,scale=1:1", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"]
    found = subprocess.run(command, check=True, capture_output=True).stdout
    return tuple(found)


def test_a_film_shows_what_the_storyboard_says_for_as_long_as_it_says(start, tmp_path):
    hub = start(config='language = "en"\n')
    with hub.client() as api:
        red = upload(api, still("0xc00000"), "image/jpeg")
        green = upload(api, clip(tmp_path), "video/mp4")
        items = [
            {"seconds": 2, "fade": 0, "title": {"kk": "Пияз: әғқңөұүһі", "en": "Onion"}},
            {"asset": red, "seconds": 3, "fade": 0.4, "caption": {"ru": "Клетка"}},
            {"asset": green, "seconds": 60, "fade": 0.4},
        ]
        body = {"title": "Our film", "storyboard": {"language": "kk", "items": items}}
        film = api.post("/api/v1/films", json=body)
        assert film.status_code == 201, film.text
        film = film.json()
        operation = rendered(api, film["id"])
        assert operation["status"] == "done", operation
        asset = operation["result"]["asset"]
        assert api.get(f"/api/v1/films/{film['id']}").json()["asset"] == asset
        file = tmp_path / "film.mp4"
        file.write_bytes(api.get(f"/api/v1/assets/{asset}/content").content)
        shown = "stream=codec_name,width,height,nb_read_frames,duration"
        command = ["ffprobe", "-v", "error", "-count_frames", "-show_entries", shown]
        probed = subprocess.run(
            [*command, "-of", "json", str(file)], capture_output=True, check=True
        )
        assert probed.stderr == b""
        (stream,) = json.loads(probed.stdout)["streams"]
        assert (stream["codec_name"], stream["width"], stream["height"]) == ("h264", 1920, 1080)
        # 2 + 3 + 2 seconds, twice 0.4 of them at the same time.
        assert abs(float(stream["duration"]) - 6.2) < 0.1
        assert int(stream["nb_read_frames"]) == 155
        assert all(abs(a - b) < 12 for a, b in zip(colour_at(file, 3.3), (192, 0, 0), strict=True))
        assert all(abs(a - b) < 12 for a, b in zip(colour_at(file, 5.5), (0, 192, 0), strict=True))
        # Half way through the cross-fade, six of eleven parts green.
        mixed = (192 * 5 / 11, 192 * 6 / 11, 0)
        assert all(abs(a - b) < 20 for a, b in zip(colour_at(file, 4.4), mixed, strict=True))
        info = api.get(f"/api/v1/assets/{asset}").json()["info"]
        assert info["sources"] == [red, green]
    assert list((hub.data / "work" / "microscopy" / "films").iterdir()) == []


def test_two_who_change_a_film_do_not_undo_each_other(start):
    hub = start(config='language = "en"\n')
    with hub.client() as api:
        film = api.post("/api/v1/films", json={"title": "A"}).json()
        change = {"title": "B", "storyboard": film["storyboard"], "revision": film["revision"]}
        url = f"/api/v1/films/{film['id']}"
        assert api.put(url, json=change).json()["revision"] == 2
        second = api.put(url, json={**change, "title": "C"})
        assert (second.status_code, second.json()["code"]) == (409, "film-changed")
        assert api.get(url).json()["title"] == "B"
        empty = api.post(f"{url}/render")
        assert (empty.status_code, empty.json()["code"]) == (422, "film-empty")
        secret, _ = hub.new_token("pupil")
        answer = api.get(url, headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 403


def test_what_is_gone_or_no_video_is_named_before_anything_is_made(start, tiny_jpeg):
    hub = start(config='language = "en"\n')
    with hub.client() as api:
        picture = upload(api, tiny_jpeg, "image/jpeg")
        fake = upload(api, b"no video", "video/mp4")
        body = {"title": "A", "storyboard": {"items": [{"asset": picture}]}}
        url = f"/api/v1/films/{api.post('/api/v1/films', json=body).json()['id']}"
        api.delete(f"/api/v1/assets/{picture}")
        gone = api.post(f"{url}/render")
        assert (gone.status_code, gone.json()["code"]) == (409, "film-source-missing")
        assert "number 1" in gone.json()["title"]
        body = {"title": "B", "storyboard": {"items": [{"asset": fake}]}}
        url = f"/api/v1/films/{api.post('/api/v1/films', json=body).json()['id']}"
        broken = api.post(f"{url}/render")
        assert (broken.status_code, broken.json()["code"]) == (422, "bad-video")
        assert api.get(f"/api/v1/assets/{fake}/thumbnail").status_code == 422


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_a_spoken_film_can_be_heard(start, tmp_path):
    hub = start(config='language = "en"\n')
    with hub.client() as api:
        item = {"seconds": 1, "title": {"kk": "Бұл жасуша"}}
        body = {"items": [item], "language": "kk", "narration": {"kind": "spoken"}}
        film = api.post("/api/v1/films", json={"title": "A", "storyboard": body}).json()
        operation = rendered(api, film["id"])
        assert operation["status"] == "done", operation
        file = tmp_path / "film.mp4"
        asset = operation["result"]["asset"]
        file.write_bytes(api.get(f"/api/v1/assets/{asset}/content").content)
        command = ["ffmpeg", "-i", str(file), "-af", "volumedetect", "-f", "null", "-"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
        loud = next(line for line in said.splitlines() if "max_volume" in line)
        assert float(loud.split("max_volume:")[1].split()[0]) > -20
