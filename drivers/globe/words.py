"""What a pen says, understood by a pattern: for pens on serial lines and those that type."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError

from drivers.globe.contract import GlobeTap, TapKind
from drivers.globe.taps import Taps
from hub.device import BadSettings

USUAL = (
    r"(?:P(?P<pen>\d{1,3})[ :])?"
    r"(?:KEY[ :](?P<mode>\w{1,16})|BAT[ :](?P<battery>\d{1,3})|(?P<up>UP)"
    r"|(?:OID[ :])?(?P<code>(?=[A-Za-z]*\d)[0-9A-Za-z]{3,16}))"
)
"""Lines as many pens say them: `10432`, `OID 10432`, `P2 OID 10432`, `KEY 3`, `BAT 80`, `UP`."""

GROUPS = frozenset({"code", "mode", "pen", "battery", "up"})
MOST_PATTERN = 300


def _checked(pattern: str) -> str:
    try:
        groups = re.compile(pattern, re.ASCII).groupindex.keys()
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from None
    if "code" not in groups:
        raise ValueError("it has no group (?P<code>…)")
    if unknown := set(groups) - GROUPS:
        raise ValueError(f"unknown groups: {', '.join(sorted(unknown))}")
    return pattern


Pattern = Annotated[str, Field(max_length=MOST_PATTERN), AfterValidator(_checked)]
"""A regular expression for a whole line, with groups of `GROUPS`; `code` must be among them."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a line said.

    Attributes:
        taps: what happened; may be none (a code that is repeated, a pen lifted).
        battery: percent, where it spoke of it.
    """

    taps: tuple[GlobeTap, ...] = ()
    battery: int | None = None

    def without_battery(self) -> "Heard":
        """Return the taps alone."""
        return Heard(self.taps)


class Words:
    """Understands the lines of a globe's pens."""

    def __init__(self, pattern: str, taps: Taps) -> None:
        try:
            self._pattern = re.compile(_checked(pattern), re.ASCII)
        except ValueError as error:
            raise BadSettings(f"pattern: {error}") from None
        self._taps = taps

    def hear(self, line: str, at: float) -> Heard | None:
        """Return what a line says; None where it makes no sense.

        Args:
            line: without its end.
            at: seconds by the monotonic clock.
        """
        match = self._pattern.fullmatch(line.strip())
        if match is None:
            return None
        part = {key: value for key, value in match.groupdict().items() if value is not None}
        pen = part.get("pen", "")
        try:
            if "mode" in part:
                return Heard((GlobeTap(code=part["mode"], pen=pen, kind=TapKind.MODE),))
            if "battery" in part:
                percent = int(part["battery"])
                return Heard(battery=percent) if 0 <= percent <= 100 else None
            if "up" in part:
                self._taps.lifted(pen)
                return Heard()
            if "code" in part:
                return Heard(tuple(self._taps.said(part["code"], at, pen)))
        except (ValidationError, ValueError):
            return None
        return None
