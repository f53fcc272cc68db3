"""The probe: from what somebody draws on an unknown tablet to its data file."""

import asyncio
import json
import struct

import pytest
from click.testing import CliRunner

from drivers.hid.pen import PenDecoder
from drivers.tablet.hid import HidTablet
from drivers.tablet.hid.known import KnownTablet, known_tablets
from drivers.tablet.hid.probe import TabletProbe
from drivers.tablet.hid.probe.layout import NotUnderstood, Steps, find_layout
from drivers.tablet.hid.probe.probing import STEPS
from drivers.virtual.harness import Recorder
from drivers.virtual.node import VirtualNode, folder_of_sockets
from hub.cli import main

NUMBER, NEAR, TIP, BUTTON_1, BUTTON_2 = 8, 0x80, 0x01, 0x02, 0x04
MOUSE = bytes.fromhex("05010902a1010901a10005091901290315002501950375018102950175058101c0c0")


class Pens(Recorder):
    """Keeps samples one after the other."""

    def __init__(self):
        super().__init__()
        self.all = []

    def samples(self, name, samples):
        super().samples(name, samples)
        self.all += samples


def report(x=5000, y=3000, pressure=0, flags=NEAR, lean=(0, 0)):
    return struct.pack("<BBHHHbbBB", NUMBER, flags, x, y, pressure, *lean, 0, 0)


def reports_of(step):
    """What a pen says in a step, a little unsteadily; a mouse's reports come in between."""
    shake = [0, 3, -2, 1, -3, 2, 0, -1]
    if step == "hover":
        made = [report(5000 + 9 * s, 3000 - 5 * s) for s in shake]
    elif step == "across":
        made = [report(100 * n, 3000 + shake[n % 8], 300, NEAR | TIP) for n in range(320)]
    elif step == "down":
        made = [report(5000 + shake[n % 8], 100 * n, 300, NEAR | TIP) for n in range(200)]
    elif step == "press":
        made = [report(5000 + shake[n % 8], 3000, 80 * n, NEAR | TIP) for n in range(100)]
    elif step in ("button_1", "button_2"):
        held = BUTTON_1 if step == "button_1" else BUTTON_2
        made = [report(flags=NEAR | (held if n % 4 < 2 else 0)) for n in range(24)]
    elif step.startswith("lean"):
        leans = [(n, 0) if step == "lean_across" else (0, n) for n in range(-50, 51, 2)]
        made = [report(pressure=300, flags=NEAR | TIP, lean=lean) for lean in leans]
    else:
        made = [report(), report(flags=0)]
    return [b for one in made for b in (one, b"\x01\x00\x00\x00")]


async def probed(node, steps=reports_of, **options):
    """Have a played node probed; somebody does each step as soon as they are asked."""
    words = {text: name for name, text in STEPS.items()}

    async def ask(text):
        for one in steps(words[text]):
            node.send(one)

    return await TabletProbe.run(str(node.path), ask, ids="1234:abcd", seconds=0.15, **options)


@pytest.fixture
async def node():
    from pathlib import Path

    with folder_of_sockets() as folder:
        async with VirtualNode(Path(folder) / "raw") as made:
            made.answer("HIDIOCGRAWNAME", b"Nobody's Tablet\0")
            size = struct.pack("=I", len(MOUSE))
            made.answer("HIDIOCGRDESCSIZE", size)
            made.answer("HIDIOCGRDESC", size + MOUSE)
            yield made


async def test_an_unknown_tablet_is_described_by_drawing_on_it(node):
    made = await probed(node, width=320, height=200)
    assert (made["vendor"], made["product"], made["name"]) == ("1234", "abcd", "Nobody's Tablet")
    known = KnownTablet.model_validate(made)
    decoder = PenDecoder(known.parsed)
    pen = decoder.feed(report(31000, 11000, 4000, NEAR | TIP | BUTTON_2, lean=(-20, 33)))
    assert (pen.x, pen.y, pen.pressure, pen.tip, pen.in_range) == (31000, 11000, 4000, True, True)
    assert (pen.buttons, pen.tilt_x, pen.tilt_y) == ((2,), -20, 33)
    assert decoder.feed(report(flags=0)).in_range is False
    assert decoder.feed(report(flags=NEAR | BUTTON_1)).buttons == (1,)
    x = decoder.field(0x10030)
    assert (x.maximum, x.resolution) == (31900, pytest.approx(31900 / 320, rel=0.01))


