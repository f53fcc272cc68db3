"""A projector that speaks PJLink class 1 and 2 over TCP.

Written from the specification (JBMIA, class 1 version 1.04, class 2 version 1.00) and apart from
our driver, so that what one of them misreads the other does not repeat.
"""

import asyncio
import contextlib
import hashlib
import secrets
from collections.abc import AsyncIterator

from drivers.virtual.panel.faults import Faults
from drivers.virtual.panel.screen import DIGITS, Screen

INPUTS = {"11": "VGA", "31": "HDMI 1", "32": "HDMI 2", "41": "USB", "51": "LAN"}
LONGEST = 256
_ASLEEP = frozenset({"INPT", "INST", "AVMT", "FREZ", "SVOL", "MVOL", "IRES"})


class Projector:
    """The projector's end of its connections.

    Args:
        screen: what it shows.
        pjclass: 1 or 2.
        password: empty for none.
    """

    def __init__(self, screen: Screen, *, pjclass: int = 2, password: str = "") -> None:
        self.screen = screen
        self.faults = Faults()
        self.connections = 0
        self._class = pjclass
        self._password = password
        self._former = ""
        self._writers: set[asyncio.StreamWriter] = set()
        self._talks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk with one who has connected."""
        self.connections += 1
        self._writers.add(writer)
        # A task of its own: asyncio complains of its own one where that is cancelled.
        talk = asyncio.create_task(self._talk(reader, writer), name="projector")
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)
        try:
            await asyncio.wait({talk})
            if not talk.cancelled():
                talk.result()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            return
        finally:
            self._writers.discard(writer)
            writer.close()

    def hang_up(self) -> None:
        """Drop every connection, as a cable that is pulled does."""
        for writer in list(self._writers):
            writer.transport.abort()
        for talk in list(self._talks):
            talk.cancel()

    @property
    def busy(self) -> bool:
        """Whether somebody is connected."""
        return bool(self._writers)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        salt = secrets.token_hex(4) if self._password else ""
        first = f"PJLINK 1 {salt}\r" if salt else "PJLINK 0\r"
        if self.faults.deaf:
            await asyncio.sleep(600)
        writer.write((b"\0" if self.faults.zero else b"") + first.encode())
        await writer.drain()
        signed = not salt
        answered = 0
        while True:
            async with asyncio.timeout(self.faults.idle or None):
                line = (await reader.readuntil(b"\r")).decode("ascii", "replace")[:-1]
            if not signed:
                proof = hashlib.md5((salt + self._password).encode(), usedforsecurity=False)
                if not line.startswith(proof.hexdigest()):
                    writer.write(b"PJLINK ERRA\r")
                    await writer.drain()
                    return
                line, signed = line[32:], True
            answer = self._answer(line[:LONGEST])
            if answer is None or (answered and self.faults.once == "silent") or self.faults.deaf:
                continue
            if answer == "":
                return
            await self._say(writer, answer)
            answered += 1
            if self.faults.once == "close":
                return

    async def _say(self, writer: asyncio.StreamWriter, answer: str) -> None:
        faults = self.faults
        if faults.slow:
            await asyncio.sleep(faults.slow)
        if faults.late:
            late, faults.late = faults.late, 0.0
            await asyncio.sleep(late)
        if faults.garble:
            writer.write(b"\xff\x00%\x80junk\r")
        if faults.stray and self._former:
            writer.write(f"{self._former}\r".encode())
        self._former = answer
        writer.write(f"{answer.lower() if faults.small else answer}\r".encode())
        await writer.drain()

    def _answer(self, line: str) -> str | None:
        """Return the answer; None for silence, empty for hanging up."""
        head, body, rest = line[:2], line[2:6], line[6:7]
        if line[:1] != "%" or len(line) < 7 or rest != " ":
            return None
        self.screen.note(line)
        if self.screen.power in ("warming", "cooling") and self.faults.warming != "refuse":
            return None if self.faults.warming == "silent" else ""
        if head not in ("%1", "%2") or int(head[1]) > self._class:
            return f"{head}{body}=ERR1"
        return f"{head}{body}={self._do(body, line[7:], int(head[1]))}"

    def _do(self, body: str, parameter: str, pjclass: int) -> str:  # noqa: C901
        screen = self.screen
        if body in _ASLEEP and screen.power != "on":
            return "ERR3"
        match body, parameter:
            case "POWR", "?":
                return DIGITS[screen.power]
            case "POWR", "0" | "1":
                return "OK" if screen.switch(parameter == "1") else "ERR3"
            case "INPT", "?":
                return screen.source
            case "INPT", code if code in INPUTS:
                screen.source = code
                return "OK"
            case "INST", "?":
                return " ".join(INPUTS)
            case "AVMT", "?":
                return {(1, 0): "11", (0, 1): "21", (1, 1): "31"}.get(
                    (int(screen.blank), int(screen.muted)), "30"
                )
            case "AVMT", "10" | "11" | "20" | "21" | "30" | "31":
                on = parameter[1] == "1"
                if parameter[0] in "13":
                    screen.blank = on
                if parameter[0] in "23":
                    screen.muted = on
                return "OK"
            case "ERST", "?":
                return screen.errors
            case "LAMP", "?":
                return f"{screen.lamp_hours} {int(screen.power == 'on')}"
            case (("NAME" | "INF1" | "INF2" | "INFO" | "CLSS"), "?"):
                said = {"NAME": "Room 12", "INF1": "Virtual", "INF2": "Projector", "INFO": ""}
                return said.get(body, str(self._class))
        if pjclass < 2:
            return "ERR2" if body in ("POWR", "INPT", "AVMT") else "ERR1"
        return self._do_of_class_2(body, parameter)

    def _do_of_class_2(self, body: str, parameter: str) -> str:
        screen = self.screen
        match body, parameter:
            case "INNM", code if code[:1] == "?" and code[1:] in INPUTS:
                return INPUTS[code[1:]]
            case "FREZ", "?":
                return str(int(screen.frozen))
            case "FREZ", "0" | "1":
                screen.frozen = parameter == "1"
                return "OK"
            case "SVOL", "0" | "1":
                screen.volume = min(max(screen.volume + (5 if parameter == "1" else -5), 0), 100)
                return "OK"
            case "FILT", "?":
                return str(screen.filter_hours)
            case (("SNUM" | "SVER"), "?"):
                return {"SNUM": "V-0001", "SVER": "1.0"}[body]
        known = ("INNM", "FREZ", "SVOL", "POWR", "INPT", "AVMT")
        return "ERR2" if body in known else "ERR1"


@contextlib.asynccontextmanager
async def listening(projector: Projector, port: int = 0) -> AsyncIterator[int]:
    """Have a projector listen on loopback; yields its port."""
    server = await asyncio.start_server(projector.serve, "127.0.0.1", port, limit=1024)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        projector.hang_up()
        while projector.busy:  # noqa: ASYNC110 - cancelled, they end at once
            await asyncio.sleep(0.001)
        await server.wait_closed()
