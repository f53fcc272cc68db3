"""How the sky is turned above a place, by Skyfield: a worker's work, which loads numpy."""

import datetime as dt

from skyfield.api import load, wgs84


def turned(latitude: float, longitude: float, hours: list[str]) -> list[list[list[float]]]:
    """Return how the sky is turned at each hour, a time with its zone (ISO 8601): `evening.Turned`.

    Nothing is downloaded: Skyfield brings what it knows of the Earth's rotation.
    """
    scale, school = load.timescale(builtin=True), wgs84.latlon(latitude, longitude)
    moments = [scale.from_datetime(dt.datetime.fromisoformat(one)) for one in hours]
    return [
        [[float(value) for value in row] for row in school.rotation_at(moment)]
        for moment in moments
    ]
