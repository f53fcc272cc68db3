"""Setting a panel as a scene wants it: one thing after the other, and saying what went wrong.

A scene that begins takes the place of one that runs. What a panel has not (a projector's touch) is
passed over. Projectors take no order while they are turned the other way, for two minutes and more:
that is waited for. What a panel refuses for another moment is tried again.
"""

import asyncio
import contextlib
import logging
import time
from typing import Any

from drivers.panel.contract import Panel
from hub.clock import rfc3339
from hub.errors import HubError, NotFound
from hub.plugin import N_, DeviceHandle, PluginHub
from plugins.panel.plans import Scene, SceneName
from plugins.panel.waking import wake

log = logging.getLogger("classhub.panel")

WARMING = 180.0
"""Seconds within which a panel must be on, and within which it must have been turned round."""
WAKING = 90.0
"""Seconds within which a panel that was woken must answer; a driver tries again within 30."""
ASKED = 1.0
AGAIN = 3.0
TRIES = 4
_ORDER = ("source", "volume", "mute", "blank", "freeze", "lock", "touch_lock")
_HIDING = ("blank", "freeze")
"""What a class does for a moment and forgets: a lesson that begins sees its picture again."""
_TURNING = {"on": "cooling", "off": "warming"}

Told = dict[str, Any]


class Scenes:
    """The scenes that run, one a panel; told as `x/panel/<device>/scene` (retained)."""

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub
        self._running: dict[str, asyncio.Task[None]] = {}
        self._told: dict[str, Told] = {}

    def panel(self, device: str) -> DeviceHandle:
        """Return a panel (NotFound where there is none)."""
        handle = self._hub.devices.get(device)
        if handle.kind != Panel.kind:
            raise NotFound(f"{device} is no panel")
        return handle

    def panels(self) -> list[DeviceHandle]:
        """Return all panels."""
        return [one for one in self._hub.devices.list() if one.kind == Panel.kind]

    def told(self, device: str) -> Told | None:
        """Return how the last scene goes or went; None where none was begun."""
        return self._told.get(device)

    def begin(self, device: str, name: SceneName, scene: Scene, wake: str | None = None) -> Told:
        """Begin a scene in place of what runs; returns at once.

        `wake`: the hardware address of a panel that does not answer while it is off.
        """
        handle = self.panel(device)
        before = self._running.pop(device, None)
        if before is not None:
            before.cancel()
        told: Told = {
            "scene": name, "state": "running", "begun": rfc3339(time.time()), "step": "",
            "failed": [],
        }  # fmt: skip
        self._tell(device, told)
        task = asyncio.create_task(self._play(handle, scene, told, wake), name=f"scene of {device}")
        self._running[device] = task
        return dict(told)

    async def stop(self) -> None:
        """Leave off."""
        tasks = list(self._running.values())
        self._running.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _play(
        self, handle: DeviceHandle, scene: Scene, told: Told, address: str | None
    ) -> None:
        try:
            if scene.power == "on" and address is not None and not handle.state.reachable:
                await self._wake(handle, told, address)
            if scene.power == "on":
                await self._until_turned(handle, told, "on")
                await self._step(handle, told, "power", "on")
                if not told["failed"]:
                    await self._until_on(handle, told)
            if scene.power == "off":
                await self._until_turned(handle, told, "off")
            # One that is off already takes nothing but its power.
            over = scene.power == "off" and await _power(handle) not in ("on", "warming")
            for name in () if over else _ORDER:
                value = getattr(scene, name)
                if value is None and told["scene"] == "start" and _hides(handle, name):
                    value = False
                if value is not None and _has(handle, name) and not _hopeless(told):
                    await self._step(handle, told, name, value)
            if scene.power == "off":
                await self._step(handle, told, "power", "off")
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("a scene of %s broke", handle.id)
            told["failed"].append({"property": told["step"], **_problem(HubError())})
        self._end(handle.id, told)

    def _end(self, device: str, told: Told) -> None:
        told["step"] = ""
        told["state"] = "failed" if told["failed"] else "done"
        self._tell(device, told)
        if self._running.get(device) is asyncio.current_task():
            del self._running[device]

    async def _until_turned(self, handle: DeviceHandle, told: Told, power: str) -> None:
        """Wait while it is still turned the other way: it would refuse whatever it is told."""
        turning = _TURNING[power]
        unanswered = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WARMING):
                while (now := await _power(handle)) in (turning, None):
                    # Some are slow to answer just then; one that is away is not waited for.
                    unanswered += now is None
                    if unanswered == TRIES:
                        return
                    if now is not None and told["step"] != turning:
                        told["step"] = turning
                        self._tell(handle.id, told)
                    await asyncio.sleep(ASKED)

    async def _step(self, handle: DeviceHandle, told: Told, name: str, value: Any) -> None:
        told["step"] = name
        self._tell(handle.id, told)
        for attempt in range(1, TRIES + 1):
            try:
                await handle.write(name, value)
            except HubError as error:
                if error.retryable and attempt < TRIES:
                    await asyncio.sleep(AGAIN)
                    continue
                log.warning("%s: %s is not set: %s", handle.id, name, error.detail or error.code)
                told["failed"].append({"property": name, **_problem(error)})
            return

    async def _wake(self, handle: DeviceHandle, told: Told, address: str) -> None:
        """Wake it; where it does not come, what is asked of it next says so."""
        told["step"] = "waking"
        self._tell(handle.id, told)
        try:
            await wake(address)
        except OSError as error:
            log.warning("%s cannot be woken: %s", handle.id, error)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WAKING):
                while not handle.state.reachable:  # noqa: ASYNC110 - the state is the kernel's
                    await asyncio.sleep(ASKED)

    async def _until_on(self, handle: DeviceHandle, told: Told) -> None:
        told["step"] = "warming"
        self._tell(handle.id, told)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WARMING):
                while await _power(handle) != "on":  # noqa: ASYNC110 - it is asked, and says nothing
                    await asyncio.sleep(ASKED)
                return
        told["failed"].append({"property": "power", **_problem(NotOn())})

    def _tell(self, device: str, told: Told) -> None:
        self._told[device] = told
        self._hub.publish(
            f"{device}/scene", {**told, "failed": list(told["failed"])}, retained=True
        )


class NotOn(HubError):
    """A panel was switched on and did not come."""

    code = "panel-not-on"
    status = 504
    title = N_("The panel was switched on and has not come on.")
    hint = N_("Look whether its main switch is on; tell the lab engineer.")


async def _power(handle: DeviceHandle) -> Any:
    """Return what it says of its power now; None where it does not answer."""
    if not handle.state.reachable:
        return None
    try:
        return (await handle.read("power", now=True)).value
    except HubError:
        return None


def _hides(handle: DeviceHandle, name: str) -> bool:
    """Whether the class would not see its picture because of this."""
    reading = handle.readings.get(name)
    return name in _HIDING and reading is not None and reading.value is True


def _has(handle: DeviceHandle, name: str) -> bool:
    described = handle.description
    return described is not None and name in described.properties and (
        described.properties[name].writable
    )  # fmt: skip


def _hopeless(told: Told) -> bool:
    """Whether it is not on: then nothing else of it can be set."""
    return any(one["property"] == "power" for one in told["failed"])


def _problem(error: HubError) -> dict[str, str]:
    return {"code": error.code, "title": error.title, "hint": error.hint}
