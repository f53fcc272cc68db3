"""What only root may ask the computer, under the real systemd: its disks, its USB ports, its clock.

`classhub-computer.service` asks emulated disks in its sandbox, the kernel's own log of a bad cable, the
kernel's clock; and the hub, which has none of these rights, tells people of it.
"""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.conftest import looked_after, timed
from tests.lab.hub import LIMIT, Installed, Json, LabHub, wait_until
from tests.lab.machine import Machine
from tests.lab.test_hotplug import adopt, replug, wait_found, works
from tests.lab.test_sandbox import opened
from tests.lab.usb.redir import PlayedDevice
from tests.lab.usb.serial import AcmDevice

Plug = Callable[[PlayedDevice, int], None]
REPORT = "/run/classhub-computer/state.json"
UNIT = "classhub-computer.service"
SATA, NVME, SCSI = "Lab Spinning Disk", "QEMU NVMe Ctrl", "QEMU QEMU HARDDISK"
FAILING = 4  # NVMe, SMART log, critical warning: its reliability is degraded
# adjtimex(2), as a time server's client does: at most so many microseconds wrong, synchronised.
KEPT_RIGHT = """
import ctypes
class Timex(ctypes.Structure):
    _fields_ = [("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long), ("esterror", ctypes.c_long), ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256)]
ADJ_MAXERROR, ADJ_STATUS, STA_PLL = 4, 16, 1
wish = Timex(modes=ADJ_MAXERROR | ADJ_STATUS, maxerror=20_000, status=STA_PLL)
assert ctypes.CDLL(None).adjtimex(ctypes.byref(wish)) >= 0
"""


def disks(folder: Path) -> list[str]:
    """Return the arguments of three disks: on SATA, on NVMe, and on SCSI without SMART."""
    made = []
    for name in ("sata", "nvme", "scsi"):
        file = folder / f"{name}.img"
        with file.open("wb") as disk:
            disk.truncate(64 << 20)
        made += ["-drive", f"if=none,id={name},file={file},format=raw,cache=unsafe"]
    for device in (
        "ahci,id=ahci",
        f"ide-hd,bus=ahci.0,drive=sata,model={SATA},serial=LAB1,rotation_rate=7200",
        "nvme,id=nvme-disk,drive=nvme,serial=LAB2",
        "virtio-scsi-pci,id=scsi-bus",
        "scsi-hd,bus=scsi-bus.0,drive=scsi,serial=LAB3",
    ):
        made += ["-device", device]
    return made


@pytest.fixture(scope="module")
def hub(image: Path, lab: Path, installed: Installed) -> Iterator[LabHub]:
    """The installed hub in a computer with disks of its own, started cold."""
    machine = Machine(image, lab / "computer")
    made = LabHub(machine, installed.tokens)
    with contextlib.closing(machine), contextlib.closing(made):
        with timed("computer with disks: cold boot until the hub is ready", machine):
            machine.boot(base=installed.state.disk, hardware=disks(lab / "computer"))
            made.connect().wait_healthy()
        yield made


