"""The distribution's own mDNS runs beside the service: each finds what the other announces."""

from tests.lab.hub import LIMIT, LabHub, wait_until

OPEN = "/run/systemd/system/classhub.service.d"
PRINTER = "avahi-publish --service 'Lab printer' _octoprint._tcp 5000 path=/"


def browsed(hub: LabHub, kind: str) -> list[list[str]]:
    """Return what Avahi finds of a kind of service: each with its name, host, address, port."""
    said = hub.machine.run(f"avahi-browse --resolve --parsable --terminate {kind}")
    lines = [line.split(";") for line in said.splitlines() if line.startswith("=;eth0;IPv4;")]
    return [[line[3], *line[6:9]] for line in lines]


def test_avahi_and_the_hub_find_what_the_other_announces(hub: LabHub) -> None:
    machine = hub.machine
    machine.run("systemctl start avahi-daemon")
    # The class network is open: what is announced is the service, under this computer's name.
    machine.run(
        f"mkdir -p {OPEN}; printf '[Service]\\nEnvironment=CLASSHUB_HOST=0.0.0.0\\n'"
        f" > {OPEN}/open.conf; systemctl daemon-reload; systemctl restart classhub",
        limit=LIMIT,
    )
    hub.wait_healthy()
    wait_until(lambda: bool(browsed(hub, "_classhub._tcp")), LIMIT, "Avahi finds the hub")
    ((_, host, address, port),) = browsed(hub, "_classhub._tcp")
    assert (address, port) == ("10.0.2.15", "8420")
    name = machine.run("hostname").strip()
    # Two that answer for one name would have made Avahi choose another.
    assert host == f"{name}.local"
    assert machine.run(f"avahi-resolve -4 -n {name}.local").split() == [host, "10.0.2.15"]

    machine.run(f"systemd-run -q --unit=lab-printer {PRINTER}")

    def found() -> list[str]:
        return [one["title"] for one in hub.discoveries() if "octoprint" in one["drivers"]]

    wait_until(lambda: found() == ["Lab printer"], LIMIT, "the hub finds what Avahi announces")
    machine.run("systemctl stop lab-printer")
    wait_until(lambda: not found(), LIMIT, "and that it is gone")
    assert machine.run("systemctl is-active avahi-daemon").strip() == "active"
