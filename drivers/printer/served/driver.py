"""The driver of a printer behind a print server, as far as all print servers are alike."""

import asyncio
import contextlib
import time
from abc import abstractmethod
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, ClassVar

from drivers.printer.contract import PRINTING, Printer
from drivers.printer.gcode import policy_for
from drivers.printer.served.hand import cooling, heating, homing, moving
from drivers.printer.served.heard import Heard, Running
from drivers.printer.served.index import Index
from drivers.printer.served.names import base, is_ours, job_of, remote_name
from drivers.printer.served.place import ServerSettings
from drivers.printer.served.prepare import prepared
from drivers.printer.served.problems import (
    HALTED,
    DamagedUpload,
    NotStarted,
    NotWhilePrinting,
    PrinterBusy,
    PrinterGone,
    PrintsOn,
)
from drivers.printer.values import (
    Homing,
    JobState,
    Move,
    Position,
    PrintBegun,
    PrinterState,
    PrintHappened,
    PrintOrder,
    Progress,
    Targets,
    Temperatures,
    Volume,
)
from hub.device import N_, Call, DeviceError, Event, Member, TimedOut, Unreachable

STARTS = 45.0
"""Seconds within which a print that was started is seen to run."""
OBEYS = 100.0
"""Seconds within which a pause, a resume or a cancel is seen: a printer ends its moves first."""
_ENDINGS = (1.0, 2.0, 4.0)
_MOST_OURS = 50

_HAPPENED: dict[JobState, Event[PrintHappened]] = {
    JobState.FINISHED: Printer.print_finished,
    JobState.CANCELLED: Printer.print_cancelled,
    JobState.FAILED: Printer.print_failed,
    JobState.INTERRUPTED: Printer.print_interrupted,
}


