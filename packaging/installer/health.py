"""Whether the hub that was just started is well."""

import contextlib
import json
import ssl
import time
import urllib.error
import urllib.request
from typing import Any

from place import Place
from system import Services

_STEP = 0.5
_HOLD = 3.0


def wait(place: Place, services: Services, version: str, seconds: float) -> str | None:
    """Wait until the hub answers, in this version, and goes on doing so for a moment.

    Returns:
        None when it is well, else why it is not.
    """
    end = time.monotonic() + seconds
    well_since = None
    reason = "it was not started"
    while time.monotonic() < end:
        state = services.state()
        if state == "failed":
            return "it ended by itself"
        problem = f"its service is {state}" if state != "active" else _ask(place, version)
        if problem is None:
            well_since = well_since or time.monotonic()
            if time.monotonic() - well_since >= _HOLD:
                return None
        else:
            well_since, reason = None, problem
        time.sleep(_STEP)
    return f"after {seconds:g} s {reason}"


def _ask(place: Place, version: str) -> str | None:
    try:
        url = (place.data / "address").read_text("ascii").strip()
        status = _get(f"{url}/api/v1/health").get("status")
        found = _get(f"{url}/api/v1/hub").get("version")
    except FileNotFoundError:
        return "it is not ready"
    except (OSError, ValueError, urllib.error.URLError) as error:
        return f"it does not answer: {error}"
    if status != "ready":
        return f"it says that it is {status}"
    if found != version:
        return f"version {found} answers, not {version}"
    return None


def _get(url: str) -> dict[str, Any]:
    # To this computer itself: no proxy, and its certificate is the hub's own.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    with contextlib.closing(opener.open(url, timeout=5)) as answer:
        found = json.loads(answer.read(1 << 20))
    return found if isinstance(found, dict) else {}
