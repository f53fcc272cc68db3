"""A hub that hangs is ended by systemd and comes back with all it had."""

from collections.abc import Callable

import pytest

from tests.lab.hub import LIMIT, LabHub, wait_until
from tests.lab.pictures import add_picture, content_of

pytestmark = pytest.mark.shared_machine


def test_a_hanging_hub_is_ended_and_comes_back(
    hub: LabHub, figure: Callable[[str, float], None]
) -> None:
    kept = add_picture(hub)
    before, started = hub.main_process(), restarts(hub)
    hub.machine.run(f"kill -STOP {before}")
    ended = wait_until(lambda: hub.main_process() != before, LIMIT, "systemd ends the hub")
    figure("hanging hub ended by the watchdog (its limit is 30 s)", ended)
    figure("and ready again after", hub.wait_healthy())
    assert hub.main_process() not in (0, before)
    assert restarts(hub) == started + 1
    assert "Watchdog timeout" in hub.machine.run("journalctl -u classhub -o cat --no-pager")
    assert hub.machine.run(f"[ -e /proc/{before} ] || echo gone").strip() == "gone"
    assert content_of(hub, kept) == kept.sha256
    wait_until(lambda: hub.get("/mqtt")["status"] == "connected", LIMIT, "its broker is back")


def restarts(hub: LabHub) -> int:
    """Return how often systemd has started it again."""
    return int(hub.machine.run("systemctl show classhub -p NRestarts --value"))


def test_a_hub_that_is_killed_comes_back(hub: LabHub) -> None:
    kept = add_picture(hub)
    before = hub.main_process()
    hub.machine.run(f"kill -KILL {before}")
    wait_until(lambda: hub.main_process() not in (0, before), LIMIT, "systemd starts the hub")
    hub.wait_healthy()
    assert content_of(hub, kept) == kept.sha256
