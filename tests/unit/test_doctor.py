"""The doctor's checks, each shown the trouble that it is there to find."""

import errno
import os
import re
import socket
import sqlite3
import stat
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from hub.clock import LATEST
from hub.doctor import (
    Ask,
    NotTold,
    Status,
    _examine,
    _hub,
    _machine,
    _nodes,
    _ports,
    _programs,
    ask_the_hub,
    examine,
)
from hub.doctor import _data as data_checks

ROOT = Path(__file__).parents[2]
OK, WARNING, FAILED, SKIPPED = Status.OK, Status.WARNING, Status.FAILED, Status.SKIPPED


# Python, packages, programs


def test_an_old_python_is_told():
    assert _programs.python((3, 11, 2)).status is OK
    old = _programs.python((3, 9, 1))
    assert (old.status, old.what) == (FAILED, "Python 3.9.1 is older than 3.11")


def test_missing_and_old_packages_are_named():
    def version(name):
        if name == "gone":
            raise metadata.PackageNotFoundError(name)
        return {"click": "8.10.1", "old": "1.9", "uvicorn": "0.54.0"}[name]

    lines = ["click>=8.5", "uvicorn[standard]>=0.54", "old>=1.10", "gone>=2", 'x>1; extra == "x"']
    found = _programs.libraries(lines, version)
    assert found.status is FAILED
    assert found.what == "old is 1.9, at least 1.10 is needed; gone is missing"
    assert _programs.libraries(lines[:2], version).status is OK


def test_a_missing_program_is_named_with_the_one_line_that_installs_it():
    found = _programs.programs(find=lambda command: None)
    assert found.status is WARNING
    assert "no MQTT" in found.what
    assert "ffmpeg (without it: no clips, time-lapses and films)" in found.what
    assert found.mend == (
        "sudo apt install mosquitto ffmpeg espeak-ng cec-utils prusa-slicer"
        " && sudo systemctl disable --now mosquitto"
    )
    assert _programs.programs(find=lambda command: f"/usr/sbin/{command}").status is OK


def test_every_package_of_the_distribution_is_looked_for():
    text = (ROOT / "packaging" / "apt-run.txt").read_text()
    packages = {line.split("#")[0].strip() for line in text.splitlines()} - {""}
    assert {program.package for program in _programs.wanted()} == packages


def test_what_a_plugin_starts_is_asked_of_the_plugin_and_one_that_fails_stops_nothing(caplog):
    group = "classhub.plugins"
    broken = metadata.EntryPoint("broken", "no_such_module:Plugin", group)
    printing = metadata.EntryPoint("printing", "plugins.printing.plugin:PrintingPlugin", group)
    found = {program.package for program in _programs.wanted([broken, printing])}
    assert found == {"mosquitto", "ffmpeg", "prusa-slicer"}
    assert "broken" in caplog.text


# The data directory


def test_a_data_directory_that_is_not_there_yet_is_fine(tmp_path):
    found = data_checks.folder(tmp_path / "a" / "b")
    assert (found.status, "when the hub first starts" in found.what) == (OK, True)
    assert not (tmp_path / "a").exists()


def test_a_file_in_place_of_the_data_directory_is_told(tmp_path):
    (tmp_path / "data").write_text("")
    assert data_checks.folder(tmp_path / "data").status is FAILED
    below = data_checks.folder(tmp_path / "data" / "below")
    assert (below.status, "is no folder" in below.what) == (FAILED, True)


def test_a_data_directory_that_cannot_be_written_to_is_told():
    found = data_checks.folder(Path("/proc/sys/kernel"))  # even root makes no file there
    assert found.status is FAILED
    assert "cannot be written to" in found.what
    assert found.mend == "see that its disk is there and not read-only: findmnt -T /proc/sys/kernel"


