"""A class in the network: thirty pupils at once; addresses that change; found by mDNS.

What needs an open hub runs in a network namespace of its own, so that nothing is opened here.
"""

import concurrent.futures
import json
import shutil
import subprocess
import sys
import time

import httpx
import pytest
from websockets.sync.client import connect

PUPILS = 30


def test_thirty_pupils_join_within_ten_seconds(start, camera):
    config = f'[[devices]]\nid = "cam"\ndriver = "stream"\nsettings = {{ url = "{camera.url}" }}\n'
    hub = start(config=config)
    with hub.client("teacher") as teacher:
        lesson = teacher.post("/api/v1/lessons", json={"title": "Cells"}).json()

    def pupil(number, source):
        """Open the page, join, follow the devices, see a picture; return how long it took."""
        began = time.monotonic()
        transport = httpx.HTTPTransport(local_address=source)
        with httpx.Client(
            base_url=hub.url, transport=transport, headers={"Origin": hub.url}, timeout=30
        ) as client:
            statuses = [client.get("/join").status_code, client.get("/api/v1/hub").status_code]
            body = {"digits": lesson["code"], "name": f"Pupil {number}"}
            joined = client.post("/api/v1/session", json=body)
            statuses += [joined.status_code, client.get("/api/v1/devices").status_code]
            cookie = joined.headers["set-cookie"].split(";")[0]
            headers = {"Cookie": cookie, "Origin": hub.url}
            with connect(hub.ws, additional_headers=headers, proxy=None, open_timeout=30) as live:
                assert "welcome" in live.recv(30)
                live.send('{"op": "frames", "sub": 1, "device": "cam", "stream": "view"}')
                while isinstance(live.recv(30), str):
                    pass
        return statuses, time.monotonic() - began

    # Each with an address of its own, then all behind one.
    for sources in ([f"127.0.1.{n + 1}" for n in range(PUPILS)], ["127.0.2.1"] * PUPILS):
        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(PUPILS) as pool:
            done = list(pool.map(pupil, range(PUPILS), sources))
        took = time.monotonic() - began
        assert {tuple(statuses) for statuses, _ in done} == {(200, 200, 200, 200)}
        slowest = max(seconds for _, seconds in done)
        print(f"{PUPILS} pupils saw the picture after {took:.2f} s, the slowest {slowest:.2f} s")
    with hub.client("teacher") as teacher:
        members = teacher.get(f"/api/v1/lessons/{lesson['id']}/members").json()["items"]
    assert len({member["name"] for member in members}) == 2 * PUPILS


