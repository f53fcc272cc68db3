"""How a device that was tried is judged."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Literal

from hub.device import Problem, Severity, TimedOut
from hub.plugin import N_, DeviceHandle, HubError

Status = Literal["ok", "warning", "fault"]
ORDER: tuple[Status, ...] = ("ok", "warning", "fault")


class NoAnswerInTime(TimedOut):
    """A device took longer than a check has time."""

    code = "check-too-slow"
    title = N_("It did not answer in time.")
    hint = N_("Switch the device off and on again. If it stays so, unplug it and plug it in again.")


class NotTried(HubError):
    """A device could not be tried, through no fault of its own."""

    code = "check-failed"
    title = N_("It could not be tried.")
    hint = N_("Check again. If it stays so, look at the device's page and the hub's log.")


@dataclass(frozen=True, slots=True)
class Result:
    """How a device that was tried is.

    Attributes:
        device, name, kind_title, icon: which one; `kind_title` is a message id.
        status: whether it works.
        code, said, hint: of what is wrong, empty where nothing is; `said` and `hint` are message
            ids.
        tried: what was done to find out (message id); empty where nothing could be.
        seconds: how long it took.
        params: what stands in `said` and `hint` for their `{names}`.
    """

    device: str
    name: str
    kind_title: str
    icon: str
    status: Status
    code: str
    said: str
    hint: str
    tried: str
    seconds: float
    params: dict[str, Any]


async def judge(device: DeviceHandle, limit: float) -> Result:
    """Try a device and say how it is; raises nothing that the device could cause.

    Args:
        device: the device.
        limit: seconds after which it counts as one that does not answer.
    """
    began = time.monotonic()
    said, problem = "", None
    try:
        async with asyncio.timeout(limit):
            said = await device.check()
    except HubError as error:
        # Of a device that was left alone until now "try again" would be no help.
        late = error.code == TimedOut.code
        problem = Problem.of(NoAnswerInTime(error.detail) if late else error)
    except TimeoutError:
        problem = Problem.of(NoAnswerInTime(f"nothing within {limit:g} s"))
    return _result(device, said, problem, time.monotonic() - began)


def untried(device: DeviceHandle) -> Result:
    """Return the result of a device whose check itself failed."""
    return _result(device, "", Problem.of(NotTried()), 0.0)


def worst(results: list[Result]) -> Status:
    """Return how the worst of them is."""
    return max((one.status for one in results), key=ORDER.index, default="ok")


def _result(device: DeviceHandle, said: str, failed: Problem | None, seconds: float) -> Result:
    # What its driver has said of it all along counts as well: it answers, and is too hot.
    problem = failed if failed is not None else device.state.health
    status: Status = "ok"
    if problem is not None:
        warned = failed is None and problem.severity is Severity.WARNING
        status = "warning" if warned else "fault"
    return Result(
        device.id,
        device.name,
        device.kind_title,
        device.icon,
        status,
        "" if problem is None else problem.code,
        "" if problem is None else problem.title,
        "" if problem is None else problem.hint,
        said,
        round(seconds, 2),
        {} if problem is None else problem.params,
    )
