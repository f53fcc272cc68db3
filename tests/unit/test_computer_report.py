"""What the computer says of its disks, USB ports and clock: the program, its file, what comes of it."""

import json
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from hub.doctor import _machine
from plugins.health.alerts.rules import load_rules
from plugins.health.alerts.signs import Key, Thresholds
from plugins.health.watching import Troubles
from plugins.health.watching.report import FRESH, LARGEST, UsbPort, read_report
from plugins.health.watching.troubles import STORM, is_in, shown

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "systemd/classhub-computer.py"
PORT = "pci-0000:00:14.0-usb-0:2.3:1.0"

# smartctl 7.4 --json -i -H -A, of what the program reads: a hard disk, an SSD, an NVMe disk.
HARD = {
    "smartctl": {"version": [7, 4], "exit_status": 0},
    "device": {"name": "/dev/sda", "type": "sat", "protocol": "ATA"},
    "model_name": "WDC WD10EZEX-08WN4A0",
    "rotation_rate": 7200,
    "smart_status": {"passed": True},
    "ata_smart_attributes": {
        "table": [
            {"id": 5, "name": "Reallocated_Sector_Ct", "value": 199, "raw": {"value": 12}},
            {"id": 9, "name": "Power_On_Hours", "value": 71, "raw": {"value": 21304}},
            {"id": 197, "name": "Current_Pending_Sector", "value": 200, "raw": {"value": 8}},
            {"id": 198, "name": "Offline_Uncorrectable", "value": 200, "raw": {"value": 2}},
        ]
    },
    "power_on_time": {"hours": 21304},
    "temperature": {"current": 41},
}
SOLID = {
    "smartctl": {"version": [7, 4], "exit_status": 0},
    "model_name": "Samsung SSD 870 EVO 500GB",
    "rotation_rate": 0,
    "smart_status": {"passed": True},
    "ata_smart_attributes": {
        "table": [{"id": 177, "name": "Wear_Leveling_Count", "value": 96, "raw": {"value": 55}}]
    },
    "temperature": {"current": 30},
}
NVME = {
    "smartctl": {"version": [7, 5], "exit_status": 8},
    "model_name": "KINGSTON SNV2S500G",
    "smart_status": {"passed": False, "nvme": {"value": 4}},
    "nvme_smart_health_information_log": {
        "critical_warning": 4, "temperature": 52, "available_spare": 3, "percentage_used": 104,
        "power_on_hours": 9000, "media_errors": 7,
    },
    "temperature": {"current": 52},
    "power_on_time": {"hours": 9000},
}  # fmt: skip
REFUSED = {
    "smartctl": {
        "exit_status": 2,
        "messages": [{"string": "Smartctl open device: /dev/sda failed: Permission denied"}],
    }
}

# smartctl 7.3 of an ATA disk without CAP_SYS_RAWIO, and of one that sleeps.
SILENT = {
    "smartctl": {"version": [7, 3], "exit_status": 0},
    "device": {"name": "/dev/sdb", "info_name": "/dev/sdb", "type": "scsi", "protocol": "SCSI"},
}
ASLEEP = {
    "smartctl": {
        "exit_status": 2, "messages": [{"string": "Device is in STANDBY mode, exit(2)"}],
    }
}  # fmt: skip

# What Linux 6.1 says of a bad cable, as /dev/kmsg has it; the times are put in.
KERNEL = """\
6,901,{old},-;usb 1-2.3: device descriptor read/64, error -71
 SUBSYSTEM=usb
 DEVICE=c189:4
6,902,{at},-;usb 1-2.3: new full-speed USB device number 12 using xhci_hcd
3,903,{at},-;usb 1-2.3: device descriptor read/64, error -71
3,904,{at},-;usb 1-2.3: device descriptor read/64, error -71
4,905,{at},-;usb 1-2.3: Device not responding to setup address.
3,906,{at},-;usb 1-2.3: device not accepting address 14, error -71
3,907,{at},-;usb 1-2-port3: unable to enumerate USB device
6,908,{at},-;usb 1-4: USB disconnect, device number 5
4,909,{at},-;usb usb1-port6: over-current condition
4,910,{at},-;hub 1-0:1.0: over-current change on port 6
14,911,{at},-;usb 1-9: device descriptor read/64, error -71
6,912,{at},-;e1000e 0000:00:1f.6 eno1: NIC Link is Down
not a record at all
"""


