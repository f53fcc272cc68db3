"""The driver process: takes the hub's messages and gives them to the devices that it runs."""

import asyncio
import contextlib
import logging
import math
import os
import signal
import socket
from pathlib import Path
from typing import Any

from hub.device import Device, Found, describe_driver
from hub.driver_host._calls import BookedThreads, CallBook
from hub.driver_host._load import load
from hub.driver_host._outbox import Outbox
from hub.driver_host._runner import DeviceRunner
from hub.driver_host._streams import FrameSender
from hub.driver_host.errors import BadReading, DriverBroken, as_hub_error
from hub.driver_host.timing import Timing
from hub.errors import NotFound
from hub.wire import ControlChannel, Message, error_to_wire

log = logging.getLogger("classhub.driver_host")

CALLS = frozenset({"read", "write", "run", "check", "record", "record_stop", "faults", "replayed"})
EXIT_OK = 0
EXIT_BROKEN = 3
URGENT = -10


class Host:
    """All that one driver process does."""

    def __init__(self, control: socket.socket, frames: socket.socket) -> None:
        self._control = control
        self._frames = frames
        self._outbox = Outbox()
        self._sender = FrameSender(frames)
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._runners: dict[str, DeviceRunner] = {}
        self._leaving: dict[str, asyncio.Task[None]] = {}
        self._next: dict[str, Message] = {}
        self._calls: dict[int, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._timing = Timing()
        self._book = CallBook(self._timing.grace)
        self._cls: type[Device] = Device

    async def run(self) -> int:
        """Serve until the hub closes the channel or says so; return the exit status."""
        loop = asyncio.get_running_loop()
        self._frames.settimeout(0)
        channel = ControlChannel(
            self._on_message,
            lambda _: self._end(EXIT_OK),
            on_writable=self._outbox.writable,
        )
        await loop.create_unix_connection(lambda: channel, sock=self._control)
        self._outbox.bind(channel.send)
        loop.add_signal_handler(signal.SIGTERM, self._end, EXIT_OK)
        sending = asyncio.create_task(self._send_frames(), name="frames")
        status = await self._ended
        sending.cancel()
        await asyncio.gather(
            *(runner.stop() for runner in self._runners.values()),
            *self._leaving.values(),
            return_exceptions=True,
        )
        return status

    def _end(self, status: int) -> None:
        if not self._ended.done():
            self._ended.set_result(status)

    async def _send_frames(self) -> None:
        try:
            await self._sender.run()
        except OSError as error:
            log.debug("the frame channel ended: %s", error)
            self._end(EXIT_OK)

    # What the hub says.

    def _on_message(self, message: Message) -> None:
        op = message["op"]
        if op in CALLS:
            self._begin_call(message)
        elif op in ("pull", "rest"):
            self._on_stream(op, message)
        elif op == "cancel":
            call = self._calls.get(message["id"])
            if call is not None:
                call.cancel()
        elif op == "open":
            self._open(message)
        elif op == "start":
            self._start_when_left(message)
        elif op == "stop":
            self._stop_device(message["device"])
        elif op == "exit":
            self._end(EXIT_OK)

    def _own(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _open(self, message: Message) -> None:
        self._timing = Timing.from_data(message["timing"])
        self._book = CallBook(self._timing.grace)
        loop = asyncio.get_running_loop()
        loop.set_default_executor(BookedThreads(self._book, loop))
        try:
            self._cls = load(message["entry"])
            self._driver = describe_driver(message["driver"], self._cls)
        except Exception as error:
            log.exception("the driver %s cannot be loaded", message["entry"])
            problem = DriverBroken(f"{message['entry']}: {type(error).__name__}: {error}")
            self._outbox.send({"op": "broken", "problem": error_to_wire(problem)})
            self._end(EXIT_BROKEN)
            return
        if self._cls.urgent:
            _go_first()
        self._outbox.send({"op": "ready"})
        self._own(asyncio.create_task(self._beat(), name="heartbeat"))

    def _stop_device(self, device: str) -> None:
        self._next.pop(device, None)
        runner = self._runners.pop(device, None)
        if runner is not None:
            task = asyncio.create_task(runner.stop(), name=f"stop {device}")
            self._leaving[device] = task
            self._own(task)
            task.add_done_callback(lambda _: self._left(device))
        elif device not in self._leaving:
            self._left(device)

    def _left(self, device: str) -> None:
        self._leaving.pop(device, None)
        self._outbox.send({"op": "left", "device": device})
        message = self._next.pop(device, None)
        if message is not None:
            self._start_device(message)

    def _start_when_left(self, message: Message) -> None:
        """Start a device, once its predecessor has let go of it: two cannot have it open."""
        if message["device"] in self._leaving:
            self._next[message["device"]] = message
        else:
            self._start_device(message)

    def _start_device(self, message: Message) -> None:
        id_ = message["device"]
        found, folder = message.get("found"), message.get("folder")
        runner = DeviceRunner(
            id_,
            self._cls,
            self._driver,
            message["settings"],
            found=None if found is None else Found.model_validate(found),
            replay=message.get("replay"),
            kept=message.get("kept"),
            folder=None if folder is None else Path(folder),
            outbox=self._outbox,
            sender=self._sender,
            book=self._book,
            timing=self._timing,
        )
        self._runners[id_] = runner
        runner.start()

    def _on_stream(self, op: str, message: Message) -> None:
        runner = self._runners.get(message["device"])
        stream = None if runner is None else runner.stream(message["name"])
        if stream is not None:
            (stream.pull if op == "pull" else stream.rest)()

    def _begin_call(self, message: Message) -> None:
        number = message["id"]
        task = asyncio.create_task(self._answer(number, message), name=f"call {number}")
        self._calls[number] = task
        task.add_done_callback(lambda done: self._answered(number, done))

    def _answered(self, number: int, task: "asyncio.Task[None]") -> None:
        del self._calls[number]
        if task.cancelled():
            self._outbox.send({"op": "cancelled", "id": number})

    async def _answer(self, number: int, message: Message) -> None:
        try:
            value = await self._do(number, message)
        except Exception as error:  # noqa: BLE001 - whatever a driver raises is told
            told = as_hub_error(
                error, f"{message['device']}.{message.get('name', message['op'])}", log
            )
            self._outbox.send({"op": "error", "id": number, "problem": error_to_wire(told)})
        else:
            if not self._outbox.send({"op": "result", "id": number, "value": value}):
                problem = error_to_wire(BadReading("the answer is too large"))
                self._outbox.send({"op": "error", "id": number, "problem": problem})

    async def _do(self, number: int, message: Message) -> Any:
        runner = self._runners.get(message["device"])
        if runner is None:
            raise NotFound(f"no device {message['device']} here")

        def progress(fraction: float, text: str) -> None:
            self._progress(number, fraction, text)

        match message["op"]:
            case "read":
                return await runner.read(message["name"])
            case "write":
                return await runner.write(message["name"], message["value"])
            case "run":
                return await runner.run(message["name"], message["input"], progress)
            case "check":
                return await runner.check()
            case "record":
                return await runner.record(message, progress)
            case "record_stop":
                return runner.tape.stop()
            case "faults":
                return runner.set_faults(message["faults"])
            case _:
                return await runner.tape.replayed()

    def _progress(self, number: int, fraction: float, text: str) -> None:
        if math.isfinite(fraction) and number in self._calls:
            message = {"op": "progress", "id": number, "fraction": fraction, "message": text}
            self._outbox.newest(("call", str(number)), message)

    # What the hub hears.

    async def _beat(self) -> None:
        while True:
            age, overdue, what = self._book.oldest()
            dropped = sum(runner.dropped for runner in self._runners.values())
            self._outbox.send(
                {
                    "op": "heartbeat",
                    "age": round(age, 3),
                    "overdue": round(overdue, 3),
                    "what": what,
                    "dropped": self._outbox.dropped + dropped,
                }
            )
            await asyncio.sleep(self._timing.heartbeat)


def exit_now(status: int) -> None:
    """End the process at once: a driver's thread that hangs must not hold it."""
    logging.shutdown()
    os._exit(status)


def _go_first() -> None:
    """Have this process run before others that want the processor (setpriority(2))."""
    with contextlib.suppress(PermissionError):  # the unit allows it (LimitNICE); else as others
        os.setpriority(os.PRIO_PROCESS, 0, URGENT)
