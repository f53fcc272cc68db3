"""The virtual microscope as a program: what it serves, refuses, and how it ends."""

import asyncio
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from drivers.http import HttpClient
from drivers.virtual import classroom
from drivers.virtual.harness import running
from hub.device import DeviceError, OutOfRange, Unreachable, WrongDevice

PEER = ("drivers.virtual.microscope", "--size", "320x180")
PATTERN = (*PEER, "--pattern", "250k")  # starts quicker


@pytest.fixture(scope="module")
def shared() -> Iterator[str]:
    """One peer for tests that leave it as it was."""
    with subprocess.Popen(
        [sys.executable, "-m", *PATTERN, "--with-parent"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()


async def still(address: str) -> bytes:
    return (await HttpClient().fetch(f"{address}/still.jpg", limit=10**7)).body


async def test_a_still_shows_the_state_that_was_set_before_it() -> None:
    async with running(*PEER) as address:
        http = HttpClient()
        for light in (0, 100, 0, 100):
            await http.json(f"{address}/state", put={"light": light, "living": False})
            data = await still(address)
            assert (len(data) > 6000) == (light == 100)


@pytest.mark.parametrize(
    "wanted",
    [
        {"focus": 251},
        {"focus": "NaN"},
        {"focus": "x"},
        {"light": -1},
        {"light": None},
        {"objective": "100x"},
        {"stage": {"x": 0, "y": 1e9}},
        {"stage": {"x": 0, "y": 0, "z": 0}},
        {"unknown": 1},
    ],
)
async def test_a_state_that_cannot_be_is_refused_and_nothing_changes(
    shared: str, wanted: dict[str, object]
) -> None:
    before = await HttpClient().json(f"{shared}/state")
    with pytest.raises(OutOfRange):
        await HttpClient().json(f"{shared}/state", put=wanted)
    assert await HttpClient().json(f"{shared}/state") == before


async def test_the_truth_follows_the_objective_and_the_focus() -> None:
    async with running(*PATTERN) as address:
        http = HttpClient()
        for objective, scale in (("4x", 6.0), ("10x", 2.4), ("40x", 0.6)):
            await http.json(f"{address}/state", put={"objective": objective, "focus": 10})
            truth = await http.json(f"{address}/truth")
            assert truth["scale"] == pytest.approx(scale)
            assert truth["defocus"] == pytest.approx(10 - truth["best_focus"])


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n\r\n",
        b"GARBAGE\r\n\r\n",
        b"GET /nothing HTTP/1.1\r\n\r\n",
        b"DELETE /state HTTP/1.1\r\n\r\n",
        b"PUT /state HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n",
        b"PUT /state HTTP/1.1\r\nContent-Length: 4\r\n\r\n\xff\xfe\x00{",
        b"POST /faults HTTP/1.1\r\nContent-Length: 2\r\n\r\n[]",
        b'POST /faults HTTP/1.1\r\nContent-Length: 11\r\n\r\n{"slow": 0}',
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
    ],
)
async def test_bad_requests_are_refused_and_it_goes_on(shared: str, raw: bytes) -> None:
    host, port = shared.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(raw)
    async with asyncio.timeout(10):
        try:
            answer = await reader.read()
        except ConnectionError:
            answer = b""
    writer.close()
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    assert (await still(shared)).startswith(b"\xff\xd8")


async def test_a_fault_of_some_seconds_passes_by_itself() -> None:
    async with running(*PATTERN) as address:
        http = HttpClient()
        body = json.dumps({"unplug": 0.3}).encode()
        await http.fetch(f"{address}/faults", method="POST", body=body, limit=9999)
        with pytest.raises((Unreachable, WrongDevice)):
            await http.json(f"{address}/state")
        async with asyncio.timeout(10):
            while True:
                try:
                    assert await http.json(f"{address}/state")
                    break
                except DeviceError:
                    await asyncio.sleep(0.05)


async def test_it_ends_at_once_on_sigterm_while_somebody_watches() -> None:
    async with running(*PATTERN) as address:
        got = asyncio.Event()

        async def watch() -> None:
            async with HttpClient().open(f"{address}/stream") as (_, exchange):
                exchange.pour(lambda _: got.set())
                await exchange.done()

        task = asyncio.create_task(watch())
        await asyncio.wait_for(got.wait(), 10)
    await asyncio.wait([task], timeout=10)
    assert task.done()
    task.exception()


async def test_it_ends_with_its_parent() -> None:
    code = (
        "import subprocess, sys; p = subprocess.Popen([sys.executable, '-m',"
        " 'drivers.virtual.microscope', '--size', '64x64', '--pattern', '250k', '--with-parent'],"
        " stdout=subprocess.PIPE, text=True); print(p.stdout.readline(), end='', flush=True);"
        " sys.stdin.read()"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    address = (await parent.stdout.readline()).decode().split()[-1]
    assert await HttpClient().json(f"{address}/state")
    parent.send_signal(signal.SIGKILL)
    await parent.communicate()
    async with asyncio.timeout(20):
        while True:
            try:
                await HttpClient().json(f"{address}/state")
            except DeviceError:
                break
            await asyncio.sleep(0.1)


def test_the_classroom_names_peers_with_their_devices() -> None:
    peers = classroom()
    devices = [device for peer in peers for device in (peer.device, *peer.also)]
    assert [one["driver"] for one in devices] == [
        "stream",
        "marlin",
        "pjlink",
        "globe",
        *["tablet"] * 4,
        "touch-table",
    ]
    assert all(re.search("{(address|host)}", str(one["settings"])) for one in devices)