def kernel(folder: Path) -> Path:
    now = time.clock_gettime(time.CLOCK_MONOTONIC) * 1e6
    file = folder / "kmsg"
    file.write_text(KERNEL.format(old=int(now - 3700e6), at=int(now - 60e6)))
    return file


def computer(folder: Path, disks: dict[str, object], log: Path | None = None) -> Path:
    """A computer with these disks, as `/sys` and smartctl show them; returns the program's file."""
    bus = folder / "sys/devices/pci0000:00/0000:00:14.0/usb1"
    bus.mkdir(parents=True)
    (folder / "sys/bus/usb/devices").mkdir(parents=True)
    (folder / "sys/bus/usb/devices/usb1").symlink_to(bus)
    (folder / "sys/block").mkdir()
    for name, said in disks.items():
        (folder / "sys/block" / name).mkdir()
        (folder / f"{name}.json").write_text(said if isinstance(said, str) else json.dumps(said))
    for other in ("loop0", "zram0", "dm-0", "sr0"):
        (folder / "sys/block" / other).mkdir()
    smartctl = folder / "smartctl"
    smartctl.write_text(f'#!/bin/sh\nfor last; do :; done\ncat {folder}/"${{last##*/}}".json\n')
    smartctl.chmod(0o755)
    to = folder / "state.json"
    options = ["--to", to, "--sys", folder / "sys", "--smartctl", smartctl]
    options += ["--kmsg", log or kernel(folder)]
    command = [sys.executable, "-I", "-B", str(PROGRAM), *map(str, options)]
    subprocess.run(command, check=True, timeout=60)
    return to


def device(id_: str, port: str) -> SimpleNamespace:
    return SimpleNamespace(id=id_, found=SimpleNamespace(port=port) if port else None)


def told(troubles: Troubles) -> dict[tuple[str, str], float]:
    return {(one.series.subject, one.series.name): one.value for one in troubles.values()}


# The program


def test_disks_are_asked_and_what_they_do_not_tell_is_left_out(tmp_path):
    read = read_report(computer(tmp_path, {"sda": HARD, "sdb": SOLID, "nvme0n1": NVME}))
    assert (read.state, read.report.smart) == ("fresh", "ok")
    nvme, hard, solid = read.report.disks
    assert (hard.model, hard.passed, hard.temperature, hard.hours) == (
        "WDC WD10EZEX-08WN4A0", True, 41, 21304,
    )  # fmt: skip
    assert (hard.reallocated, hard.damaged, hard.used) == (12, 10, None)
    assert (solid.used, solid.damaged) == (4, None)
    assert (nvme.passed, nvme.used, nvme.spare, nvme.damaged) == (False, 104, 3, 7)


def test_a_disk_that_cannot_be_asked_is_said_and_does_not_hide_the_others(tmp_path):
    read = read_report(computer(tmp_path, {"sda": REFUSED, "sdb": "<garbage>", "sdc": HARD}))
    assert read.report.smart == "failed"
    assert [disk.passed for disk in read.report.disks] == [None, None, True]


@pytest.mark.parametrize(("said", "smart"), [(SILENT, "failed"), (ASLEEP, "ok")])
def test_a_disk_that_says_nothing_is_no_success_but_where_it_sleeps(tmp_path, said, smart):
    read = read_report(computer(tmp_path, {"sda": said}))
    assert (read.report.smart, read.report.disks[0].model) == (smart, "")


def test_what_the_kernel_says_of_usb_is_counted_by_port_for_an_hour(tmp_path):
    bad, over, moved = read_report(computer(tmp_path, {})).report.usb
    assert (bad.port, bad.errors, bad.under) == ("1-2.3", 5, "0000:00:14.0")
    assert bad.said == "unable to enumerate USB device"
    assert (over.port, over.over_current) == ("1-6", 2)
    assert (moved.port, moved.disconnects, moved.errors) == ("1-4", 1, 0)


