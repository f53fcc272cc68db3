"""What the firmware tells the host beside `ok`: temperatures, `busy`, `wait`, what it is."""

import re
from collections.abc import Callable
from typing import Final, Protocol

from drivers.virtual.printer.machine import Machine

BUSY_EVERY = 2.0
HEATING_EVERY = 1.0
WAIT_AFTER = 1.0

CAPABILITIES: Final = {
    "SERIAL_XON_XOFF": False,
    "EEPROM": True,
    "AUTOREPORT_TEMP": True,
    "AUTOREPORT_POS": False,
    "PROGRESS": False,
    "EMERGENCY_PARSER": True,
    "HOST_ACTION_COMMANDS": True,
    "PROMPT_SUPPORT": True,
    "SDCARD": False,
    "AUTOLEVEL": False,
    "RUNOUT": True,
    "TOGGLE_LIGHTS": False,
    "ADVANCED_OK": True,
    "THERMAL_PROTECTION": True,
}


class Speaker(Protocol):
    """The firmware, as seen from here."""

    machine: Machine

    @property
    def waiting(self) -> str:
        """Why the running command is not done."""

    def say(self, line: str) -> None:
        """Say a line."""

    def give_up(self, why: str) -> None:
        """Stop."""

    def capabilities(self) -> list[str]:
        """Return the `Cap:` lines."""


def greeting() -> list[str]:
    """Return what it says when it is switched on."""
    return ["start", "echo: External Reset", "Marlin 2.1.2", "echo:SD init fail"]


class Chatter:
    """When to tell what.

    Attributes:
        answer: what stands after `ok` of the command that is being done.
    """

    def __init__(self, now: float, busy: bool, wait: bool) -> None:
        self.answer = ""
        self._knows_busy = busy
        self._now = self._last = now
        self._busy_every = BUSY_EVERY if busy else 0.0
        self._busy_at = now + BUSY_EVERY
        self._report_every = 0.0
        self._report_at = 0.0
        self._wait = wait
        self._guard = 0.0
        self._waited = False

    @property
    def due(self) -> float:
        """When something is to be told next."""
        due = [self._busy_at if self._waited else self._now + 5.0]
        if self._report_every:
            due.append(self._report_at)
        if self._wait:
            due.append(self._last + WAIT_AFTER)
        if self._guard:
            due.append(self._last + self._guard)
        return min(due)

    def tick(self, now: float, firmware: Speaker) -> None:
        """Tell what is due."""
        self._now = now
        why = firmware.waiting
        if why and not self._waited:
            self._busy_at = now + (HEATING_EVERY if why == "heating" else BUSY_EVERY)
        self._waited = bool(why)
        if why == "heating" and now >= self._busy_at:
            self._busy_at = now + HEATING_EVERY
            firmware.say(f" {firmware.machine.temperatures()} W:?")
        elif why and self._busy_every and now >= self._busy_at:
            self._busy_at = now + self._busy_every
            firmware.say(f"echo:busy: {why}")
        if self._report_every and now >= self._report_at:
            self._report_at = now + self._report_every
            firmware.say(f" {firmware.machine.temperatures()}")
        if why or len(firmware.machine.planner):
            self._last = now
        elif self._guard and now - self._last >= self._guard:
            firmware.give_up("KILL caused by too much inactive time - current command: ")
        elif self._wait and now - self._last >= WAIT_AFTER:
            self._last = now
            firmware.say("wait")

    def moved(self, now: float) -> None:
        """Note that something was moved."""
        self._last = now

    def handles(self, word: str) -> "Callable[[str, Speaker], None] | None":
        """Return what does a command of the talk itself, None for others."""
        return getattr(self, f"_{word.lower()}", None) if word in _OURS else None

    def _m105(self, _: str, firmware: Speaker) -> None:
        self.answer = firmware.machine.temperatures()

    def _m155(self, text: str, _: Speaker) -> None:
        self._report_every = _number(text, "S")
        self._report_at = self._now + self._report_every

    def _m113(self, text: str, firmware: Speaker) -> None:
        if not self._knows_busy:
            firmware.say(f'echo:Unknown command: "{text}"')
        elif "S" in text:
            self._busy_every = _number(text, "S")
        else:
            firmware.say(f"M113 S{self._busy_every:.0f}")

    def _m85(self, text: str, _: Speaker) -> None:
        # As before Marlin 2, which counts from here on: the time since the last movement counts.
        self._guard = _number(text, "S")

    def _m110(self, _: str, __: Speaker) -> None:
        """The number was taken with the line."""

    def _m114(self, _: str, firmware: Speaker) -> None:
        firmware.say(firmware.machine.position())

    def _m115(self, _: str, firmware: Speaker) -> None:
        firmware.say(
            "FIRMWARE_NAME:Marlin 2.1.2 (virtual) SOURCE_CODE_URL:github.com/MarlinFirmware/Marlin"
            " PROTOCOL_VERSION:1.0 MACHINE_TYPE:Virtual printer EXTRUDER_COUNT:1"
        )
        for line in firmware.capabilities():
            firmware.say(line)

    def _m118(self, text: str, firmware: Speaker) -> None:
        words = text[4:].strip()
        action = words.startswith("A1 ")
        firmware.say(f"//{words[3:]}" if action else words)

    def _m119(self, _: str, firmware: Speaker) -> None:
        filament = "open" if firmware.machine.filament else "TRIGGERED"
        for line in ("Reporting endstop status", "x_min: open", f"filament: {filament}"):
            firmware.say(line)

    def _m108(self, _: str, firmware: Speaker) -> None:
        firmware.machine.user = False

    def _m112(self, _: str, firmware: Speaker) -> None:
        firmware.give_up("M112 Shutdown")

    def _m410(self, _: str, firmware: Speaker) -> None:
        firmware.machine.planner.stop()

    def _m876(self, text: str, firmware: Speaker) -> None:
        if "S" in text:
            firmware.machine.user = False


def _number(text: str, letter: str) -> float:
    found = re.search(rf"{letter}\s*(\d+(?:\.\d+)?)", text)
    return float(found[1]) if found else 0.0


_OURS: Final = frozenset(
    [
        "M85",
        "M105",
        "M108",
        "M110",
        "M112",
        "M113",
        "M114",
        "M115",
        "M118",
        "M119",
        "M155",
        "M410",
        "M876",
    ]
)
