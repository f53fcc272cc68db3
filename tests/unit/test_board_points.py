"""Points of strokes: as the samples came, and nothing that is none."""

import random

import pytest

from plugins.whiteboard.pens.strokes import Nib, Place, Stroke, place_of
from plugins.whiteboard.points import BadPoints, Point, pack, unpack


def test_a_strokes_points_are_the_samples_as_they_came():
    chance = random.Random(1)
    samples = [
        {
            "time": 1_764_000_000.0 + n * 0.005,
            "x": chance.random(),
            "y": chance.random(),
            "pressure": chance.randrange(8192) / 8191,
            "tilt_x": chance.randrange(-60, 61),
            "tilt_y": chance.randrange(-60, 61),
            "twist": None,
        }
        for n in range(500)
    ]
    stroke = Stroke.begin(Nib("seat:a", "p", "#000000", "pen", Place()), samples[0])
    for sample in samples[1:]:
        stroke.add(sample)
    item = stroke.item()
    points = unpack(item["points"])
    assert len(points) == 500
    for n, sample in enumerate(samples):
        assert abs(points.time[n] - n * 5000) <= 1
        assert abs(item["x"] + points.x[n] - sample["x"] * 1920) < 0.001
        assert abs(item["y"] + points.y[n] - sample["y"] * 1080) < 0.001
        # Each of the tablet's 8192 levels is found again.
        assert round(points.pressure[n] / 65535 * 8191) == round(sample["pressure"] * 8191)
        assert points.tilt_x[n] == sample["tilt_x"] * 100
        assert points.tilt_y[n] == sample["tilt_y"] * 100
    assert len(points.twist) == 0


def test_time_that_goes_back_stands_still():
    assert list(unpack(pack([Point(1.0, 0, 0), Point(0.5, 1, 1), Point(2.0, 2, 2)])).time) == [
        1_000_000,
        1_000_000,
        2_000_000,
    ]


def test_a_tablet_keeps_its_shape():
    place = place_of(100, 100)
    assert (place.width, place.height) == (1080, 1080)
    assert (place.x, place.y) == (420, 0)
    assert place_of(0, 5) == Place()


def test_hostile_bytes_are_no_points():
    good = pack([Point(n, n, n, 0.5, 10, 10, 20) for n in range(4)])
    assert len(unpack(good)) == 4
    chance = random.Random(2)
    for size in range(len(good)):
        with pytest.raises(BadPoints):
            unpack(good[:size])
    for _ in range(2000):
        spoilt = bytearray(good)
        for _ in range(3):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        try:
            unpack(bytes(spoilt))
        except BadPoints:
            continue
    for head in (b"\x01\x00\x00\x00\xff\xff\xff\xff", b"\x02\x00\x00\x00\x01\x00\x00\x00"):
        with pytest.raises(BadPoints):
            unpack(head + bytes(12))
