"""The distribution's own mDNS, Avahi, runs beside the hub: each finds what the other announces.

All of it runs in a network and a `/run` of its own, with a D-Bus of its own: Avahi's places are
built in. The hub's search is asked for a service that Avahi publishes, and Avahi for the hub's.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROGRAMS = ("avahi-daemon", "avahi-browse", "avahi-publish", "avahi-resolve", "dbus-daemon")

BUS = """
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/>
    <allow send_destination="*"/><allow receive_sender="*"/>
    <allow send_type="signal"/><allow receive_type="signal"/>
  </policy>
</busconfig>
"""
AVAHI = """
[server]
host-name={host}
use-ipv6=no
allow-interfaces=class0
ratelimit-interval-usec=1000000
ratelimit-burst=1000
[wide-area]
enable-wide-area=no
[publish]
publish-workstation=no
"""

# Runs inside; says what it saw as JSON.
INSIDE = """
import json, os, pathlib, socket, subprocess, sys, time
folder, tests = map(pathlib.Path, sys.argv[1:])
sys.path.insert(0, str(tests))
from conftest import start_hub

def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout

def until(ask, limit=60):
    end = time.monotonic() + limit
    while not (answer := ask()):
        if time.monotonic() > end:
            return answer
        time.sleep(0.2)
    return answer

run("mount", "-t", "tmpfs", "tmpfs", "/run")
for name in ("dbus", "avahi-daemon"):
    pathlib.Path("/run", name).mkdir()
for command in ("link set lo up", "link add class0 type veth peer name class1",
                "link set class1 up", "addr add 10.9.0.1/24 dev class0", "link set class0 up multicast on", "route add 224.0.0.0/4 dev class0"):
    run("ip", *command.split())
own = []
def begin(*command):
    own.append(subprocess.Popen(command, stdout=open(folder / "programs.txt", "a"),
                                stderr=subprocess.STDOUT))
    return own[-1]

def browsed(kind):
    found = run("avahi-browse", "--resolve", "--parsable", "--terminate", kind)
    return [line.split(";") for line in found.splitlines() if line.startswith("=")]

seen = {}
hub = None
try:
    begin("dbus-daemon", "--nofork", "--nopidfile", f"--config-file={folder / 'bus.conf'}")
    assert until(pathlib.Path("/run/dbus/system_bus_socket").exists)
    begin("avahi-daemon", "--no-drop-root", "--no-chroot", "--no-rlimits",
          f"--file={folder / 'avahi.conf'}")
    assert until(pathlib.Path("/run/avahi-daemon/socket").exists)
    hub = start_hub(folder / "hub", "--host", "0.0.0.0",
                    config='name = "Room 12"\\nlanguage = "en"\\n')
    engineer = hub.client("engineer")
    def found():
        items = engineer.get("/api/v1/discoveries").json()["items"]
        return [one for one in items if one["bus"] == "mdns"]

    seen["port"] = hub.port
    seen["services"] = [until(lambda: browsed(kind)) for kind in
                        ("_classhub._tcp", "_http._tcp")]
    host = socket.gethostname().split(".")[0] + ".local"
    seen["host"] = host
    seen["name"] = run("avahi-resolve", "-4", "-n", host).split()

    device = begin("avahi-publish", "--service", "Lab 2 окно", "_classhubtest._tcp", "4711",
                   "kind=thermometer")
    seen["found"] = until(found)
    device.terminate()
    device.wait(10)
    seen["gone"] = bool(until(lambda: not found()))
    engineer.close()
    seen["status"] = hub.stop()
    seen["left"] = until(lambda: not browsed("_classhub._tcp"))
    # Two who answer for one name would have made Avahi choose another.
    seen["still"] = run("avahi-resolve", "-4", "-n", host).split()
finally:
    if hub is not None:
        hub.stop()
        seen["log"] = hub.err.read_text()
    for one in reversed(own):
        one.terminate()
        one.wait(10)
print("SEEN" + json.dumps(seen))
"""


@pytest.fixture
def apart():
    """How to run a program in a network and with mounts of its own."""
    way = ["unshare", "-n", "-m", "--"]
    if missing := [name for name in PROGRAMS if shutil.which(name) is None]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    if os.geteuid() or subprocess.run([*way, "true"], capture_output=True).returncode:
        pytest.skip("no namespaces here")
    return way


def test_the_hub_and_avahi_find_what_the_other_announces(apart, tmp_path, request):
    host = os.uname().nodename.split(".")[0]
    (tmp_path / "bus.conf").write_text(BUS)
    (tmp_path / "avahi.conf").write_text(AVAHI.format(host=host))
    about = tmp_path / "site" / "net_drivers-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: net-drivers\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[classhub.drivers]\nnet = found_drivers:NetThermometer\n"
    )
    path = os.pathsep.join([str(tmp_path / "site"), str(HERE / "drivers_for_tests")])
    done = subprocess.run(
        [
            *apart,
            sys.executable,
            "-c",
            INSIDE,
            str(tmp_path),
            str(request.config.rootpath / "tests"),
        ],
        capture_output=True,
        text=True,
        timeout=400,
        env={**os.environ, "PYTHONPATH": path, "LANG": "C.UTF-8"},
    )
    programs = tmp_path / "programs.txt"
    said = done.stderr[-3000:] + (programs.read_text()[-2000:] if programs.exists() else "")
    assert "SEEN" in done.stdout, said
    seen = json.loads(done.stdout.split("SEEN")[1])

    # Avahi sees the hub, in both lists, with the name that Avahi itself answers for.
    for services in seen["services"]:
        (service,) = services
        name, server, address, port = service[3], service[6], service[7], service[8]
        assert name.startswith("Room\\03212\\032")
        assert (server, address, int(port)) == (seen["host"], "10.9.0.1", seen["port"])
        assert '"path=/"' in service[9]
    assert seen["name"] == seen["still"] == [seen["host"], "10.9.0.1"]
    # The hub sees what Avahi publishes, and that it is gone.
    (found,) = seen["found"]
    assert (found["title"], found["drivers"]) == ("Lab 2 окно", ["net"])
    assert seen["gone"]
    # It says good-bye, and Avahi hears it.
    assert (seen["status"], seen["left"]) == (0, True)
    assert "Traceback" not in seen["log"]
