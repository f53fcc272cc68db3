"""Which of two that are alike is meant is shown by touching it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.lab.hub import LIMIT, Json, LabHub, wait_until
from tests.lab.usb.hid import HidDevice, nobody_report, touch_report, touch_screen
from tests.lab.usb.redir import PlayedDevice

pytestmark = pytest.mark.shared_machine
Plug = Callable[[PlayedDevice, int], None]


def found(hub: LabHub) -> list[Json]:
    """Return the touch screens that were found, by the port that they are in."""
    seen = [one for one in hub.discoveries() if "lab-touch" in one["drivers"]]
    return sorted(seen, key=lambda one: str(one["port"]))


def tap(screen: HidDevice) -> None:
    """Touch a screen once, as a finger does: down, and up again."""
    at = time.monotonic_ns() // 100_000 & 0xFFFF
    screen.report(touch_report(1000, 500, at))
    time.sleep(0.2)
    screen.report(nobody_report(1000, 500, at + 2000 & 0xFFFF))


@contextmanager
def pairing(hub: LabHub) -> Iterator[Callable[[], Json]]:
    """Have the hub wait for a touch; the value returns how that went."""
    with hub.client() as client:
        answer = client.post("/api/v1/pairings", json={"driver": "lab-touch"})
    assert answer.status_code in (200, 201, 202), answer.text
    operation = str(answer.json()["id"])

    def state() -> Json:
        return hub.get(f"/operations/{operation}")

    wait_until(lambda: bool(state()["message"]), LIMIT, "it asks for a touch")
    time.sleep(1)  # the nodes are opened with the question
    yield lambda: (wait_until(lambda: state()["status"] != "running", 90, "a touch"), state())[1]


def adopt(hub: LabHub, identity: str, name: str) -> str:
    """Take a touch screen into use and return its id, once it works."""
    device = hub.add({"driver": "lab-touch", "identity": identity, "name": name})
    wait_until(lambda: touches(hub, device) == 0, LIMIT, f"{name} works")
    return device


def touches(hub: LabHub, device: str) -> int | None:
    """Return how often a screen was touched, None where that is not known."""
    reading = hub.device(device)["properties"].get("touches", {})
    return int(reading["value"]) if reading.get("quality") == "good" else None


def test_two_touch_screens_that_are_alike_are_told_apart_by_touching(
    hub: LabHub, plug: Plug
) -> None:
    screens = [touch_screen(), touch_screen()]
    for port, screen in enumerate(screens, 1):
        plug(screen, port)
    wait_until(lambda: len(found(hub)) == 2, LIMIT, "both are found")
    identities = [one["identity"] for one in found(hub)]
    assert len(set(identities)) == 2
    assert [one["twins"] for one in found(hub)] == [2, 2]

    # The second one first: what is touched counts, not what was there first.
    with pairing(hub) as paired:
        tap(screens[1])
        assert paired()["result"] == {"identity": identities[1]}
    right = adopt(hub, identities[1], "Right")
    with pairing(hub) as paired:
        tap(screens[0])
        assert paired()["result"] == {"identity": identities[0]}
    left = adopt(hub, identities[0], "Left")

    # And each goes on being itself: what is done to one is told of that one alone. The finger that
    # was lifted after the pairing had let go is seen as lifted with the next touch only.
    for touched, screen, other in ((left, screens[0], right), (right, screens[1], left)):
        known = {device: touches(hub, device) or 0 for device in (touched, other)}
        tap(screen)
        tap(screen)
        counted = known[touched] + 1
        wait_until(
            lambda device=touched, count=counted: (touches(hub, device) or 0) >= count,
            60,
            f"a touch of {touched} {known}",
        )
        assert touches(hub, other) == known[other]
