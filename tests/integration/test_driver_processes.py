"""Drivers in processes of their own: they serve, they fail in every way, and nothing else suffers."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from hub.bus import Bus
from hub.device import (
    BadSettings,
    OutOfRange,
    Quality,
    Reading,
    TimedOut,
    Unreachable,
)
from hub.devices import DeviceConfig, Devices, NotWritable, Superseded
from hub.errors import HubError, Invalid, NotFound
from hub.operations import Operations, Status
from hub.processes import DriverGone, Timing
from hub.rights import SYSTEM, Role

DRIVERS = Path(__file__).parent / "drivers_for_tests"
ROOT = Path(__file__).parents[2]
LIMIT = 30.0
QUICK = Timing(
    heartbeat=0.1, silence=2.0, grace=0.5, connect=2.0, disconnect=0.5, again=0.02,
    again_most=0.1, slow=0.2, picture=0.5, restart=0.02, restart_most=0.1, fault=0.3,
)  # fmt: skip
ENTRIES = {
    "good": "probe_drivers:GoodProbe",
    "unruly": "probe_drivers:Unruly",
    "sick": "probe_drivers:SickProbe",
    "shared": "probe_drivers:Shared",
}
BROKEN = {
    "broken": "broken_at_import:Nothing",
    "missing": "no_such_module:Nothing",
    "no-driver": "probe_drivers:Place",
}


class Room:
    """A classroom's devices, started with configs; leaves nothing behind."""

    def __init__(self, cache):
        self.cache = cache
        self.bus = Bus()
        self.operations = Operations(self.bus)
        self.install(ENTRIES)
        self.heard = []
        self.bus.subscribe("#", lambda message: self.heard.append((message.topic, message.payload)))

    def install(self, drivers):
        self.devices = Devices(
            self.bus, self.operations, cache=self.cache, extra_drivers=drivers, timing=QUICK
        )

    async def start(self, *configs):
        await self.devices.start(list(configs))
        return [self.devices.get(config.id) for config in configs]

    async def until(self, true):
        async with asyncio.timeout(LIMIT):
            while not true():
                await asyncio.sleep(0.01)

    async def connected(self, *devices):
        await self.until(lambda: all(device.state.reachable for device in devices))

    async def stop(self):
        await self.operations.stop()
        await self.devices.stop()


@pytest.fixture(scope="session")
def descriptions(tmp_path_factory):
    return tmp_path_factory.mktemp("descriptions")


@pytest.fixture
async def room(descriptions, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"{DRIVERS}{os.pathsep}{ROOT}")
    monkeypatch.syspath_prepend(str(DRIVERS))
    files, others = _open_files(), _driver_processes()
    room = Room(descriptions)
    yield room
    await room.stop()
    assert _driver_processes() <= others
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert _open_files() <= files


def _driver_processes():
    """Those of a hub that other tests share are among them."""
    return {child for child in psutil.Process().children(recursive=True) if _ours(child)}


def _ours(process):
    try:
        return "hub.driver_host" in process.cmdline()
    except psutil.NoSuchProcess:
        return False


def _open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def _pid(device):
    return device._supervisor.process.pid


def good(id_="good", **settings):
    return DeviceConfig(id=id_, driver="good", settings=settings)


def unruly(at, how, **settings):
    return DeviceConfig(id="unruly", driver="unruly", settings={"at": at, "how": how, **settings})


# Serving.


async def test_a_device_is_described_connected_and_read(room):
    (device,) = await room.start(good(top=50.0))
    await room.connected(device)
    await room.until(lambda: len(device.readings) == 4)
    assert device.kind == "probe"
    assert device.description.properties["level"].value_schema["maximum"] == 50
    assert device.streams == []
    assert device.state.process == "running"
    assert (await device.read("level")).value == 10.0
    assert (await device.read("place")).value == {"x": 0.0, "y": 0.0}
    topics = {topic for topic, _ in room.heard}
    assert {"good/state", "good/td", "good/p/level", "good/p/ticks"} <= topics
    assert room.devices.kinds()["probe"].title == "Probe"
    assert set(room.devices.drivers()) >= {"good", "unruly", "sick", "shared"}