@pytest.fixture(autouse=True)
def looked(hub: LabHub, request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test's time, and what the kernel said."""
    with looked_after(hub.machine, request):
        yield
    hub.machine.free_usb_ports()


def asked(hub: LabHub) -> Json:
    """Have the unit ask now, and return what it wrote."""
    said: Json = json.loads(hub.machine.run(f"systemctl start {UNIT} && cat {REPORT}"))
    return said


def shown(hub: LabHub) -> Json:
    """What an engineer's page shows."""
    return hub.get("/health/computer")


def disk(said: Json, model: str) -> Json:
    """The disk of this model."""
    (found,) = [one for one in said["disks"] if one.get("model") == model]
    return dict(found)


def alert(hub: LabHub, rule: str) -> Json | None:
    """The open alert that a rule has made."""
    items = hub.get("/health/alerts")["items"]
    return next((dict(one) for one in items if rule in one["rules"]), None)


def wait_alert(hub: LabHub, rule: str) -> Json:
    """Wait until a rule has made an alert, and return it."""
    wait_until(lambda: alert(hub, rule) is not None, LIMIT, f"the alert {rule}")
    found = alert(hub, rule)
    assert found is not None
    return found


@contextlib.contextmanager
def unit_otherwise(machine: Machine, setting: str) -> Iterator[None]:
    """The unit with one setting of it changed."""
    folder = f"/run/systemd/system/{UNIT}.d"
    machine.run(
        f"mkdir -p {folder}; printf '[Service]\\n{setting}\\n' > {folder}/lab.conf;"
        " systemctl daemon-reload"
    )
    try:
        yield
    finally:
        machine.run(f"rm -r {folder}; systemctl daemon-reload; systemctl reset-failed")


def test_the_timer_asks_the_disks_in_the_sandbox_and_the_page_shows_them(
    hub: LabHub, tmp_path: Path
) -> None:
    # Nobody starts it but its timer, a minute after the computer.
    wait_until(lambda: shown(hub)["state"] == "fresh", LIMIT, "the timer has started it")
    said = shown(hub)
    assert (said["smart"], said["kernel_log"]) == ("ok", "ok")
    # What qemu's disks say of themselves (hw/ide/core.c, hw/nvme/ctrl.c).
    sata = disk(said, SATA)
    assert (sata["passed"], sata["temperature"], sata["reallocated"]) == (True, 31, 0)
    nvme = disk(said, NVME)
    assert (nvme["passed"], nvme["temperature"], nvme["used"]) == (True, 50, 0)
    assert (nvme["name"], nvme["damaged"]) == ("nvme0n1", 0)
    scsi = disk(said, SCSI)
    assert scsi["passed"] is None, "it does not tell, and nobody is told that it is well"
    wanted = {f"disk.{sata['name']}.failing", "disk.nvme0n1.temperature"}

    def measured() -> set[str]:
        path = "/health/series?subject=computer"
        return {str(one["name"]) for one in hub.get(path)["items"]}

    wait_until(lambda: wanted <= measured(), LIMIT, "it is written down")

    (tmp_path / "essay.txt").write_text("A pupil's.")
    with hub.machine.memory_stick(tmp_path):
        stick = hub.machine.run("basename $(readlink /dev/disk/by-label/stick)").strip()
        assert stick.startswith("sd")
        named = [one["name"] for one in asked(hub)["disks"]]
        assert stick not in named, "a pupil's memory stick is no disk of the computer"
        assert len(named) == 3


def test_a_disk_that_is_about_to_fail_is_told_at_once(hub: LabHub) -> None:
    def warn(bits: int) -> None:
        with hub.machine.qmp() as qmp:
            where = {"path": "/machine/peripheral/nvme-disk", "property": "smart_critical_warning"}
            qmp.call("qom-set", value=bits, **where)

    warn(FAILING)
    try:
        assert disk(asked(hub), NVME)["passed"] is False
        told = wait_alert(hub, "disk-failing")
        assert told["severity"] == "fault"
        assert "nvme0n1" in told["title"]
        assert disk(shown(hub), NVME)["passed"] is False
        doctor = hub.machine.run("classhub doctor", limit=LIMIT, check=False)
        assert "says that it is about to fail: nvme0n1" in doctor
    finally:
        warn(0)
    assert disk(asked(hub), NVME)["passed"] is True
    wait_until(lambda: alert(hub, "disk-failing") is None, LIMIT, "it is over")


@pytest.mark.parametrize(
    ("right", "lost"),
    [
        ("CAP_SYS_RAWIO", {"smart": "failed", "gone": {SATA}}),
        ("CAP_SYS_ADMIN", {"smart": "failed", "gone": {NVME}}),
        # The kernel takes SYS_ADMIN for SYSLOG, and calls that deprecated.
        (
            "CAP_SYSLOG CAP_SYS_ADMIN",
            {"smart": "failed", "gone": {NVME}, "kernel_log": "unreadable"},
        ),
    ],
)
def test_each_of_its_rights_is_needed_and_what_it_lacks_is_told(
    hub: LabHub, right: str, lost: dict[str, Any]
) -> None:
    with unit_otherwise(hub.machine, f"CapabilityBoundingSet=~{right}"):
        said = asked(hub)
    assert said["smart"] == lost.get("smart", "ok")
    assert said["kernel_log"] == lost.get("kernel_log", "ok")
    assert len(said["disks"]) == 3
    models = {one.get("model") for one in said["disks"]}
    assert {SATA, NVME} - models == lost.get("gone", set())


def test_it_opens_no_other_device_and_the_hub_none_of_these(hub: LabHub) -> None:
    # Outside of the sandbox root reads it, and the same program inside does not.
    assert hub.machine.run("head -c 1 /dev/vda | wc -c").strip() == "1"
    for node in ("/dev/vda", "/dev/mem"):
        with unit_otherwise(hub.machine, f"ExecStart=\\nExecStart=head -c 1 {node}"):
            assert "Operation not permitted" in hub.machine.run(
                f"systemctl start {UNIT}; journalctl -b -u {UNIT} -o cat -n 8"
            )
    nodes = ["/dev/sda", "/dev/nvme0", "/dev/nvme0n1", "/dev/kmsg"]
    # The log's node is not even there to be opened (ProtectKernelLogs).
    refused = dict.fromkeys(nodes, "EPERM") | {"/dev/kmsg": "EACCES"}
    assert opened(hub, "root", nodes) == refused


def test_a_bad_cable_is_told_at_the_device_whose_port_it_is_in(hub: LabHub, plug: Plug) -> None:
    line = AcmDevice(serial="LINE0001")
    plug(line, 1)
    (seen,) = wait_found(hub, 1)
    device = adopt(hub, seen["identity"], "Line")
    stranger = AcmDevice()
    stranger.broken = line.broken = True
    line.pull()
    replug(hub.machine, line, 1, 1)
    plug(stranger, 2)
    given_up = "dmesg | grep -c 'unable to enumerate USB device' || true"
    wait_until(lambda: int(hub.machine.run(given_up)) >= 2, LIMIT, "the kernel gives them up")
    bad = [one["port"] for one in asked(hub)["usb"] if one["errors"]]
    assert len(bad) == 2, bad

    def ports() -> dict[str, Json]:
        return {one["device"]: one for one in shown(hub)["ports"] if one["errors"]}

    wait_until(lambda: set(ports()) == {device, ""}, LIMIT, "both ports are shown")
    mine = ports()[device]
    assert (mine["name"], mine["over_current"]) == ("Line", 0)
    assert mine["bad"] >= mine["errors"] > 3
    assert "error -71" in mine["said"] or "unable to enumerate" in mine["said"]
    told = wait_alert(hub, "usb-errors")
    assert [one["device"] for one in told["devices"]] == [device]
    # In the computer's other ports all is well, and with another cable here, too.
    line.pull()
    line.broken = False
    replug(hub.machine, line, 1, 1)
    wait_until(lambda: works(hub.device(device)), LIMIT, "it works with another cable")
    hub.remove(device)


def test_a_clock_that_is_wrong_is_told(hub: LabHub) -> None:
    machine = hub.machine
    machine.run(f"python3 -c '{KEPT_RIGHT}'")
    kept = asked(hub)["clock"]
    assert kept["synchronised"]
    assert 0 < kept["at_most"] < 1
    wait_until(lambda: shown(hub)["clock"]["synchronised"], LIMIT, "it is shown as kept right")
    before = hub.main_process()
    assert alert(hub, "clock-jumped") is None

    # As a computer whose battery is empty starts, and a hand that mends it.
    apart = machine.run("date +%s; date -s '2001-01-01 12:00' +%s").split()
    try:
        wait_alert(hub, "clock-jumped")
        wrong = wait_alert(hub, "hub")
        assert not asked(hub)["clock"]["synchronised"], "nothing keeps a clock right that was set"
        wait_until(lambda: not shown(hub)["clock"]["synchronised"], LIMIT, "on its own")
    finally:
        machine.run(f"date -s @$(( {apart[0]} + $(date +%s) - {apart[1]} ))")
    print(wrong["title"], wrong["about"])
    wait_until(lambda: alert(hub, "hub") is None, LIMIT, "the clock is believed again")
    assert hub.main_process() == before
    assert shown(hub)["state"] == "fresh", "what is told by seconds since the start stays fresh"
