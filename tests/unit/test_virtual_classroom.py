"""The virtual classroom takes peers of anybody's, whatever they print."""

import logging
import os
import pty
import sys

import pytest

from hub.virtual import Address, VirtualClassroom

PEERS = """
import sys
from drivers.virtual import VirtualPeer

def program(line):
    return (sys.executable, "-c", f"import time\\nprint({line!r}, flush=True)\\ntime.sleep(600)")

def peer(name, line, **settings):
    return VirtualPeer(name, program(line), {"id": name, "driver": "any", "settings": settings})

def peers():
    return [
        peer("web", "listening on http://127.0.0.1:4711", url="{address}/a", host="{host}"),
        peer("net", "listening on 127.0.0.1:4712", host="{host}", port="{port}", all=["{address}"]),
        peer("node", "listening on /dev/null", path="{address}"),
        peer("liar", "listening on /etc/../dev/null"),
        peer("chatterer", "x" * 200000),
        peer("wrong id!", "listening on 127.0.0.1:4713"),
        VirtualPeer("gone", (sys.executable, "-c", ""), {"id": "gone", "driver": "any"}),
        VirtualPeer("no program", ("/no/program",), {"id": "none", "driver": "any"}),
        VirtualPeer("played", (), {"id": "played", "driver": "any", "replay": "/a.jsonl"}),
        VirtualPeer("twin", (), {"id": "played", "driver": "other"}),
        VirtualPeer("taken", (), {"id": "taken", "driver": "any"}),
    ]

def broken():
    raise RuntimeError("broken on purpose")
"""


@pytest.mark.slow
async def test_each_peer_that_speaks_is_a_device_and_no_other(tmp_path, monkeypatch, caplog):
    (tmp_path / "peers.py").write_text(PEERS)
    about = tmp_path / "peers-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: peers\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[classhub.virtual]\nbroken = peers:broken\nclassroom = peers:peers\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))
    classroom = VirtualClassroom()
    with caplog.at_level(logging.ERROR, "classhub.virtual"):
        try:
            started = await classroom.start({"taken"})
        finally:
            await classroom.stop()
    devices = {device.id: device for device in started}
    assert len(devices) == len(started)
    # Ours is there too, though its entry point has the same name as theirs.
    ours = {
        "virtual-microscope",
        "virtual-panel",
        "virtual-printer",
        "virtual-table",
        "virtual-globe",
    }
    ours |= {f"virtual-tablet-{number}" for number in range(1, 5)}
    assert set(devices) == ours | {"web", "net", "node", "played"}
    assert devices["web"].settings == {"url": "http://127.0.0.1:4711/a", "host": "127.0.0.1"}
    assert devices["net"].settings == {
        "host": "127.0.0.1",
        "port": 4712,
        "all": ["127.0.0.1:4712"],
    }
    assert devices["node"].settings == {"path": "/dev/null"}
    assert str(devices["played"].replay) == "/a.jsonl"
    for name in ("liar", "chatterer", "wrong id!", "gone", "no program"):
        assert f"the peer {name} did not start" in caplog.text


def test_the_path_of_a_line_is_an_address():
    master, slave = pty.openpty()
    path = os.ttyname(slave)
    assert Address.of(path) == Address(path)
    os.close(slave)
    os.close(master)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("http://127.0.0.1:80/x", "127.0.0.1", 80),
        ("tcp://printer.local:9", "printer.local", 9),
        ("[::1]:8080", "::1", 8080),
    ],
)
def test_a_place_on_the_network_is_an_address(text, host, port):
    assert Address.of(text) == Address(text, host, port)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "127.0.0.1",
        "127.0.0.1:0",
        "127.0.0.1:99999",
        "127.0.0.1:80/path",
        "user:secret@127.0.0.1:80",
        "://127.0.0.1:80",
        "/",
        "/dev",
        "/dev/no-such-node",
        "/dev/../etc/passwd",
        "/dev/null;reboot",
        "http://127.0.0.1:80/" + "x" * 300,
        "http://қазақ:80",
    ],
)
def test_anything_else_is_none(text):
    with pytest.raises(ValueError, match=r"address|path|device|host|Port"):
        Address.of(text)