# Runs inside of a network namespace; says what it saw as JSON.
INSIDE = """
import asyncio, json, pathlib, subprocess, sys, time
import httpx
sys.path.insert(0, sys.argv[2])
from conftest import start_hub
from zeroconf import ServiceStateChange
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

def ip(*command):
    subprocess.run(["ip", *command], check=True, capture_output=True)

ip("link", "set", "lo", "up", "multicast", "on")
ip("addr", "add", "10.9.0.1/24", "dev", "lo")
seen = {}
hub = start_hub(pathlib.Path(sys.argv[1]), "--host", "0.0.0.0",
                config='name = "Room 12"\\nlanguage = "en"\\nallowed_hosts = ["hub.school.test"]')
try:
    teacher = {"Authorization": "Bearer " + hub.token("teacher")}
    def status(name):
        return httpx.get(hub.url + "/api/v1/hub", headers={"Host": f"{name}:{hub.port}"}).status_code
    def statuses():
        names = ("10.9.0.1", "10.9.0.2", "hub.school.test", "localhost", "evil.example")
        return {name: status(name) for name in names}
    def network():
        return httpx.get(hub.url + "/api/v1/network", headers=teacher).json()
    seen["first"] = {"hosts": statuses(), "network": network()}
    made = httpx.post(hub.url + "/api/v1/lessons", headers=teacher, json={"title": "Cells"}).json()
    seen["first"]["join"] = made["join_url"]

    async def found(wanted):
        names = asyncio.Queue()
        def heard(zeroconf, service_type, name, state_change):
            names.put_nowait((service_type, name))
        zeroconf = AsyncZeroconf(interfaces=[wanted])
        browser = AsyncServiceBrowser(
            zeroconf.zeroconf, ["_classhub._tcp.local.", "_http._tcp.local."], handlers=[heard])
        kinds, said = set(), None
        async with asyncio.timeout(30):
            while len(kinds) < 2:
                kind, name = await names.get()
                info = AsyncServiceInfo(kind, name)
                if await info.async_request(zeroconf.zeroconf, 3000) and wanted in info.parsed_addresses():
                    kinds.add(kind)
                    said = [name.split(".")[0], info.port, info.server, info.decoded_properties]
        await browser.async_cancel()
        await zeroconf.async_close()
        return said
    seen["first"]["mdns"] = asyncio.run(found("10.9.0.1"))
    seen["port"] = hub.port

    ip("addr", "add", "10.9.0.2/24", "dev", "lo")
    ip("addr", "del", "10.9.0.1/24", "dev", "lo")
    end = time.monotonic() + 30
    ip("addr", "replace", "10.9.0.2/24", "dev", "lo")
    while status("10.9.0.2") != 200 and time.monotonic() < end:
        time.sleep(0.05)
    seen["second"] = {"hosts": statuses(), "network": network()}
    lesson = httpx.get(hub.url + "/api/v1/lessons/" + made["id"], headers=teacher).json()
    seen["second"]["join"] = lesson["join_url"]
    seen["second"]["mdns"] = asyncio.run(found("10.9.0.2"))
finally:
    hub.stop()
seen["log"] = hub.err.read_text()
print("SEEN" + json.dumps(seen))
"""


@pytest.fixture
def namespace():
    """How to run a program in a network of its own."""
    way = ["unshare", "-rn", "--"]
    if shutil.which("ip") is None or subprocess.run([*way, "true"], capture_output=True).returncode:
        pytest.skip("no network namespaces here")
    return way


def test_an_open_hub_follows_its_address_and_is_found_by_mdns(namespace, tmp_path, request):
    tests = request.config.rootpath / "tests"
    done = subprocess.run(
        [*namespace, sys.executable, "-c", INSIDE, str(tmp_path / "hub"), str(tests)],
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert "SEEN" in done.stdout, done.stderr[-4000:]
    seen = json.loads(done.stdout.split("SEEN")[1])
    first, second = seen["first"], seen["second"]
    always = {"hub.school.test": 200, "localhost": 200, "evil.example": 421}
    assert first["hosts"] == {"10.9.0.1": 200, "10.9.0.2": 421, **always}
    assert second["hosts"] == {"10.9.0.1": 421, "10.9.0.2": 200, **always}
    assert first["network"]["open"]
    assert first["network"]["announced"]
    assert first["network"]["url"] == f"http://10.9.0.1:{seen['port']}"
    assert first["join"].startswith(f"http://10.9.0.1:{seen['port']}/join#")
    assert second["join"].startswith(f"http://10.9.0.2:{seen['port']}/join#")
    for found in (first["mdns"], second["mdns"]):
        label, port, server, about = found
        assert label.startswith("Room 12 (")
        assert port == seen["port"]
        assert server.endswith(".local.")
        assert about["path"] == "/"
        assert about["scheme"] == "http"
    assert "Traceback" not in seen["log"]
    assert seen["log"].count("the hub's addresses are now") <= 3


def test_a_hub_for_this_computer_alone_says_so(start):
    hub = start()
    with hub.client("teacher") as teacher:
        shown = teacher.get("/api/v1/network").json()
    assert not shown["open"]
    assert not shown["announced"]
    assert shown["addresses"] == []
    assert shown["url"] == hub.url
