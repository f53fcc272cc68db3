"""The button on the microscope itself: it keeps the picture for the lesson that is running."""

import asyncio
import logging
from dataclasses import replace

from drivers.microscope.contract import Microscope
from hub.device import Problem
from hub.errors import N_, Conflict, HubError
from hub.plugin import SYSTEM, Access, Lesson, Message, PluginHub, Principal, Role
from plugins.microscopy.captures import Captures

log = logging.getLogger("classhub.microscopy")


class WhichLesson(Conflict):
    """No lesson runs, or several: whose the picture is cannot be known."""

    code = "which-lesson"
    title = N_("The picture was not kept: it is not clear which lesson it belongs to.")
    hint = N_("Start one lesson, or press the button on the page instead.")


def _teacher_of(lesson: Lesson) -> Principal:
    return replace(
        SYSTEM,
        name=lesson.teacher_name,
        role=Role.TEACHER,
        person=lesson.teacher,
        lesson=lesson.id,
    )


class CaptureButtons:
    """Listens to the buttons of microscopes and takes a picture on behalf of the teacher.

    A button pressed again while its picture is still being kept is ignored. What fails is said on
    `x/microscopy/<device>/not-captured`, since nobody waits for an answer.
    """

    def __init__(self, captures: Captures, hub: PluginHub) -> None:
        self._captures = captures
        self._hub = hub
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._leave = hub.bus.subscribe(f"+/e/{Microscope.button.name}", self._hear)

    async def close(self) -> None:
        """Listen no more; pictures that are being kept are given up."""
        self._leave()
        for task in list(self._busy.values()):
            task.cancel()
        await asyncio.gather(*self._busy.values(), return_exceptions=True)

    def _hear(self, message: Message) -> None:
        device = message.topic.split("/", 1)[0]
        known = {handle.id for handle in self._captures.microscopes()}
        if message.payload is None or device not in known or device in self._busy:
            return
        task = asyncio.create_task(self._capture(device), name=f"microscopy-button-{device}")
        self._busy[device] = task
        task.add_done_callback(lambda _: self._busy.pop(device, None))

    async def _capture(self, device: str) -> None:
        try:
            running = await self._hub.school.running()
            if len(running) != 1:
                raise WhichLesson(f"{len(running)} lessons are running")
            lesson = running[0]
            await self._captures.take(device, by=_teacher_of(lesson), lesson=lesson.id)
        except HubError as error:
            log.warning("the button of %s kept nothing: %s", device, error)
            self._hub.publish(
                f"{device}/not-captured",
                {"device": device, "problem": Problem.of(error).model_dump(mode="json")},
                audience=Access(role=Role.TEACHER),
            )
