"""What a driver says went wrong, without the passwords that it was given.

A problem is told to everybody who may look at the device, pupils too, and published; a driver's
words about a refused sign-in often quote what it signed in with.
"""

from collections.abc import Iterable
from typing import Any

from hub.device import Problem
from hub.errors import HubError
from hub.logs import hide


def discreet_problem(problem: Problem, secrets: Iterable[str]) -> Problem:
    """Return a problem with what is secret blotted out."""
    secrets = list(secrets)
    if not secrets:
        return problem
    words = {name: hide(getattr(problem, name), secrets) for name in ("title", "hint", "detail")}
    return problem.model_copy(update={**words, "params": _params(problem.params, secrets)})


def discreet_error(error: HubError, secrets: Iterable[str]) -> HubError:
    """Blot out what is secret in an error that a driver has raised, and return it."""
    secrets = list(secrets)
    error.detail = hide(error.detail, secrets)
    error.params = _params(error.params, secrets)
    error.args = (error.detail or error.title,)
    return error


def _params(params: dict[str, Any], secrets: list[str]) -> dict[str, Any]:
    return {
        name: hide(value, secrets) if isinstance(value, str) else value
        for name, value in params.items()
    }
