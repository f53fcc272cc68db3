"""The uninterruptible power supply, where Network UPS Tools knows one (RFC 9271, port 3493).

Whatever make it is: NUT's own driver speaks to it, and its server tells everybody on the computer.
"""

import asyncio
import contextlib
import logging
import re
from collections.abc import Iterator, Mapping

from hub.clock import now
from hub.plugin import N_
from plugins.health.series import History, SeriesInfo
from plugins.health.watching.computer import COMPUTER

log = logging.getLogger("classhub.plugins.health")

PORT = 3493
EVERY = 15.0
LIMIT = 5.0
MOST_LINES = 1000
_VALUE = re.compile(r'VAR \S+ (?P<name>\S+) "(?P<value>.*)"\Z')
_NUMBERS = {
    "battery.charge": SeriesInfo(COMPUTER, "ups_charge", N_("Charge of the UPS"), "%"),
    "battery.runtime": SeriesInfo(COMPUTER, "ups_runtime", N_("The UPS lasts for"), "s"),
    "ups.load": SeriesInfo(COMPUTER, "ups_load", N_("Load of the UPS"), "%"),
}
# Words of `ups.status` (RFC 9271, 5.1): on battery; battery low; battery to be replaced.
_WORDS = {
    "OB": SeriesInfo(COMPUTER, "ups_on_battery", N_("Runs on the battery of the UPS"), "1"),
    "LB": SeriesInfo(COMPUTER, "ups_low", N_("Battery of the UPS nearly empty"), "1"),
    "RB": SeriesInfo(COMPUTER, "ups_replace", N_("Battery of the UPS worn out"), "1"),
}


class Ups:
    """Asks NUT's server on this computer, again and again; where there is none, nothing is said.

    Args:
        history: where values go. port: of the server.
    """

    def __init__(self, history: History, port: int = PORT) -> None:
        self._history = history
        self._port = port
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="health ups")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            try:
                at, said = now(), await ask(self._port)
            except (OSError, TimeoutError, ValueError):
                said = {}  # no server, or one that knows of no UPS: nothing is measured
            for series, value in values(said):
                self._history.record(series, at, value)
            await asyncio.sleep(EVERY)


async def ask(port: int) -> dict[str, str]:
    """Return the variables of the first UPS that the server knows; empty where it knows none.

    Raises:
        OSError, TimeoutError: no server answers.
        ValueError: what answers is no such server, or its driver does not reach the UPS.
    """
    async with asyncio.timeout(LIMIT):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            known = await _list(reader, writer, "UPS")
            if not known:
                return {}
            _, name, *_ = known[0].split()
            lines = await _list(reader, writer, f"VAR {name}")
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
    found = (_VALUE.match(line) for line in lines)
    return {one["name"]: one["value"] for one in found if one is not None}


def values(said: Mapping[str, str]) -> Iterator[tuple[SeriesInfo, float]]:
    """Yield what is measured; what is no number is left out."""
    for name, series in _NUMBERS.items():
        with contextlib.suppress(KeyError, ValueError):
            yield series, float(said[name])
    status = said.get("ups.status")
    if status is not None:
        words = status.split()
        for word, series in _WORDS.items():
            yield series, float(word in words)


async def _list(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, what: str) -> list[str]:
    writer.write(f"LIST {what}\n".encode("ascii"))
    first = (await reader.readline()).decode("ascii", "replace").strip()
    if first != f"BEGIN LIST {what}":
        raise ValueError(first[:100])
    lines: list[str] = []
    while len(lines) < MOST_LINES:
        line = (await reader.readline()).decode("ascii", "replace").strip()
        if line == f"END LIST {what}":
            return lines
        if not line:
            break
        lines.append(line)
    raise ValueError("the list does not end")