async def test_a_polled_property_is_told_again_and_again(room):
    (device,) = await room.start(good())
    await room.until(lambda: device.readings.get("ticks", Reading(0, 0)).value >= 3)
    ticks = [payload["value"] for topic, payload in room.heard if topic == "good/p/ticks"]
    assert ticks == sorted(set(ticks))


async def test_a_write_answers_what_was_read_back(room):
    (device,) = await room.start(good())
    await room.connected(device)
    reading = await device.write("level", 55.4)
    assert (reading.value, reading.quality) == (55.0, Quality.GOOD)
    assert (await device.write("mode", "fast")).value == "fast"
    assert device.readings["level"] == reading


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("level", 101, OutOfRange),
        ("level", "50", Invalid),
        ("level", True, Invalid),
        ("level", float("nan"), Invalid),
        ("mode", "warp", OutOfRange),
        ("place", {"x": 1}, Invalid),
        ("ticks", 1, NotWritable),
        ("nothing", 1, NotFound),
    ],
)
async def test_a_value_that_does_not_fit_is_refused_before_it_reaches_the_driver(
    room, name, value, error
):
    (device,) = await room.start(good())
    await room.connected(device)
    with pytest.raises(error):
        await device.write(name, value)


async def test_of_many_writes_the_first_and_the_last_are_made(room):
    (device,) = await room.start(good())
    await room.connected(device)
    answers = await asyncio.gather(
        *(device.write("level", value) for value in (1, 2, 3, 4)), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [Reading, Superseded, Superseded, Reading]
    assert (answers[0].value, answers[3].value) == (1, 4)
    assert (await device.write("level", 7)).value == 7, "the slot is free again"


async def test_a_writer_that_leaves_does_not_hold_up_the_next(room):
    (device,) = await room.start(good())
    await room.connected(device)
    first = asyncio.create_task(device.write("level", 1))
    await asyncio.sleep(0)
    second = asyncio.create_task(device.write("level", 2))
    await asyncio.sleep(0)
    first.cancel()
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert (await device.write("level", 3)).value == 3


async def test_an_action_tells_progress_and_result(room):
    (device,) = await room.start(good())
    await room.connected(device)
    operation = device.invoke("count", {"to": 5}, by=SYSTEM)
    await room.operations.wait(operation.id, LIMIT)
    assert (operation.status, operation.result) == (Status.DONE, {"to": 5})
    fractions = [p["fraction"] for t, p in room.heard if t == f"operations/{operation.id}"]
    assert 0.4 in fractions


async def test_an_action_is_cancelled_within_the_driver(room):
    (device,) = await room.start(good())
    await room.connected(device)
    operation = device.invoke("count", {"to": 1000}, by=SYSTEM)
    await room.until(lambda: operation.fraction > 0)
    room.operations.cancel(operation.id)
    await room.operations.wait(operation.id, LIMIT)
    assert operation.status is Status.CANCELLED
    assert device.state.process == "running"


async def test_an_action_that_is_cancelled_at_once_is_over_at_once(room):
    (device,) = await room.start(good())
    await room.connected(device)
    for _ in range(20):
        operation = device.invoke("count", {"to": 1000}, by=SYSTEM)
        await asyncio.sleep(0)
        room.operations.cancel(operation.id)
        await room.operations.wait(operation.id, LIMIT)
        assert operation.status is Status.CANCELLED
    assert (await device.write("level", 4)).value == 4


async def test_an_action_with_a_wrong_input_is_not_even_begun(room):
    (device,) = await room.start(good())
    await room.connected(device)
    with pytest.raises(OutOfRange):
        device.invoke("count", {"to": 0}, by=SYSTEM)
    with pytest.raises(Invalid):
        device.invoke("count", {"upto": 1}, by=SYSTEM)
    with pytest.raises(NotFound):
        device.invoke("dance", None, by=SYSTEM)
    assert room.operations.list() == []


async def test_events_samples_and_health_are_published(room):
    device, sick = await room.start(good(), DeviceConfig(id="sick", driver="sick"))
    await room.connected(device, sick)
    await device.write("place", {"x": 1, "y": 2})
    await room.until(lambda: "good/e/pinged" in dict(room.heard))
    await room.until(lambda: sick.state.health is not None)
    heard = dict(room.heard)
    assert heard["good/e/pinged"]["data"] == {"x": 1.0, "y": 2.0}
    assert heard["good/s/points"]["samples"] == [{"x": 1.0, "y": 2.0}] * 2
    assert sick.state.health.code == "too-hot"
    assert sick.state.reachable


async def test_members_carry_their_roles(room):
    (device,) = await room.start(good())
    await room.connected(device)
    assert device.access("read", "level").role is Role.DISPLAY
    assert device.access("write", "level").role is Role.TEACHER
    assert device.access("write", "mode").role is Role.PUPIL
    assert device.access("invoke", "count").role is Role.PUPIL
    with pytest.raises(NotFound):
        device.access("invoke", "level")


async def test_devices_of_a_sharing_driver_have_one_process(room):
    configs = [DeviceConfig(id=f"pen{n}", driver="shared") for n in range(3)]
    devices = await room.start(*configs)
    await room.connected(*devices)
    assert len({_pid(device) for device in devices}) == 1
    assert (await devices[1].write("level", 3)).value == 3
    assert (await devices[2].read("level")).value == 10


# The device goes and comes.


async def test_a_device_that_goes_is_told_stale_and_connected_again_when_it_comes(room, tmp_path):
    flag = tmp_path / "flag"
    (device,) = await room.start(good(flag=str(flag)))
    await room.until(lambda: device.state.problem is not None)
    assert device.state.problem.code == "unreachable"
    with pytest.raises(Unreachable):
        await device.read("level")
    with pytest.raises(Unreachable):
        await device.write("level", 1)
    with pytest.raises(Unreachable):
        device.invoke("count", {"to": 1}, by=SYSTEM)
    flag.touch()
    await room.connected(device)
    await room.until(lambda: "level" in device.readings)
    flag.unlink()
    with pytest.raises(Unreachable):
        await device.write("level", 1)
    await room.until(lambda: not device.state.reachable)
    assert (await device.read("level")).quality is Quality.STALE
    assert device.state.process == "running"
    flag.touch()
    await room.connected(device)
    await room.until(lambda: device.readings["level"].quality is Quality.GOOD)
    assert device.counters["losses"] == 1


@pytest.mark.parametrize(
    ("how", "code"), [("wrong", "wrong-device"), ("bug", "driver-error"), ("gone", "unreachable")]
)
async def test_what_hinders_connecting_is_shown_and_tried_again(room, tmp_path, how, code):
    (device,) = await room.start(unruly("connect", how, once=str(tmp_path / "mark")))
    await room.until(lambda: device.state.problem is not None or device.state.reachable)
    await room.connected(device)
    seen = [p["problem"]["code"] for t, p in room.heard if t == "unruly/state" and p["problem"]]
    assert code in seen
    assert device.counters["restarts"] == 0


async def test_wrong_settings_are_named_without_their_values(room):
    device, other = await room.start(good(top="secret"), good("other"))
    await room.until(lambda: device.state.problem is not None)
    assert device.state.problem.code == BadSettings.code
    with pytest.raises(HubError) as refused:
        await device.read("level")
    assert (refused.value.code, refused.value.status) == (BadSettings.code, 503)
    assert "top" in device.state.problem.detail
    assert "secret" not in device.state.problem.detail
    await room.connected(other)


# The driver fails.


@pytest.mark.parametrize("how", ["exit", "sys_exit", "spin", "garbage", "bad_json"])
@pytest.mark.parametrize("at", ["connect", "read"])
async def test_a_process_that_fails_is_started_again_and_others_go_on(room, tmp_path, at, how):
    config = unruly(at, how, once=str(tmp_path / "mark"))
    device, other = await room.start(config, good())
    await room.connected(other)
    pid = _pid(other)
    await room.until(lambda: device.counters["restarts"] == 1)
    assert other.state.reachable
    assert (await other.read("ticks")).quality is Quality.GOOD
    await room.connected(device)
    assert (await device.read("level")).value == 5
    assert (_pid(other), other.counters["restarts"]) == (pid, 0)


async def test_a_killed_process_tells_its_callers_and_comes_back(room):
    (device,) = await room.start(unruly("quick", "slow"))
    await room.connected(device)
    operation = device.invoke("quick", None, by=SYSTEM)
    await room.until(lambda: operation.status is Status.RUNNING)
    os.kill(_pid(device), signal.SIGKILL)
    await room.operations.wait(operation.id, LIMIT)
    assert operation.problem.code == DriverGone.code
    await room.connected(device)
    assert device.counters["restarts"] == 1


async def test_a_call_past_its_limit_is_told_and_the_driver_lives_on_where_it_obeys(room):
    (device,) = await room.start(unruly("quick", "slow"))
    await room.connected(device)
    operation = device.invoke("quick", None, by=SYSTEM)
    await room.operations.wait(operation.id, LIMIT)
    assert operation.problem.code == TimedOut.code
    assert (await device.read("level")).value == 5
    assert device.counters["restarts"] == 0


@pytest.mark.parametrize("how", ["deaf", "thread"])
async def test_a_call_that_never_returns_ends_its_process_though_the_loop_is_well(room, how):
    (device,) = await room.start(unruly("quick", how))
    await room.connected(device)
    operation = device.invoke("quick", None, by=SYSTEM)
    await room.operations.wait(operation.id, LIMIT)
    assert operation.problem.code == TimedOut.code
    await room.until(lambda: device.counters["restarts"] == 1)
    await room.connected(device)


@pytest.mark.parametrize("how", ["huge", "not-a-text"])
async def test_a_value_that_cannot_be_told_is_a_bad_reading_and_the_rest_goes_on(room, how):
    (device,) = await room.start(unruly("name", how))
    await room.connected(device)
    with pytest.raises(HubError) as caught:
        await device.read("name")
    assert caught.value.code == "bad-reading"
    assert (await device.read("level")).value == 5
    assert device.counters["restarts"] == 0


async def test_a_flooding_driver_holds_up_nobody(room):
    device, other = await room.start(unruly("write", "flood"), good())
    await room.connected(device, other)
    flood = asyncio.create_task(device.write("level", 1))
    await room.until(lambda: device.counters["events"] > 3000)
    assert (await other.write("level", 9)).value == 9
    flood.cancel()
    await asyncio.gather(flood, return_exceptions=True)
    assert other.counters["restarts"] == 0


async def test_what_a_driver_prints_reaches_the_log_in_bounds(room, caplog):
    caplog.set_level("INFO", "classhub.driver.unruly")
    (device,) = await room.start(unruly("connect", "print"))
    await room.connected(device)
    await room.stop()
    lines = [r for r in caplog.records if r.name == "classhub.driver.unruly" and "xxx" in r.message]
    assert 1 <= len(lines) <= 400
    assert "more lines of output were dropped" in caplog.text


async def test_a_process_that_keeps_failing_is_given_up_with_a_hint_and_tried_slowly(room):
    (device,) = await room.start(unruly("connect", "exit"))
    await room.until(lambda: device.state.process == "fault")
    assert device.state.problem.code == "driver-crashes"
    assert device.state.problem.hint
    restarts = device.counters["restarts"]
    await room.until(lambda: device.counters["restarts"] > restarts + 1)
    assert device.state.process == "fault"


async def test_a_driver_that_is_broken_or_missing_leaves_the_others_working(room):
    room.install(ENTRIES | BROKEN)
    names = ["broken", "missing", "no-driver", "never-heard-of"]
    *bad, fine = await room.start(*(DeviceConfig(id=n, driver=n) for n in names), good())
    await room.connected(fine)
    for device in bad:
        await room.until(lambda device=device: device.state.process == "fault")
        missing = device.id == "never-heard-of"
        assert device.state.problem.code == ("driver-missing" if missing else "driver-broken")
        assert device.state.problem.hint
        assert (device.kind, device.kind_title) == ("", "Device")
        with pytest.raises(HubError):
            await device.write("level", 1)
    assert "broken at import" in room.devices.broken_drivers()["broken"].detail


async def test_no_driver_outlives_a_hub_that_is_killed_not_even_one_that_hangs(
    descriptions, monkeypatch
):
    monkeypatch.setenv("PYTHONPATH", f"{DRIVERS}{os.pathsep}{ROOT}")
    hub = await asyncio.create_subprocess_exec(
        sys.executable, str(DRIVERS / "lonely_hub.py"), str(descriptions),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(LIMIT):
        children = [psutil.Process(pid) for pid in json.loads(await hub.stdout.readline())]
    hub.kill()
    await hub.communicate()
    _, alive = await asyncio.to_thread(psutil.wait_procs, children, LIMIT)
    assert alive == []


async def test_a_hub_that_stops_while_its_drivers_start_leaves_nothing_behind(room):
    await room.start(good(), unruly("connect", "spin"))
    await asyncio.sleep(0)
    await room.stop()
    assert room.devices.list() == []


async def test_drivers_do_not_see_the_hubs_own_settings(room, monkeypatch):
    monkeypatch.setenv("CLASSHUB_SECRET", "s3cret")
    (device,) = await room.start(good())
    await room.connected(device)
    assert "s3cret" not in Path(f"/proc/{_pid(device)}/environ").read_text()


async def test_stopping_takes_devices_off_the_bus(room):
    (device,) = await room.start(good())
    await room.connected(device)
    await room.stop()
    assert list(room.bus.retained("#")) == []
    with pytest.raises(NotFound):
        room.devices.get("good")


async def test_a_description_comes_from_the_cache_until_the_driver_changes(
    room, tmp_path, monkeypatch
):
    module = tmp_path / "here"
    module.mkdir()
    source = (DRIVERS / "probe_drivers.py").read_text()
    (module / "changing.py").write_text(source)
    monkeypatch.setenv("PYTHONPATH", f"{module}{os.pathsep}{ROOT}")
    monkeypatch.syspath_prepend(str(module))
    from hub.processes import Catalogue

    catalogue = Catalogue(tmp_path / "cache", {"c": "changing:GoodProbe"})
    entry = catalogue.entries()["c"]
    first = await catalogue.describe(entry)
    (kept,) = (tmp_path / "cache" / "drivers").glob("*.json")
    stamp = kept.stat().st_mtime_ns
    assert await catalogue.describe(entry) == first
    assert kept.stat().st_mtime_ns == stamp
    (module / "changing.py").write_text(source.replace("Good probe.", "Better probe."))
    assert (await catalogue.describe(entry)).title == "Better probe"
    kept.write_text("{")
    assert (await catalogue.describe(entry)).title == "Better probe"


async def test_a_change_of_the_contract_or_of_what_it_imports_is_seen_too(
    room, tmp_path, monkeypatch
):
    from hub.processes import Catalogue

    for name in ("driver", "contract"):
        (tmp_path / name).mkdir()
        monkeypatch.syspath_prepend(str(tmp_path / name))
    path = [tmp_path / "driver", tmp_path / "contract", ROOT]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, path)))
    (tmp_path / "contract" / "words_of_bells.py").write_text("TITLE = 'Bell'\n")
    (tmp_path / "contract" / "bells.py").write_text(
        "from hub.device import Device\nfrom words_of_bells import TITLE\n"
        "class Bell(Device, kind='bell', title=TITLE):\n    'A bell.'\n"
    )
    (tmp_path / "driver" / "my_bell.py").write_text(
        "from bells import Bell\nclass MyBell(Bell):\n    'My bell.'\n"
    )
    catalogue = Catalogue(tmp_path / "cache", {"bell": "my_bell:MyBell"})
    entry = catalogue.entries()["bell"]
    assert (await catalogue.describe(entry)).kind.title == "Bell"
    (tmp_path / "contract" / "words_of_bells.py").write_text("TITLE = 'School bell'\n")
    assert (await catalogue.describe(entry)).kind.title == "School bell"