def test_a_log_that_cannot_be_read_is_said(tmp_path):
    report = read_report(computer(tmp_path, {}, tmp_path / "none")).report
    assert (report.kernel_log, report.usb) == ("unreadable", [])


# Its file


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", '{"schema": 2}', "\x00" * 100, "9" * (LARGEST + 1),
        '{"schema":1,"uptime":NaN,"smart":"ok","disks":[],"kernel_log":"ok","usb":[]}',
        '{"schema":1,"uptime":1,"smart":"ok","disks":[{"name":"../x"}],"kernel_log":"ok","usb":[]}',
        '{"schema":1,"uptime":1,"smart":"ok","disks":[],"kernel_log":"ok","usb":[{"port":"<b>"}]}',
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_bad_and_says_nothing(tmp_path, text):
    file = tmp_path / "state.json"
    file.write_text(text)
    assert read_report(file).state == "bad"
    troubles = Troubles(file, drift=lambda: 0.0, ext4=tmp_path)
    assert told(troubles) == {}
    assert shown(troubles, {})["state"] == "bad"


def test_what_is_old_is_said_to_be_old_and_measured_no_more(tmp_path, monkeypatch):
    file = tmp_path / "state.json"
    assert read_report(file).state == "missing"
    said = {"schema": 1, "uptime": 100.0, "smart": "ok", "disks": [{"name": "sda", "passed": True}],
            "kernel_log": "ok", "usb": [], "later": "more"}  # fmt: skip
    file.write_text(json.dumps(said))
    assert read_report(file, 100 + FRESH).state == "fresh"
    assert read_report(file, 101 + FRESH).state == "stale"
    assert read_report(file, 50).state == "stale"  # of another start of the computer
    monkeypatch.setattr(time, "clock_gettime", lambda _: 101 + FRESH)  # however long it is on
    troubles = Troubles(file, drift=lambda: 0.0, ext4=tmp_path)
    assert set(told(troubles)) == {("computer", "report_age")}
    assert shown(troubles, {})["state"] == "stale"


# What comes of it


def test_a_port_is_the_device_that_is_in_it_or_was(tmp_path):
    troubles = Troubles(computer(tmp_path, {"sda": HARD}), drift=lambda: 0.0, ext4=tmp_path)
    troubles.look([device("scope", PORT), device("printer", "pci-0000:00:14.0-usb-0:4:1.0")])
    troubles.look([device("scope", ""), device("printer", "")])  # both are pulled
    values = told(troubles)
    assert values["scope", "usb_errors"] == 5
    assert ("printer", "usb_errors") not in values or values["printer", "usb_errors"] == 0
    assert values["computer", "usb_over_current"] == 2
    assert values["computer", "disk.sda.damaged"] == 10
    ports = shown(troubles, {"scope": "Microscope"})["ports"]
    assert (ports[0]["name"], ports[0]["bad"]) == ("Microscope", 5)
    assert set(told(troubles)) == {("computer", "report_age")}  # a report is measured once


@pytest.mark.parametrize(
    ("place", "port", "inside"),
    [
        (PORT, "1-2.3", True),
        (PORT, "1-2", True),  # the hub before it
        (PORT, "1-2.31", False),
        ("pci-0000:00:14.0-usb-0:2:1.0", "1-2.3", False),
        ("pci-0000:00:14.0-usbv2-0:2.3:1.0", "1-2.3", True),  # as systemd 254 names it
        ("pci-0000:05:00.0-usb-0:2.3:1.0", "1-2.3", False),  # another controller
        ("platform-1000480000.usb-usb-0:2.3:1.0", "1-2.3", False),
        ("", "1-2.3", False),
    ],
)
def test_a_place_lies_in_a_port(place, port, inside):
    assert is_in(place, UsbPort(port=port, under="0000:00:14.0")) is inside


