"""A hub with a table of the kernel's kind: its zones, gestures, and TUIO read by programs of others."""

import asyncio
import contextlib
import json
import socket
from pathlib import Path

import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from drivers.input.codes import (
    ABS_MT_POSITION_X,
    ABS_MT_POSITION_Y,
    ABS_MT_SLOT,
    ABS_MT_TOUCH_MAJOR,
    ABS_MT_TRACKING_ID,
    EV_ABS,
)
from drivers.touch_table.osc import parse_packet
from drivers.touch_table.tuio.reader import TuioReader
from drivers.virtual.pens.table import HEIGHT, WIDTH, table
from hub.app import Hub
from hub.device import Role
from hub.settings import Settings
from tests.integration.test_captures import Callers

pytestmark = pytest.mark.asyncio(loop_scope="module")

KIVY = Path(__file__).parents[2] / ".make/peers/kivy/bin/python"
PROGRAM = Path(__file__).parents[1] / "kivy_touches.py"
LIMIT = 30
TABLE = "/api/v1/touch-tables/table"


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


PORTS = {name: free_port() for name in ("cursors", "all", "kivy", "oscdump")}


class Fingers:
    """Fingers on the virtual table, in fractions of it."""

    def __init__(self, node):
        self.node = node
        self._tracking = 0

    def say(self, slot, x, y, *, down=False):
        events = [(EV_ABS, ABS_MT_SLOT, slot)]
        if down:
            self._tracking += 1
            events += [
                (EV_ABS, ABS_MT_TRACKING_ID, self._tracking),
                (EV_ABS, ABS_MT_TOUCH_MAJOR, 192),
            ]
        events.append((EV_ABS, ABS_MT_POSITION_X, round(x * WIDTH * 16)))
        events.append((EV_ABS, ABS_MT_POSITION_Y, round(y * HEIGHT * 16)))
        self.node.say(*events)

    def up(self, slot):
        self.node.say((EV_ABS, ABS_MT_SLOT, slot), (EV_ABS, ABS_MT_TRACKING_ID, -1))

    async def tap(self, x, y, slot=0):
        self.say(slot, x, y, down=True)
        await asyncio.sleep(0.02)
        self.up(slot)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def node(tmp_path_factory):
    async with table(tmp_path_factory.mktemp("table") / "table", "Test table") as node:
        yield node


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def hub(tmp_path_factory, node):
    tuio = {
        "udp": [
            {"port": PORTS["cursors"]},
            {"port": PORTS["all"], "profiles": ["2Dcur", "2Dblb", "2.0"]},
            {"port": PORTS["kivy"], "table": "table"},
            {"port": PORTS["oscdump"], "profiles": ["2Dblb", "2.0"]},
            {"port": PORTS["all"], "table": "another"},
        ],
        "websocket": {"port": 0, "origins": ["https://lessons.example"]},
    }
    device = {
        "id": "table",
        "driver": "touch-table",
        "name": "Table",
        "settings": {"path": str(node.path)},
    }
    hub = Hub(
        Settings(
            data=tmp_path_factory.mktemp("data"),
            language="en",
            devices=[device],
            plugins={"touch": {"tuio": tuio}},
        )
    )
    await hub.start()
    async with asyncio.timeout(LIMIT):
        while not hub.devices.get("table").state.reachable:
            await asyncio.sleep(0.02)
    yield hub
    await hub.stop()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def callers(hub):
    callers = Callers(hub)
    yield callers
    await callers.close()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def teacher(callers):
    return await callers.token(Role.TEACHER, "Айгүл Серікқызы")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def display(callers):
    return await callers.token(Role.DISPLAY, "Panel")


@pytest.fixture
def told(hub):
    """What is told of the table, by topic."""
    heard = {"contacts": [], "gestures": []}

    def hear(message):
        what = message.topic.rsplit("/", 1)[1]
        if what in heard:
            heard[what] += message.payload[what]

    leave = hub.bus.subscribe("x/touch/table/+", hear)
    yield heard
    leave()


async def until(enough):
    async with asyncio.timeout(LIMIT):
        while not enough():
            await asyncio.sleep(0.01)


