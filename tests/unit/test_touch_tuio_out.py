"""TUIO as the hub sends it: read back by the reader of its own driver, packet by packet."""

import math
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.input.values import Size
from drivers.touch_table.contract import TouchTool
from drivers.touch_table.osc import (
    TimeTag,
    encode_bundle,
    encode_message,
    parse_packet,
)
from drivers.touch_table.tuio.reader import TuioReader
from plugins.touch.tuio.bundles import AGAIN, MOST_BYTES, first, second
from plugins.touch.tuio.sender import its_own
from plugins.touch.tuio.settings import Profile, Target
from plugins.touch.tuio.surface import Sessions, Surface
from plugins.touch.tuio.ways import UdpWay

TABLE = Size(width=1200, height=600)
texts = st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=20)
arguments = st.one_of(
    st.integers(-(2**31), 2**31 - 1),
    st.floats(width=32, allow_nan=False, allow_infinity=False),
    texts,
    st.binary(max_size=20),
    st.booleans(),
    st.none(),
)


@given(
    st.lists(st.tuples(texts.map(lambda t: "/" + t), st.lists(arguments, max_size=8)), max_size=8)
)
def test_what_is_written_is_read_as_it_was(messages):
    packet = encode_bundle(encode_message(address, *given) for address, given in messages)
    assert len(packet) % 4 == 0
    assert [(one.address, list(one.arguments)) for one in parse_packet(packet)] == messages


def test_time_tags_count_from_1900():
    (message,) = parse_packet(encode_message("/t", TimeTag.of(0.5)))
    assert message.arguments == ((2_208_988_800 << 32) + 2**31,)


@pytest.mark.parametrize("value", [2**31, "Айжан", "a\0b", 1e39])
def test_what_does_not_fit_is_refused(value):
    with pytest.raises(ValueError, match=r".+"):
        encode_message("/x", value)


def sample(number, phase, x, y, *, frame=0, **more):
    told = {
        "time": 1000 + frame * 0.01,
        "frame": frame,
        "id": number,
        "phase": phase,
        "x": x,
        "y": y,
    }
    return told | {"tool": "finger"} | more


def read(bundles, reader=None):
    """What the driver's reader makes of packets: places by session."""
    reader = reader or TuioReader(TABLE.width, TABLE.height)
    frames = [frame for one in bundles for frame in reader.read(parse_packet(one))]
    places = {key[2]: place for frame in frames for key, place in frame.places.items()}
    return places, {key[2] for key in frames[-1].alive}, frames[-1].source


def made(surface, samples, profile, source="classhub-table@school"):
    told = surface.take(samples, TABLE, lambda x, _: 1 if x < 0.5 else 2)
    alive = [one.session for one in surface.now.values()]
    if profile is Profile.TUIO2:
        return second(surface.frame, 1.0, told, alive, source, TABLE)
    return first(profile, surface.frame, told, alive, source)


@pytest.mark.parametrize("profile", list(Profile))
def test_contacts_come_move_and_go(profile):
    surface, reader = Surface(Sessions()), TuioReader(TABLE.width, TABLE.height)
    look = {"width_mm": 12.0, "height_mm": 9.0, "angle": 30.0, "pressure": 0.25}
    down = [sample(4, "down", 0.25, 0.5, **look), sample(5, "down", 0.75, 0.5, **look)]
    places, alive, source = read(made(surface, down, profile), reader)
    assert source == "classhub-table@school"
    assert {one: (place.x, place.y) for one, place in places.items()} == {
        1: (0.25, 0.5),
        2: (0.75, 0.5),
    }
    assert alive == {1, 2}
    if profile is not Profile.CURSORS:
        assert (places[1].width_mm, places[1].height_mm) == pytest.approx((12, 9), abs=0.01)
        assert places[1].angle == pytest.approx(30, abs=1e-4)
    if profile is Profile.TUIO2:
        assert places[1].pressure == 0.25
    places, alive, _ = read(made(surface, [sample(4, "move", 0.5, 0.5, frame=1)], profile), reader)
    assert places.keys() == {1}  # the other rests, and is alive
    assert alive == {1, 2}
    both = [sample(4, "up", 0.5, 0.5, frame=2), sample(6, "down", 0.1, 0.1, frame=2)]
    places, alive, _ = read(made(surface, both, profile), reader)
    assert alive == {2, 3}
    assert reader.late == 0


