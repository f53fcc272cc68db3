"""Projectors of class 2 are found by a question to everybody, and only by their answers."""

import asyncio
import socket
import subprocess
import sys

import pytest

from drivers.panel.pjlink import search as searching
from drivers.panel.pjlink.search import CannotSearch, FoundProjector, read_answer, search
from drivers.virtual.panel import Faults, Screen
from drivers.virtual.panel.projector import Projector
from drivers.virtual.panel.searched import ADDRESS, searchable


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (b"%2ACKN=00:11:22:AA:bb:cc\r", "00:11:22:aa:bb:cc"),
        (b"\0%2ackn=001122aabbcc \r\n", "00:11:22:aa:bb:cc"),
        (b"%2ACKN=00:11:22:33:44\r", None),
        (b"%2ACKN=00:11:22:33:44:55:66\r", None),
        (b"%2SRCH\r", None),
        (b"\xff\xfe", None),
        (b"", None),
    ],
)
def test_an_answer_is_a_hardware_address_and_nothing_else(said, meant):
    assert read_answer(said) == meant


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.mark.parametrize("faults", [{}, {"small": True, "garble": True}], ids=["well", "badly"])
@pytest.mark.parametrize("by_the_book", [True, False], ids=["own port", "where it was asked from"])
async def test_one_that_answers_is_found_once(faults, by_the_book):
    projector = Projector(Screen())
    projector.faults = Faults(**faults)
    own = free_port()
    found: list[FoundProjector] = []
    async with searchable(projector, answer_port=own if by_the_book else None) as port:
        await search(found.append, to=["127.0.0.1"], port=port, own_port=own, seconds=0.6)
    assert found == [FoundProjector("127.0.0.1", ADDRESS)]


async def test_the_question_goes_to_everybody_in_the_network():
    """By a broadcast of the loopback network, which every socket on the port hears."""
    projector = Projector(Screen())
    found: list[FoundProjector] = []
    async with searchable(projector, host="127.255.255.255") as port:
        await search(found.append, to=["127.255.255.255"], port=port, own_port=0, seconds=0.6)
    assert [one.hardware for one in found] == [ADDRESS]


async def test_a_network_that_makes_projectors_up_is_not_believed(monkeypatch):
    monkeypatch.setattr(searching, "MOST", 20)
    found: list[FoundProjector] = []

    class Liar(asyncio.DatagramProtocol):
        def connection_made(self, transport):
            self.transport = transport

        def datagram_received(self, _data, addr):
            for number in range(200):
                self.transport.sendto(b"%%2ACKN=02:00:00:00:00:%02x\r" % number, addr)

    loop = asyncio.get_running_loop()
    liar, _ = await loop.create_datagram_endpoint(Liar, local_addr=("127.0.0.1", 0))
    port = liar.get_extra_info("sockname")[1]
    await search(found.append, to=["127.0.0.1"], port=port, own_port=0, seconds=0.6)
    liar.close()
    await asyncio.sleep(0)
    assert len(found) == 20


async def test_where_there_is_no_network_it_is_said():
    with pytest.raises(CannotSearch):  # a network that no computer has
        await search(lambda _: None, to=["255.255.255.256"], own_port=0, seconds=0.2)


async def test_by_the_command_line_with_how_to_go_on():
    async with searchable(Projector(Screen())) as port:
        command = [sys.executable, "-m", "hub.cli", "panel", "search", "--to", "127.0.0.1"]
        done = await asyncio.to_thread(
            subprocess.run, [*command, "--port", str(port), "--seconds", "1"],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"127.0.0.1  {ADDRESS}" in done.stdout
    assert "adopt --driver pjlink --set host=127.0.0.1" in done.stdout
