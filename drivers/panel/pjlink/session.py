"""One conversation with a projector: question and answer, however it likes to be spoken to.

Seen in the field, and answered here without anybody having to set it:

- it drops a connection that was silent for 30 s, or after each answer: the next question opens a
  new one, and one that met a dropped connection is asked again;
- it keeps a connection open and answers only the first question of it: the second is asked on a
  new connection, and from then on each has its own;
- it greets with zero bytes, answers late, answers the question before: what does not belong to the
  question is passed over, and after a silence the connection is closed, so that nothing late can
  be taken for an answer.

Half duplex: there is never a second question before the answer to the first, or its limit.
"""

import asyncio
import logging
import time

from drivers.panel.pjlink import words
from drivers.panel.problems import PasswordWanted
from hub.device import TimedOut, Unreachable
from hub.device.transports import ByteStream, Transports

PATIENCE = 5.0
"""Seconds that one question may take, with its connection."""
MOST_STRAY = 20


class Session:
    """Asks a projector.

    Args:
        transports: opens connections.
        host, port: of the projector.
        password: None where there is none.
        log: hears once how the projector wants to be spoken to.
    """

    def __init__(
        self,
        transports: Transports,
        host: str,
        port: int,
        password: str | None,
        log: logging.Logger,
    ) -> None:
        self._transports = transports
        self._host = host
        self._port = port
        self._password = password
        self._log = log
        self._turn = asyncio.Lock()
        self._line: ByteStream | None = None
        self._digest = b""
        self._asked = 0
        self.single = False

    def close(self) -> None:
        """Hang up."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    async def ask(
        self, body: str, parameter: str = "?", *, pjclass: int = 1, again: bool = True
    ) -> str:
        """Ask a question and return the answer's parameter.

        Args:
            body: the command's four letters.
            parameter: `?` asks.
            pjclass: of the command.
            again: it may be said twice without harm (a step of the volume may not).

        Raises:
            NotOffered, OutOfRange, NotReady, DeviceError: it says so.
            TimedOut, Unreachable, WrongDevice, PasswordWanted: there is no answer.
        """
        async with self._turn:
            said = words.command(body, parameter, pjclass)
            try:
                return words.checked(await self._converse(body, said, again=again))
            finally:
                if self.single:
                    self.close()

    async def _converse(self, body: str, said: bytes, *, again: bool) -> words.Reply:
        until = time.monotonic() + PATIENCE
        used = self._line is not None and not self._line.closed
        try:
            # On a connection that was used before silence may mean that it wants a new one.
            first = time.monotonic() + PATIENCE / 2 if used and again else until
            return await self._once(body, said, first)
        except (TimedOut, Unreachable) as error:
            self.close()
            if not (used and again):
                raise
            silent = isinstance(error, TimedOut)
        except BaseException:
            self.close()  # an answer may still be on its way
            raise
        try:
            answer = await self._once(body, said, time.monotonic() + PATIENCE)
        except BaseException:
            self.close()
            raise
        if silent:
            self.single = True
            self._log.info("it answers once in a connection: each question has its own from now on")
        return answer

    async def _once(self, body: str, said: bytes, until: float) -> words.Reply:
        line = self._line
        if line is None or line.closed:
            line = await self._open(until)
        await line.write(self._digest + said)
        self._digest = b""
        for _ in range(MOST_STRAY):
            heard = await line.read_until(words.END, limit=_left(until))
            if words.refused(heard):
                raise PasswordWanted("it refuses the password")
            answer = words.reply(heard)
            if answer is not None and words.answers(answer, said):
                return answer
        raise Unreachable(f"{MOST_STRAY} lines that do not answer {body}")

    async def _open(self, until: float) -> ByteStream:
        self.close()
        line = await self._transports.tcp(self._host, self._port, limit=_left(until))
        try:
            said = words.greeting(await line.read_until(words.END, limit=_left(until)))
            if said is None:
                raise PasswordWanted("it refuses every sign-in for now")
            if said.salt is None:
                self._digest = b""
            elif self._password is None:
                raise PasswordWanted("it wants a password, and none is set")
            else:
                self._digest = words.digest(said.salt, self._password)
        except BaseException:
            line.close()
            raise
        self._line = line
        return line


def _left(until: float) -> float:
    return max(until - time.monotonic(), 0.05)