def test_velocity_is_of_the_table_a_second_and_ends_when_a_finger_rests():
    surface = Surface(Sessions())
    made(surface, [sample(1, "down", 0.2, 0.2)], Profile.CURSORS)
    (bundle,) = made(surface, [sample(1, "move", 0.21, 0.22, frame=1)], Profile.CURSORS)
    (moved,) = [one.arguments for one in parse_packet(bundle) if one.arguments[0] == "set"]
    assert moved[4:6] == pytest.approx((1.0, 2.0), rel=1e-5)
    assert moved[6] == pytest.approx(math.hypot(1, 2) / 0.01, rel=1e-5)
    (resting,) = surface.rest(1002.0)
    assert (resting.vx, resting.vy, resting.acceleration) == (0, 0, 0)


def test_tuio_2_tells_users_and_kinds():
    surface = Surface(Sessions())
    down = [
        sample(1, "down", 0.2, 0.2),
        sample(2, "down", 0.8, 0.2) | {"tool": "pen"},
        sample(3, "down", 0.8, 0.4) | {"tool": "object"},
    ]
    (bundle,) = made(surface, down, Profile.TUIO2)
    messages = parse_packet(bundle)
    assert messages[0].address == "/tuio2/frm"
    assert messages[0].arguments[2:] == (1200 << 16 | 600, "classhub-table@school")
    assert messages[-1] == ("/tuio2/alv", (1, 2, 3))
    told = {one.arguments[0]: (one.address, one.arguments[1]) for one in messages[1:-1]}
    assert told == {
        1: ("/tuio2/ptr", 0x00010000),
        2: ("/tuio2/ptr", 0x00020020),
        3: ("/tuio2/tok", 0x00020000),
    }
    places, _, _ = read([bundle])
    assert [places[one].tool for one in (1, 2, 3)] == [
        TouchTool.FINGER,
        TouchTool.PEN,
        TouchTool.OBJECT,
    ]


@pytest.mark.parametrize("profile", list(Profile))
def test_many_contacts_come_in_packets_of_one_number_that_fit_a_network(profile):
    surface = Surface(Sessions())
    look = {"width_mm": 12.0, "height_mm": 9.0}
    down = [sample(one, "down", one / 100, 0.5, **look) for one in range(1, 61)]
    bundles = made(surface, down, profile)
    assert len(bundles) > 1
    assert max(map(len, bundles)) <= MOST_BYTES
    places, alive, _ = read(bundles)
    assert len(places) == len(alive) == 60


def test_what_is_said_again_has_the_number_minus_one():
    (bundle,) = first(Profile.CURSORS, AGAIN, [], [], "a@b")
    assert [one.arguments for one in parse_packet(bundle)] == [
        ("source", "a@b"),
        ("alive",),
        ("fseq", -1),
    ]


def test_frames_count_up_and_sessions_are_never_used_again():
    sessions = Sessions()
    one, other = Surface(sessions), Surface(sessions)
    for frame in range(3):
        made(one, [sample(1, "down", 0.5, 0.5)], Profile.CURSORS)
        made(other, [sample(1, "down", 0.5, 0.5)], Profile.CURSORS)
        assert one.frame == 2 * frame + 1
        assert next(iter(one.now.values())).session == 2 * frame + 1
        made(one, [sample(1, "up", 0.5, 0.5)], Profile.CURSORS)
        made(other, [sample(1, "up", 0.5, 0.5)], Profile.CURSORS)


@pytest.mark.parametrize(
    ("driver", "settings", "target", "own"),
    [
        ("tuio", {}, {}, True),
        ("tuio", {"port": 4444}, {}, False),
        ("tuio", {"address": "0.0.0.0"}, {"host": "localhost"}, True),
        ("tuio", {}, {"host": "192.168.1.20"}, False),
        ("touch-table", {"path": "/dev/input/event5"}, {}, False),
    ],
)
def test_what_a_table_said_by_tuio_never_goes_back_to_it(driver, settings, target, own):
    table = SimpleNamespace(config=SimpleNamespace(driver=driver, settings=settings))
    assert its_own(UdpWay(Target(**target)), table) is own
