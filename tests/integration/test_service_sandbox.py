"""The hub works under the unit's system call filter, without new executable memory.

The filter is made from the unit with libseccomp, as systemd makes it, and inherited by every child:
drivers, workers with OpenCV, the broker. So a library that needs more is found before a school does.
"""

import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.printing import BUSY, box

UNIT = (Path(__file__).resolve().parents[2] / "systemd/classhub.service").read_text()
CAGE = """
import ctypes, errno, os
allowed = {allowed!r}
libc = ctypes.CDLL(None, use_errno=True)
seccomp = ctypes.CDLL("libseccomp.so.2")
seccomp.seccomp_init.restype = ctypes.c_void_p
seccomp.seccomp_rule_add_array.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p]
seccomp.seccomp_load.argtypes = [ctypes.c_void_p]
context = seccomp.seccomp_init(0x00050000 | errno.EPERM)  # SCMP_ACT_ERRNO
for name in allowed:
    number = seccomp.seccomp_syscall_resolve_name(name.encode())
    if number >= 0:
        seccomp.seccomp_rule_add_array(context, 0x7FFF0000, number, 0, None)  # SCMP_ACT_ALLOW
assert libc.prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
if libc.prctl(65, 1, 0, 0, 0):  # PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN: since Linux 6.3
    print("no MDWE", flush=True)
assert seccomp.seccomp_load(context) == 0
try:
    os.chroot("/")
except PermissionError:
    print("caged", flush=True)
"""


def groups():
    """Return systemd's sets of system calls, each expanded."""
    said = subprocess.run(
        ["systemd-analyze", "--no-pager", "syscall-filter"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    sets: dict[str, list[str]] = {}
    for line in re.sub(r"\x1b\[[\d;]*m", "", said).splitlines():
        if line.startswith("@"):
            sets[name := line.strip()] = []
        elif line.startswith("    ") and not line.strip().startswith("#"):
            sets[name].append(line.strip())

    def expand(name):
        return {
            call for one in sets[name] for call in (expand(one) if one.startswith("@") else {one})
        }

    return {name: expand(name) for name in sets if name != "@known"}


def allowed():
    """Return what the unit's filter lets pass."""
    known = groups()
    calls: set[str] = set()
    for line in re.findall(r"^SystemCallFilter=(\S+)$", UNIT, re.MULTILINE):
        if line.startswith("~"):
            calls -= known[line[1:]]
        else:
            calls |= known.get(line, {line})
    # What systemd itself needs to start a process always passes.
    return sorted(calls | known["@default"] | {"execve", "exit", "exit_group", "rt_sigreturn"})


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None
    or not Path("/usr/lib/x86_64-linux-gnu/libseccomp.so.2").exists(),
    reason="systemd-analyze or libseccomp is not installed",
)
def test_the_hub_works_in_the_units_cage(start):
    assert "MemoryDenyWriteExecute=yes" in UNIT
    config = "[mqtt]\nport = 0\n"
    hub = start(
        "--virtual",
        config=config,
        before=CAGE.format(allowed=allowed()),
        environment={"CLASSHUB_MQTT__ENABLED": "true"},
    )
    assert "caged" in hub.out.read_text()
    with hub.client("engineer") as engineer:
        path = "/api/v1/devices/virtual-microscope"
        end = time.monotonic() + 60
        while not engineer.get(path).json()["state"]["reachable"]:
            assert time.monotonic() < end, engineer.get(path).text
            time.sleep(0.1)
        made = engineer.post("/api/v1/microscopes/virtual-microscope/captures", json={})
        assert made.status_code == 201, made.text
        # A worker with OpenCV makes it, at idle priority.
        while (
            thumbnail := engineer.get(f"/api/v1/assets/{made.json()['id']}/thumbnail")
        ).status_code != 200:
            assert time.monotonic() < end + 30, thumbnail.text
            time.sleep(0.1)
        # A program of the distribution, within bounds and ended with the hub.
        if shutil.which("prusa-slicer"):
            files = {"file": ("box.stl", box(20, 20, 4))}
            job = engineer.post("/api/v1/print-jobs", files=files).raise_for_status().json()["id"]
            while (made := engineer.get(f"/api/v1/print-jobs/{job}").json())["state"] in BUSY:
                assert time.monotonic() < end + 90, made
                time.sleep(0.2)
            assert (made["state"], made["problem"]) == ("waiting", None)
        if shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin"):
            while (mqtt := engineer.get("/api/v1/mqtt").json())["status"] != "connected":
                assert time.monotonic() < end + 30, mqtt
                time.sleep(0.1)
    assert hub.stop() == 0
    assert "Operation not permitted" not in hub.err.read_text()
