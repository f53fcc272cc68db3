"""The network cable is pulled in the middle of a lesson, and put back."""

import shlex

import pytest

from tests.lab.hub import LIMIT, LabHub, wait_until
from tests.lab.pictures import add_picture, content_of

pytestmark = pytest.mark.shared_machine

ASK = """
import sys, urllib.request
request = urllib.request.Request(
    "http://127.0.0.1:8420/api/v1/" + sys.argv[1], headers={"Authorization": "Bearer " + sys.argv[2]}
)
print(urllib.request.urlopen(request, timeout=60).status)
"""


def test_the_hub_goes_on_without_network(hub: LabHub) -> None:
    kept = add_picture(hub)
    before = hub.main_process()
    secret = hub.tokens["engineer"].secret

    def asked(path: str) -> str:
        command = f"python3 -c {shlex.quote(ASK)} {path} {secret}"
        return hub.machine.run_by_agent(command).strip()

    hub.machine.network_cable(plugged=False)
    try:
        carrier = "cat /sys/class/net/eth0/carrier"
        wait_until(lambda: hub.machine.run_by_agent(carrier).strip() == "0", 60, "no carrier")
        # This computer itself, with the panel's browser on it, notices nothing.
        for path in ("health", "devices", f"assets/{kept.id}", "mqtt"):
            assert asked(path) == "200"
        hub.machine.run_by_agent("sleep 10")
        assert asked("health") == "200"
    finally:
        hub.machine.network_cable(plugged=True)
    wait_until(hub.healthy, LIMIT, "the hub is reached again")
    assert hub.main_process() == before
    assert content_of(hub, kept) == kept.sha256
    assert hub.get("/mqtt")["status"] == "connected"
