"""What the running hub says of itself, by its API."""

from collections.abc import Callable
from typing import Any

from hub import __version__
from hub.doctor._finding import Finding, failed, ok, skipped, warning

Ask = Callable[[str], Any]
"""Returns the JSON at a path of the API; of a list all its items."""

_SHOWN = 5


class NotTold(Exception):
    """What an `Ask` raises where the hub refuses to answer; the message says why."""


def hub(ask: Ask) -> Finding:
    """The hub answers, and is of the version that is installed."""
    about = ask("/hub")
    if about["version"] != __version__:
        return warning(
            "hub",
            f"version {about['version']} runs, {__version__} is installed",
            "sudo systemctl restart classhub",
        )
    return ok("hub", f"{about['name']}, version {about['version']}")


def broker(ask: Ask) -> Finding:
    """The hub is connected to its broker."""
    about = ask("/mqtt")
    where = f"{about['host']} port {about['port']}"
    if about["status"] == "connected":
        return ok("broker", f"{where}, {'our own' if about['managed'] else 'elsewhere'}")
    if about["status"] == "off":
        return skipped("broker", "MQTT is switched off in the settings")
    if about["status"] == "starting":
        return warning("broker", "it is starting", "look again in ten seconds")
    mend = about["hint"] or "see why: journalctl -u classhub | grep mqtt"
    return failed("broker", f"the hub is not connected to {where}", mend)


def drivers(ask: Ask) -> Finding:
    """No installed driver is broken."""
    known = ask("/drivers")
    broken = [one for one in known if one.get("problem")]
    if not broken:
        return ok("drivers", ", ".join(one["name"] for one in known) or "none")
    said = "; ".join(f"{one['name']}: {_problem(one['problem'])}" for one in broken[:_SHOWN])
    return failed("drivers", said, broken[0]["problem"].get("hint") or "install it again")


def plugins(ask: Ask) -> Finding:
    """No plugin has failed."""
    known = ask("/plugins")
    broken = [one for one in known if one["state"] == "failed"]
    if not broken:
        running = [one["id"] for one in known if one["state"] == "running"]
        return ok("plugins", ", ".join(running) or "none")
    said = "; ".join(f"{one['id']}: {_problem(one['problem'])}" for one in broken[:_SHOWN])
    mend = f"install it again, or switch it off: [plugins.{broken[0]['id']}] enabled = false"
    return failed("plugins", said, mend)


def devices(ask: Ask) -> Finding:
    """The devices that are plugged in work."""
    known = ask("/devices")
    trouble = [
        (one, problem)
        for one in known
        if one["state"]["presence"] != "absent"
        and (problem := one["state"]["problem"] or one["state"]["health"]) is not None
    ]
    if not trouble:
        return ok("devices", f"{len(known)} known, none in trouble")
    said = "; ".join(f"{one['id']}: {problem['title']}" for one, problem in trouble[:_SHOWN])
    more = f" and {len(trouble) - _SHOWN} more" if len(trouble) > _SHOWN else ""
    hint = trouble[0][1]["hint"]
    return warning("devices", said + more, hint or f"classhub devices show {trouble[0][0]['id']}")


def _problem(problem: dict[str, Any] | None) -> str:
    if problem is None:
        return "it does not work"
    return " ".join(part for part in (problem["title"], problem.get("detail", "")) if part)
