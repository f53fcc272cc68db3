"""How each thing is done that the district can ask for; the closed list is in `asking.py`."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from hub.plugin import N_, HubError, Message, PluginHub, Principal
from plugins.district.asking import COMMANDS, Said
from plugins.district.hands.judging import Refusal
from plugins.district.hands.register import Asked

log = logging.getLogger("classhub.plugins.district")

LIMIT = 120.0
"""Seconds for one command."""
BACK = 45.0
"""Seconds for a device to be reachable again."""
MOST_BUNDLES = 3
_RUNNING = ("pending", "running")


class Doer:
    """Does what was agreed.

    Args:
        hub: with which it is done.
    """

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub
        self._how: dict[str, Callable[[Asked, Principal], Awaitable[Said]]] = {
            "check": self._check,
            "restart-device": self._restart,
            "support-bundle": self._bundle,
        }

    @property
    def folder(self) -> Path:
        """Where support bundles are kept, each under the id of its order."""
        return self._hub.work / "bundles"

    def bundles(self) -> set[str]:
        """Return the orders whose support bundles are here. Blocking."""
        return {one.stem for one in self.folder.glob("*.zip")}

    def judge(self, command: str, device: str) -> None:
        """Look whether something can be done at all.

        Raises:
            Refusal: it cannot; its code says why.
        """
        known = COMMANDS.get(command)
        if known is None:
            can = ", ".join(COMMANDS)
            raise Refusal("unknown-command", N_("this hub can: {commands}"), commands=can)
        if not known.device:
            if device:
                raise Refusal(
                    "unknown-device", N_("{command} is done with no device"), command=command
                )
            return
        if device not in {one.id for one in self._hub.devices.list()}:
            raise Refusal("unknown-device", N_("there is no device {device}"), device=device)
        busy = [one for one in self._hub.operations.list() if one.device == device]
        if any(one.status in _RUNNING for one in busy):
            raise Refusal(
                "device-busy", N_("{device} is in use; nothing is interrupted"), device=device
            )

    async def do(self, asked: Asked) -> tuple[str, Said]:
        """Do it; return a code (empty where it went well) and what came of it."""
        try:
            # Since it was agreed a print may have begun.
            self.judge(asked.command, asked.device)
            async with asyncio.timeout(LIMIT):
                return "", await self._how[asked.command](asked, asked.principal)
        except Refusal as refusal:
            return refusal.code, refusal.said
        except TimeoutError:
            return "timed-out", Said(N_("not done after {n} s"), {"n": round(LIMIT)})
        except HubError as error:
            if error.detail:
                log.info("%s for the district: %s", asked.command, error.detail)
            return error.code, Said(error.title, error.params)
        except OSError as error:
            return "failed", Said(N_("the hub's computer says: {why}"), {"why": str(error)})

    async def _check(self, _asked: Asked, by: Principal) -> Said:
        """Have the devices checked; the result counts them."""
        ended = asyncio.Event()
        told: dict[str, Any] = {}

        def hear(message: Message) -> None:
            if isinstance(message.payload, dict):
                told.clear()
                told.update(message.payload)
                if not told.get("running"):
                    ended.set()

        await self._hub.ask("health", "check", {}, by)
        leave = self._hub.bus.subscribe("x/health/check", hear)
        try:
            for message in self._hub.bus.retained("x/health/check"):
                hear(message)  # it may have ended meanwhile
            await ended.wait()
        finally:
            leave()
        devices = [one["status"] for one in (told.get("newest") or {}).get("devices", ())]
        count = {status: devices.count(status) for status in ("ok", "warning", "fault")}
        return Said(N_("works: {ok}, needs a look: {warning}, broken: {fault}"), count)

    async def _restart(self, asked: Asked, _by: Principal) -> Said:
        """Begin a device anew; the result says whether it is reachable."""
        device = self._hub.devices.get(asked.device)
        gone, back = asyncio.Event(), asyncio.Event()

        def hear(_message: Message) -> None:
            if not device.state.reachable:
                gone.set()
            elif gone.is_set():
                back.set()

        leave = self._hub.bus.subscribe(f"{asked.device}/state", hear)
        try:
            if not device.state.reachable:
                gone.set()
            self._hub.devices.begin_anew(asked.device)
            async with asyncio.timeout(BACK):
                await back.wait()
        except TimeoutError:
            return Said(N_("begun anew; not reachable after {n} s"), {"n": round(BACK)})
        finally:
            leave()
        return Said(N_("begun anew; reachable"))

    async def _bundle(self, asked: Asked, _by: Principal) -> Said:
        """Make a support bundle; the newest few are kept."""
        part = self.folder / f"{asked.id}.part"
        await asyncio.to_thread(self.folder.mkdir, parents=True, exist_ok=True, mode=0o700)
        file = await asyncio.to_thread(part.open, "wb")
        try:
            size = await self._hub.bundle(file)
        finally:
            await asyncio.to_thread(file.close)
        await asyncio.to_thread(self._keep, asked.id)
        kilobytes = max(round(size / 1000), 1)
        return Said(N_("made, {n} kB; kept at the school"), {"n": kilobytes})

    def _keep(self, id_: str) -> None:
        (self.folder / f"{id_}.part").replace(self.folder / f"{id_}.zip")
        found = sorted(self.folder.glob("*.zip"), key=lambda one: one.stat().st_mtime)
        for old in [*found[:-MOST_BUNDLES], *self.folder.glob("*.part")]:
            old.unlink(missing_ok=True)
