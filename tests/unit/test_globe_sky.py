"""The sky above the school: against the Almanac's own formula of how the Earth is turned."""

import datetime as dt
import math

import pytest
from pydantic import ValidationError

from plugins.globe.atlas.atlas import atlas
from plugins.globe.atlas.evening import Sky, evening
from plugins.globe.atlas.turning import turned
from plugins.globe.settings import GlobeSettings

ASTANA = (51.13, 71.43)
AT = dt.datetime(2026, 11, 29, 17, 0, tzinfo=dt.UTC)
PLACES = atlas().places


def almanac(ascension, declination, latitude, longitude, at):
    """Altitude and azimuth by sidereal time (Meeus, Astronomical Algorithms, 12.4 and 13.5-13.6)."""
    days = (at - dt.datetime(2000, 1, 1, 12, tzinfo=dt.UTC)) / dt.timedelta(days=1)
    hour = math.radians((280.46061837 + 360.98564736629 * days + longitude - ascension) % 360)
    high, lat = math.radians(declination), math.radians(latitude)
    up = math.sin(lat) * math.sin(high) + math.cos(lat) * math.cos(high) * math.cos(hour)
    west = math.sin(hour)
    south = math.cos(hour) * math.sin(lat) - math.tan(high) * math.cos(lat)
    return math.degrees(math.asin(up)), (math.degrees(math.atan2(west, south)) + 180) % 360


@pytest.mark.parametrize("where", [ASTANA, (43.24, 76.95), (-33.9, 18.4)])
def test_stars_stand_where_the_almanac_says(where):
    sky = Sky(AT, turned(*where, AT.isoformat()))
    for place in PLACES.values():
        if place.kind != "star":
            continue
        stands = sky.of(*place.centre)
        altitude, azimuth = almanac(*place.centre, *where, AT)
        # The catalogue's places are of the year 2000: since then they went on by a third of a degree.
        assert stands.altitude == pytest.approx(altitude, abs=0.4), place.id
        if 5 < altitude < 80:
            turn = (stands.azimuth - azimuth + 180) % 360 - 180
            assert abs(turn) < 2.5, place.id


def test_the_pole_star_stands_in_the_north_as_high_as_the_latitude():
    pole = Sky(AT, turned(*ASTANA, AT.isoformat())).of(*PLACES["HIP11767"].centre)
    assert pole.altitude == pytest.approx(ASTANA[0], abs=0.8)
    assert pole.point == 0


def test_what_is_overhead_stands_at_ninety_degrees():
    sky = Sky(AT, turned(*ASTANA, AT.isoformat()))
    assert sky.of(*sky.zenith()).altitude == pytest.approx(90, abs=1e-5)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-29T10:00", 29),
        ("2026-11-29T18:30", 29),
        ("2026-11-29T21:00", 29),
        ("2026-11-30T03:30", 30),
    ],
)
def test_the_evening_lasts_until_the_morning(moment, day):
    at = evening("Asia/Almaty", dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC))
    assert (at.day, at.hour) == (day, 22)


def test_the_school_is_assumed_until_somebody_says_where_it_is():
    assert GlobeSettings().school.assumed
    said = GlobeSettings.model_validate({"school": {"latitude": 43.24, "longitude": 76.95}})
    assert not said.school.assumed
    with pytest.raises(ValidationError, match="no time zone"):
        GlobeSettings.model_validate({"school": {"zone": "Mars/Olympus"}})
