"""Fixtures of the lab: its image, machines, the installed hub, and the table of times."""

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from tests.lab import archive as archives
from tests.lab import image as images
from tests.lab.hub import Installed, LabHub
from tests.lab.installing import fingerprint, install, keep, kept
from tests.lab.machine import Machine, Saved, can_run
from tests.lab.prepared import prepare
from tests.lab.room import Room
from tests.lab.usb.redir import PlayedDevice

# What a kernel says when something went really wrong.
COMPLAINTS = "BUG:|Oops|WARNING:|Call Trace|EXT4-fs error"
# But for this: the kernel's virtual camera, vivid, sleeps for a time below nothing when its thread is
# late, as it is on an emulated computer, and that is told with a trace. (sed's: a block that goes)
KNOWN = r"/schedule_timeout: wrong timeout value/{:a;N;/<\/TASK>/!ba;/Comm: vivid/d}"

# What is shown of a machine whose test failed.
LOOK = (
    "systemctl --no-pager status classhub; journalctl --no-pager -u classhub -o short-monotonic"
    " | tail -60; dmesg | tail -20; true"
)
FAILED = pytest.StashKey[bool]()

_times: list[tuple[str, float, float | None]] = []


@contextlib.contextmanager
def timed(what: str, machine: Machine | None = None) -> Iterator[None]:
    """Write down in the table at the end how long this took, and what of it the machine worked."""
    began = time.monotonic()
    before = 0.0 if machine is None else machine.worked()
    try:
        yield
    finally:
        used = None if machine is None else machine.worked() - before
        _times.append((what, time.monotonic() - began, used))


@pytest.fixture(scope="session")
def figure() -> Callable[[str, float], None]:
    """Writes a measured time down for the table at the end: `figure("pulled to MQTT", 0.3)`."""
    return lambda what, seconds: _times.append((what, seconds, None))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table of times."""
    if not _times:
        return
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    terminalreporter.section(f"times of the lab, in seconds (load of this computer: {load})")
    terminalreporter.write_line("   times   cores' time of the machine")
    for what, seconds, used in _times:
        cores = "" if used is None else f"{used:.1f}"
        terminalreporter.write_line(f"{seconds:8.2f} {cores:>7}  {what}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether the test failed, for the fixtures that end after it."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the tests that share a machine run first, so that it does not wait while others run."""
    items.sort(key=lambda item: item.get_closest_marker("shared_machine") is None)


@pytest.fixture(scope="session")
def image() -> Path:
    """The machine's disk and kernel."""
    why = can_run() if "CLASSHUB_LAB" in os.environ else "it is asked for by make test-lab"
    if why:
        if os.environ.get("CLASSHUB_LAB") == "require":
            pytest.fail(f"the hardware lab cannot run: {why}")
        pytest.skip(f"the hardware lab cannot run: {why}")
    with timed("image"):
        return images.ready()


@pytest.fixture(scope="session")
def lab(image: Path) -> Iterator[Path]:
    """The folder for the disks of this run; one run at a time."""
    folder = images.STORE / "run"
    with images.locked(images.STORE / "run.lock"):
        folder.mkdir(exist_ok=True)
        yield folder


@pytest.fixture(scope="session")
def booted(image: Path, lab: Path) -> Saved:
    """A machine that has just started, with nothing of ours in it."""
    machine = Machine(image, lab / "booting")
    try:
        with timed("cold boot", machine):
            machine.boot()
        with timed("saving a state"):
            return machine.save(lab / "booted")
    finally:
        machine.close()