@pytest.mark.slow
async def test_the_driver_reads_the_tablet_with_what_was_written(node, monkeypatch):
    made = KnownTablet.model_validate(await probed(node, width=320, height=200))
    monkeypatch.setattr("drivers.tablet.hid.driver.known", lambda *_: made)
    told = Pens()
    driver = HidTablet(HidTablet.Settings(path=str(node.path), ids="1234:abcd"), told)
    await driver.connect()
    size = await driver._read_size()
    assert (size.width, size.height) == pytest.approx((320, 200), abs=0.1)
    node.send(report(31900, 0, 8191, NEAR | TIP))
    async with asyncio.timeout(5):
        while not told.all:
            await asyncio.sleep(0.01)
    assert (told.all[0].x, told.all[0].y, told.all[0].pressure) == (1, 0, 1)
    await driver.end_background()
    await driver.disconnect()


@pytest.mark.slow
async def test_a_tablet_whose_own_descriptor_is_right_needs_none(node):
    first = await probed(node)
    right = bytes.fromhex(first["descriptor"])
    node.answer("HIDIOCGRDESCSIZE", struct.pack("=I", len(right)))
    node.answer("HIDIOCGRDESC", struct.pack("=I", len(right)) + right)
    assert "descriptor" not in await probed(node)


@pytest.mark.slow
async def test_what_shows_nothing_is_not_guessed(node):
    with pytest.raises(NotUnderstood, match="said nothing"):
        await probed(node, lambda _: [])
    still = [report()] * 30
    with pytest.raises(NotUnderstood, match="follows the pen"):
        await probed(node, lambda _: still)
    steps = Steps(**{name: reports_of(name) for name in STEPS})
    steps.press = reports_of("hover")
    with pytest.raises(NotUnderstood, match="tip touches"):
        find_layout(steps)


def test_a_bit_that_is_set_where_the_pen_is_away():
    def turned(step):
        return [
            bytes([one[0], one[1] ^ NEAR, *one[2:]]) if one[0] == NUMBER else one
            for one in reports_of(step)
        ]

    layout = find_layout(Steps(**{name: turned(name) for name in STEPS}))
    assert layout.near_inverted
    assert layout.parts["near"].bit == 15


@pytest.mark.slow
async def test_a_file_of_the_schools_own_counts_and_a_wrong_one_is_left_out(
    node, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr("drivers.tablet.hid.known.LOCAL", tmp_path)
    known_tablets.cache_clear()
    (tmp_path / "ours.json").write_text(json.dumps(await probed(node)))
    (tmp_path / "wrong.json").write_text('{"vendor": "x"}')
    assert known_tablets()[0].product == "abcd"
    assert "wrong.json" in caplog.text
    known_tablets.cache_clear()


def test_the_command_lists_nodes_and_names_probes():
    runner = CliRunner()
    unknown = runner.invoke(main, ["probe", "teapot"])
    assert unknown.exit_code == 2
    assert "tablet" in unknown.stderr
    listed = runner.invoke(main, ["probe", "tablet"])
    assert listed.exit_code in (0, 3), listed.output


async def test_the_command_writes_the_file(node, tmp_path, monkeypatch):
    """Enter is pressed at each question; somebody does the step then."""
    words = {text: name for name, text in STEPS.items()}
    loop = asyncio.get_running_loop()

    async def ask(text):
        for one in reports_of(words[text]):
            loop.call_soon_threadsafe(node.send, one)

    monkeypatch.setattr("hub.cli._probe._ask", ask)
    out = tmp_path / "tablet.json"
    arguments = ["probe", "tablet", "--node", str(node.path), "--ids", "1234:abcd"]
    arguments += ["--out", str(out), "--seconds", "0.3"]
    done = await asyncio.to_thread(CliRunner().invoke, main, arguments)
    assert done.exit_code == 0, done.output
    assert KnownTablet.model_validate(json.loads(out.read_text())).parsed is not None
