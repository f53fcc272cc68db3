"""Pictures that hurt, handed in and sent by a camera: through everything that looks into them."""

import contextlib
import io
import json
import struct
import time
import zlib
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.conftest import MjpegPeer, RunningHub

LIMIT = 60.0
MEMORY = 400 << 20
"""Bytes of the hub's own process; a picture of 100 megapixels decoded there would show."""


def noise(size: tuple[int, int] = (64, 48), form: str = "JPEG", **options: object) -> bytes:
    pixels = np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form, **options)
    return out.getvalue()


GOOD = noise()


def segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2, "big") + payload


def with_segments(*segments: bytes) -> bytes:
    return GOOD[:2] + b"".join(segments) + GOOD[2:]


def exif(*entries: bytes, count: int | None = None, following: int = 0) -> bytes:
    """An EXIF segment of one directory (EXIF 2.32, section 4.6)."""
    head = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(entries) if count is None else count)
    return segment(0xE1, head + b"".join(entries) + struct.pack("<I", following))


def entry(tag: int, kind: int, count: int, value: int) -> bytes:
    return struct.pack("<HHII", tag, kind, count, value)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(*chunks: bytes) -> bytes:
    whole = noise(form="PNG")
    return whole[:33] + b"".join(chunks) + whole[33:]


def sized(width: int, height: int) -> bytes:
    """A JPEG that claims a size; there are not so many pixels in it."""
    at = GOOD.index(b"\xff\xc0")
    return GOOD[: at + 5] + struct.pack(">HH", height, width) + GOOD[at + 9 :]


