"""The UPS, asked of the distribution's own NUT server with its driver that plays one."""

import asyncio
import os
import shutil
import socket
import subprocess

import pytest

from plugins.health.alerts.rules import load_rules
from plugins.health.alerts.signs import Key, Thresholds
from plugins.health.watching.ups import ask, values

FINE = {"ups_charge": 90.0, "ups_on_battery": 0.0, "ups_low": 0.0, "ups_replace": 0.0}
STATE = "battery.charge: {charge}\nbattery.runtime: 1200\nups.load: 12\nups.status: {status}\n"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def nut(tmp_path):
    """NUT's server and its driver `dummy-ups`, which tells what stands in a file."""
    assert shutil.which("upsd", path="/lib/nut"), "apt install nut-server"
    port, folder = free_port(), tmp_path / "nut"
    folder.mkdir(mode=0o700)
    state = folder / "room.dev"
    state.write_text(STATE.format(charge=90, status="OL"))
    files = {
        "ups.conf": f"[room]\ndriver = dummy-ups\nport = {state}\nmode = dummy-loop\ndesc = x\n",
        "upsd.conf": f"LISTEN 127.0.0.1 {port}\n",
        "upsd.users": "",
        "nut.conf": "MODE=netserver\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)
    whole = {"NUT_CONFPATH", "NUT_STATEPATH", "NUT_ALTPIDPATH"}
    environment = os.environ | dict.fromkeys(whole, str(folder))
    me = ["-u", "root"] if os.geteuid() == 0 else []
    log = (folder / "log").open("w")
    running = [
        subprocess.Popen([*command, *me], env=environment, stdout=log, stderr=log)
        for command in (["/lib/nut/dummy-ups", "-a", "room", "-F"], ["/lib/nut/upsd", "-F"])
    ]
    yield port, state
    for one in running:
        one.terminate()
        one.wait(20)
    log.close()


async def told(port, true):
    async with asyncio.timeout(60):
        while True:
            try:
                said = {series.name: value for series, value in values(await ask(port))}
            except (OSError, ValueError):
                said = {}
            if true(said):
                return said
            await asyncio.sleep(0.1)


@pytest.mark.slow
async def test_a_power_cut_is_told_by_the_server_of_the_distribution(nut):
    port, state = nut
    # The driver reads its file line by line.
    wanted = {*FINE, "ups_load", "ups_runtime"}
    said = await told(port, lambda said: wanted <= said.keys())
    assert said.items() >= FINE.items()
    assert (said["ups_runtime"], said["ups_load"]) == (1200.0, 12.0)
    state.write_text(STATE.format(charge=30, status="OB DISCHRG LB RB"))
    said = await told(port, lambda said: said.get("ups_on_battery") == said.get("ups_low") == 1.0)
    assert (said["ups_low"], said["ups_replace"]) == (1.0, 1.0)


def test_the_shipped_rules_ring_for_it():
    judged = Thresholds(load_rules([]))
    for name, value in (("ups_on_battery", 1.0), ("ups_replace", 1.0)):
        judged.take("computer", name, value, 0.0)
    found = judged.signs(0.0).wrong
    assert {Key("ups-on-battery", "computer"), Key("ups-replace", "computer")} <= found.keys()
    judged.take("computer", "ups_on_battery", 0.0, 1.0)
    assert Key("ups-on-battery", "computer") not in judged.signs(1.0).wrong


@pytest.mark.parametrize(
    "said",
    [
        b"ERR UNKNOWN-COMMAND\n",
        b"",
        b"BEGIN LIST UPS\n",
        b"BEGIN LIST UPS\nUPS\nEND LIST UPS\n",
        b"BEGIN LIST UPS\n" + b'UPS a "b"\n' * 2000,
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\xff\xfe\n",
    ],
)
async def test_what_is_no_such_server_is_none(said):
    async def answer(reader, writer):
        await reader.readline()
        writer.write(said)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        with pytest.raises((ValueError, OSError)):
            await ask(server.sockets[0].getsockname()[1])


def test_nonsense_is_left_out():
    said = {"battery.charge": "full", "ups.load": "nan", "ups.status": ""}
    assert {series.name for series, _ in values(said)} == {
        "ups_load", "ups_on_battery", "ups_low", "ups_replace",
    }  # fmt: skip
