"""The driver of printers that speak as Marlin does, over USB serial."""

import asyncio
import contextlib
import math
import time
from typing import Annotated, Literal

from pydantic import Field

from drivers.printer.contract import PRINTING, Printer
from drivers.printer.gcode import policy_for
from drivers.printer.marlin.acting import SELDOM, Acting
from drivers.printer.marlin.answers import text_of
from drivers.printer.marlin.boards import BOARDS
from drivers.printer.marlin.command import Command, Patience
from drivers.printer.marlin.display import Display
from drivers.printer.marlin.guard import SECONDS, Guard
from drivers.printer.marlin.hand import changing, heating, homing, moving, typed
from drivers.printer.marlin.handshake import SPEEDS, wake
from drivers.printer.marlin.job import Job, cold
from drivers.printer.marlin.link import Link
from drivers.printer.marlin.problems import HALTED, SILENT
from drivers.printer.marlin.session import Halted, Session
from drivers.printer.marlin.source import NotPrintable, Source, look_through, settle_memory
from drivers.printer.marlin.talk import PrinterBusy
from drivers.printer.values import (
    Answer,
    FilamentChange,
    Firmware,
    Gcode,
    GcodeAnswer,
    Homing,
    JobState,
    LineCounts,
    Move,
    Position,
    PrintBegun,
    PrinterSettings,
    PrinterState,
    PrintHappened,
    PrintOrder,
    Progress,
    Prompt,
    Targets,
    Temperatures,
    Volume,
)
from hub.device import (
    N_,
    BadSettings,
    Call,
    DeviceError,
    Event,
    Problem,
    TimedOut,
    Unreachable,
    WrongDevice,
)
from hub.device.transports import SerialPort

SOON = 3.5
BY_HAND = 100.0
ANSWERS = 10.0


