"""Which one is meant is shown by touching it; settings are told without their secrets."""

import asyncio
import os
import struct

import pytest

from hub.device import UsbMatch
from hub.devices import Pairing
from hub.devices._errors import NothingTouched
from hub.discovery import Discovery, UsbFacts
from hub.secret_settings import merged, without_secrets

EVENT = struct.Struct("llHHi")
KEY, SYN = 1, 0


class Plugged:
    """Two alike pens whose nodes are FIFOs."""

    problem = ""

    def __init__(self, folder):
        self.nodes = [folder / f"event{number}" for number in (1, 2)]
        for node in self.nodes:
            os.mkfifo(node)
        self.pens = [os.open(node, os.O_RDWR) for node in self.nodes]

    async def start(self, changed):
        self.changed = changed

    async def stop(self):
        for pen in self.pens:
            os.close(pen)

    def devices(self):
        return [
            UsbFacts(f"k{n}", "056a", "0302", "", f"p{n}", nodes={"input": (str(node),)})
            for n, node in enumerate(self.nodes)
        ]


@pytest.fixture
async def room(tmp_path):
    source = Plugged(tmp_path)
    discovery = Discovery(tmp_path / "twins.json", source, set)
    await discovery.start()
    yield source, Pairing(discovery, [UsbMatch(subsystem="input")])
    await discovery.stop()


async def test_the_one_that_sends_events_is_meant(room):
    source, pairing = room
    said = []
    running = asyncio.create_task(pairing.run(lambda _, text: said.append(text)))
    async with asyncio.timeout(30):
        while not said:
            await asyncio.sleep(0.01)
        os.write(source.pens[0], EVENT.pack(0, 0, SYN, 0, 0))  # says nothing of a touch
        await asyncio.sleep(0.05)
        assert not running.done()
        os.write(source.pens[1], EVENT.pack(0, 0, KEY, 330, 1) + EVENT.pack(0, 0, SYN, 0, 0))
        assert await running == {"identity": "usb:056a:0302@p1"}


async def test_nobody_touches_one(room):
    with pytest.raises(NothingTouched):
        await room[1].run(lambda *_: None, limit=0.05)


SECRET = {"anyOf": [{"type": "string", "format": "password", "writeOnly": True}, {"type": "null"}]}
SCHEMA = {
    "properties": {
        "host": {"type": "string"},
        "password": SECRET,
        "login": {"$ref": "#/$defs/Login"},
        "keys": {"type": "array", "items": SECRET},
        "logins": {"type": "array", "items": {"$ref": "#/$defs/Login"}},
    },
    "$defs": {"Login": {"properties": {"user": {"type": "string"}, "pin": SECRET}}},
}


def test_no_secret_is_told_however_deep_it_stands():
    values = {
        "host": "h",
        "password": "hush",
        "login": {"user": "u", "pin": "hush"},
        "keys": ["hush"],
        "logins": [{"user": "v", "pin": "hush"}],
        "pasword": "hush",
    }
    shown, hidden = without_secrets(SCHEMA, values)
    assert "hush" not in str(shown)
    assert shown == {"host": "h", "login": {"user": "u"}, "keys": [], "logins": [{"user": "v"}]}
    assert hidden == ["keys", "login.pin", "logins.0.pin", "password"]


def test_a_change_names_only_what_changes():
    before = {"host": "h", "login": {"user": "u", "pin": "p"}, "password": "p"}
    after = merged(before, {"login": {"user": "w"}, "password": None})
    assert after == {"host": "h", "login": {"user": "w", "pin": "p"}}
    assert before["password"] == "p"
