"""Each cap of what is served at once is held, says so, and leaves room for the others."""

import contextlib
import json
import socket

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

SMALL = """
from hub.api import http, limits, stream
http.MOST_CONNECTIONS, http.MOST_OF_ADDRESS = 12, 8
stream.MOST_CONNECTIONS, stream.MOST_OF_ONE, stream.MOST_OF_STRANGERS = 4, 2, 1
limits.MOST_ENDLESS, limits.MOST_ENDLESS_OF_ONE = 3, 2
limits.REQUESTS, limits.REQUESTS_A_SECOND = 30, 0.0
"""


@pytest.fixture
def small(start, camera):
    config = f'[[devices]]\nid = "cam"\ndriver = "stream"\nsettings = {{ url = "{camera.url}" }}\n'
    hub = start(before=SMALL, config=config)
    yield hub
    assert "Traceback" not in hub.err.read_text()


def opened(hub, source):
    return socket.create_connection(("127.0.0.1", hub.port), 10, source_address=(source, 0))


def said(raw):
    """What the hub says to a connection before anything was asked: status, headers, problem."""
    raw.settimeout(10)
    text = b""
    while part := raw.recv(65536):
        text += part
    head, _, body = text.decode().partition("\r\n\r\n")
    return head, json.loads(body)


@pytest.mark.parametrize("sources", [["127.0.0.9"], ["127.0.0.7", "127.0.0.8", "127.0.0.9"]])
def test_one_connection_too_many_is_told_so(small, sources):
    most = 8 if len(sources) == 1 else 12
    with contextlib.ExitStack() as stack:
        for number in range(most):
            stack.enter_context(opened(small, sources[number % len(sources)]))
        with opened(small, sources[-1]) as one_more:
            head, problem = said(one_more)
        assert head.startswith("HTTP/1.1 503 ")
        assert "\r\nRetry-After: 5\r\n" in head
        assert problem["code"] == "busy"
        if len(sources) == 1:
            assert httpx.get(f"{small.url}/api/v1/health").status_code == 200
    assert httpx.get(f"{small.url}/api/v1/health").status_code == 200


def follow(hub, role, stack):
    client = stack.enter_context(hub.client(role))
    return stack.enter_context(client.stream("GET", "/api/v1/devices/cam/streams/view/live"))


def test_answers_without_end_are_counted_for_each_and_in_all(small):
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            assert follow(small, "pupil", stack).status_code == 200
        refused = follow(small, "pupil", stack)
        refused.read()
        assert (refused.status_code, refused.json()["code"]) == (429, "too-many")
        assert refused.headers["Retry-After"] == "10"
        assert follow(small, "teacher", stack).status_code == 200
        last = follow(small, "engineer", stack)
        last.read()
        assert (last.status_code, last.json()["code"]) == (503, "busy")
        assert last.headers["Retry-After"] == "10"
    with contextlib.ExitStack() as stack:
        assert follow(small, "pupil", stack).status_code == 200


def test_websockets_are_counted_for_each_and_in_all(small):
    def viewer(role):
        bearer = {"Authorization": f"Bearer {small.token(role)}"}
        return connect(small.ws, additional_headers=bearer, proxy=None, open_timeout=10)

    with contextlib.ExitStack() as stack:
        for _ in range(2):
            assert "welcome" in stack.enter_context(viewer("pupil")).recv(10)
        with pytest.raises(InvalidStatus) as refused:
            viewer("pupil")
        assert refused.value.response.status_code == 429
        assert int(refused.value.response.headers["Retry-After"]) > 0
        for role in ("teacher", "engineer"):
            stack.enter_context(viewer(role))
        with pytest.raises(InvalidStatus) as refused:
            viewer("admin")
        assert refused.value.response.status_code == 429
    with viewer("pupil") as again:
        assert "welcome" in again.recv(10)


def test_who_asks_without_end_is_told_to_wait_and_nobody_else(small):
    def client(source):
        transport = httpx.HTTPTransport(local_address=source)
        return httpx.Client(base_url=small.url, transport=transport, timeout=10)

    with client("127.0.0.66") as wild, client("127.0.0.67") as other:
        answers = [wild.get("/api/v1/hub") for _ in range(32)]
        assert [one.status_code for one in answers] == [200] * 30 + [429] * 2
        assert answers[-1].json()["code"] == "too-many"
        assert answers[-1].headers["Retry-After"] == "5"
        assert other.get("/api/v1/hub").status_code == 200
    with small.client("engineer") as engineer:
        text = engineer.get("/metrics").text
    assert "classhub_requests_refused_total 2.0" in text