class MarlinPrinter(Printer):
    """3D printer on USB with Marlin or the like.

    Speaks Marlin's serial dialect with line numbers and checksums, as Prusa's and Repetier's
    firmware do too.
    """

    title = N_("3D printer on USB (Marlin)")
    urgent = True

    class Settings(PrinterSettings):
        """How the printer is reached, and what it is."""

        port: Annotated[str, Field(pattern=r"^/[\w./:+@-]+$", max_length=200)] | None = Field(
            None, title=N_("Serial line, for a printer that is not found by itself")
        )
        baudrate: int | None = Field(
            None, ge=9600, le=2_000_000, title=N_("Speed of the line; empty to find it out")
        )
        window: int = Field(
            4,
            ge=1,
            le=8,
            title=N_("Most lines under way at once, where the firmware reports what it has taken"),
        )
        policy: Literal["default", "prusa", "manual"] = Field(
            "default", title=N_("Which commands of a file it is given")
        )
        display: bool = Field(
            default=False, title=N_("Show how far a print is on the printer's own display")
        )
        guard: bool = Field(
            default=True,
            title=N_("Heaters go off by themselves when the computer is gone for 15 minutes"),
        )

    settings: Settings

    patience = Patience()
    guard_seconds: int = SECONDS

    discovery = BOARDS

    _port: SerialPort | None = None
    _link: Link | None = None
    _session: Session | None = None
    _job: Job | None = None
    _speed = 0
    _guard: Guard | None = None
    _display: Display | None = None
    _problem: Problem | None = None
    _warm = Temperatures()
    _warm_told = 0.0
    _acting: Acting | None = None
    _progress = Progress()
    _percent: dict[str, int]

    # Reaching it.

    async def connect(self) -> None:
        """Open the line, wake the printer, learn what it can do."""
        path = self.settings.port or (self.found and self.found.node("tty"))
        if not path:
            raise BadSettings("port: name the serial line, or choose the printer where it is found")
        speed = self.settings.baudrate or SPEEDS[self._speed % len(SPEEDS)]
        self._port = await self.transports.serial(path, baudrate=speed)
        self._link = link = Link(self._port)
        over = asyncio.Event()
        link.lost = lambda _: over.set()
        waking = asyncio.create_task(wake(link), name="printer: wake")
        hung_up = asyncio.create_task(over.wait(), name="printer: hung up")
        try:
            await asyncio.wait({waking, hung_up}, return_when=asyncio.FIRST_COMPLETED)
            if not waking.done():
                raise Unreachable("it hung up")
            await waking
        except (Unreachable, WrongDevice) as error:
            if self.settings.baudrate is None:
                self._speed += 1  # the next attempt tries another
            raise Unreachable(f"at {speed} baud: {error.detail}") from error
        finally:
            waking.cancel()
            hung_up.cancel()
        await self._learn(link)

    async def _learn(self, link: Link) -> None:
        self._session = session = Session(
            link,
            self,
            volume=self.settings.volume,
            window=self.settings.window,
            job=self._job,
            patience=self.patience,
        )
        self._guard = Guard(session, seconds=self.guard_seconds) if self.settings.guard else None
        self._display = Display(session) if self.settings.display else None
        self._percent = {"speed": 100, "flow": 100, "fan": 0}
        self._acting = Acting(self, session, self._trouble)
        watch = asyncio.create_task(session.talk.watch(), name="printer: clock")
        try:
            await session.learn()
        finally:
            watch.cancel()
        if not session.can("TOGGLE_LIGHTS"):
            self.omit(Printer.light)
        self._problem = None
        self.health(None)
        self.background(session.talk.watch())
        self.background(self._tell())

    async def disconnect(self) -> None:
        """Switch off what is warm, as far as the line still goes, and close it."""
        session, self._session = self._session, None
        self._acting = None
        if session is not None:
            self._job = session.job
            await session.leave()
            self._note_progress(session)
        if self._link is not None:
            self._link.close()

    async def check(self) -> str | None:
        """Ask which firmware it has; while it prints or is busy, it is left alone.

        Raises:
            Halted: it has stopped itself. TimedOut: it does not answer.
        """
        session = self._now
        if session.dead:
            raise Halted("it takes nothing more")
        if session.job is not None and session.job.under_way:
            return PRINTING
        if session.state is PrinterState.BUSY:
            return N_("It is busy and was not disturbed; only its state was read.")
        try:
            await session.talk.ask(b"M115", limit=ANSWERS)
        except PrinterBusy as error:
            raise TimedOut(error.detail) from None
        return N_("It answered a question.")

    # What the session tells (`Told`).

    def changed(self) -> None:
        """State or progress is another."""
        if self._session is not None:
            self.report(Printer.state, self._session.state)
            self._note_progress(self._session)

    def warmth(self, temperatures: Temperatures) -> None:
        """Note how warm it is; told four times a second at most."""
        self._warm = temperatures
        if self._guard is not None:
            self._guard.note(temperatures)
        if (now := time.monotonic()) >= self._warm_told + SELDOM:
            self._warm_told = now
            self.report(Printer.temperatures, temperatures)

    def message(self, line: bytes) -> None:
        """Take a line that means something else: actions, a position, filament."""
        if self._acting is not None:
            self._acting.take(line)

    def happened(self, what: str, event: PrintHappened) -> None:
        """Tell what became of a print."""
        members: dict[str, Event[PrintHappened]] = {
            "started": Printer.print_started,
            "paused": Printer.print_paused,
            "resumed": Printer.print_resumed,
            "finished": Printer.print_finished,
            "cancelled": Printer.print_cancelled,
            "failed": Printer.print_failed,
            "interrupted": Printer.print_interrupted,
        }
        if what == "resumed":
            self._trouble(None)
        self.emit(members[what], event)

    def stopped(self, why: str) -> None:
        """It has stopped itself: nothing more is sent until it starts anew."""
        self._trouble(HALTED.model_copy(update={"detail": why[:200]}))
        self.emit(Printer.halted, why[:200])

    def silent(self, silent: bool) -> None:
        """It does not answer, or does again."""
        self._trouble(SILENT if silent else None)

    def lost(self, why: str) -> None:
        """It must be connected anew."""
        self.link.lost(Unreachable(why))

    # What people ask and set.

    @Printer.state.read
    async def _read_state(self) -> PrinterState:
        return self._now.state

    @Printer.progress.read
    async def _read_progress(self) -> Progress:
        return self._progress

    @Printer.temperatures.read
    async def _read_temperatures(self) -> Temperatures:
        return self._warm

    @Printer.position.read
    async def _read_position(self) -> Position:
        return self._now.position()

    @Printer.filament.read
    async def _read_filament(self) -> bool:
        return "runout" not in self._now.attention

    @Printer.prompt.read
    async def _read_prompt(self) -> Prompt:
        return Prompt() if self._acting is None else self._acting.question

    @Printer.volume.read
    async def _read_volume(self) -> Volume:
        return self.settings.volume

    @Printer.nozzle.read
    async def _read_nozzle(self) -> float:
        return self.settings.nozzle

    @Printer.materials.read
    async def _read_materials(self) -> list[str]:
        return self.settings.materials

    @Printer.firmware.read
    async def _read_firmware(self) -> Firmware:
        return self._now.firmware

    @Printer.policy.read
    async def _read_policy(self) -> str:
        return self.settings.policy

    @Printer.line_counts.polled(every=5.0)
    async def _read_line_counts(self) -> LineCounts:
        counts = self._now.talk.conversation.counts
        return LineCounts(
            sent=counts.sent,
            resent=counts.resent,
            refused=counts.refused,
            silences=counts.silences,
            garbled=counts.garbled,
            filament=round(self._now.tracker.filament, 1),
        )

    @Printer.speed.read
    async def _read_speed(self) -> int:
        return self._percent["speed"]

    @Printer.speed.write
    async def _write_speed(self, percent: int) -> None:
        await self._set("speed", percent, b"M220 S%d" % percent)

    @Printer.flow.read
    async def _read_flow(self) -> int:
        return self._percent["flow"]

    @Printer.flow.write
    async def _write_flow(self, percent: int) -> None:
        await self._set("flow", percent, b"M221 S%d" % percent)

    @Printer.fan.read
    async def _read_fan(self) -> int:
        return self._percent["fan"]

    @Printer.fan.write
    async def _write_fan(self, percent: int) -> None:
        await self._set("fan", percent, b"M106 S%d" % math.ceil(percent * 2.55))

    @Printer.light.read
    async def _read_light(self) -> bool:
        return bool(self._percent.get("light", 0))

    @Printer.light.write
    async def _write_light(self, on: bool) -> None:
        await self._set("light", int(on), b"M355 S%d" % on)

    # Prints.

    @Printer.print.run
    async def _print(self, call: Call[PrintOrder]) -> PrintBegun:
        order = call.input
        session = self._now
        policy = policy_for(order.policy, self.settings.policy)
        contents = await asyncio.to_thread(look_through, order.file.path, policy)
        try:
            file = await asyncio.to_thread(order.file.path.open, "rb")
        except OSError as error:
            raise NotPrintable(f"the file cannot be read: {error.strerror}") from error
        settle_memory()
        if self._guard is not None:
            self._guard.arm()
        try:
            self._job = session.begin(order, contents, lambda fed: Source(file, policy, fed))
        except DeviceError:
            file.close()
            raise
        self._trouble(None)
        return PrintBegun(
            lines=contents.lines,
            bytes=contents.bytes,
            layers=contents.layers,
            stripped=contents.stripped,
        )

    @Printer.pause.run
    async def _pause(self, _: Call[None]) -> None:
        await self._now.pause()

    @Printer.resume.run
    async def _resume(self, _: Call[None]) -> None:
        await self._now.resume()

    @Printer.cancel.run
    async def _cancel(self, _: Call[None]) -> None:
        await self._now.cancel()

    @Printer.stop.run
    async def _stop(self, _: Call[None]) -> None:
        session = self._now
        session.stop()
        if not session.can_shout and self._port is not None:
            # M112 waits behind other lines there; boards that start with DTR stop with it at once.
            with contextlib.suppress(DeviceError):
                await self._port.set_lines(dtr=False)
                await asyncio.sleep(0.1)
                await self._port.set_lines(dtr=True)

    # By hand.

    @Printer.home.run
    async def _home(self, call: Call[Homing]) -> None:
        await self._by_hand(*homing(call.input), limit=170)

    @Printer.move.run
    async def _move(self, call: Call[Move]) -> None:
        await self._by_hand(*moving(call.input))

    @Printer.heat.run
    async def _heat(self, call: Call[Targets]) -> None:
        lines = heating(call.input, self._now.firmware.tools)
        await self._by_hand(*lines, limit=20, in_pause=True)

    @Printer.cool.run
    async def _cool(self, _: Call[None]) -> None:
        await self._by_hand(*cold(self._now.firmware.tools), b"M105", limit=20, in_pause=True)

    @Printer.load.run
    async def _load(self, call: Call[FilamentChange]) -> None:
        await self._change(call.input, forward=True)

    @Printer.unload.run
    async def _unload(self, call: Call[FilamentChange]) -> None:
        await self._change(call.input, forward=False)

    @Printer.answer.run
    async def _answer(self, call: Call[Answer]) -> None:
        if self._acting is None:
            raise Unreachable("it is not connected")
        self._acting.answer(call.input.choice)

    @Printer.send.run
    async def _send(self, call: Call[Gcode]) -> GcodeAnswer:
        answers = await self._by_hand(*typed(call.input), limit=290, in_pause=True)
        return GcodeAnswer(answers=[text_of(answer) for answer in answers[:200]])

    # Inside.

    @property
    def _now(self) -> Session:
        if self._session is None:
            raise Unreachable("it is not connected")
        return self._session

    async def _by_hand(
        self, *lines: bytes, limit: float = BY_HAND, in_pause: bool = False
    ) -> list[bytes]:
        session = self._now
        async with session.by_hand(in_pause=in_pause) as talk:
            return await talk.ask(*lines, limit=limit)

    async def _change(self, want: FilamentChange, *, forward: bool) -> None:
        paused = self._job is not None and self._job.state is JobState.PAUSED
        lines = changing(want, self._now.firmware.tools, forward=forward, stay_warm=paused)
        await self._by_hand(*lines, limit=880, in_pause=True)

    async def _set(self, name: str, value: int, line: bytes) -> None:
        """Send a setting; while a slow move holds it up it counts as set, for it will be."""
        taken = asyncio.Event()
        self._now.talk.conversation.ask(Command(line, done=lambda _: taken.set()))
        self._percent[name] = value
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SOON):
                await taken.wait()

    def _trouble(self, problem: Problem | None) -> None:
        if problem != self._problem:
            self._problem = problem
            self.health(problem)
        if problem is None and self._session is not None:
            self.report(Printer.filament, "runout" not in self._session.attention)

    def _note_progress(self, session: Session) -> None:
        now = Progress() if session.job is None else session.job.progress()
        if now != self._progress:
            self._progress = now
            self.report(Printer.progress, now)

    async def _tell(self) -> None:
        """Tell once a second how far it is; ask how warm it is where it does not tell by itself."""
        beat = 0
        while True:
            await asyncio.sleep(1.0)
            session = self._now
            beat += 1
            if self._guard is not None:
                self._guard.look(time.monotonic())
            if self._display is not None:
                self._display.look(time.monotonic())
            if session.job is not None and session.job.under_way:
                self._note_progress(session)
                self.report(Printer.position, await self._read_position())
            every = 10 if session.can("AUTOREPORT_TEMP") else 3
            if beat % every == 0 and not session.dead and not session.talk.conversation.waiting:
                session.talk.say([b"M105"])