class ServedPrinter(Printer):
    """Printer behind a print server.

    A driver of one says how its server is asked: the methods up to `_command`. The rest is the same
    for all: a file is sent under a name that carries its job, checked, and started; what runs is
    followed; how it ended is asked of the server wherever it was not seen, also after the network
    or the hub were away. What others print is shown, and is nobody's job.
    """

    settings: ServerSettings
    without: ClassVar[tuple[Member, ...]] = ()
    """What no printer behind such a server has."""

    _heard: Heard | None = None
    _progress = Progress()
    _running: Running | None = None
    _expected = ""
    _told = ""
    """The file whose end was told last."""
    _tools = 1
    _bed = True

    # What a server's own driver does.

    @abstractmethod
    async def _reach(self) -> None:
        """Connect: see that it is the right server, learn what its printer has."""

    @abstractmethod
    def _hear(self) -> AsyncIterator[Heard]:
        """Yield what the server says, each time that it changes; the first at once.

        Raises `Unreachable` where it says nothing for too long, or hangs up.
        """

    @abstractmethod
    async def _upload(self, name: str, path: Path, size: int) -> str:
        """Send a file; return what the server calls it."""

    @abstractmethod
    async def _size(self, file: str) -> int:
        """Return how many bytes of a file the server has."""

    @abstractmethod
    async def _start(self, file: str) -> None:
        """Begin to print a file that is there."""

    @abstractmethod
    async def _ended(self, file: str) -> JobState | None:
        """Return how the last print of a file ended; None where the server does not know of one."""

    @abstractmethod
    async def _remove(self, file: str) -> None:
        """Remove a file; no error where it is gone or in use."""

    @abstractmethod
    async def _files(self) -> list[str]:
        """Return the names of the files on the server."""

    @abstractmethod
    async def _command(self, what: str) -> None:
        """Tell the print to `pause`, `resume` or `cancel`, or the printer to `stop`."""

    async def _gcode(self, lines: list[str]) -> None:
        """Have the printer execute lines, where the server takes some."""
        raise NotImplementedError

    # Its life.

    async def connect(self) -> None:
        """Reach the server, hear from it, and learn what became of prints that were not seen."""
        self._news = asyncio.Event()
        self._turn = asyncio.Lock()
        self._expected = ""
        first: Heard | None = None
        try:
            await self._reach()
            self.omit(*self.without)
            self._words = self._hear()
            first = await anext(self._words)
        except Unreachable as error:
            raise self._away(error) from error
        await self._take(first)
        await self._settle_others(first)
        self.background(self._follow())

    async def disconnect(self) -> None:
        """Let go; the print goes on."""
        words = getattr(self, "_words", None)
        if words is not None:
            del self._words
            with contextlib.suppress(Exception):
                await words.aclose()

    async def check(self) -> str | None:
        """Ask the server for its files, which disturbs no print."""
        await self._files()
        return PRINTING if self._running is not None else N_("Its print server answered.")

    async def _follow(self) -> None:
        try:
            async for heard in self._words:
                await self._take(heard)
        except (Unreachable, TimedOut) as error:
            raise self._away(error) from error
        raise self._away(Unreachable("it says no more"))

    def _away(self, error: Exception) -> Unreachable:
        if isinstance(error, PrinterGone | PrintsOn):
            return error
        detail = getattr(error, "detail", "") or str(error)
        return PrintsOn(detail) if self._running is not None else Unreachable(detail)

    async def _take(self, heard: Heard) -> None:
        """Take what the server says, and tell what has changed."""
        before, self._heard = self._heard, heard
        self._tell(before, heard)
        run, known = heard.running, self._running
        if known is not None and (run is None or run.file != known.file):
            await self._settle(known.file)
        if run is not None:
            self._go_on(run)
        self._news.set()
        if heard.gone:
            raise PrinterGone(heard.trouble)

    def _tell(self, before: Heard | None, heard: Heard) -> None:
        if before is None or before.state is not heard.state:
            self.report(Printer.state, heard.state)
            halted = heard.state is PrinterState.HALTED
            self.health(HALTED if halted else None)
            if halted:
                self.emit(Printer.halted, heard.trouble[:300])
        if before is None or before.temperatures != heard.temperatures:
            self.report(Printer.temperatures, heard.temperatures)
        moved = before is None or before.position != heard.position
        if heard.position is not None and moved:
            self.report(Printer.position, heard.position)

    def _go_on(self, run: Running) -> None:
        """Follow the print that runs."""
        known, self._running = self._running, run
        self._told = ""
        state = JobState.PAUSED if run.paused else JobState.PRINTING
        fresh = known is None or known.file != run.file
        if fresh:
            self._progress = self._begun(run)
        of = self._index_of(run.file)
        size = of.bytes if of else self._progress.bytes
        byte = run.byte if run.byte is not None else int(run.fraction * size)
        told = self._progress.model_copy(
            update={
                "state": state,
                "fraction": min(max(run.fraction, 0.0), 1.0),
                "byte": byte,
                "printed": run.printed,
                "filament": run.filament or 0.0,
                "height": run.height,
            }
        )
        if of is not None:
            told.line, told.layer = of.line_at(byte), of.layer_at(byte)
            told.height = of.height_at(byte) if run.height is None else run.height
        was, self._progress = self._progress, told
        if fresh:
            self._happened(Printer.print_started)
        if not fresh or run.paused:
            if was.state is not JobState.PAUSED and run.paused:
                self._happened(Printer.print_paused)
            elif was.state is JobState.PAUSED and not run.paused:
                self._happened(Printer.print_resumed)
        if was != told or fresh:
            self.report(Printer.progress, told)

    def _begun(self, run: Running) -> Progress:
        of = self._index_of(run.file)
        return Progress(
            state=JobState.PRINTING,
            job=job_of(run.file),
            name=self._name_of(run.file),
            lines=of.lines if of else 0,
            bytes=of.bytes if of else 0,
            layers=of.layers if of else None,
            started=time.time() - run.printed,
        )

    _known_file: tuple[str, str, Index] | None = None
    """The file that was sent last: its name on the server, its title here, what is in it."""

    def _index_of(self, file: str) -> Index | None:
        known = self._known_file
        return known[2] if known is not None and known[0] == file else None

    def _name_of(self, file: str) -> str:
        known = self._known_file
        return known[1] if known is not None and known[0] == file else base(file)[:200]

    # How prints end.

    async def _settle(self, file: str) -> None:
        """Learn from the server how the print that was running has ended, and tell it."""
        end = await self._ended(file)
        for pause in _ENDINGS:
            if end is not None:
                break
            await asyncio.sleep(pause)
            end = await self._ended(file)
        self._finish(file, end or JobState.INTERRUPTED, "" if end else "ending-unknown")
        if is_ours(file):
            await self._remove(file)

    def _finish(self, file: str, end: JobState, reason: str = "") -> None:
        self._running = None
        self._told = file
        self._expected = "" if self._expected == file else self._expected
        done: dict[str, Any] = {"state": end}
        if end is JobState.FINISHED:
            told = self._progress
            done |= {"fraction": 1.0, "line": told.lines, "byte": told.bytes, "layer": told.layers}
        self._progress = self._progress.model_copy(update=done)
        detail = self._heard.trouble if self._heard is not None and end is JobState.FAILED else ""
        self._happened(_HAPPENED[end], reason, detail)
        self.report(Printer.progress, self._progress)

    async def _settle_others(self, heard: Heard) -> None:
        """Tell how prints ended that nobody here has followed: the hub was away meanwhile.

        Our file is removed once its end was told; one that is still there has an end to tell. One
        that was never printed is removed without a word: its start has failed.
        """
        running = heard.running.file if heard.running else ""
        ours = [file for file in await self._files() if is_ours(file) and file != running]
        for file in ours[:_MOST_OURS]:
            end = await self._ended(file) if file != self._told else None
            if end is not None:
                if heard.running is None:
                    self._progress = self._begun(Running(file))
                    self._finish(file, end)
                else:
                    name, job = self._name_of(file), job_of(file)
                    told = Progress(job=job, name=name)
                    self._happened(_HAPPENED[end], of=told)
            await self._remove(file)

    def _happened(
        self,
        what: Event[PrintHappened],
        reason: str = "",
        detail: str = "",
        *,
        of: Progress | None = None,
    ) -> None:
        now = of or self._progress
        facts = now.model_dump(include=set(PrintHappened.model_fields))
        self.emit(what, PrintHappened(**facts, reason=reason, detail=detail[:300]))

    # What it says.

    @Printer.state.read
    async def _read_state(self) -> PrinterState:
        return self._now().state

    @Printer.progress.read
    async def _read_progress(self) -> Progress:
        return self._progress

    @Printer.temperatures.read
    async def _read_temperatures(self) -> Temperatures:
        return self._now().temperatures

    @Printer.position.read
    async def _read_position(self) -> Position:
        return self._now().position or Position()

    @Printer.volume.read
    async def _read_volume(self) -> Volume:
        return self.settings.volume

    @Printer.nozzle.read
    async def _read_nozzle(self) -> float:
        return self.settings.nozzle

    @Printer.materials.read
    async def _read_materials(self) -> list[str]:
        return list(self.settings.materials)

    @Printer.policy.read
    async def _read_policy(self) -> str:
        return self.settings.policy

    def _now(self) -> Heard:
        if self._heard is None:
            raise Unreachable("nothing was heard from it yet")
        return self._heard

    # Prints.

    @Printer.print.run
    async def _print(self, call: Call[PrintOrder]) -> PrintBegun:
        order = call.input
        name = remote_name(order.file.title, order.job)
        async with self._turn:
            if self._now().state is not PrinterState.IDLE or self._running is not None:
                raise PrinterBusy(self._now().state.value)
            file, known = await self._send(name, call)
            self._known_file = (file, order.file.title, known)
            self._expected = file
            await call.progress(0.9, N_("Starting"))
            await self._start(file)
            await self._see_it_run(file)
        return PrintBegun(
            lines=known.lines, bytes=known.bytes, layers=known.layers, stripped=known.stripped
        )

    async def _send(self, name: str, call: Call[PrintOrder]) -> tuple[str, Index]:
        """Judge and send a file; return what the server calls it, and what is in it."""
        async with contextlib.AsyncExitStack() as stack:
            policy = policy_for(call.input.policy, self.settings.policy)
            judged = prepared(call.input.file.path, policy, self.settings)
            ready = await asyncio.to_thread(judged.__enter__)
            stack.push_async_callback(asyncio.to_thread, judged.__exit__, None, None, None)
            await call.progress(0.1, N_("Sending the file to the printer"))
            size = ready.index.bytes
            file = await self._upload(name, ready.path, size)
            await call.progress(0.8, N_("Checking the file"))
            if (there := await self._size(file)) != size:
                await self._remove(file)
                raise DamagedUpload(f"sent {size} bytes, it has {there}")
            return file, ready.index

    async def _see_it_run(self, file: str) -> None:
        """Wait until the print is seen; one may be over before anybody has looked."""
        deadline = time.monotonic() + STARTS
        while time.monotonic() < deadline:
            if await self._becomes(lambda: not self._expected or self._runs(file), 1.0):
                self._expected = ""
                return
            if (end := await self._ended(file)) is not None:
                self._go_on(Running(file, fraction=1.0 if end is JobState.FINISHED else 0.0))
                self._finish(file, end)
                await self._remove(file)
                return
        # Nor may it begin later, when nobody waits for it any more.
        with contextlib.suppress(DeviceError):
            await self._command("cancel")
        await self._remove(file)
        raise NotStarted(f"{file} does not run after {STARTS:g} s")

    def _runs(self, file: str) -> bool:
        return self._running is not None and self._running.file == file

    @Printer.pause.run
    async def _pause(self, _call: Call[None]) -> None:
        run = self._running
        if run is None:
            raise NotWhilePrinting("nothing is being printed")
        if not run.paused:
            await self._command("pause")
            await self._obeyed(lambda: self._running is None or self._running.paused)

    @Printer.resume.run
    async def _resume(self, _call: Call[None]) -> None:
        run = self._running
        if run is None or not run.paused:
            raise NotWhilePrinting("nothing is paused")
        await self._command("resume")
        await self._obeyed(lambda: self._running is None or not self._running.paused)

    @Printer.cancel.run
    async def _cancel(self, _call: Call[None]) -> None:
        if self._running is None:
            raise NotWhilePrinting("nothing is being printed")
        await self._command("cancel")
        await self._obeyed(lambda: self._running is None)

    @Printer.stop.run
    async def _stop(self, _call: Call[None]) -> None:
        await self._command("stop")

    async def _obeyed(self, done: Callable[[], bool]) -> None:
        if not await self._becomes(done, OBEYS):
            raise TimedOut(f"it did not do so within {OBEYS:g} s")

    async def _becomes(self, done: Callable[[], bool], seconds: float) -> bool:
        """Wait until what is heard makes `done` true; tell whether it did in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not done():
                    self._news.clear()
                    await self._news.wait()
        return done()

    # By hand.

    @Printer.home.run
    async def _home(self, call: Call[Homing]) -> None:
        await self._by_hand(homing(call.input))

    @Printer.move.run
    async def _move(self, call: Call[Move]) -> None:
        await self._by_hand(moving(call.input))

    @Printer.heat.run
    async def _heat(self, call: Call[Targets]) -> None:
        if lines := heating(call.input, self._tools):
            await self._gcode(lines)

    @Printer.cool.run
    async def _cool(self, _call: Call[None]) -> None:
        await self._by_hand(cooling(self._tools, bed=self._bed))

    async def _by_hand(self, lines: list[str]) -> None:
        if self._running is not None and not self._running.paused:
            raise NotWhilePrinting("it prints")
        if lines:
            await self._gcode(lines)