def scans(count: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    whole = noise((512, 512), progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * count + whole[-2:]


BOMB = zlib.compress(bytes(200 << 20), 9)
HURTING: dict[str, bytes] = {
    "cut in its scan": GOOD[: len(GOOD) // 2] + b"\xff\xd9",
    "with nothing in its scan": GOOD[: GOOD.index(b"\xff\xda") + 14] + b"\xff\xd9",
    "with a hundred megapixels claimed": sized(10_000, 9_999),
    "of one line": noise((4096, 1)),
    "of one column": noise((1, 4096)),
    "EXIF without end": with_segments(exif(entry(0x0112, 3, 1, 6), following=8)),
    "EXIF of four thousand million values": with_segments(
        exif(entry(0x0112, 4, 2**32 - 1, 0), entry(0x010E, 2, 2**31, 26))
    ),
    "EXIF with more entries than bytes": with_segments(exif(entry(0x0112, 3, 1, 6), count=65535)),
    "EXIF with a directory in itself": with_segments(
        exif(entry(0x8769, 4, 1, 8), entry(0x8825, 4, 1, 8), entry(0xA005, 4, 1, 8))
    ),
    "EXIF with an orientation of no kind": with_segments(exif(entry(0x0112, 2, 4, 0x39393939))),
    "EXIF two hundred times": with_segments(
        *[segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0" + bytes(65_000))] * 200
    ),
    "XMP a hundred times": with_segments(
        *[segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + b"<x>" * 20_000)] * 100
    ),
    "colours in two hundred pieces": with_segments(
        *[segment(0xE2, b"ICC_PROFILE\0" + bytes([n, 255]) + bytes(60_000)) for n in range(200)]
    ),
    "in a thousand scans": scans(1000),
    "PNG with a text of 200 MB": png(chunk(b"zTXt", b"Comment\0\0" + BOMB)),
    "PNG with colours of 200 MB": png(chunk(b"iCCP", b"c\0\0" + BOMB)),
    "PNG with EXIF that is none": png(chunk(b"eXIf", b"II*\0\xff\xff\xff\xff")),
    "PNG cut in its data": png()[:2000] + png()[-12:],
    "in four inks": noise((64, 48)),
}
with contextlib.closing(io.BytesIO()) as _inks:
    Image.new("CMYK", (64, 48), (10, 80, 200, 30)).save(_inks, "JPEG")
    HURTING["in four inks"] = _inks.getvalue()
FOREIGN = {
    "WebP": noise(form="WEBP"),
    "GIF": noise(form="GIF"),
    "TIFF": noise(form="TIFF"),
    "BMP": noise(form="BMP"),
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
    "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "page": b"<!doctype html><script>alert(1)</script>",
    "nothing": b"",
}


@pytest.fixture(scope="module")
def scope():
    peer = MjpegPeer(GOOD)
    yield peer
    peer.close()


@pytest.fixture(scope="module")
def hub(start_shared, scope: MjpegPeer) -> RunningHub:
    url = json.dumps(scope.url)
    return start_shared(
        config=f'language = "en"\n[[devices]]\nid = "cam"\ndriver = "stream"\n'
        f"settings = {{ url = {url} }}\n"
    )


@pytest.fixture
def api(hub: RunningHub):
    with hub.client() as client:
        client.timeout = LIMIT
        yield client
    assert hub.process.poll() is None
    assert "Traceback" not in hub.err.read_text()
    status = Path(f"/proc/{hub.process.pid}/status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    assert int(resident.split()[1]) << 10 < MEMORY


def upload(api: httpx.Client, content: bytes, kind: str = "") -> httpx.Response:
    media_type = kind or ("image/png" if content[1:4] == b"PNG" else "image/jpeg")
    return api.post("/api/v1/assets", files={"file": ("a", content, media_type)})


def said(answer: httpx.Response, name: str) -> None:
    """It worked, or was refused with what to do."""
    if not answer.is_success:
        assert 400 <= answer.status_code < 500, (name, answer.text)
        assert answer.json()["hint"], (name, answer.text)


def outcome(api: httpx.Client, where: str, body: dict) -> dict:
    answer = api.post(where, json=body)
    assert answer.is_success, answer.text
    end = time.monotonic() + LIMIT
    while not (told := api.get(answer.headers["Location"]).json())["ended"]:
        assert time.monotonic() < end, told
        time.sleep(0.05)
    if told["status"] != "done":
        assert told["problem"]["hint"], told
    return told


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_no_picture_is_refused_whatever_it_says(api, name) -> None:
    answer = upload(api, FOREIGN[name], "image/jpeg")
    assert answer.status_code in (415, 422), answer.text
    assert answer.json()["hint"]


@pytest.mark.parametrize("name", HURTING)
def test_a_hand_in_is_refused_or_harms_nothing_that_looks_into_it(api, name) -> None:
    good = upload(api, GOOD).json()["id"]
    answer = upload(api, HURTING[name])
    said(answer, name)
    if not answer.is_success:
        return
    bad = answer.json()["id"]
    content = api.get(f"/api/v1/assets/{bad}/content")
    assert content.content == HURTING[name], "what was taken is kept as it came"
    for look in (f"assets/{bad}/thumbnail", f"captures/{bad}/histogram"):
        said(api.get(f"/api/v1/{look}"), f"{name}: {look}")
    for wanted in ("zip", "png", "jpeg", "ome-tiff", "report"):
        told = outcome(api, "/api/v1/exports", {"format": wanted, "assets": [good, bad]})
        assert told["status"] == "done", (wanted, told)
        assert set(told["result"]["missing"]) <= {bad}
        if wanted == "zip":
            assert told["result"]["missing"] == [], "the file itself is there"
    for process, sources in (("stack", [good, bad]), ("count", [bad]), ("flat-field", [bad])):
        told = outcome(api, "/api/v1/processes", {"process": process, "sources": sources})
        if told["status"] != "done":
            assert told["problem"]["code"] != "work-failed", (process, told)
    board = {"items": [{"asset": good, "seconds": 0.5}, {"asset": bad, "seconds": 0.5}]}
    film = api.post("/api/v1/films", json={"title": "A", "storyboard": board}).json()["id"]
    told = outcome(api, f"/api/v1/films/{film}/render", {})
    if told["status"] != "done":
        assert told["problem"]["code"] != "work-failed", told


@pytest.mark.parametrize("name", [*HURTING, *FOREIGN])
def test_a_camera_may_send_anything_and_the_next_good_picture_is_kept(api, scope, name) -> None:
    scope.picture = (HURTING | FOREIGN)[name]
    try:
        for _ in range(2):
            answer = api.post("/api/v1/microscopes/cam/captures", json={})
            if answer.is_success:
                kept = answer.json()["id"]
                said(api.get(f"/api/v1/assets/{kept}/thumbnail"), name)
            else:
                assert answer.json()["hint"], answer.text
        for ask in (
            lambda: api.get("/api/v1/microscopes/cam/focus-score"),
            lambda: api.post("/api/v1/microscopes/cam/ruling", json={}),
            lambda: api.get("/api/v1/devices/cam/streams/view/latest.jpg"),
        ):
            answer = ask()
            assert answer.is_success or answer.json()["hint"], answer.text
            assert answer.status_code != 500, answer.text
    finally:
        scope.picture = GOOD
    end = time.monotonic() + LIMIT
    while (answer := api.post("/api/v1/microscopes/cam/captures", json={})).status_code != 201:
        assert time.monotonic() < end, answer.text
        time.sleep(0.2)
    content = api.get(f"/api/v1/assets/{answer.json()['id']}/content").content
    if len(content) < 10_000:
        with Image.open(io.BytesIO(content)) as shown:
            shown.load()
            assert shown.size == (64, 48)
