"""The driver: what a projector that speaks PJLink can do."""

import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import Field, SecretStr

from drivers.panel.contract import STATUS, Panel
from drivers.panel.pjlink import words
from drivers.panel.pjlink.search import PATIENCE, FoundProjector, everybody, search
from drivers.panel.pjlink.session import Session
from drivers.panel.problems import NotOffered, NotReady, problem_of
from drivers.panel.values import About, Fault, Lamp, Power, Source, SourceName
from hub.device import (
    N_,
    Call,
    Candidate,
    DeviceError,
    DeviceSettings,
    OutOfRange,
    Property,
    TimedOut,
)

MOST_TEXT = 200
LOOKING = 2.0
LEARNING = 8.0
"""Seconds after which a slow projector is not asked any further what it can do."""


class PjlinkPanel(Panel):
    """Projector or panel that speaks PJLink.

    Class 1 and class 2, with or without a password.
    """

    title = N_("Projector or panel that speaks PJLink")
    isolation = "driver"
    searching = PATIENCE + 1.0

    class Settings(DeviceSettings):
        """Where the projector is.

        Attributes:
            host: address or name. port: 4352 unless it was changed.
            password: as set in its menu.
            warm_up: seconds for which it may be silent after it was switched on.
        """

        host: str = Field(title=N_("Address"), min_length=1, max_length=253)
        port: int = Field(words.PORT, title=N_("Port"), ge=1, le=65535)
        password: SecretStr | None = Field(None, title=N_("Password"), max_length=32)
        warm_up: float = Field(
            90.0, title=N_("Seconds of warming up, at most"), ge=0, le=600, allow_inf_nan=False
        )

    @classmethod
    async def search(cls, heard: Callable[[Candidate], None]) -> None:
        """Ask everybody in the network; those of class 2 answer, within ten seconds."""

        def found(one: FoundProjector) -> None:
            place = f"{one.host} · {one.hardware}"
            heard(Candidate(place=place, settings={"host": one.host}))

        await search(found, to=everybody())

    settings: Settings
    _session: Session | None = None

    async def connect(self) -> None:
        """Sign in, and learn what it can do."""
        settings = self.settings
        password = settings.password.get_secret_value() if settings.password else None
        self._session = Session(self.transports, settings.host, settings.port, password, self.log)
        self._assumed_until = 0.0
        self._was_on = True
        self._assumed: set[str] = set()
        self._names: dict[str, str] = {}
        self._learnt = False
        self._class = await self._learn_class()
        self._patient_until = time.monotonic() + LEARNING
        await self._ask("POWR")
        self.omit(
            Panel.volume, Panel.brightness, Panel.contrast, Panel.lock, Panel.touch_lock,
            Panel.on_hours, Panel.temperature,
        )  # fmt: skip
        if not await self._has("AVMT"):
            self.omit(Panel.mute, Panel.blank)
        if not await self._has("ERST"):
            self.omit(Panel.faults)
        if not await self._has("LAMP"):
            self.omit(Panel.lamps)
        if self._class < 2 or not await self._has("FREZ", 2):
            self.omit(Panel.freeze)
        if self._class < 2 or not await self._has("FILT", 2):
            self.omit(Panel.filter_hours)
        if self._class < 2:
            self.omit(Panel.louder, Panel.quieter)
        await self._learn_sources()

    async def disconnect(self) -> None:
        """Hang up."""
        if self._session is not None:
            self._session.close()
            self._session = None

    async def check(self) -> str | None:
        """Ask for its power; it is silent for a while where it is being switched."""
        await self._read_power()
        return None if Panel.power.name in self._assumed else STATUS

    # Power.

    @Panel.power.polled(every=5.0)
    async def _read_power(self) -> Power:
        try:
            now = words.power(await self._ask("POWR"))
        except (TimedOut, NotReady):
            if time.monotonic() >= self._assumed_until:
                raise
            self._assume(Panel.power)
            return Power.WARMING
        self._know(Panel.power)
        if now is Power.ON:
            self._assumed_until = 0.0
            if not self._learnt:
                await self._learn_sources()
            if not self._was_on:
                await self._look_again()
        self._was_on = now is Power.ON
        return now

    @Panel.power.write
    async def _write_power(self, power: Power) -> None:
        if power not in (Power.ON, Power.OFF):
            raise OutOfRange("only on and off can be set")
        await self._set("POWR", "1" if power is Power.ON else "0")
        self._assumed_until = time.monotonic() + self.settings.warm_up if power is Power.ON else 0.0

    async def _look_again(self) -> None:
        """Tell at once what it did not say while it was off; a slow one is not asked for long."""
        until = time.monotonic() + LOOKING
        unseen: list[tuple[Property[Any], Callable[[], Awaitable[Any]]]] = [
            (Panel.source, self._read_source),
            (Panel.blank, self._read_blank),
            (Panel.mute, self._read_mute),
            (Panel.freeze, self._read_freeze),
        ]
        for member, read in unseen:
            if member.name not in self.omitted and time.monotonic() < until:
                with contextlib.suppress(NotReady, NotOffered, OutOfRange):
                    self.report(member, await read())

    # The input.

    @Panel.source.polled(every=10.0)
    async def _read_source(self) -> Source:
        return words.source(await self._ask("INPT", pjclass=self._class))

    @Panel.source.write
    async def _write_source(self, source: Source) -> None:
        await self._set("INPT", words.code_of(source), pjclass=self._class)

    @Panel.sources.read
    async def _read_sources(self) -> list[SourceName]:
        return [SourceName(id=name, name=text) for name, text in self._names.items()]

    # Picture and sound.

    @Panel.blank.polled(every=10.0)
    async def _read_blank(self) -> bool:
        return words.mutes(await self._ask("AVMT"))[0]

    @Panel.blank.write
    async def _write_blank(self, blank: bool) -> None:
        await self._set_mute("1", blank)

    @Panel.mute.polled(every=10.0)
    async def _read_mute(self) -> bool:
        return words.mutes(await self._ask("AVMT"))[1]

    @Panel.mute.write
    async def _write_mute(self, mute: bool) -> None:
        await self._set_mute("2", mute)

    async def _set_mute(self, which: str, on: bool) -> None:
        state = "1" if on else "0"
        try:
            await self._set("AVMT", which + state)
        except OutOfRange:
            # It knows picture and sound together only (section 4.5); what is read says so.
            await self._set("AVMT", "3" + state)

    @Panel.freeze.polled(every=10.0)
    async def _read_freeze(self) -> bool:
        return words.flag("FREZ", await self._ask("FREZ", pjclass=2))

    @Panel.freeze.write
    async def _write_freeze(self, freeze: bool) -> None:
        await self._set("FREZ", "1" if freeze else "0", pjclass=2)

    @Panel.louder.run
    async def _run_louder(self, call: Call[None]) -> None:  # noqa: ARG002 - the hub's
        await self._set("SVOL", "1", pjclass=2, again=False)

    @Panel.quieter.run
    async def _run_quieter(self, call: Call[None]) -> None:  # noqa: ARG002 - the hub's
        await self._set("SVOL", "0", pjclass=2, again=False)

    # How it is.

    @Panel.assumed.read
    async def _read_assumed(self) -> list[str]:
        return sorted(self._assumed)

    @Panel.faults.polled(every=30.0)
    async def _read_faults(self) -> list[Fault]:
        faults = words.faults(await self._ask("ERST"))
        self.health(problem_of(faults))
        return faults

    @Panel.lamps.polled(every=300.0)
    async def _read_lamps(self) -> list[Lamp]:
        return words.lamps(await self._ask("LAMP"))

    @Panel.filter_hours.polled(every=600.0)
    async def _read_filter_hours(self) -> int:
        return words.hours("FILT", await self._ask("FILT", pjclass=2))

    @Panel.about.read
    async def _read_about(self) -> About:
        async def told(body: str, pjclass: int = 1) -> str:
            if pjclass > self._class:
                return ""
            try:
                return (await self._ask(body, pjclass=pjclass))[:MOST_TEXT]
            except (NotOffered, NotReady, OutOfRange):
                return ""

        return About(
            maker=await told("INF1"),
            model=await told("INF2"),
            name=await told("NAME"),
            serial=await told("SNUM", 2),
            firmware=await told("SVER", 2),
            protocol=f"PJLink class {self._class}",
        )

    # Asking.

    async def _ask(self, body: str, parameter: str = "?", **how: Any) -> str:
        assert self._session is not None  # noqa: S101 - it is connected
        return await self._session.ask(body, parameter, **how)

    async def _set(self, body: str, parameter: str, **how: Any) -> None:
        answer = await self._ask(body, parameter, **how)
        if answer.upper() != "OK":
            raise DeviceError(f"{body}: it answers {answer[:60]!r}")

    async def _learn_class(self) -> int:
        try:
            answer = await self._ask("CLSS")
        except (NotOffered, NotReady):
            return 1
        return 2 if answer.strip() == "2" else 1

    async def _has(self, body: str, pjclass: int = 1) -> bool:
        """Whether it knows a command; one that it refuses in this state it does know."""
        if time.monotonic() > self._patient_until:
            return True
        try:
            await self._ask(body, pjclass=pjclass)
        except (NotOffered, OutOfRange):
            return False
        except DeviceError as error:
            if type(error) not in (DeviceError, NotReady):
                raise
        return True

    async def _learn_sources(self) -> None:
        """Learn its inputs; asleep many do not say them, and are asked again when they are on."""
        try:
            found = words.sources(await self._ask("INST", pjclass=self._class))
        except NotReady:
            return
        except NotOffered:
            self.omit(Panel.source, Panel.sources)
            self._learnt = True
            return
        self._learnt = True
        for name in found:
            self._names[name] = await self._name_of(name)
        if found:
            self.narrow(Panel.source, choices=found)
        self.report(Panel.sources, await self._read_sources())

    async def _name_of(self, name: str) -> str:
        plain = name.replace("-", " ").upper()
        if self._class < 2 or time.monotonic() > self._patient_until:
            return plain
        try:
            said = await self._ask("INNM", f"?{words.code_of(name)}", pjclass=2)
        except (NotOffered, OutOfRange, NotReady):
            return plain
        return said.strip()[:100] or plain

    def _assume(self, member: Property[Any]) -> None:
        if member.name not in self._assumed:
            self._assumed.add(member.name)
            self.report(Panel.assumed, sorted(self._assumed))

    def _know(self, member: Property[Any]) -> None:
        if member.name in self._assumed:
            self._assumed.discard(member.name)
            self.report(Panel.assumed, sorted(self._assumed))
