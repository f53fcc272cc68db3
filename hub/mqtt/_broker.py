"""The hub's own broker: mosquitto as a managed child."""

import asyncio
import contextlib
import logging
import os
import re
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from hub.mqtt._files import BrokerFiles, Listener
from hub.pauses import backoff
from hub.processes import Output
from hub.programs import find_program

log = logging.getLogger("classhub.mqtt.broker")

PROGRAM = "mosquitto"
LOOK_AGAIN = 20.0
_START_LIMIT = 10.0
_END_LIMIT = 1.0
_RESTART = 0.2
_RESTART_MOST = 10.0
_CALM = 60.0
_RUNNING = re.compile(r"mosquitto version \S+ running")
_USUAL = re.compile(
    r"ACL pattern .* does not contain|Reloading config|Loading config|Config loaded"
)


def find_broker() -> str | None:
    """Return mosquitto's path, None where it is not installed."""
    return find_program(PROGRAM)


class Broker:
    """Runs mosquitto, starts it again with back-off when it ends, and ends it with the hub.

    Args:
        files: its settings.
        listeners: where it listens, the hub's own door first; port 0 takes a free one at each
            start.
        find: where the program is.

    Attributes:
        port: where it listens now, None while it does not run.
        tls_port: where it listens by TLS now, None while it does not.
        problem: why it does not run; empty where nothing is known.
        installed: whether the program is there.
        starts: how often it was started.
    """

    def __init__(
        self,
        files: BrokerFiles,
        listeners: Sequence[Listener],
        *,
        find: Callable[[], str | None] = find_broker,
    ) -> None:
        self.port: int | None = None
        self.tls_port: int | None = None
        self.problem = ""
        self.installed = True
        self.starts = 0
        self._files = files
        self._listeners = tuple(listeners)
        self._find = find
        self._process: asyncio.subprocess.Process | None = None
        self._changed = asyncio.Condition()
        self._last_line = ""

    @property
    def pid(self) -> int | None:
        """The process as it runs now."""
        return None if self._process is None else self._process.pid

    async def ready(self) -> int:
        """Wait until it listens, and return its port."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.port is not None)
            assert self.port is not None  # noqa: S101 - just waited for
            return self.port

    def reload(self) -> None:
        """Have it read accounts and rights again."""
        self._signal(signal.SIGHUP)

    def restart(self) -> None:
        """Have it read everything again: a certificate is read at its start only."""
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self.port is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def run(self) -> None:
        """Keep it running until cancelled; then it is ended."""
        attempt = 0
        loop = asyncio.get_running_loop()
        while True:
            program = self._find()
            if program is None:
                await self._missing()
                continue
            self.installed = True
            started = loop.time()
            try:
                await self._generation(program)
            except OSError as error:
                self._tell(f"it could not be started: {error}")
            attempt = 0 if loop.time() - started > _CALM else attempt + 1
            await asyncio.sleep(backoff(attempt - 1, _RESTART, _RESTART_MOST))

    async def _missing(self) -> None:
        if self.installed:
            log.warning("mosquitto is not installed; the hub runs without MQTT")
        self.installed = False
        await asyncio.sleep(LOOK_AGAIN)

    async def _generation(self, program: str) -> None:
        listeners = [replace(one, port=one.port or _free_port(one.host)) for one in self._listeners]
        await asyncio.to_thread(self._files.write, listeners)
        helper = str(Path(__file__).with_name("_exec.py"))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", helper, str(os.getpid())),
            *(program, "-c", str(self._files.config)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"},
        )
        self._process = process
        self.starts += 1
        running = asyncio.Event()
        assert process.stderr is not None  # noqa: S101 - it was opened with a pipe
        output = _Heard(process.stderr, log, lambda line: self._on_line(line, running))
        reading = asyncio.create_task(output.run(), name="output of mosquitto")
        ended = asyncio.create_task(process.wait(), name="life of mosquitto")
        try:
            await self._wait_until(running, ended)
            if running.is_set() and not ended.done():
                if self.problem:
                    log.info("the broker runs again")
                self.problem = ""
                await self._set(listeners)
                await asyncio.wait({ended})
            self._tell(self._last_line or f"it ended with {process.returncode}")
        finally:
            self.port = self.tls_port = None
            self._process = None
            await asyncio.shield(_end(process, reading, ended))

    async def _wait_until(self, running: asyncio.Event, ended: "asyncio.Task[int]") -> None:
        waiting = asyncio.create_task(running.wait(), name="start of mosquitto")
        try:
            await asyncio.wait(
                {waiting, ended}, timeout=_START_LIMIT, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            waiting.cancel()

    def _on_line(self, line: str, running: asyncio.Event) -> None:
        if _RUNNING.search(line):
            running.set()
        self._last_line = line

    async def _set(self, listeners: Sequence[Listener]) -> None:
        async with self._changed:
            self.port = listeners[0].port
            self.tls_port = next((one.port for one in listeners if one.certificate), None)
            self._changed.notify_all()

    def _tell(self, problem: str) -> None:
        if not self.problem:
            log.warning("the broker does not run: %s", problem)
        self.problem = problem[:300]


class _Heard(Output):
    """The broker's output, on its way to the log."""

    def __init__(
        self,
        stream: asyncio.StreamReader,
        to: logging.Logger,
        hear: Callable[[str], None],
    ) -> None:
        super().__init__(stream, to)
        self._hear = hear

    def _line(self, line: bytes) -> None:
        text = line.decode(errors="replace").strip()
        if not text:
            return
        self._hear(text)
        if not _USUAL.search(text):
            super()._line(line)


async def _end(
    process: asyncio.subprocess.Process, reading: "asyncio.Task[None]", ended: "asyncio.Task[int]"
) -> None:
    """End the process whatever it does, and what belongs to it."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        if process.returncode is not None:
            break
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(how)
        await asyncio.wait({ended}, timeout=_END_LIMIT)
    reading.cancel()
    await asyncio.gather(reading, ended, return_exceptions=True)


def _free_port(host: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
