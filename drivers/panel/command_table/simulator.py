"""A panel that is made of a table: it understands the table's commands and answers as it says."""

from collections.abc import Callable
from dataclasses import dataclass

from drivers.panel.command_table.table import Command, Table
from drivers.panel.command_table.template import Template, literal

MOST = 512


@dataclass(frozen=True, slots=True)
class _Order:
    """A command that the panel understands."""

    name: str
    template: Template
    setting: bool


class Simulator:
    """Takes bytes, and returns what the panel answers.

    Args:
        table: its commands. number: the panel's.
        obeys: asked before it sets something: `obeys(name, key)`; False refuses. `key` is the
            property's value where the table lists values, else the bytes as text.
    """

    def __init__(
        self, table: Table, number: int, obeys: Callable[[str, str], bool] = lambda *_: True
    ) -> None:
        self._table = table
        self._identity = table.identity.written(number)
        self._obeys = obeys
        self._come = bytearray()
        self.wire: dict[str, bytes] = {}
        self._orders: list[_Order] = []
        for name, command in table.properties.items():
            self.wire[name] = _first(command)
            for body, setting in ((command.ask, False), (command.set, True)):
                if body is not None:
                    self._orders.append(_Order(name, table.sent(body), setting))

    def take(self, come: bytes) -> list[bytes]:
        """Return the answers to what has come, in order; noise is passed over."""
        answers: list[bytes] = []
        for byte in come:
            self._come.append(byte)
            order, value = self._understood()
            if order is not None:
                self._come.clear()
                answer = self._answer(order, value)
                if answer is not None:
                    answers.append(answer)
        del self._come[:-MOST]
        return answers

    def _understood(self) -> tuple[_Order | None, bytes]:
        # Questions first: a value of any length would swallow one that looks like it.
        for order in sorted(self._orders, key=lambda one: one.setting):
            heard = order.template.hear(self._identity, bytes(self._come))
            if heard is not None and (not order.setting or self._fits(order.name, heard.value)):
                return order, heard.value
        return None, b""

    def _fits(self, name: str, value: bytes) -> bool:
        command = self._table.properties[name]
        if command.format is None:
            return self._key(command, value) is not None
        digits = {"hex2": 2, "hex4": 4, "dec3": 3, "byte": 1, "word": 2}.get(command.format)
        return digits is None or len(value) == digits

    @staticmethod
    def _key(command: Command, value: bytes) -> str | None:
        return next(
            (key for key, wire in command.values.items() if literal(wire).upper() == value.upper()),
            None,
        )

    def _answer(self, order: _Order, value: bytes) -> bytes | None:
        command = self._table.properties[order.name]
        if not order.setting:
            assert command.told is not None  # noqa: S101 - the schema's
            return self._said(command.told, self.wire[order.name])
        key = self._key(command, value) or value.decode("latin-1")
        if not self._obeys(order.name, key):
            naks = self._table.frame.nak
            return self._said(naks[0], b"") if naks else None
        self.wire[order.name] = value
        ack = command.ack or command.told
        return None if ack is None else self._said(ack, value)

    def _said(self, body: str, value: bytes) -> bytes:
        return self._table.heard(body).say(self._identity, value)


def _first(command: Command) -> bytes:
    if command.values:
        return literal(command.values.get("off") or next(iter(command.values.values())))
    low = command.low
    match command.format:
        case "byte":
            return bytes([low & 0xFF])
        case "word":
            return (low & 0xFFFF).to_bytes(2, "big")
        case "hex2" | "hex4":
            return f"{low:0{command.format[-1]}X}".encode()
    return f"{low:03d}".encode()
