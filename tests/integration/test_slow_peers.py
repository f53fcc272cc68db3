"""Peers that dawdle, fall silent or take nothing: they are cut off, and cost the hub little."""

import contextlib
import socket
import time

import httpx
import psutil
import pytest
from websockets.sync.client import connect

# Short of patience, so that the test need not have much.
HASTY = """
from hub.api import connection, http, socket, stream
http.HEAD_SECONDS = http.BODY_SECONDS = http.LEFTOVER_SECONDS = 0.5
http.ANSWER_SECONDS = socket.PATIENCE = 1.0
stream.SIGN_IN_SECONDS = 0.5
"""
UPLOAD = (
    b"POST /api/v1/assets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
    b"Content-Type: multipart/form-data; boundary=a\r\nContent-Length: 60000000\r\n\r\n"
    b'--a\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
    b"Content-Type: image/jpeg\r\n\r\n"
)


@pytest.fixture
def hasty(start, camera):
    config = f'[[devices]]\nid = "cam"\ndriver = "stream"\nsettings = {{ url = "{camera.url}" }}\n'
    hub = start(before=HASTY, config=config)
    yield hub
    assert httpx.get(f"{hub.url}/api/v1/health").status_code == 200
    assert "Traceback" not in hub.err.read_text()


def opened(hub, sent=b""):
    raw = socket.create_connection(("127.0.0.1", hub.port), 5)
    raw.sendall(sent)
    return raw


def is_cut(raw, drip=b"", every=0.1):
    """Tell whether the hub ends a connection while the peer sends now and then a little."""
    end = time.monotonic() + 8
    raw.settimeout(every)
    while time.monotonic() < end:
        try:
            raw.sendall(drip)
            if raw.recv(65536) == b"":
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False


def staged(hub):
    return list((hub.data / "files" / "staging").iterdir())


def test_who_only_holds_a_connection_open_is_cut_off(hasty):
    token = hasty.token("pupil").encode()
    session = b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n"
    dawdlers = {
        "says nothing": (b"", b""),
        "sends blank lines": (b"", b"\r\n"),
        "never ends its head": (b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"X: y\r\n"),
        "never sends its body": (session + b"Content-Length: 9\r\n\r\n", b""),
        "drips its body": (session + b"Content-Length: 999999\r\n\r\n{", b" "),
        "drips a body nobody wants": (
            b"POST /none HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"1\r\nx\r\n",
        ),
        "falls silent in an upload": (UPLOAD % token, b""),
        "drips an upload": (UPLOAD % token, b"x"),
        "says nothing after an answer": (b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\r\n"),
    }
    with contextlib.ExitStack() as stack:
        open_ones = {
            name: (stack.enter_context(contextlib.closing(opened(hasty, first))), drip)
            for name, (first, drip) in dawdlers.items()
        }
        for name, (raw, drip) in open_ones.items():
            assert is_cut(raw, drip), name
    assert staged(hasty) == []


def test_an_upload_that_is_broken_off_leaves_nothing(hasty):
    token = hasty.token("pupil").encode()
    with opened(hasty, UPLOAD % token) as raw:
        raw.sendall(b"x" * (4 << 20))
        end = time.monotonic() + 5
        while not any(file.stat().st_size for file in staged(hasty)):
            assert time.monotonic() < end, "an upload is written on the hub's own disk"
            time.sleep(0.02)
    while staged(hasty):
        assert time.monotonic() < end + 5
        time.sleep(0.02)


def test_one_sender_does_not_take_all_the_room_for_uploads(hasty):
    token = hasty.token("pupil").encode()
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            raw = stack.enter_context(contextlib.closing(opened(hasty, UPLOAD % token)))
            raw.sendall(b"x" * 200_000)
        end = time.monotonic() + 30
        while len(staged(hasty)) < 4:
            assert time.monotonic() < end, "four uploads are on their way"
            time.sleep(0.02)
        files = {"file": ("a.jpg", b"x", "image/jpeg")}
        with hasty.client("pupil") as pupil, hasty.client("teacher") as teacher:
            assert pupil.post("/api/v1/assets", files=files).json()["code"] == "store-busy"
            assert teacher.post("/api/v1/assets", files=files).status_code == 415


def test_a_head_without_end_costs_no_memory(hasty):
    before = psutil.Process(hasty.process.pid).memory_info().rss
    sent = 0
    with (
        opened(hasty, b"GET / HTTP/1.1\r\nHost: localhost\r\n") as raw,
        contextlib.suppress(OSError),
    ):
        for number in range(4000):
            raw.sendall(b"X-%d: " % number + b"a" * 8000 + b"\r\n")
            sent += 8000
    assert sent < 16 << 20
    assert psutil.Process(hasty.process.pid).memory_info().rss - before < 8 << 20


def test_who_asks_for_a_picture_and_does_not_take_it_is_cut_off(hasty, tiny_jpeg):
    large = tiny_jpeg[:-2] + bytes(16 << 20) + tiny_jpeg[-2:]
    with hasty.client("pupil") as pupil:
        made = pupil.post("/api/v1/assets", files={"file": ("a.jpg", large, "image/jpeg")}).json()
    asked = (
        f"GET {made['links']['content']} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {hasty.token('pupil')}\r\n\r\n"
    )
    with opened(hasty, asked.encode()) as raw:
        assert raw.recv(1) == b"H"
        process = psutil.Process(hasty.process.pid)
        end = time.monotonic() + 10
        while any(tuple(c.raddr) == raw.getsockname() for c in process.net_connections("tcp")):
            assert time.monotonic() < end
            time.sleep(0.05)
        assert time.monotonic() > end - 9.5, "it is given a moment"


def test_viewers_who_say_and_read_nothing_leave_room_for_the_others(hasty):
    pupil = {"Authorization": f"Bearer {hasty.token('pupil')}"}
    with contextlib.ExitStack() as stack:
        for _ in range(120):
            with contextlib.suppress(Exception):
                stack.enter_context(connect(hasty.ws, proxy=None, open_timeout=5))
        viewer = stack.enter_context(connect(hasty.ws, additional_headers=pupil, proxy=None))
        assert "welcome" in viewer.recv(5)
