"""What systemd is told: read from a real datagram socket, as systemd reads it."""

import asyncio
import contextlib
import logging
import os
import socket
import time

import pytest

from hub.service import Service


class Manager:
    """The other end: a socket as systemd's, at a path or at an abstract name ("@…")."""

    def __init__(self, name):
        self.name = name
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + name[1:] if name.startswith("@") else name)
        self.socket.settimeout(0.05)

    def heard(self):
        """Everything that has been said up to now, line by line."""
        lines = []
        end = time.monotonic() + 0.2
        with contextlib.suppress(TimeoutError):
            while time.monotonic() < end:
                lines += self.socket.recv(65536).decode().split("\n")
        return lines

    async def hear(self, line):
        """Wait until a line is said."""
        lines = []
        end = time.monotonic() + 30
        while line not in lines:
            assert time.monotonic() < end, f"{line} was not said: {lines}"
            lines += await asyncio.to_thread(self.heard)
        return lines


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    name = str(tmp_path / "notify") if request.param == "path" else f"@classhub-{os.getpid()}"
    made = Manager(name)
    yield made
    made.socket.close()


async def test_a_hub_says_that_it_starts_is_ready_lives_and_ends(manager):
    environment = {"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "300000", "LANG": "C"}
    service = Service(environment)
    assert environment == {"LANG": "C"}, "children must not speak for the hub"
    service.start()
    first = await manager.hear("WATCHDOG=1")
    assert "STATUS=starting" in first
    assert any(line.startswith("EXTEND_TIMEOUT_USEC=") for line in first)
    assert "READY=1" not in first
    status = ["two\nlines"]
    service.ready(lambda: status[0])
    ready = await manager.hear("READY=1")
    assert "STATUS=two lines" in ready
    status[0] = "3 of 4 devices"
    await manager.hear("STATUS=3 of 4 devices")
    later = await manager.hear("WATCHDOG=1")
    assert not [line for line in later if line.startswith("STATUS=")], "only what is new"
    service.stopping()
    service.stopping()
    assert (await manager.hear("STOPPING=1")).count("STOPPING=1") == 1
    await service.close()
    manager.heard()
    await asyncio.sleep(0.3)
    assert manager.heard() == []


async def test_a_hung_loop_sends_no_sign_of_life(manager):
    service = Service({"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "150000"})
    service.start()
    service.ready(lambda: "")
    await manager.hear("WATCHDOG=1")
    manager.heard()
    time.sleep(0.5)
    assert manager.heard() == []
    await manager.hear("WATCHDOG=1")
    await service.close()


async def test_a_watchdog_meant_for_another_process_gets_no_signs(manager):
    service = Service(
        {"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "150000", "WATCHDOG_PID": "1"}
    )
    service.start()
    service.ready(lambda: "up")
    assert "WATCHDOG=1" not in await manager.hear("STATUS=up")
    await service.close()


async def test_a_manager_that_does_not_read_holds_nobody_up(manager):
    service = Service({"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "6000"})
    service.start()
    await asyncio.sleep(0.6)  # far more signs than a socket queues
    service.ready(lambda: "up")
    manager.heard()
    await manager.hear("WATCHDOG=1")
    await service.close()


async def test_a_manager_that_is_gone_is_said_once(tmp_path, caplog):
    service = Service({"NOTIFY_SOCKET": str(tmp_path / "nobody"), "WATCHDOG_USEC": "30000"})
    with caplog.at_level(logging.WARNING):
        service.start()
        await asyncio.sleep(0.2)
        service.ready(lambda: "up")
        service.stopping()
    assert len(caplog.records) == 1
    await service.close()


async def test_without_systemd_nothing_is_done():
    service = Service({})
    service.start()
    service.ready(lambda: pytest.fail("nobody asks"))
    service.stopping()
    await service.close()