async def divide(teacher, **wanted):
    revision = (await teacher.get(TABLE)).json()["revision"]
    answer = await teacher.put(f"{TABLE}/zones", json={"revision": revision, **wanted})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_table_is_whole_until_it_is_divided_and_stays_divided(hub, teacher, display):
    (shown,) = (await display.get("/api/v1/touch-tables")).json()["items"]
    assert (shown["id"], shown["layout"], shown["revision"]) == ("table", "whole", 0)
    assert shown["size"] == {"width": WIDTH, "height": HEIGHT}
    divided = await divide(teacher, layout="quarters", seats=["Seat 1", None, "Seat 3"])
    assert [zone["seat"] for zone in divided["zones"]] == ["Seat 1", None, "Seat 3", None]
    assert (await display.get(TABLE)).json()["zones"] == divided["zones"]
    (retained,) = hub.bus.retained("x/touch/table/zones")
    assert retained.payload == divided
    plugin = next(one.plugin for one in hub.plugins.running if one.name == "touch")
    next_run = type(plugin.zones)(plugin.hub)
    await next_run.start()
    assert next_run.of("table") == plugin.zones.of("table")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"layout": "halves", "revision": 999}, 409, "zones-changed"),
        ({"layout": "own", "zones": []}, 422, "bad-zones"),
        ({"layout": "halves", "seats": ["a", "b", "c"]}, 422, "bad-zones"),
        (
            {"layout": "own", "zones": [{"x": 0.5, "y": 0, "width": 0.6, "height": 1}]},
            422,
            "bad-zones",
        ),
        (
            {
                "layout": "own",
                "zones": [
                    {"x": 0, "y": 0, "width": 0.6, "height": 1},
                    {"x": 0.5, "y": 0, "width": 0.5, "height": 1},
                ],
            },
            422,
            "bad-zones",
        ),
        ({"layout": "own", "zones": [{"x": 0, "y": 0, "width": 0, "height": 1}]}, 422, None),
    ],
)
async def test_what_is_no_division_is_refused(teacher, body, status, code):
    before = (await teacher.get(TABLE)).json()
    answer = await teacher.put(f"{TABLE}/zones", json={"revision": before["revision"], **body})
    assert answer.status_code == status
    assert code is None or answer.json()["code"] == code
    assert (await teacher.get(TABLE)).json() == before


async def test_only_teachers_divide_and_only_tables_are_divided(teacher, display):
    body = {"layout": "whole", "revision": 0}
    assert (await display.put(f"{TABLE}/zones", json=body)).status_code == 403
    assert (await teacher.put("/api/v1/touch-tables/none/zones", json=body)).status_code == 404


async def test_two_pupils_tap_in_their_zones(teacher, node, told):
    own = [
        {"x": 0, "y": 0, "width": 0.5, "height": 1, "side": "left", "seat": "Айжан"},
        {"x": 0.5, "y": 0, "width": 0.4, "height": 1, "side": "right"},
    ]
    await divide(teacher, layout="own", zones=own)
    fingers = Fingers(node)
    fingers.say(0, 0.25, 0.5, down=True)
    fingers.say(1, 0.7, 0.25, down=True)
    await asyncio.sleep(0.02)
    fingers.up(0)
    fingers.up(1)
    await until(lambda: len(told["gestures"]) == 2)
    taps = {one["zone"]: one for one in told["gestures"]}
    assert {one["gesture"] for one in taps.values()} == {"tap"}
    assert (taps[1]["seat"], taps[2]["seat"]) == ("Айжан", None)
    assert taps[1]["within"] == pytest.approx([0.5, 0.5], abs=0.001)
    assert taps[2]["within"] == pytest.approx([0.75, 0.5], abs=0.001)
    phases = [(one["zone"], one["phase"]) for one in told["contacts"]]
    assert sorted(phases) == [(1, "down"), (1, "up"), (2, "down"), (2, "up")]
    first = told["contacts"][0]
    assert first["x_mm"] == pytest.approx(WIDTH / 4, abs=0.1)
    assert first["width_mm"] == 12


async def test_a_finger_that_rests_is_told_while_it_rests(node, told):
    fingers = Fingers(node)
    fingers.say(0, 0.25, 0.5, down=True)
    await until(lambda: told["gestures"])
    assert [one["gesture"] for one in told["gestures"]] == ["long-press"]
    assert told["contacts"][-1]["phase"] == "down"
    fingers.up(0)
    await until(lambda: told["contacts"][-1]["phase"] == "up")


class Packets(asyncio.DatagramProtocol):
    """Takes packets of a port."""

    def __init__(self):
        self.packets = []

    def datagram_received(self, data, addr):
        self.packets.append(data)

    def words(self, word):
        """The arguments of all messages of TUIO 1.1 that begin with a word."""
        messages = [one for packet in self.packets for one in parse_packet(packet)]
        return [one.arguments[1:] for one in messages if one.arguments[:1] == (word,)]


@contextlib.asynccontextmanager
async def listening(port):
    transport, packets = await asyncio.get_running_loop().create_datagram_endpoint(
        Packets, local_addr=("127.0.0.1", port)
    )
    try:
        yield packets
    finally:
        transport.close()


async def test_what_is_alive_is_said_each_second_while_nothing_happens(hub):
    async with listening(PORTS["cursors"]) as packets:
        await until(lambda: len(packets.packets) >= 3)
    assert set(packets.words("alive")) == {()}
    assert set(packets.words("fseq")) == {(-1,)}
    assert set(packets.words("source")) == {(f"classhub-table@{socket.gethostname()}",)}