@pytest.fixture(scope="session")
def archive(image: Path) -> Path:
    """The archive that is tested."""
    try:
        return archives.made()
    except archives.NoArchive as error:
        if os.environ.get("CLASSHUB_LAB") == "require":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def installed(image: Path, lab: Path, archive: Path, request: pytest.FixtureRequest) -> Installed:
    """A machine on which the hub was installed, asleep.

    With `CLASSHUB_LAB_REUSE=1` one that an earlier run installed from the same archive will do.
    """
    folder = images.STORE / f"installed-{fingerprint(image, archive)}"
    if os.environ.get("CLASSHUB_LAB_REUSE") == "1" and (found := kept(folder)) is not None:
        return found
    for old in images.STORE.glob("installed-*"):
        shutil.rmtree(old)
    machine = Machine(image, lab / "installing")
    try:
        if os.environ.get("CLASSHUB_LAB_INSTALL") == "here":
            with timed("installation by this computer, and cold boot", machine):
                made = prepare(machine, archive, folder)
        else:
            machine.wake(request.getfixturevalue("booted"))
            with timed("installation", machine):
                made = install(machine, archive, folder)
    finally:
        machine.close()
    keep(made, folder)
    return made


@pytest.fixture(scope="session")
def room(image: Path, lab: Path, installed: Installed) -> Iterator[Room]:
    """The machine that tests share one after another."""
    made = Room(image, lab / "room", installed)
    yield made
    made.leave()


@pytest.fixture
def hub(request: pytest.FixtureRequest) -> Iterator[LabHub]:
    """The installed hub, running: in a machine of this test's own, or in the one that is shared.

    A file whose tests leave nothing behind says `pytestmark = pytest.mark.shared_machine`: waking a
    machine, and having qemu translate all of its code once more, takes longer than most tests.
    """
    if request.node.get_closest_marker("shared_machine"):
        room: Room = request.getfixturevalue("room")
        with timed(f"{request.node.name}: machine ready", room.machine):
            made = room.enter()
        good = False
        try:
            with looked_after(room.machine, request):
                yield made
            good = not request.node.stash.get(FAILED, True)
        finally:
            if good:
                room.tidy()
            else:
                room.leave()
        return
    installed: Installed = request.getfixturevalue("installed")
    machine = Machine(request.getfixturevalue("image"), request.getfixturevalue("lab") / "machine")
    with awake(machine, installed.state, request):
        made = LabHub(machine, installed.tokens).connect()
        made.wait_healthy()
        with contextlib.closing(made):
            yield made


@pytest.fixture
def machine(
    image: Path, lab: Path, booted: Saved, request: pytest.FixtureRequest
) -> Iterator[Machine]:
    """A bare machine of this test's own, awake."""
    with awake(Machine(image, lab / "machine"), booted, request) as made:
        yield made


@pytest.fixture
def plug(request: pytest.FixtureRequest) -> Iterator[Callable[[PlayedDevice, int], None]]:
    """Plugs played devices into USB ports of the machine; they are pulled out at the end."""
    names = request.fixturenames
    machine = (
        request.getfixturevalue("hub").machine
        if "hub" in names
        else request.getfixturevalue("machine")
    )
    plugged: list[PlayedDevice] = []

    def into(device: PlayedDevice, port: int) -> None:
        device.plug(machine.usb_port(f"port{port}", port))
        plugged.append(device)

    yield into
    for device in plugged:
        device.pull()


@contextlib.contextmanager
def awake(made: Machine, state: Saved, request: pytest.FixtureRequest) -> Iterator[Machine]:
    """Wake a machine for a test; afterwards look whether its kernel complained, and end it."""
    try:
        with timed(f"{request.node.name}: machine ready", made):
            made.wake(state)
        with looked_after(made, request):
            yield made
    finally:
        made.close()


@contextlib.contextmanager
def looked_after(machine: Machine, request: pytest.FixtureRequest) -> Iterator[None]:
    """Write the test's time down; afterwards look whether the machine's kernel complained."""
    with timed(request.node.name, machine):
        yield
    if request.node.stash.get(FAILED, False):
        print(machine.run_by_agent(LOOK))
    look = f"dmesg -c | sed '{KNOWN}' | grep -E -B 8 -A 24 '{COMPLAINTS}' || true"
    complained = machine.run(look)
    assert complained == "", f"the kernel complained: {complained}"
