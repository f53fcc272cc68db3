"""The sky above the school: against the Almanac's own formula of how the Earth is turned."""

import datetime as dt
import math
from pathlib import Path

import pytest
from pydantic import ValidationError

from hub.i18n import Translator
from plugins.globe.atlas.atlas import atlas
from plugins.globe.atlas.evening import LATER, Sky, darkest, evening, sun_at
from plugins.globe.atlas.telling import Telling
from plugins.globe.atlas.turning import turned
from plugins.globe.settings import GlobeSettings

LOCALE = Path(__file__).resolve().parents[2] / "plugins/globe/locale"
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
    sky = Sky(AT, turned(*where, [AT.isoformat()])[0])
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
    pole = Sky(AT, turned(*ASTANA, [AT.isoformat()])[0]).of(*PLACES["HIP11767"].centre)
    assert pole.altitude == pytest.approx(ASTANA[0], abs=0.8)
    assert pole.point == 0


def test_what_is_overhead_stands_at_ninety_degrees():
    sky = Sky(AT, turned(*ASTANA, [AT.isoformat()])[0])
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


@pytest.mark.parametrize(
    ("moment", "ascension", "declination"),
    [
        # Equinoxes and solstices of 2026 (Astronomical Almanac): the sun is at 0, 6, 12 and 18 hours.
        ("2026-03-20T14:46", 0.0, 0.0),
        ("2026-06-21T08:24", 90.0, 23.44),
        ("2026-09-23T00:05", 180.0, 0.0),
        ("2026-12-21T20:50", 270.0, -23.44),
    ],
)
def test_the_sun_stands_where_the_almanac_says(moment, ascension, declination):
    right, high = sun_at(dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC))
    assert (right - ascension + 180) % 360 - 180 == pytest.approx(0, abs=0.03)
    assert high == pytest.approx(declination, abs=0.02)


def sky_of(latitude, longitude, day, zone="Asia/Almaty"):
    at = evening(zone, dt.datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=dt.UTC))
    hours = [at + dt.timedelta(hours=one) for one in range(LATER)]
    rows = turned(latitude, longitude, [one.isoformat() for one in hours])
    return darkest([Sky(hour, row) for hour, row in zip(hours, rows, strict=True)])


@pytest.mark.parametrize(
    ("where", "day", "hour", "dark", "bright"),
    [
        ((51.13, 71.43), "2026-11-29", 22, True, False),  # Astana in winter
        ((51.23, 51.37), "2026-06-21", 0, True, False),  # Oral: at ten the sun is still up
        ((43.24, 76.95), "2026-06-21", 22, True, False),  # Almaty is far in the south and east
        ((54.87, 69.14), "2026-06-21", 23, True, False),  # Petropavl
    ],
)
def test_the_sky_is_that_of_the_first_dark_hour(where, day, hour, dark, bright):
    sky = sky_of(*where, day)
    assert (sky.at.hour, sky.dark, sky.bright) == (hour, dark, bright), sky.sun


def test_where_the_sun_does_not_set_that_is_said():
    assert sky_of(69.0, 33.1, "2026-06-21", "Europe/Moscow").bright  # Murmansk
    white = sky_of(59.9, 30.3, "2026-06-21", "Europe/Moscow")  # the white nights of Petersburg
    assert (white.dark, white.bright) == (False, False)
    assert sky_of(69.0, 33.1, "2026-12-21", "Europe/Moscow").dark
    say = Translator("kk")
    say.add("globe", LOCALE)
    told = Telling(atlas(), say, "ru", sky_of(69.0, 33.1, "2026-06-21", "Europe/Moscow"))
    assert told.sentences(PLACES["UMa"])[-1] == "Сегодня солнце не заходит: звёзд не видно."
    told = Telling(atlas(), say, "kk", sky_of(51.23, 51.37, "2026-06-21"))
    assert told.sentences(PLACES["UMa"])[-1].startswith("Бүгін түн ортасында ол ")
    labels = [fact.label for fact in told.facts(PLACES["UMa"], AT)]
    assert "Бүгін, сағат 00:00" in labels


def test_the_school_is_assumed_until_somebody_says_where_it_is():
    assert GlobeSettings().school.assumed
    said = GlobeSettings.model_validate({"school": {"latitude": 43.24, "longitude": 76.95}})
    assert not said.school.assumed
    with pytest.raises(ValidationError, match="no time zone"):
        GlobeSettings.model_validate({"school": {"zone": "Mars/Olympus"}})
