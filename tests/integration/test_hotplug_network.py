"""A service that announces itself on the network is found, adopted, and kept when it falls silent."""

import asyncio
import os
import socket
import threading
import time
from pathlib import Path

import pytest

zeroconf = pytest.importorskip("zeroconf")

HERE = Path(__file__).parent
SERVICE = "_classhubtest._tcp.local."
LIMIT = 30.0


class Thermometer:
    """A device that listens on loopback and announces itself there by mDNS."""

    def __init__(self, name: str, **properties: str) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        self._zeroconf = zeroconf.Zeroconf(interfaces=["127.0.0.1"])
        self.info = zeroconf.ServiceInfo(
            SERVICE,
            f"{name}.{SERVICE}",
            addresses=[socket.inet_aton("127.0.0.1")],
            port=self.port,
            properties=properties,
            server=f"{name.lower().replace(' ', '-')}.local.",
        )
        self._zeroconf.register_service(self.info)

    def _accept(self) -> None:
        while True:
            try:
                self._listening.accept()[0].close()
            except OSError:
                return

    def fall_silent(self) -> None:
        self._zeroconf.unregister_service(self.info)

    def close(self) -> None:
        self._zeroconf.close()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(10)


def until(ask, true):
    end = time.monotonic() + LIMIT
    while not true(answer := ask()):
        assert time.monotonic() < end, answer
        time.sleep(0.05)
    return answer


def found_of(api):
    """What is announced here; printers of other tests may be on this computer's network, too."""
    items = api.get("/api/v1/discoveries").json()["items"]
    return [item for item in items if SERVICE in item["identity"]]


@pytest.fixture
def hub(start, tmp_path):
    about = tmp_path / "site" / "net_drivers-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: net-drivers\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[classhub.drivers]\nnet = found_drivers:NetThermometer\n"
    )
    path = os.pathsep.join([str(tmp_path / "site"), str(HERE / "drivers_for_tests")])
    return start(config='language = "en"\n', environment={"PYTHONPATH": path})


def test_a_thermometer_of_the_network_is_found_and_adopted(hub):
    wanted = Thermometer("Lab 2 / окно", kind="thermometer", junk="x" * 250)
    other = Thermometer("A printer", kind="printer")
    try:
        with hub.client("engineer") as api:
            items = until(
                lambda: found_of(api),
                lambda items: len(items) == 2,
            )
            found = {item["title"]: item for item in items}
            item = found["Lab 2 / окно"]
            assert item["identity"] == f"mdns:{SERVICE}:Lab 2 / окно"
            assert (item["host"], item["tcp_port"]) == ("127.0.0.1", wanted.port)
            assert (item["drivers"], found["A printer"]["drivers"]) == (["net"], [])
            answer = api.post(
                "/api/v1/devices", json={"driver": "net", "identity": item["identity"]}
            )
            assert answer.status_code == 201, answer.text
            at = f"/api/v1/devices/{answer.json()['id']}/state"
            until(lambda: api.get(at).json(), lambda state: state["reachable"])
            wanted.fall_silent()
            until(
                lambda: found_of(api),
                lambda items: len(items) == 1,
            )
            state = api.get(at).json()
            assert (state["presence"], state["reachable"]) == ("present", True)
    finally:
        wanted.close()
        other.close()


async def test_a_stranger_who_announces_thousands_is_bounded():
    from hub.discovery import Mdns
    from hub.discovery._mdns import MOST_SERVICES, MOST_WAITING

    class Added:
        name = "Added"

    class Info:
        port = 1

        def __init__(self):
            self.properties = {b"\xff" * 300: b"x" * 70_000, b"n": None}

        def parsed_scoped_addresses(self):
            return ["10.0.0.1"]

    mdns = Mdns([SERVICE])
    for number in range(5000):
        mdns._heard(service_type=SERVICE, name=f"{number}.{SERVICE}", state_change=Added)
        mdns._heard(service_type=SERVICE, name="x" * 5000 + "." + SERVICE, state_change=Added)
        mdns._take((SERVICE, f"{number}.{SERVICE}"), Info())
    assert len(mdns._waiting) <= MOST_WAITING
    assert len(mdns.services()) == MOST_SERVICES
    for service in mdns.services():
        for name, value in service.properties.items():
            assert (len(name) <= 64, len(value) <= 300) == (True, True)
    await asyncio.sleep(0)
    await mdns.stop()
