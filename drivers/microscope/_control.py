"""The JSON control of a microscope: what `control_url` answers and takes.

GET answers a `ControlState`; PUT takes any of `objective`, `focus`, `light`, `stage` and answers
the state after it. Members that are missing or null are not there. Units: micrometres, percent.
"""

import asyncio
import time
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from drivers.http import HttpClient
from hub.device import WrongDevice

Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e9, le=1e9)]
Name = Annotated[str, Field(min_length=1, max_length=40)]
Range = tuple[Number, Number]


class Position(BaseModel):
    """Where the stage stands."""

    x: Number
    y: Number


class StageRange(BaseModel):
    """How far the stage goes."""

    x: Range
    y: Range


class ControlState(BaseModel):
    """The state of a microscope and what can be set."""

    model_config = ConfigDict(extra="ignore")

    objective: Name | None = None
    objectives: Annotated[list[Name], Field(max_length=20)] = []
    scale: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] | None = None
    focus: Number | None = None
    focus_range: Range | None = None
    light: Annotated[float, Field(ge=0, le=100)] | None = None
    light_range: Range | None = None
    stage: Position | None = None
    stage_range: StageRange | None = None


class Control:
    """The control of one microscope, asked no more often than needed."""

    def __init__(self, http: HttpClient, url: str) -> None:
        self._http = http
        self._url = url
        self._state: ControlState | None = None
        self._time = 0.0
        self._lock = asyncio.Lock()  # readings asked for together share one request

    async def state(self, *, max_age: float = 1.0) -> ControlState:
        """Return the state, read at most `max_age` seconds ago; errors as `HttpClient.open`."""
        async with self._lock:
            if self._state is None or time.monotonic() - self._time > max_age:
                return self._keep(await self._http.json(self._url))
            return self._state

    async def set(self, **values: Any) -> ControlState:
        """Set some of the values and return the state after it."""
        async with self._lock:
            self._state = None
            return self._keep(await self._http.json(self._url, put=values))

    def _keep(self, answer: Any) -> ControlState:
        try:
            state = ControlState.model_validate(answer)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise WrongDevice(f"control: {where}: {first['msg']}") from error
        self._state = state
        self._time = time.monotonic()
        return state