def test_a_data_directory_that_others_may_look_into_is_told(tmp_path):
    tmp_path.chmod(0o755)
    assert data_checks.folder(tmp_path).mend == f"sudo chmod 700 {tmp_path}"
    tmp_path.chmod(0o700)
    assert data_checks.folder(tmp_path).status is OK
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("free", "files", "status"),
    [(50 << 20, 10_000, FAILED), (500 << 20, 10_000, WARNING), (9 << 30, 3, FAILED), (9 << 30, 10_000, OK)],
)  # fmt: skip
def test_a_full_disk_is_told(tmp_path, free, files, status):
    block = 4096

    def statvfs(_):
        return os.statvfs_result(
            (block, block, 1 << 30, free // block, free // block, 100_000, files, files, 0, 255)
        )

    found = data_checks.room(tmp_path / "not yet", statvfs)
    assert found.status is status
    assert bool(found.mend) == (status is not OK)


def test_a_whole_database_is_whole(tmp_path):
    file = tmp_path / "hub.sqlite"
    assert data_checks.database(file).status is SKIPPED
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("CREATE TABLE a (b)")
    connection.close()
    assert data_checks.database(file).status is OK


@pytest.mark.parametrize("what", ["garbage", "torn", "folder"])
def test_a_damaged_database_is_told(tmp_path, what):
    file = tmp_path / "hub.sqlite"
    if what == "folder":
        file.mkdir()
    elif what == "garbage":
        file.write_bytes(os.urandom(20_000))
    else:
        with sqlite3.connect(file) as connection:
            connection.execute("CREATE TABLE a (b)")
            connection.executemany("INSERT INTO a VALUES (?)", [("x" * 500,)] * 500)
        connection.close()
        whole = bytearray(file.read_bytes())
        whole[8192:20480] = os.urandom(12288)
        file.write_bytes(whole)
    found = data_checks.database(file)
    assert (found.status, "backup" in found.mend) == (FAILED, True)


# Ports


@pytest.fixture
def busy():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_free_port_is_free(busy):
    assert _ports.port("port", "127.0.0.1", 0, "port", hub=None).status is OK
    with socket.create_server(("127.0.0.1", 0)) as gone:
        number = gone.getsockname()[1]
    assert _ports.port("port", "127.0.0.1", number, "port", hub=None).status is OK


def test_the_program_that_holds_a_port_is_named(busy):
    found = _ports.port("port", "127.0.0.1", busy, "port", hub=None)
    assert found.status is FAILED
    assert f"(process {os.getpid()})" in found.what
    assert "`port`" in found.mend


def test_the_running_hub_and_its_children_may_hold_the_port(busy):
    for hub in (os.getpid(), os.getppid()):
        found = _ports.port("port", "127.0.0.1", busy, "port", hub=hub)
        assert (found.status, "the running hub's" in found.what) == (OK, True)


def test_debians_broker_on_our_port_is_told_with_the_line_that_ends_it(tmp_path):
    script = (
        "import ctypes, socket; s = socket.create_server(('127.0.0.1', 0));"
        "ctypes.CDLL(None).prctl(15, b'mosquitto'); print(s.getsockname()[1], flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as broker:
        number = int(broker.stdout.readline())
        found = _ports.port("MQTT port", "127.0.0.1", number, "mqtt.port", hub=None)
        broker.communicate("\n")
    assert (found.status, found.mend) == (FAILED, "sudo systemctl disable --now mosquitto")


def test_the_holder_of_a_port_may_be_hidden(tmp_path, busy):
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "tcp").write_text(Path("/proc/net/tcp").read_text())
    hidden = _ports.port("port", "127.0.0.1", busy, "port", hub=None, proc=tmp_path)
    assert (hidden.status, "sudo ss -ltnp" in hidden.mend) == (FAILED, True)
    hub = _ports.port("port", "127.0.0.1", busy, "port", hub=4242, proc=tmp_path)
    assert hub.status is SKIPPED


def test_an_address_of_another_computer_is_told():
    found = _ports.port("port", "192.0.2.1", 8420, "port", hub=None)
    assert (found.status, "no address of this computer" in found.what) == (FAILED, True)


def test_a_port_for_root_alone_is_told(monkeypatch):
    monkeypatch.setattr(_ports, "_try", lambda host, number: errno.EACCES)
    assert "above 1023" in _ports.port("port", "127.0.0.1", 80, "port", hub=None).mend


# Clock, modules, rules, service


@pytest.mark.parametrize("seconds", [0.0, LATEST + 10])
def test_a_clock_that_cannot_be_right_is_told(seconds):
    found = _machine.clock(lambda: seconds, lambda command: None)
    assert (found.status, "set-ntp" in found.mend) == (FAILED, True)


def test_a_clock_that_nothing_keeps_right_is_told():
    good = LATEST - 86400
    assert _machine.clock(lambda: good, lambda command: "no\n").status is WARNING
    assert _machine.clock(lambda: good, lambda command: "yes\n").status is OK
    assert _machine.clock(lambda: good, lambda command: None).status is OK


def test_modules_that_a_plugin_could_do_more_with_are_named_with_how_to_get_them(tmp_path):
    wanted = [one for plugin in _programs._plugins() for one in plugin.modules]
    assert [one.name for one in wanted] == ["v4l2loopback"]
    found = _programs.plugin_modules(loaded=tmp_path)
    assert found.status is SKIPPED  # not every school wants it
    assert "v4l2loopback (without it: no " in found.what
    assert "apt install v4l2loopback-dkms" in found.mend
    (tmp_path / "v4l2loopback").mkdir()
    assert _programs.plugin_modules(loaded=tmp_path).status is OK


def test_missing_kernel_modules_are_named(tmp_path):
    wanted = [("uvcvideo", "cameras"), ("cdc_acm", "printers"), ("usbhid", "tablets")]
    none = tmp_path / "none"
    assert _machine.modules(wanted, loaded=none, installed=none).status is SKIPPED
    (tmp_path / "modules.dep").write_text("kernel/drivers/usb/class/cdc-acm.ko.xz: a.ko\n")
    (tmp_path / "modules.builtin").write_text("kernel/drivers/hid/usbhid.ko\n")
    found = _machine.modules(wanted, loaded=none, installed=tmp_path)
    assert (found.status, found.what.endswith("lacks uvcvideo (cameras)")) == (WARNING, True)
    (tmp_path / "uvcvideo").mkdir()
    assert _machine.modules(wanted, loaded=tmp_path, installed=tmp_path).status is OK


def test_missing_rules_are_told_where_a_device_needs_them(tmp_path):
    assert _machine.rules([tmp_path], hidraw=tmp_path / "none").status is SKIPPED
    (tmp_path / "class" / "hidraw0").mkdir(parents=True)
    found = _machine.rules([tmp_path], hidraw=tmp_path / "class")
    assert (found.status, "udevadm control --reload" in found.mend) == (WARNING, True)
    (tmp_path / "70-classhub.rules").write_text("")
    assert _machine.rules([tmp_path], hidraw=tmp_path / "class").status is OK


def test_the_rules_that_the_line_installs_are_there():
    file = re.search(r"systemd/\S+rules", _machine.rules([], hidraw=Path("/none")).mend)[0]
    assert (ROOT / file).is_file()


@pytest.mark.parametrize(
    ("said", "status", "mend"),
    [
        ("LoadState=not-found\nActiveState=inactive", SKIPPED, ""),
        ("LoadState=loaded\nActiveState=active\nNRestarts=0", OK, ""),
        ("LoadState=loaded\nActiveState=active\nNRestarts=4", WARNING, "journalctl"),
        ("LoadState=loaded\nActiveState=inactive", WARNING, "sudo systemctl enable --now classhub"),
        ("LoadState=loaded\nActiveState=failed\nResult=watchdog", FAILED, "journalctl -u classhub"),
        (None, SKIPPED, ""),
    ],
)
def test_the_service_is_as_systemd_says(tmp_path, said, status, mend):
    found = _machine.service(systemd=tmp_path, run=lambda command: said)
    assert found.status is status
    assert mend in found.mend
    assert bool(found.mend) == bool(mend)


def test_without_systemd_there_is_no_service(tmp_path):
    assert _machine.service(systemd=tmp_path / "none").status is SKIPPED


def test_programs_that_are_not_there_or_fail_say_nothing():
    assert _machine.run(("no-such-program-here",)) is None
    assert _machine.run(("false",)) is None
    assert _machine.run(("echo", "a")) == "a\n"


# Device nodes

PUPIL = _nodes.User("classhub", 4321, frozenset({4321}))


@pytest.fixture
def dev(tmp_path):
    def node(name, mode, group=0):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        try:
            os.mknod(file, stat.S_IFCHR | mode, os.makedev(1, 3))  # /dev/null's numbers
        except PermissionError:
            pytest.skip("device nodes can only be made by root")
        os.chown(file, 0, group)
        file.chmod(mode)
        return file

    node.folder = tmp_path
    return node


def test_without_devices_there_is_nothing_to_open(dev):
    dev("tty0", 0o600)
    assert _nodes.nodes(PUPIL, dev.folder).status is SKIPPED


def test_a_node_that_the_hub_may_not_open_is_told_with_its_group(dev):
    dialout = _nodes.grp.getgrnam("dialout").gr_gid
    dev("ttyUSB0", 0o660, dialout)
    dev("video0", 0o666)
    found = _nodes.nodes(PUPIL, dev.folder)
    assert found.status is FAILED
    assert found.what == "classhub may not open /dev/ttyUSB0 (root:dialout rw-rw----)"
    assert found.mend == "sudo usermod -aG dialout classhub && sudo systemctl restart classhub"
    member = _nodes.User("classhub", 4321, frozenset({4321, dialout}))
    assert _nodes.nodes(member, dev.folder).status is OK
    other = _nodes.User("dana", 4321, frozenset({4321}))
    assert _nodes.nodes(other, dev.folder).mend.endswith("then sign out and in again")


def test_a_node_of_root_alone_needs_a_rule(dev):
    for number in range(5):
        dev(f"ttyACM{number}", 0o600)
    found = _nodes.nodes(PUPIL, dev.folder)
    assert (found.status, "71-classhub-local.rules" in found.mend) == (FAILED, True)
    assert found.what.endswith("and 2 more")


def test_rights_are_those_of_owner_group_and_others(dev):
    about = dev("ttyUSB1", 0o606, 7).stat()
    assert _nodes.may_open(about, _nodes.User("a", 0, frozenset()))
    assert _nodes.may_open(about, PUPIL)
    assert not _nodes.may_open(about, _nodes.User("b", 5, frozenset({7})))


def test_tablets_of_the_makers_in_the_rules_are_looked_at(dev, tmp_path):
    vendors = _nodes.vendors_of(ROOT / "systemd" / "70-classhub.rules")
    assert "056a" in vendors
    sys_class = tmp_path / "sys"
    for name, vendor in (("hidraw0", "0000056A"), ("hidraw1", "0000046D")):
        (sys_class / name / "device").mkdir(parents=True)
        (sys_class / name / "device" / "uevent").write_text(f"HID_ID=0003:{vendor}:00000374\n")
        dev(name, 0o600)
    found = _nodes.raw_hid(PUPIL, vendors, dev=dev.folder, sys=sys_class)
    assert (found.status, "hidraw0" in found.what, "hidraw1" in found.what) == (FAILED, True, False)
    dev.folder.joinpath("hidraw0").chmod(0o666)
    assert _nodes.raw_hid(PUPIL, vendors, dev=dev.folder, sys=sys_class).status is OK
    assert _nodes.raw_hid(PUPIL, (), dev=dev.folder, sys=sys_class).status is SKIPPED
    assert _nodes.raw_hid(PUPIL, ("ffff",), dev=dev.folder, sys=sys_class).status is SKIPPED
    assert _nodes.vendors_of(None) == _nodes.vendors_of(tmp_path / "none") == frozenset()


def test_the_hubs_user_is_known():
    assert _nodes.hub_user().name in ("classhub", _nodes.pwd.getpwuid(os.geteuid()).pw_name)


# What the hub says

GOOD = {
    "/hub": {"version": _hub.__version__, "name": "Room 12"},
    "/mqtt": {"status": "connected", "host": "127.0.0.1", "port": 1883, "managed": True, "hint": ""},
    "/drivers": [{"name": "stream"}],
    "/plugins": [{"id": "microscopy", "state": "running", "problem": None}],
    "/devices": [{"id": "a", "state": {"presence": "present", "problem": None, "health": None}}],
}  # fmt: skip
PROBLEM = {"title": "It does not load.", "detail": "x.py", "hint": "Write to its maker."}


def asked(**changed) -> Ask:
    answers = {**GOOD, **{f"/{name}": value for name, value in changed.items()}}
    return answers.__getitem__


def test_a_hub_that_is_well_says_so():
    assert {one.status for one in ask_the_hub(asked())} == {OK}


@pytest.mark.parametrize(
    ("check", "answer", "status", "mend"),
    [
        ("hub", {"version": "0.0.1", "name": "a"}, WARNING, "restart classhub"),
        ("mqtt", {**GOOD["/mqtt"], "status": "not-reachable", "hint": "Do this."}, FAILED, "Do this."),
        ("mqtt", {**GOOD["/mqtt"], "status": "not-reachable"}, FAILED, "journalctl"),
        ("mqtt", {**GOOD["/mqtt"], "status": "starting"}, WARNING, "ten seconds"),
        ("mqtt", {**GOOD["/mqtt"], "status": "off"}, SKIPPED, ""),
        ("drivers", [{"name": "pen", "problem": PROBLEM}], FAILED, "Write to its maker."),
        ("plugins", [{"id": "p", "state": "failed", "problem": PROBLEM}], FAILED, "[plugins.p]"),
        ("plugins", [{"id": "p", "state": "failed", "problem": None}], FAILED, "[plugins.p]"),
        ("devices", [{"id": "a", "state": {"presence": "present", "problem": PROBLEM, "health": None}}],
         WARNING, "Write to its maker."),
        ("devices", [{"id": "a", "state": {"presence": "absent", "problem": PROBLEM, "health": None}}],
         OK, ""),
    ],
)  # fmt: skip
def test_trouble_of_the_hub_is_told(check, answer, status, mend):
    (found,) = [one for one in ask_the_hub(asked(**{check: answer})) if one.status is not OK] or [
        next(one for one in ask_the_hub(asked(**{check: answer})) if one.check == check)
    ]
    assert found.status is status
    assert mend in found.mend


def test_what_the_hub_does_not_tell_is_skipped():
    def ask(path):
        raise NotTold("You may not do this.")

    assert {(one.status, one.what) for one in ask_the_hub(ask)} == {
        (SKIPPED, "You may not do this.")
    }


# All of it


def test_this_computer_is_examined_without_changing_it(tmp_path, monkeypatch):
    monkeypatch.delenv("CLASSHUB_CONFIG", raising=False)
    found = examine(None, tmp_path / "data")
    assert not (tmp_path / "data").exists()
    names = [one.check for one in found]
    assert len(names) == len(set(names))
    assert {"python", "settings", "data", "disk", "database", "port", "clock"} <= set(names)
    for one in found:
        assert one.mend or one.status in (OK, SKIPPED), one


def test_a_hub_that_was_killed_is_no_hub(tmp_path):
    assert _examine.hub_process(tmp_path) is None
    (tmp_path / "lock").write_text("not a number")
    assert _examine.hub_process(tmp_path) is None
    (tmp_path / "lock").write_text("4194304")  # beyond the most that Linux gives
    assert _examine.hub_process(tmp_path) is None
    (tmp_path / "lock").write_text(str(os.getpid()))
    assert _examine.hub_process(tmp_path) == os.getpid()


def test_a_check_that_may_not_look_is_skipped():
    def check():
        raise PermissionError(errno.EACCES, "Permission denied")

    assert _examine._guarded("clock", check).status is SKIPPED