def test_a_cable_that_was_moved_is_no_error_and_one_that_is_loose_is(tmp_path):
    file = tmp_path / "state.json"
    troubles = Troubles(file, drift=lambda: 0.0, ext4=tmp_path)
    found = []
    for at, count in enumerate((1, STORM - 1, STORM, 0)):
        usb = [{"port": "1-2.3", "under": "0000:00:14.0", "disconnects": count}] if count else []
        uptime = time.clock_gettime(time.CLOCK_BOOTTIME) - 10 + at
        said = {"schema": 1, "uptime": uptime, "smart": "ok", "disks": [], "kernel_log": "ok"}
        file.write_text(json.dumps({**said, "usb": usb}))
        troubles.look([device("scope", PORT)])
        found.append(told(troubles).get(("scope", "usb_errors")))
    assert found == [0, 0, STORM, 0]


def test_a_clock_that_jumps_is_counted_and_one_that_is_steered_is_not(tmp_path):
    drift = [1000.0]
    troubles = Troubles(tmp_path / "none", drift=lambda: drift[0], ext4=tmp_path)
    drift[0] += 0.4
    assert told(troubles) == {}
    drift[0] -= 3600
    values = told(troubles)
    assert values["computer", "clock_jumps"] == 1
    assert values["computer", "clock_jump"] == 3600
    assert told(troubles) == {}


def test_errors_of_a_file_system_are_read_without_any_right(tmp_path):
    for name, count in (("sda1", "0\n"), ("sda2", "3\n"), ("bad", "many")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "errors_count").write_text(count)
    troubles = Troubles(tmp_path / "none", drift=lambda: 0.0, ext4=tmp_path)
    assert told(troubles) == {("computer", "file_system_errors"): 3}


def judged(values: dict[tuple[str, str], float], kinds: dict[str, str]) -> dict[Key, object]:
    thresholds = Thresholds(load_rules([]))
    for (subject, name), value in values.items():
        thresholds.take(subject, name, value, 0, kinds.get(subject, ""))
    return thresholds.signs(0).wrong


def test_the_shipped_rules_say_which_disk_and_whose_cable(tmp_path):
    to = computer(tmp_path, {"sda": HARD, "nvme0n1": NVME})
    troubles = Troubles(to, drift=lambda: 0.0, ext4=tmp_path)
    troubles.look([device("scope", PORT)])
    wrong = judged(told(troubles), {"scope": "microscope"})
    assert wrong[Key("disk-failing", "computer")].params["part"] == "nvme0n1"
    assert wrong[Key("disk-worn", "computer")].params == {"value": "104", "part": "nvme0n1"}
    assert Key("disk-damaged", "computer") in wrong
    cable = wrong[Key("usb-errors", "scope")]
    assert (cable.params["value"], cable.device, cable.severity) == ("5", True, "fault")
    assert Key("usb-over-current", "computer") in wrong


def test_a_sound_computer_alarms_nobody(tmp_path):
    log = tmp_path / "quiet"
    log.write_text("")
    to = computer(tmp_path, {"sdb": SOLID}, log)
    troubles = Troubles(to, drift=lambda: 0.0, ext4=tmp_path)
    values = told(troubles)
    assert values["computer", "disk.sdb.failing"] == 0
    # Whether this computer has a time server is its own affair.
    assert {key.rule for key in judged(values, {})} <= {"clock-alone"}


# The doctor


@pytest.mark.parametrize(
    ("disks", "status", "said"),
    [
        ({"nvme0n1": NVME}, "FAILED", "nvme0n1"),
        ({"sda": HARD}, "WARNING", "1-2.3 (5 errors"),
    ],
)
def test_the_doctor_says_it(tmp_path, disks, status, said):
    timer = tmp_path / "timer"
    to = computer(tmp_path, disks)
    assert _machine.computer(report=to, timer=timer).status.name == "SKIPPED"
    timer.touch()
    finding = _machine.computer(report=to, timer=timer)
    assert (finding.status.name, said in finding.what) == (status, True)
    old = _machine.computer(report=to, timer=timer, uptime=lambda: 1e9)
    assert (old.status.name, "minutes old" in old.what) == ("WARNING", True)
    to.write_text("{}")
    assert _machine.computer(report=to, timer=timer).status.name == "WARNING"
