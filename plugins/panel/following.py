"""What happens by itself: with lessons, by the clock, and when nobody is there."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from hub.clock import now
from hub.errors import HubError
from hub.plugin import Message, PluginHub
from plugins.panel.clockwork import due
from plugins.panel.plans import Plan, SceneName
from plugins.panel.scenes import Scenes
from plugins.panel.screen_time import ScreenTime
from plugins.panel.tables import PlanRow

log = logging.getLogger("classhub.panel")

LOOK = 20.0
"""Seconds between two looks at the clock."""


class Following:
    """Keeps the plans, and begins scenes by themselves.

    Args:
        hub: the hub. scenes: begins them.
        clock: the hub's time, seconds since the epoch; tests have their own.
    """

    def __init__(self, hub: PluginHub, scenes: Scenes, clock: Callable[[], float] = now) -> None:
        self._hub = hub
        self._scenes = scenes
        self._clock = clock
        self._plans: dict[str, Plan] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._unsubscribe: Callable[[], None] = lambda: None
        self._looked = 0.0
        self._needed: dict[str, float] = {}
        self.screen_time = ScreenTime(hub, scenes)

    async def start(self) -> None:
        """Read the plans and begin to follow."""

        def work(session: Session) -> dict[str, Plan]:
            return {row.device: Plan.model_validate(row.plan) for row in session.query(PlanRow)}

        self._plans = await self._hub.store.read(work)
        await self.screen_time.load()
        self._looked = self._clock()
        self._unsubscribe = self._hub.bus.subscribe("lessons/+", self._heard)
        self._keep(asyncio.create_task(self._watch(), name="panels by the clock"))

    async def stop(self) -> None:
        """Leave off."""
        self._unsubscribe()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def plan(self, device: str) -> Plan:
        """Return what is wanted of a panel."""
        return self._plans.get(device, Plan())

    async def set_plan(self, device: str, plan: Plan) -> None:
        """Keep what is wanted of a panel."""

        def work(session: Session) -> None:
            session.merge(
                PlanRow(device=device, plan=plan.model_dump(mode="json"), changed=self._clock())
            )

        await self._hub.store.write(work)
        self._plans[device] = plan
        self._hub.publish(f"{device}/plan", plan.model_dump(mode="json"), retained=True)

    # With lessons.

    def _heard(self, message: Message) -> None:
        change = message.payload.get("change") if isinstance(message.payload, dict) else None
        if change in ("started", "ended"):
            self._keep(asyncio.create_task(self._with_lesson(change), name="panels and lessons"))

    async def _with_lesson(self, change: str) -> None:
        running = len(await self._hub.school.running())
        if (change == "started" and running > 1) or (change == "ended" and running > 0):
            return  # another lesson is in the room
        for panel in self._scenes.panels():
            if self.plan(panel.id).with_lessons:
                self._begin(panel.id, "start" if change == "started" else "end")

    # By the clock.

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
                await self.screen_time.look()
            except HubError as error:
                log.warning("panels by the clock: %s", error.detail or error.code)
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        """Do what the clock says since the last look."""
        time, before = self._clock(), self._looked
        self._looked = time
        lesson = bool(await self._hub.school.running())
        for panel in self._scenes.panels():
            plan = self.plan(panel.id)
            scene = due(plan, _local(before), _local(time))
            if scene is None and self._idle(panel.id, plan, time, lesson=lesson):
                scene = "end"
            if scene == "start" or (scene == "end" and not lesson):
                self._begin(panel.id, scene)

    def _idle(self, device: str, plan: Plan, time: float, *, lesson: bool) -> bool:
        panel = self._scenes.panel(device)
        reading = panel.readings.get("power")
        # One that is off at the wall was on when it was last heard of.
        on = panel.state.reachable and reading is not None and reading.value in ("on", "warming")
        if lesson or not on or plan.idle_minutes is None:
            self._needed[device] = time
            return False
        since = self._needed.setdefault(device, time)
        if time - since < plan.idle_minutes * 60:
            return False
        self._needed[device] = time
        return True

    def _begin(self, device: str, name: SceneName) -> None:
        plan = self.plan(device)
        self._scenes.begin(device, name, plan.scene(name), plan.wake)

    def _keep(self, task: "asyncio.Task[None]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s ended", task.get_name(), exc_info=error)


def _local(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds).astimezone()
