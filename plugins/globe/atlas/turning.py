"""How the sky is turned above a place, by Skyfield: a worker's work, which loads numpy."""

import datetime as dt

from skyfield.api import load, wgs84


def turned(latitude: float, longitude: float, at: str) -> list[list[float]]:
    """Return how the sky is turned, see `evening.Turned`; `at` is a time with its zone (ISO 8601).

    Nothing is downloaded: Skyfield brings what it knows of the Earth's rotation.
    """
    moment = load.timescale(builtin=True).from_datetime(dt.datetime.fromisoformat(at))
    rows = wgs84.latlon(latitude, longitude).rotation_at(moment)
    return [[float(value) for value in row] for row in rows]
