"""The archive of `make dist`, installed without internet as docs/install.md says."""

import re

import pytest

from tests.lab.hub import Installed, LabHub

pytestmark = pytest.mark.shared_machine


def test_the_service_is_running_and_says_so(hub: LabHub, installed: Installed) -> None:
    assert f"{installed.version} is installed" in installed.said
    shown = hub.machine.run(
        "systemctl show classhub -p Type -p ActiveState -p SubState -p NRestarts -p User"
    )
    assert sorted(shown.splitlines()) == [
        "ActiveState=active",
        "NRestarts=0",
        "SubState=running",
        "Type=notify",
        "User=classhub",
    ]
    assert hub.machine.run("systemctl is-enabled classhub").strip() == "enabled"
    assert hub.get("/hub", None)["version"] == installed.version
    assert hub.machine.run("systemctl --failed --plain --no-legend").strip() == ""


def test_it_exposes_little(hub: LabHub) -> None:
    said = hub.machine.run("systemd-analyze --no-pager security classhub")
    exposure = re.search(r"Overall exposure level for classhub.service: ([\d.]+)", said)
    assert exposure is not None
    assert float(exposure[1]) < 3


def test_its_broker_is_its_own_child(hub: LabHub) -> None:
    assert hub.get("/mqtt")["status"] == "connected"
    parent = hub.machine.run("ps -o ppid= -C mosquitto").split()
    assert parent == [str(hub.main_process())]
    with hub.watched("state") as watch:
        watch.wait("state", lambda said: said == "online")


def test_the_sign_in_link_lets_a_browser_in_once(hub: LabHub, installed: Installed) -> None:
    address, code = installed.link.split("/#code=")
    assert address == "http://127.0.0.1:8420"
    # It was used to make the lab's tokens; now it is worth nothing.
    assert hub.get("/session", "admin")["principal"]["role"] == "admin"
    with hub.client(None) as browser:
        browser.headers["Origin"] = hub.url
        again = browser.post("/api/v1/session", json={"code": code})
    assert again.status_code in (401, 403, 404, 410), again.text


def test_its_page_is_served(hub: LabHub) -> None:
    with hub.client(None) as browser:
        page = browser.get("/")
    assert page.status_code == 200
    assert "<script" in page.text


def test_its_data_are_its_own(hub: LabHub) -> None:
    owners = hub.machine.run("find /var/lib/classhub ! -user classhub -o -perm /o=rwx ! -type l")
    assert owners == ""
    program = hub.machine.run("find /opt/classhub -user classhub -o -perm /go=w ! -type l")
    assert program == ""
