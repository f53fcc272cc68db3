"""Which web pages the class's screen can show: those of listed servers that let others show them."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from plugins.panel.show.framing import NotListed, is_listed, look, may_be_framed

LISTED = ("https://school.example", "https://*.maps.example", "http://10.0.0.5:8080")


@pytest.mark.parametrize(
    "address",
    [
        "https://school.example/page?x=1",
        "https://SCHOOL.example",
        "https://a.b.maps.example/",
        "http://10.0.0.5:8080/x",
    ],
)
def test_pages_of_listed_servers_are_listed(address):
    assert is_listed(address, LISTED)


@pytest.mark.parametrize(
    "address",
    [
        "http://school.example/",
        "https://school.example.evil.example/",
        "https://school.example@evil.example/",
        "https://user:word@school.example/",
        "https://maps.example/",
        "https://evilmaps.example/",
        "http://10.0.0.5/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://[",
        "",
    ],
)
def test_all_others_are_not(address):
    assert not is_listed(address, LISTED)


@pytest.mark.parametrize(
    ("headers", "may"),
    [
        ([], True),
        ([("X-Frame-Options", "DENY")], False),
        ([("X-Frame-Options", "sameorigin, sameorigin")], False),
        ([("X-Frame-Options", "ALLOWALL")], True),
        ([("Content-Security-Policy", "default-src 'self'")], True),
        ([("Content-Security-Policy", "frame-ancestors 'none'")], False),
        (
            [("Content-Security-Policy", "img-src *; Frame-Ancestors 'self' https://x.example")],
            False,
        ),
        ([("Content-Security-Policy", "frame-ancestors *")], True),
        # The policy goes before the older header; of several the strictest counts.
        ([("Content-Security-Policy", "frame-ancestors *"), ("X-Frame-Options", "DENY")], True),
        (
            [
                ("Content-Security-Policy", "frame-ancestors *"),
                ("Content-Security-Policy", "frame-ancestors 'self'"),
            ],
            False,
        ),
    ],
)
def test_the_servers_answer_counts(headers, may):
    assert may_be_framed(httpx.Headers(headers)) is may


@pytest.fixture
async def server() -> AsyncIterator[tuple[str, dict[str, str]]]:
    """A web server, and what it answers at each path: head and nothing else."""
    answers: dict[str, str] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        said = answers.get(head.split()[1], "404 None\r\n")
        writer.write(f"HTTP/1.1 {said}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    made = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = made.sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}", answers
    made.close()
    await made.wait_closed()


async def test_a_server_is_asked_and_followed_no_further_than_is_listed(server):
    at, answers = server
    answers |= {
        "/open": "200 OK\r\n",
        "/shut": "200 OK\r\nX-Frame-Options: DENY\r\n",
        "/moved": "302 Found\r\nLocation: /shut\r\n",
        "/away": "302 Found\r\nLocation: http://localhost:1/\r\n",
        "/round": "302 Found\r\nLocation: /round\r\n",
    }
    assert await look(f"{at}/open", [at]) is True
    assert await look(f"{at}/shut", [at]) is False
    assert await look(f"{at}/moved", [at]) is False
    assert await look(f"{at}/missing", [at]) is None
    assert await look(f"{at}/round", [at]) is None
    for elsewhere in (f"{at}/away", "http://localhost:1/"):
        with pytest.raises(NotListed):
            await look(elsewhere, [at])
    assert await look("http://127.0.0.1:1/", ["http://127.0.0.1:1"]) is None
