"""Stacks and mosaics in one: the hub moves focus or stage, takes each picture, and joins them."""

import asyncio
from typing import Any

from drivers.microscope.contract import Microscope
from hub.errors import HubError
from hub.plugin import N_
from plugins.microscopy.captures import view_delay
from plugins.microscopy.processing import Processing
from plugins.microscopy.processing.wishes import NewProcess
from plugins.microscopy.series.burst import Burst
from plugins.microscopy.series.drive import Drive, certain_optics, focus_first, settled_picture
from plugins.microscopy.series.plan import focus_of, heights
from plugins.microscopy.series.register import said
from plugins.microscopy.series.tools import Progress, Tools
from plugins.microscopy.series.values import Kind, Series, State

_FOCUSED, _TAKEN = 0.1, 0.6
"""How far the whole is after autofocus, and once all pictures are taken."""


class Guided:
    """Takes stacks and mosaics."""

    def __init__(self, tools: Tools, processing: Processing) -> None:
        self._tools = tools
        self._processing = processing
        self._bursts = Burst(tools)

    async def take(self, series: Series, progress: Progress) -> dict[str, Any]:
        """Take one, and put focus or stage back whatever happens.

        What came before a fault, or before somebody stopped it, is kept, but not joined.
        """
        problem: HubError | None = None
        stopped = False
        joined: dict[str, Any] = {}
        try:
            await self._pictures(series, progress)
            joined = await self._join(series, progress)
        except HubError as error:
            problem = error
        except asyncio.CancelledError:
            if not self._tools.asked_to_stop():
                raise
            stopped = True
        ended = await self._tools.through(self.end(series.id, problem, stopped=stopped))
        return {**ended, "asset": None, **joined}

    async def end(
        self,
        id: str,  # noqa: A002 - the word of the API
        problem: HubError | None,
        *,
        stopped: bool = False,
    ) -> dict[str, Any]:
        """Close one with what is kept. Raises the problem where that is nothing."""
        series = await self._tools.register.reload(id)
        if series.result is None:
            return await self._bursts.end(id, problem, stopped=stopped)
        # The joined picture closed it in the transaction that kept it; what came later is told.
        if problem is not None:
            await self._tools.register.set(id, problem=said(problem))
        pictures = await self._tools.register.pictures(id)
        told = None if problem is None else said(problem)
        return {"series": id, "assets": pictures, "problem": told}

    async def _pictures(self, series: Series, progress: Progress) -> None:
        handle = self._tools.captures.microscope(series.device)
        if series.kind == Kind.MOSAIC:
            drive = Drive(handle, Microscope.stage.name)
        else:
            focus = focus_of(handle)
            drive = Drive(handle, focus.name, focus.automatic)
        settled = series.settled
        begun = 0.0
        await drive.remember()
        if settled.get("autofocus"):
            progress(0.0, N_("Looking for the sharpest picture"))
            await focus_first(handle, self._tools.hub.operations, series.principal)
            begun = _FOCUSED
            at = await drive.remember()  # where it focused to is where it shall be afterwards
            optics = await certain_optics(self._tools.captures, handle)
            settled["stops"] = heights(focus, at, settled["count"], None, optics.objective)
        stops = settled["stops"]
        feed = self._tools.feed(series.device)
        # The camera keeps running from the first picture to the last.
        leave = feed.watch(lambda _frame: None)
        settle = settled["settle"] + view_delay(handle)
        try:
            for place, stop in enumerate(stops):
                far = begun + (_TAKEN - begun) * place / len(stops)
                progress(far, N_("Taking pictures"))
                since = await drive.go(_value(series, stop))
                frame = await settled_picture(feed, since, settle)
                await self._tools.keep_picture(series, frame, place)
                await self._tools.register.reload(series.id)
        finally:
            leave()
            await drive.back()

    async def _join(self, series: Series, progress: Progress) -> dict[str, Any]:
        register = self._tools.register
        await register.set(series.id, state=State.MAKING)
        sources = await register.pictures(series.id)
        wish = NewProcess.model_validate(
            {"process": series.kind, "sources": sources, "title": series.title}
        )

        def onwards(fraction: float, message: str) -> None:
            progress(_TAKEN + (1 - _TAKEN) * fraction, message)

        return await self._processing.make(
            wish, onwards, by=series.principal, also=register.made(series.id)
        )


def _value(series: Series, stop: Any) -> Any:
    return {"x": stop[0], "y": stop[1]} if series.kind == Kind.MOSAIC else stop
