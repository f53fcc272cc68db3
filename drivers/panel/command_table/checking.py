"""Checking a table: its schema, its maker's examples, and a panel that is made of it."""

import asyncio
from pathlib import Path
from typing import Any

from drivers.panel.command_table.driver import TablePanel
from drivers.panel.command_table.simulator import Simulator
from drivers.panel.command_table.table import FLAGS, BadTable, Command, Example, Table, read
from drivers.panel.command_table.template import TemplateError, literal
from drivers.panel.command_table.values import meant, written
from drivers.panel.values import Power
from hub.device import Reading
from hub.errors import HubError

ROUNDED = 2
_HEX = frozenset("0123456789abcdefABCDEF ")


def check(path: Path) -> list[str]:
    """Return what is right about a table, in lines for people.

    Raises:
        BadTable: what is wrong, with the place.
    """
    table = read(path)
    said = [f"{table.title}: {len(table.properties)} properties"]
    for number, example in enumerate(table.examples, 1):
        try:
            _try(table, example)
        except (HubError, TemplateError, ValueError) as error:
            what = error.detail if isinstance(error, HubError) else str(error)
            raise BadTable(f"{path.name}: example {number} ({example.property}): {what}") from None
    said.append(f"{len(table.examples)} examples of the maker's document are said and understood")
    tried = asyncio.run(simulate(table))
    said.append(f"a simulated panel was asked and set: {', '.join(tried)}")
    if not table.verified:
        said.append("not tried on hardware yet (verified = false)")
    return said


def _bytes(text: str) -> bytes:
    """Return what an example says: hexadecimal where it is nothing else, text otherwise."""
    if set(text) <= _HEX and len(text.replace(" ", "")) % 2 == 0:
        return bytes.fromhex(text)
    return literal(text)


def _try(table: Table, example: Example) -> None:
    command = table.properties.get(example.property)
    if command is None:
        raise ValueError("the table has no such property")
    identity = table.identity.written(example.id)
    if example.value is None:
        if command.ask is None:
            raise ValueError("it cannot be asked for")
        made = table.sent(command.ask).say(identity)
    else:
        if command.set is None:
            raise ValueError("it cannot be set")
        made = table.sent(command.set).say(
            identity, written(example.property, command, _value(example.property, example.value))
        )
    sent = _bytes(example.sent)
    if made != sent:
        raise ValueError(f"the document says {sent.hex(' ')}, the table {made.hex(' ')}")
    if example.heard is not None:
        _understand(table, example, command, identity)


def _understand(table: Table, example: Example, command: Command, identity: bytes) -> None:
    heard = _bytes(example.heard or "")
    body = command.told if example.value is None else command.ack or command.told
    if body is None:
        raise ValueError("the table expects no answer")
    answer = table.heard(body).hear(identity, heard)
    if answer is None:
        raise ValueError(f"the answer {heard.hex(' ')} is not understood")
    if example.means is not None:
        value = meant(example.property, command, answer.value)
        if value != _value(example.property, example.means):
            raise ValueError(f"the answer means {value!r}, not {example.means!r}")


def _value(name: str, value: Any) -> Any:
    if name == "power":
        return Power(value)
    return value in (True, "on") if name in FLAGS else value


class _Quiet:
    """A link for a driver that nobody listens to."""

    def reading(self, name: str, reading: Reading[Any]) -> None:
        """Take a reading."""

    def event(self, name: str, data: Any, time: float) -> None:
        """Take an event."""

    def samples(self, name: str, samples: Any) -> None:
        """Take samples."""

    def health(self, problem: Any) -> None:
        """Take the health."""

    def narrowed(self) -> None:
        """Take a narrowing."""

    def lost(self, error: Exception) -> None:
        """Take a loss."""


async def simulate(table: Table) -> list[str]:
    """Run the driver against a panel that is made of the table; returns what was tried.

    Raises:
        BadTable: the driver reads something else than it has set, or does not get on.
    """
    panel = Simulator(table, table.identity.default)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Line(panel), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    quick = table.line.model_copy(update={"gap": 0.0, "warm_up": 0.0, "cool_down": 0.0})
    driver = _Simulated(table.model_copy(update={"line": quick}), port)
    try:
        await driver.connect()
        return await _try_all(table, driver)
    except HubError as error:
        raise BadTable(f"with a simulated panel: {error.title} {error.detail}") from error
    finally:
        await driver.disconnect()
        server.close()
        await server.wait_closed()


class _Line(asyncio.Protocol):
    """The simulated panel's end of a connection."""

    def __init__(self, panel: Simulator) -> None:
        self._panel = panel

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to answer."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer what has come."""
        assert isinstance(self._transport, asyncio.Transport)  # noqa: S101 - a socket's
        for answer in self._panel.take(data):
            self._transport.write(answer)


class _Simulated(TablePanel):
    """The driver, with a table of its own."""

    def __init__(self, table: Table, port: int) -> None:
        settings = TablePanel.Settings(table="simulated", host="127.0.0.1", tcp_port=port)
        super().__init__(settings, _Quiet())
        self._given = table

    def _load(self) -> Table:
        return self._given


async def _try_all(table: Table, driver: TablePanel) -> list[str]:
    tried: list[str] = []
    await driver._write_power(Power.ON)  # noqa: SLF001 - the driver's own checker
    for name, command in table.properties.items():
        for value in _some(name, command):
            if command.set is not None:
                await getattr(driver, f"_write_{name}")(value)
            now = await getattr(driver, f"_read_{name}")()
            if command.set is not None and not _same(now, value):
                raise BadTable(f"{name}: set to {value!r}, it is read as {now!r}")
        tried.append(name)
    await driver._write_power(Power.OFF)  # noqa: SLF001 - the driver's own checker
    return tried


def _same(now: Any, value: Any) -> bool:
    """Whether a value was read back; a volume whose range is smaller is rounded."""
    if type(now) is int and type(value) is int:
        return abs(now - value) <= ROUNDED
    return bool(now == value)


def _some(name: str, command: Command) -> list[Any]:
    if name == "power":
        return [Power.ON]
    if name in FLAGS:
        return [True, False]
    if name == "source":
        return list(command.values)
    return [0, 50, 100] if command.set is not None else [None]
