"""A running hub as a service: what it tells systemd, and when."""

import contextlib
import os
import signal
import socket
import threading
import time

import httpx
import psutil
import pytest


class Manager:
    """Systemd's end of the socket: notes every line with its time, and asks the hub at READY."""

    def __init__(self, path):
        self.address = str(path)
        self.lines = []
        self.at_ready = None
        self.data = None
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address)
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self):
        while said := self._socket.recv(65536).decode():
            for line in said.split("\n"):
                if line == "READY=1":
                    url = (self.data / "address").read_text().strip()
                    self.at_ready = httpx.get(f"{url}/api/v1/health", timeout=10).status_code
                self.lines.append((time.monotonic(), line))

    def said(self, line):
        return [when for when, one in self.lines if one == line]

    def hear(self, line, since=0.0):
        end = time.monotonic() + 30
        while not [when for when in self.said(line) if when > since]:
            assert time.monotonic() < end, f"{line} was not said: {self.lines}"
            time.sleep(0.02)

    def tell(self, line):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
            one.sendto(line.encode(), self.address)

    def close(self):
        with contextlib.suppress(OSError):
            self.tell("")
        self._thread.join(10)
        self._socket.close()


@pytest.fixture
def manager(tmp_path):
    made = Manager(tmp_path / "notify")
    made.data = tmp_path / "hub" / "data"
    yield made
    made.close()


def test_a_hub_is_ready_when_it_answers_and_says_when_it_ends(start, manager, camera):
    config = f'[[devices]]\nid = "cam"\ndriver = "stream"\nsettings = {{ url = "{camera.url}" }}\n'
    config += "[mqtt]\nenabled = false\n"
    hub = start(
        config=config, environment={"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "600000"}
    )
    manager.hear("READY=1")
    assert manager.at_ready == 200
    assert manager.said("STATUS=starting")[0] < manager.said("READY=1")[0]
    manager.hear(f"STATUS={hub.url} · 1 of 1 devices reachable · MQTT off")
    for child in psutil.Process(hub.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            assert "NOTIFY_SOCKET" not in child.environ()
    manager.hear("WATCHDOG=1", since=manager.said("READY=1")[0])
    assert hub.stop() == 0
    manager.hear("STOPPING=1")
    assert len(manager.said("READY=1")) == len(manager.said("STOPPING=1")) == 1


def test_a_hub_whose_loop_hangs_sends_no_sign_of_life_and_says_where_it_hung(start, manager):
    hang = """
import hub.cli._run as run, asyncio, time, os
show = run._how
def how(hub, url):
    if (hub.settings.data / "hang").exists():
        (hub.settings.data / "hanging").touch()
        hanging_here()
    return show(hub, url)
def hanging_here():
    time.sleep(60)
run._how = how
"""
    environment = {
        "NOTIFY_SOCKET": manager.address,
        "WATCHDOG_USEC": "600000",
        "PYTHONFAULTHANDLER": "1",
    }
    hub = start(environment=environment, before=hang)
    manager.hear("READY=1")
    (hub.data / "hang").touch()
    end = time.monotonic() + 30
    while not (hub.data / "hanging").exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    # What was said before is read before this.
    manager.tell("MARK=1")
    manager.hear("MARK=1")
    time.sleep(1.5)
    assert manager.lines[-1][1] == "MARK=1"
    children = psutil.Process(hub.process.pid).children(recursive=True)
    # What systemd does then, first to the hub and (KillMode=mixed) then to what is left.
    os.kill(hub.process.pid, signal.SIGABRT)
    assert hub.process.wait(30) == -signal.SIGABRT
    assert "hanging_here" in hub.err.read_text()
    assert psutil.wait_procs(children, timeout=30)[1] == []


def test_a_hub_that_cannot_start_says_no_ready(start, manager, tmp_path):
    with pytest.raises(RuntimeError, match="did not start"):
        start(
            environment={"NOTIFY_SOCKET": manager.address},
            before="import hub.assets\nasync def no(self): raise OSError(5, 'no')\n"
            "hub.assets.Assets.start = no",
        )
    assert not manager.said("READY=1")
    manager.hear("STOPPING=1")