async def test_touches_come_by_udp_in_every_profile_that_is_wanted(hub, node):
    fingers = Fingers(node)
    async with listening(PORTS["all"]) as packets:
        fingers.say(0, 0.25, 0.5, down=True)
        fingers.say(0, 0.5, 0.5)
        fingers.up(0)

        def seen():
            reader = TuioReader(WIDTH, HEIGHT)
            frames = [f for data in packets.packets for f in reader.read(parse_packet(data))]
            by_profile = {}
            for frame in frames:
                for place in frame.places.values():
                    by_profile.setdefault(frame.profile, []).append(place)
            ended = [frame for frame in frames[-3:] if not frame.alive]
            return by_profile if len(ended) == 3 and len(by_profile) == 3 else None

        await until(seen)
    for profile, places in seen().items():
        assert [round(place.x, 3) for place in places][:2] == [0.25, 0.5], profile
    assert seen()["/tuio/2Dblb"][0].width_mm == pytest.approx(12, abs=0.01)
    numbers = [number for (number,) in packets.words("fseq") if number > 0]
    assert numbers == sorted(numbers)


async def test_oscdump_reads_blobs_and_pointers(hub, node):
    program = await asyncio.create_subprocess_exec(
        "oscdump", "-L", str(PORTS["oscdump"]), stdout=asyncio.subprocess.PIPE
    )
    lines = []

    async def read():
        async for line in program.stdout:
            lines.append(line.decode())

    reading = asyncio.create_task(read())
    try:
        await until(lambda: lines)  # it listens: what is alive is said each second
        fingers = Fingers(node)
        fingers.say(0, 0.25, 0.5, down=True)
        await until(lambda: any("/tuio2/bnd" in line for line in lines))
        fingers.up(0)
    finally:
        program.kill()
        await program.wait()
        await reading
    said = [line.split(maxsplit=1)[1].split() for line in lines]
    blob = next(one for one in said if one[0] == "/tuio/2Dblb" and '"set"' in one)
    assert blob[1] == "sifffffffffff"
    assert [float(one) for one in blob[4:6]] == [0.25, 0.5]
    pointer = next(one for one in said if one[0] == "/tuio2/ptr")
    assert int(pointer[3]) >> 16 == 1  # the zone in which it came down
    frame = next(one for one in said if one[0] == "/tuio2/frm")
    assert frame[1] == "itis"
    assert frame[-1] == f'"classhub-table:0@{socket.gethostname()}"'


async def test_kivy_reads_the_same_touches(hub, node):
    program = await asyncio.create_subprocess_exec(
        str(KIVY),
        str(PROGRAM),
        str(PORTS["kivy"]),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    lines = []

    async def read():
        async for line in program.stdout:
            lines.append(json.loads(line))

    reading = asyncio.create_task(read())
    try:
        await until(lambda: lines)
        fingers = Fingers(node)
        fingers.say(0, 0.25, 0.5, down=True)
        fingers.say(1, 0.75, 0.25, down=True)
        await until(lambda: len(lines) >= 3)
        fingers.say(0, 0.3, 0.6)
        await until(lambda: any(one["kind"] == "update" for one in lines))
        fingers.up(0)
        fingers.up(1)
        await until(lambda: [one["kind"] for one in lines].count("end") == 2)
    finally:
        program.stdin.close()
        await program.wait()
        await reading
    touches = [one for one in lines if one["kind"] != "ready"]
    first, second = touches[0]["id"], touches[1]["id"]
    path = [
        (one["kind"], round(one["x"], 3), round(one["y"], 3))
        for one in touches
        if one["id"] == first
    ]
    assert path[0] == ("begin", 0.25, 0.5)
    assert path[-1] == ("end", 0.3, 0.6)
    assert {one["profile"] for one in touches} == {"Tuio2dCurMotionEvent"}
    assert next((one["x"], one["y"]) for one in touches if one["id"] == second) == (0.75, 0.25)


async def port_of(teacher):
    ways = (await teacher.get("/api/v1/touch/tuio")).json()["items"]
    return next(one["port"] for one in ways if one["by"] == "websocket")


async def test_pages_get_the_same_bundles_by_websocket(teacher, node):
    port = await port_of(teacher)
    for origin in (None, "http://localhost:8000", "https://lessons.example"):
        async with connect(f"ws://127.0.0.1:{port}/", origin=origin, proxy=None) as page:
            await Fingers(node).tap(0.25, 0.5)
            places = []
            async with asyncio.timeout(LIMIT):
                while not places:
                    bundle = await page.recv()
                    assert isinstance(bundle, bytes)
                    (frame,) = TuioReader().read(parse_packet(bundle))
                    places += frame.places.values()
            assert (round(places[0].x, 3), places[0].y) == (0.25, 0.5)


async def test_pages_of_elsewhere_are_refused(teacher):
    port = await port_of(teacher)
    for origin in ("https://elsewhere.example", "http://localhost.elsewhere.example", "null"):
        with pytest.raises(InvalidStatus) as refused:
            async with connect(f"ws://127.0.0.1:{port}/", origin=origin, proxy=None):
                pass
        assert refused.value.response.status_code == 403


async def test_a_table_that_is_pulled_out_ends_its_touches(hub, node, told):
    fingers = Fingers(node)
    async with listening(PORTS["cursors"]) as packets:
        fingers.say(0, 0.25, 0.5, down=True)
        await until(lambda: any(packets.words("set")))
        for listener in list(node._listeners):
            node._leave(listener)
        await until(lambda: told["contacts"] and told["contacts"][-1]["phase"] == "up")
        await until(lambda: packets.words("alive")[-1] == ())
