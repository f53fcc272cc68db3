"""Real driver processes and four virtual pupils: everyone's strokes on the board, as they came."""

import asyncio
import struct
import subprocess
import sys

import httpx
import pytest

from tests.board_client import Page

DEVICE = """
[[devices]]
id = "pen-{n}"
driver = "tablet"
name = "Tablet {n}"
seat = "Desk {n}"
settings = {{ path = "{path}-{n}" }}
"""


@pytest.fixture
def peers():
    command = [sys.executable, "-m", "drivers.virtual.pens", "--tablets", "4", "--contacts", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        process.address = process.stdout.readline().split()[-1]
        yield process
        process.kill()


def unpacked(data):
    """Times in microseconds, offsets, pressures of a stroke's points, by docs/boards.md alone."""
    version, channels, zero, n = struct.unpack_from("<BBHI", data)
    assert (version, zero) == (1, 0)
    assert channels & 3 == 3  # these tablets know pressure and tilt
    times = struct.unpack_from(f"<{n}I", data, 8)
    xs = struct.unpack_from(f"<{n}f", data, 8 + 4 * n)
    ys = struct.unpack_from(f"<{n}f", data, 8 + 8 * n)
    pressures = struct.unpack_from(f"<{n}H", data, 8 + 12 * n)
    return times, xs, ys, pressures


async def test_four_pens_write_at_once_and_a_pulled_tablet_keeps_its_stroke(start, peers):
    devices = "".join(DEVICE.format(n=n, path=peers.address) for n in range(1, 5))
    hub = start(config=f'language = "en"\n{devices}')
    with hub.client("teacher") as http:
        lesson = http.post("/api/v1/lessons", json={"title": "Letters"}).json()
        board = http.post("/api/v1/boards", json={"lesson": lesson["id"]}).json()
        with httpx.Client(base_url=hub.url, headers={"Origin": hub.url}) as browser:
            body = {"digits": lesson["code"], "name": "Aizhan"}
            aizhan = browser.post("/api/v1/session", json=body).json()["principal"]["person"]
        seat = {"seat": "Desk 2", "person": aizhan}
        http.put(f"/api/v1/lessons/{lesson['id']}/seats", json=seat).raise_for_status()
        page = Page(hub, board["id"], {"Authorization": f"Bearer {hub.token('teacher')}"})
        await page.come()
        wanted = {"seat:Desk 1", f"person:{aizhan}", "seat:Desk 3", "seat:Desk 4"}
        await page.until(lambda: wanted <= {d["name"] for d in page.state["documents"]}, 60)
        for name in wanted:
            await page.follow(name)
        await page.until(lambda: all(len(page.map(name)) >= 3 for name in wanted), 60)
        colours = {d["name"]: d["colour"] for d in page.state["documents"]}
        assert len({colours[name] for name in wanted}) == 4
        titles = {d["name"]: d["title"] for d in page.state["documents"]}
        assert titles[f"person:{aizhan}"] == "Aizhan"
        # The tablets are pulled while their pens touch: what was begun is there, and nothing goes on.
        began = {(one[0], one[1]) for one in page.live if one[2] & 1}
        # Tablet 2 may have written before Aizhan sat down at it.
        assert {name for name, _ in began} - {"seat:Desk 2"} == wanted
        peers.kill()

        def kept():
            begun = {(one[0], one[1]) for one in page.live if one[2] & 1}
            return all(key in page.map(name) for name, key in begun)

        async with asyncio.timeout(60):
            while any(d["state"]["reachable"] for d in http.get("/api/v1/devices").json()["items"]):
                await asyncio.sleep(0.2)
            while not kept():
                await asyncio.sleep(0.1)
        devices = {
            name: {one["device"] for one in page.map(name).to_py().values()} for name in wanted
        }
        assert devices == {
            "seat:Desk 1": {"pen-1"},
            f"person:{aizhan}": {"pen-2"},
            "seat:Desk 3": {"pen-3"},
            "seat:Desk 4": {"pen-4"},
        }
        ended = {(one[0], one[1]): one[3] for one in page.live if one[2] & 2}
        for name in wanted:
            for key, item in page.map(name).to_py().items():
                times, xs, ys, pressures = unpacked(bytes(item["points"]))
                assert (times[0], xs[0], ys[0]) == (0, 0, 0)
                assert list(times) == sorted(times)
                assert max(pressures) > 0
                assert item["page"] == page.page
                assert item["colour"] == colours[name]
                assert 0 <= item["x"] <= 1920
                assert 0 <= item["y"] <= 1080
                if (name, key) in ended:  # as many as were told while it was drawn
                    assert ended[name, key] <= len(times)
        await page.leave()
        # It is kept: who knows nothing yet gets the same.
        fresh = Page(hub, board["id"], page.headers)
        await fresh.come()
        await fresh.until(lambda: wanted <= fresh.caught_up)
        assert all(fresh.map(n).to_py() == page.map(n).to_py() for n in wanted)
        await fresh.leave()
