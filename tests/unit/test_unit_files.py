"""The files in `systemd/`: read by systemd's own tools, without running it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from drivers.tablet.hid.known import known_tablets

ROOT = Path(__file__).resolve().parents[2]
SYSTEMD = ROOT / "systemd"
needs_analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, with a command that is here (that of an installation is not)."""
    text = (SYSTEMD / "classhub.service").read_text()
    assert text.count("ExecStart=") == 1
    file = tmp_path / "classhub.service"
    file.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text))
    return file


@needs_analyze
def test_the_unit_is_right(unit: Path) -> None:
    done = analyze("verify", "--man=no", str(unit))
    ours = [line for line in done.stderr.splitlines() if "classhub" in line]
    assert (ours, done.returncode) == ([], 0)


@needs_analyze
def test_the_kiosks_unit_is_right(tmp_path: Path) -> None:
    text = (SYSTEMD / "classhub-kiosk.service").read_text()
    file = tmp_path / "classhub-kiosk.service"
    # Neither cage nor an installed hub is here; what the shell is told stays as it is.
    text = text.replace("/usr/bin/cage", "/bin/true").replace("Requires=classhub.service\n", "")
    file.write_text(text)
    done = analyze("verify", "--man=no", str(file))
    ours = [line for line in done.stderr.splitlines() if "classhub-kiosk" in line]
    assert (ours, done.returncode) == ([], 0)
    file.write_text(text.replace("RuntimeMaxSec=11h", "RuntimeMaxSec=soon"))
    assert "Failed to parse" in analyze("verify", "--man=no", str(file)).stderr


@needs_analyze
def test_the_unit_that_asks_the_computer_is_right(tmp_path: Path) -> None:
    text = (SYSTEMD / "classhub-computer.service").read_text()
    assert "ExecStart=/opt/classhub/current/bin/python -I -B /opt/classhub/" in text
    assert (SYSTEMD / "classhub-computer.py").exists()
    file = tmp_path / "classhub-computer.service"
    file.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text))
    timer = tmp_path / "classhub-computer.timer"
    timer.write_text((SYSTEMD / "classhub-computer.timer").read_text())
    done = analyze("verify", "--man=no", str(file), str(timer))
    ours = [line for line in done.stderr.splitlines() if "classhub-computer" in line]
    assert (ours, done.returncode) == ([], 0)
    # It is root's, and may do nothing that disks and the kernel's log do not need.
    done = analyze("security", "--offline=yes", "--no-pager", "--threshold=29", str(file))
    assert done.returncode == 0, done.stdout


@needs_analyze
@pytest.mark.parametrize("name", ["classhub-collector", "classhub-district-page"])
def test_the_districts_units_are_right(tmp_path: Path, name: str) -> None:
    text = (ROOT / "configs" / "district" / "systemd" / f"{name}.service").read_text()
    program = "/opt/classhub-district/bin/python"
    assert text.count(f"ExecStart={program} -m plugins.district.") == 1
    file = tmp_path / f"{name}.service"
    file.write_text(text.replace(program, "/bin/true"))
    done = analyze("verify", "--man=no", str(file))
    ours = [line for line in done.stderr.splitlines() if name in line]
    assert (ours, done.returncode) == ([], 0)


@needs_analyze
def test_a_wrong_unit_would_be_seen(unit: Path) -> None:
    unit.write_text(unit.read_text().replace("WatchdogSec=30", "WatchdogSec=soon"))
    assert "Failed to parse sec value" in analyze("verify", "--man=no", str(unit)).stderr


@needs_analyze
def test_the_exposure_is_under_three(unit: Path) -> None:
    done = analyze("security", "--offline=yes", "--no-pager", "--threshold=29", str(unit))
    found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) < 3.0
    assert done.returncode == 0


def test_each_class_of_devices_that_is_allowed_has_its_module_loaded_first() -> None:
    text = (SYSTEMD / "classhub.service").read_text()
    allowed = set(re.findall(r"^DeviceAllow=char-(\S+) rw$", text, re.MULTILINE))
    modules = {
        "ttyUSB": "usbserial",
        "ttyACM": "cdc_acm",
        "video4linux": "videodev",
        "hidraw": "hid",
        "usb_device": "usbcore",
        "cec": "cec",
        "i2c": "i2c_dev",
        "input": None,  # part of every kernel
    }
    assert allowed == set(modules)
    wanted = {f"modprobe@{module}.service" for module in modules.values() if module}
    for key in ("Wants", "After"):
        named = set(re.findall(rf"^{key}=(.*modprobe.*)$", text, re.MULTILINE)[0].split())
        assert named == wanted


RULE = re.compile(
    r'(?:(?:ACTION|SUBSYSTEM|KERNELS|ATTR\{idVendor\}|ATTRS\{class\}|ENV\{DEVTYPE\})=="[^"]+"'
    r'|(?:GOTO|GROUP|MODE|LABEL)="[^"]+")'
)


# Debian 12's udevadm cannot check rules (254 can); that they do their work is shown in the lab, with
# a tablet whose raw node the hub's user opens.
def test_the_udev_rules_are_right() -> None:
    labels, jumps = set(), set()
    lines = (SYSTEMD / "70-classhub.rules").read_text().splitlines()
    for line in lines:
        if not line or line.startswith("#"):
            continue
        parts = line.split(", ")
        for part in parts:
            assert RULE.fullmatch(part), line
        labels |= set(re.findall(r'LABEL="(\w+)"', line))
        jumps |= set(re.findall(r'GOTO="(\w+)"', line))
        if "MODE=" in line:
            # Each grants to the hub's group, and never to everybody: a named maker's device, or the
            # wires of a graphics card's video cables (PCI class 0300), not the mainboard's buses.
            assert re.search(
                r'(KERNELS=="\?{4}:[0-9A-F]{4}:\*"|idVendor\}=="[0-9a-f]{4}"'
                r'|ATTRS\{class\}=="0x030000")',
                line,
            )
            assert 'GROUP="classhub"' in line
            assert re.search(r'MODE="066[04]"', line)
    assert labels == jumps


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="no systemd-sysusers")
def test_the_user_belongs_to_the_groups_of_the_devices(tmp_path: Path) -> None:
    done = subprocess.run(
        ["systemd-sysusers", f"--root={tmp_path}", "--dry-run", str(SYSTEMD / "classhub.sysusers")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = done.stderr + done.stdout
    assert "classhub" in said
    text = (SYSTEMD / "classhub.sysusers").read_text()
    assert set(re.findall(r"^m classhub (\w+)$", text, re.MULTILINE)) == {
        "dialout",
        "video",
        "input",
        "plugdev",
    }


def test_the_raw_node_of_every_tablet_with_a_data_file_is_the_hubs_to_open() -> None:
    rules = (SYSTEMD / "70-classhub.rules").read_text()
    for one in known_tablets():
        assert f'KERNELS=="????:{one.vendor.upper()}:*"' in rules, one.name
