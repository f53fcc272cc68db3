"""Bytes and floods that no browser sends; after each the hub goes on."""

import concurrent.futures
import contextlib
import json
import re
import socket

import httpx
import pytest


@pytest.fixture(autouse=True)
def the_hub_goes_on(live_hub):
    yield
    assert httpx.get(f"{live_hub.url}/api/v1/health").json() == {"status": "ready"}


def exchange(hub, sent, limit=1 << 20):
    received = b""
    with socket.create_connection(("127.0.0.1", hub.port), 10) as raw:
        with contextlib.suppress(OSError):
            raw.sendall(sent)
        with contextlib.suppress(OSError):
            while len(received) < limit and (chunk := raw.recv(65536)):
                received += chunk
    return received


HOST = b"Host: localhost\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        (b"GET / HTTP/1.1\r\nConnection: close\r\nHost: evil.example\r\n\r\n", {421}),
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", {421}),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
         {400, 421}),
        (b"GET /\xff HTTP/1.1\r\n" + HOST + b"\r\n", {400}),
        (b"GET /%00 HTTP/1.1\r\n" + HOST + b"\r\n", {400}),
        (b"GET * HTTP/1.1\r\n" + HOST + b"\r\n", {200, 400, 404}),
        (b"GET http://evil.example/api/v1/health HTTP/1.1\r\n" + HOST + b"\r\n", {200, 400, 421}),
        (b"GARBAGE\r\n\r\n", {400}),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", {400}),
        (b"POST /api/v1/session HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n", {400}),
        (b"POST /api/v1/session HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999999999\r\n\r\n",
         {400, 413}),
        (b"POST /api/v1/session HTTP/1.1\r\n" + HOST
         + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
        (b"POST /api/v1/session HTTP/1.1\r\n" + HOST
         + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n", {400}),
        (b"GET /api/v1/devices HTTP/1.1\r\n" + HOST + b"Cookie: classhub=\xff\xfe\r\n\r\n", {401}),
        (b"GET /api/v1/devices HTTP/1.1\r\n" + HOST + b"Authorization: Bearer \xff\r\n\r\n", {401}),
        (b"GET /api/v1/hub HTTP/1.1\r\n" + HOST + b"Accept-Language: \xff;q=\xff\r\n\r\n", {200}),
        (b"GET /api/v1/hub HTTP/1.1\r\n" + HOST + b"Origin: null\r\n\r\n", {403}),
    ],
)  # fmt: skip
def test_bytes_that_no_browser_sends_are_answered_plainly(live_hub, sent, statuses):
    answer = exchange(live_hub, sent)
    assert answer.startswith(b"HTTP/1.1 "), answer[:100]
    assert int(answer.split()[1]) in statuses, answer[:300]
    assert b"Traceback" not in answer


def test_a_header_without_end_is_cut_off(live_hub):
    sent = b"GET /api/v1/hub HTTP/1.1\r\n" + HOST + b"X: " + b"a" * (4 << 20) + b"\r\n\r\n"
    answer = exchange(live_hub, sent)
    assert answer == b"" or int(answer.split()[1]) in (200, 400, 431)


def test_a_body_that_is_too_long_is_refused_before_it_is_read(live_hub):
    with live_hub.client("teacher") as teacher:
        for path in ("/api/v1/lessons", "/api/v1/assets"):
            answer = teacher.post(
                path, content=b"x" * (3 << 20), headers={"Content-Type": "application/json"}
            )
            assert answer.status_code == 413
            assert answer.json()["code"] == "too-large"


def test_nobody_uploads_without_signing_in(live_hub):
    sent = (
        b"POST /api/v1/assets HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Type: multipart/form-data; boundary=a\r\nContent-Length: 60000000\r\n\r\n"
    )
    assert int(exchange(live_hub, sent + b"--a\r\n").split()[1]) == 401


def test_many_open_connections_block_nobody(live_hub):
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            raw = stack.enter_context(socket.create_connection(("127.0.0.1", live_hub.port), 5))
            raw.sendall(b"GET /api/v1/hub HTTP/1.1\r\nHost: loc")
        assert httpx.get(f"{live_hub.url}/api/v1/hub").status_code == 200


def test_thirty_pupils_join_at_once(live_hub):
    with live_hub.client("teacher") as teacher:
        lesson = teacher.post("/api/v1/lessons", json={"title": "Onion"}).json()

        def join(number):
            body = {"digits": lesson["code"], "name": f"Pupil {number}"}
            return httpx.post(f"{live_hub.url}/api/v1/session", json=body, timeout=10).status_code

        with concurrent.futures.ThreadPoolExecutor(30) as pupils:
            assert set(pupils.map(join, range(30))) == {200}
        members = teacher.get(f"/api/v1/lessons/{lesson['id']}/members").json()["items"]
        assert len(members) == 30
        teacher.post(f"/api/v1/lessons/{lesson['id']}/end")


def test_a_property_refuses_what_is_no_value(live_hub):
    with live_hub.client("teacher") as teacher:
        for body in (
            b"NaN",
            b'{"value": NaN}',
            b'{"value": 1e999}',
            b"{}",
            b'{"value": 1, "x": 2}',
        ):
            answer = teacher.put(
                "/api/v1/devices/cam/properties/focus",
                content=body,
                headers={"Content-Type": "application/json"},
            )
            assert 400 <= answer.status_code < 500, body
            assert answer.headers["content-type"] == "application/problem+json"


def test_the_description_is_whole_and_truthful(live_hub):
    document = httpx.get(f"{live_hub.url}/api/v1/openapi.json").json()
    text = json.dumps(document)
    ids = [o["operationId"] for p in document["paths"].values() for o in p.values()]
    assert len(ids) == len(set(ids))
    assert "HTTPValidationError" not in text
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            place = f"{method} {path}"
            assert operation["tags"], place
            assert operation["summary"], place
            assert "security" in operation, place
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"], place
    for reference in set(re.findall(r'"#/components/schemas/([^"]+)"', text)):
        assert reference in document["components"]["schemas"], reference
