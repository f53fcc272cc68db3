"""Live pictures for simple clients, over a real socket."""

import contextlib
import time

import httpx
import pytest

STREAM = "/api/v1/devices/cam/streams/view"


def pictures(chunks, count):
    """The first pictures of a multipart stream."""
    buffer, found = b"", []
    for chunk in chunks:
        buffer += chunk
        while b"\r\n\r\n" in buffer:
            head, rest = buffer.split(b"\r\n\r\n", 1)
            size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            if len(rest) < size + 2:
                break
            found.append((head, rest[:size]))
            buffer = rest[size + 2 :]
        if len(found) >= count:
            return found
    return found


def test_a_still_is_the_cameras_own_bytes(live_hub, tiny_jpeg):
    with live_hub.client("display") as display:
        answer = display.get(f"{STREAM}/latest.jpg")
    assert answer.content == tiny_jpeg
    assert answer.headers["content-type"] == "image/jpeg"
    assert int(answer.headers["x-frame"]) > 0
    assert "no-store" in answer.headers["cache-control"]


def test_live_pictures_come_as_multipart(live_hub, tiny_jpeg):
    with live_hub.client("pupil") as pupil, pupil.stream("GET", f"{STREAM}/live") as answer:
        assert answer.headers["content-type"].startswith("multipart/x-mixed-replace; boundary=")
        assert "content-length" not in answer.headers
        found = pictures(answer.iter_raw(), 3)
    assert all(picture == tiny_jpeg for _, picture in found)
    assert all(head.lstrip().startswith(b"--classhub-frame") for head, _ in found)
    frames = [int(head.split(b"X-Frame: ")[1].split()[0]) for head, _ in found]
    assert frames == sorted(set(frames))


def test_a_signed_address_needs_no_token_and_opens_nothing_else(live_hub):
    with live_hub.client("pupil") as pupil:
        links = pupil.post(f"{STREAM}/links").json()
    with httpx.Client(base_url=live_hub.url) as anybody:
        assert anybody.get(f"{STREAM}/latest.jpg").status_code == 401
        assert anybody.get(links["still"]).status_code == 200
        with anybody.stream("GET", links["url"]) as answer:
            assert len(pictures(answer.iter_raw(), 1)) == 1
        query = links["still"].split("?")[1]
        for path in (f"{STREAM}/live", "/api/v1/devices", "/api/v1/assets"):
            assert anybody.get(f"{path}?{query}").status_code in (401, 403), path
        broken = links["still"].replace("expires=", "expires=9")
        assert anybody.get(broken).json()["code"] == "bad-link"


def test_a_signed_address_dies_with_its_token(live_hub):
    secret, identity = live_hub.new_token("pupil")
    with httpx.Client(base_url=live_hub.url) as anybody, live_hub.client("admin") as admin:
        owner = {"Authorization": f"Bearer {secret}"}
        links = anybody.post(f"{STREAM}/links", headers=owner).json()
        assert anybody.get(links["still"]).status_code == 200
        with anybody.stream("GET", links["url"]) as answer:
            chunks = answer.iter_raw()
            assert pictures(chunks, 1)
            admin.delete(f"/api/v1/tokens/{identity}")
            started = time.monotonic()
            pictures(chunks, 10_000)
            assert time.monotonic() - started < 5, "the stream itself ends"
        assert anybody.get(links["still"]).json()["code"] == "bad-link"


def test_a_stream_that_is_not_there_is_a_problem(live_hub):
    with live_hub.client("pupil") as pupil:
        for path in ("cam/streams/none/live", "none/streams/view/live", "cam/streams/..%2f/live"):
            answer = pupil.get(f"/api/v1/devices/{path}")
            assert answer.status_code in (404, 422), path
            assert answer.headers["content-type"] == "application/problem+json"


@pytest.fixture
def dead_hub(start):
    """A hub whose camera does not answer."""
    return start(
        config='[[devices]]\nid = "dead"\ndriver = "stream"\n'
        'settings = { url = "http://127.0.0.1:9/stream" }\n'
    )


def test_a_camera_that_does_not_answer_is_a_problem_that_says_what_to_do(dead_hub):
    with dead_hub.client("pupil", **{"Accept-Language": "en"}) as pupil:
        answer = pupil.get("/api/v1/devices/dead/streams/view/latest.jpg")
        assert answer.status_code in (503, 504)
        assert answer.json()["hint"]
        with contextlib.suppress(httpx.ReadTimeout):
            assert pupil.get("/api/v1/devices/dead/streams/view/live").status_code in (503, 504)
        device = pupil.get("/api/v1/devices/dead").json()
        assert device["state"]["reachable"] is False
