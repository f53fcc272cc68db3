"""One connected printer: what it is doing, and the print that runs on it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, Protocol

from drivers.printer.marlin.answers import BUSY, UNKNOWN, temperatures_of, text_of
from drivers.printer.marlin.command import Command, Patience
from drivers.printer.marlin.handshake import firmware_of
from drivers.printer.marlin.job import Job, away, back, bounded, cold, given_up
from drivers.printer.marlin.link import Link
from drivers.printer.marlin.source import Contents, Source
from drivers.printer.marlin.talk import PrinterBusy, Talk
from drivers.printer.marlin.tracker import Tracker
from drivers.printer.values import (
    Firmware,
    JobState,
    Position,
    PrinterState,
    PrintHappened,
    PrintOrder,
    Temperatures,
    Volume,
)
from hub.device import N_, DeviceError

QUIET_MOST = 90.0
PARK_MOST = 60.0
LEARN = 5.0
LEAVE = 1.0


class NoPrint(DeviceError):
    """There is no print that this could be done to."""

    code = "no-print"
    status = 409
    title = N_("Nothing is being printed that this could be done to.")
    hint = N_("Look at the printer's state, then try again.")


class PrintUnderWay(DeviceError):
    """It is printing, and this would disturb the print."""

    code = "print-under-way"
    status = 409
    title = N_("The printer is printing.")
    hint = N_("Wait until the print is over, pause it or cancel it.")


class Halted(DeviceError):
    """The printer has stopped itself, or was stopped at once."""

    code = "printer-halted"
    status = 409
    title = N_("The printer has stopped for safety.")
    hint = N_("Look at the printer. Switch it off, let it cool, then switch it on again.")


class Told(Protocol):
    """Who hears how the printer is."""

    def changed(self) -> None:
        """Hear that state or progress is another."""

    def warmth(self, temperatures: Temperatures) -> None:
        """Hear how warm it is."""

    def message(self, line: bytes) -> None:
        """Hear a line that means something else."""

    def happened(self, what: str, event: PrintHappened) -> None:
        """Hear what became of a print: it `started`, was `paused`, has `finished` and so on."""

    def stopped(self, why: str) -> None:
        """Hear that it has stopped itself."""

    def silent(self, silent: bool) -> None:
        """Hear that it does not answer, or does again."""

    def lost(self, why: str) -> None:
        """Hear that it must be connected anew."""


class Session:
    """One connection to a printer that answers.

    Attributes:
        firmware: what it says of itself; set once it is known.
        job: the print that is under way or was the last, None where there was none.
        attention: why it waits for a person: `busy`, `silent`, `prompt`, `runout`.
        dead: it has halted.
    """

    def __init__(
        self,
        link: Link,
        told: Told,
        *,
        volume: Volume,
        window: int,
        job: Job | None,
        patience: Patience | None = None,
    ) -> None:
        self.firmware = Firmware()
        self.job = job
        self.attention: set[str] = set()
        self.dead = False
        self.tracker = Tracker()
        self.talk = Talk(link, self, window=window, patience=patience)
        self._told = told
        self._volume = volume
        self._turn = asyncio.Lock()
        self._at_work = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._moved = asyncio.Event()
        self._finishing: Job | None = None
        link.lost = lambda error: self._gone("it was unplugged" if error else "it hung up")

    @property
    def state(self) -> PrinterState:
        """What it is doing."""
        job = self.job
        if self.dead:
            return PrinterState.HALTED
        if self.attention:
            return PrinterState.ATTENTION
        if job is not None and job.state is JobState.PRINTING:
            return PrinterState.PRINTING
        if job is not None and job.state is JobState.PAUSED:
            return PrinterState.PAUSED
        return PrinterState.BUSY if self._at_work else PrinterState.IDLE

    def position(self) -> Position:
        """Return where its nozzle is, as far as that is known."""
        at = self.tracker
        return Position(x=bounded(at.x), y=bounded(at.y), z=bounded(at.z))

    def can(self, capability: str) -> bool:
        """Tell whether the firmware says that it can do something."""
        return self.firmware.capabilities.get(capability, False)

    @property
    def can_shout(self) -> bool:
        """Whether its emergency parser takes some commands at once."""
        return self.can("EMERGENCY_PARSER")

    async def learn(self) -> None:
        """Ask what it is and can do, and begin to be told; what is warm is switched off.

        What was warm when this computer went away is not left warm without anyone.
        """
        ask = self.talk.ask
        self.firmware = firmware_of(await ask(b"M115", limit=LEARN))
        self.talk.conversation.busy_is_told = any(
            b"M113 S" in line and not UNKNOWN.match(line)
            for line in await ask(b"M113 S1", b"M113", limit=LEARN)
        )
        await ask(*cold(self.firmware.tools), b"M107", b"M114", limit=LEARN)
        if self.can("AUTOREPORT_TEMP"):
            await ask(b"M155 S1", limit=LEARN)
        if self.can("PROMPT_SUPPORT"):
            await ask(b"M876 P1", limit=LEARN)
        await ask(b"M105", limit=LEARN)

    async def leave(self) -> None:
        """Switch off what is warm, as far as the line still goes, and end."""
        conversation = self.talk.conversation
        conversation.withdraw()
        if self.can_shout:
            conversation.shout(b"M108")  # it may be waiting to be warm
        for line in cold(self.firmware.tools):
            conversation.shout(line)  # not after what is under way: nobody waits for that any more
        with contextlib.suppress(DeviceError):
            await self.talk.ask(b"M107", limit=LEAVE)
        self.close()

    def close(self) -> None:
        """End; a print that is under way is interrupted."""
        self._end_job(JobState.INTERRUPTED, "interrupted", "released")
        self.talk.close()
        for task in self._tasks:
            task.cancel()

    # By hand.

    @contextlib.asynccontextmanager
    async def by_hand(self, *, in_pause: bool = False) -> AsyncIterator[Talk]:
        """Have the printer for something that is no print.

        Raises:
            PrintUnderWay, PrinterBusy, Halted: it is not free.
        """
        self._alive()
        if self._turn.locked():
            raise PrinterBusy("something else is being done")
        async with self._turn:
            job = self.job
            paused = job is not None and job.state is JobState.PAUSED
            if job is not None and job.under_way and not (in_pause and paused):
                raise PrintUnderWay(f"line {job.line}")
            with self._working():
                yield self.talk

    @contextlib.contextmanager
    def _working(self) -> Iterator[None]:
        """It is busy meanwhile, with something that is no print."""
        self._at_work += 1
        self._told.changed()
        try:
            yield
        finally:
            self._at_work -= 1
            self._told.changed()

    # Prints.

    def begin(
        self, order: PrintOrder, contents: Contents, open_source: Callable[..., Source]
    ) -> Job:
        """Begin to print what was looked through.

        Raises:
            PrintUnderWay, PrinterBusy, Halted: it is not free.
        """
        self._alive()
        if self.job is not None and self.job.under_way:
            raise PrintUnderWay(f"line {self.job.line}")
        if self._turn.locked():
            raise PrinterBusy("something else is being done")
        self.attention -= {"busy", "runout"}
        source = open_source(self._fed)
        self.job = job = Job(order, contents, source, self.tracker)
        self.tracker.filament = 0.0
        self._run(source.read_ahead(), "read ahead")
        self._pull(job)
        self._told.changed()
        self._told.happened("started", job.happened())
        return job

    async def pause(self, reason: str = "", *, park: bool = True) -> None:
        """Stop printing once what is under way was taken, and park.

        Raises:
            NoPrint: nothing is printing. PrinterBusy: a line takes longer; it pauses after it.
        """
        self._alive()
        job = self._job(JobState.PRINTING)
        job.hold(self.talk.conversation.withdraw())
        job.pause()
        self._told.changed()
        self._told.happened("paused", job.happened(reason))
        if park:
            async with self._turn:
                await self._until_quiet(job)
                if job.state is JobState.PAUSED:
                    job.parked = True
                    await self.talk.ask(*away(self.tracker, self._volume), limit=PARK_MOST)

    async def resume(self, *, said_by_printer: bool = False) -> None:
        """Go back and print on.

        Raises:
            NoPrint: nothing is paused. PrinterBusy: it is still parking.
        """
        self._alive()
        job = self._job(JobState.PAUSED)
        async with self._turn:
            if job.parked and not said_by_printer:
                await self.talk.ask(*back(self.tracker), limit=2 * PARK_MOST)
                job.parked = False
            if job.state is not JobState.PAUSED:
                return
            if self.can_shout and self.attention & {"busy", "prompt"}:
                self.talk.conversation.shout(b"M108")  # it waits for someone to press its button
            self.attention -= {"busy", "runout"}
            job.resume()
            self._told.happened("resumed", job.happened())
            self._pull(job)
            self._told.changed()

    async def cancel(self, reason: str = "") -> None:
        """Give the print up: cool, lift, bring the part forward.

        Raises:
            NoPrint: there is none.
        """
        self._alive()
        job = self._job(JobState.PRINTING, JobState.PAUSED)
        job.hold(self.talk.conversation.withdraw())
        with self._working():
            self._end_job(JobState.CANCELLED, "cancelled", reason)
            if self.can_shout:
                self.talk.conversation.shout(b"M108")  # it may be waiting to be warm
            self.attention -= {"busy", "runout"}
            self.talk.say(cold(self.firmware.tools))  # first, should a line take long
            async with self._turn:
                await self._until_quiet(job)
                lines = given_up(self.tracker, self._volume, self.firmware.tools)
                await self.talk.ask(*lines, limit=PARK_MOST)
                for line in lines:
                    self.tracker.take(line)

    def stop(self) -> None:
        """Stop at once: what the printer does then is up to its firmware."""
        if not self.dead:
            self.talk.conversation.emergency()
            self._die("stopped by a person", reason="stopped")

    # What the conversation tells (`Listener`).

    def said(self, line: bytes) -> None:
        """Take what means something beside the talk."""
        found = BUSY.match(line)
        if found is not None:
            waits = found[1].lower().startswith((b"paused for", b"waiting"))
            self.attend("busy", waits=waits)
        elif (warm := temperatures_of(line)) is not None:
            self._told.warmth(warm)
        else:
            self._told.message(line)

    def taken(self, command: Command) -> None:
        """Count a line of the file."""
        job = self.job
        if job is None:
            return
        job.take(command)
        if "busy" in self.attention:
            self.attend("busy", waits=False)
        if job.state is not JobState.PRINTING:
            if job.quiet:
                self._moved.set()
        elif job.through:
            self._run(self._finish(job), "finish")

    def reset(self, why: str) -> None:
        """It has started anew: the print is lost, whatever was printed."""
        self.dead = False
        self._end_job(JobState.INTERRUPTED, "interrupted", "reset", why)
        self._told.lost(f"it has started anew ({why})")

    def halted(self, why: str) -> None:
        """It has stopped itself."""
        self._die(why, reason="halted")

    def silent(self, silent: bool) -> None:
        """It does not answer, or does again."""
        self.attend("silent", waits=silent)
        self._told.silent(silent)

    def refused(self, why: str) -> None:
        """It does not take a line, however often it is sent."""
        self._end_job(JobState.FAILED, "failed", "refused", why)
        self.gone(why)

    def gone(self, why: str) -> None:
        """There is no use in going on. Should it only not be heard, it cools all the same."""
        waiting = [b"M108"] if self.can_shout else []  # it may be waiting to be warm
        for line in [*waiting, *cold(self.firmware.tools)]:
            self.talk.conversation.blurt(line)
        self._gone(why)

    def attend(self, why: str, *, waits: bool) -> None:
        """Note that it waits for a person, or no longer."""
        if waits is not (why in self.attention):
            self.attention ^= {why}
            self._told.changed()

    # Inside.

    def _alive(self) -> None:
        if self.dead:
            raise Halted("it takes nothing more")

    def _job(self, *states: JobState) -> Job:
        if self.job is None or self.job.state not in states:
            raise NoPrint(str(self.state))
        return self.job

    def _pull(self, job: Job) -> None:
        self.talk.conversation.pull = job.pull
        self._fed()

    def _fed(self) -> None:
        self.talk.conversation.pump()
        job = self.job
        if job is not None and job.state is JobState.PRINTING and job.through:
            self._run(self._finish(job), "finish")

    async def _until_quiet(self, job: Job) -> None:
        try:
            async with asyncio.timeout(QUIET_MOST):
                while not job.quiet:
                    self._moved.clear()
                    await self._moved.wait()
                    self._alive()
        except TimeoutError:
            raise PrinterBusy("it is still busy with a line") from None

    async def _finish(self, job: Job) -> None:
        """Wait until the last line was not only taken but done; then the print is finished."""
        if self._finishing is job:
            return
        self._finishing = job
        self.talk.conversation.pull = None
        if job.source.failed is not None:
            self._end_job(JobState.FAILED, "failed", "file", str(job.source.failed))
            self.talk.say(given_up(self.tracker, self._volume, self.firmware.tools))
            return
        done = asyncio.Event()
        self.talk.conversation.ask(Command(b"M400", done=lambda _: done.set()))
        await done.wait()
        self._finishing = None
        if job.state is JobState.PRINTING:
            self._end_job(JobState.FINISHED, "finished", "")

    def _gone(self, why: str) -> None:
        self._end_job(JobState.INTERRUPTED, "interrupted", "gone", why)
        self.talk.conversation.end()
        self._told.lost(why)

    def _end_job(self, state: JobState, what: str, reason: str, detail: str = "") -> None:
        job = self.job
        if job is None or not job.under_way:
            return
        self.talk.conversation.pull = None
        job.end(state)
        self._told.happened(what, job.happened(reason, detail))
        self._told.changed()

    def _die(self, why: str, *, reason: str) -> None:
        self.dead = True
        self.attention.clear()
        self._moved.set()
        self._end_job(JobState.FAILED, "failed", reason, text_of(why.encode(), 300))
        self._told.stopped(why)
        self._told.changed()

    def _run(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=f"printer: {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
