"""Where constellations and their stars stand, of d3-celestial (BSD-3-Clause)."""

from pathlib import Path
from typing import Any

from sources import SKY, read

FAINTEST = 5.0
"""Magnitude: what a pupil sees beside a village."""


def facts(folder: Path, named: list[int]) -> dict[str, Any]:
    """Return the data file's content, with the stars of these numbers of Hipparcos; angles are degrees, right ascension from -180 to 180."""
    data = SKY.fetched(folder) / "data"
    names = read(data / "starnames.json")
    places: dict[str, Any] = {}
    for one in read(data / "constellations.json")["features"]:
        # Serpens is in two parts: its head stands for it.
        places.setdefault(
            one["id"], {"latin": one["properties"]["la"], "centre": one["geometry"]["coordinates"]}
        )
    for one in read(data / "constellations.lines.json")["features"]:
        lines = places[one["id"]].setdefault("lines", [])
        lines += [
            [[round(x, 2), round(y, 2)] for x, y in line] for line in one["geometry"]["coordinates"]
        ]
    stars, by_number = [], {}
    for one in read(data / "stars.6.json")["features"]:
        magnitude = one["properties"]["mag"]
        about = names.get(str(one["id"]), {})
        within = about.get("c", "")
        at = [round(value, 2) for value in one["geometry"]["coordinates"]]
        if one["id"] in named:
            by_number[one["id"]] = {
                "at": at,
                "magnitude": magnitude,
                "within": within,
                "bayer": about["bayer"],
                "name": about["name"],
            }
        if within in places:
            best = places[within].get("brightest")
            if best is None or magnitude < best["magnitude"]:
                places[within]["brightest"] = {
                    "hip": one["id"],
                    "magnitude": magnitude,
                    "bayer": about.get("bayer", ""),
                }
        if magnitude <= FAINTEST:
            stars.append([*at, round(magnitude, 1)])
    stars.sort(key=lambda star: star[2])
    return {
        "source": {
            "id": "d3-celestial",
            "title": "d3-celestial, Olaf Frohn: star catalogues XHIP and Yale Bright Star",
            "version": SKY.version,
            "date": "2025-06-01",
            "licence": "BSD-3-Clause",
            "url": "https://github.com/ofrohn/d3-celestial",
        },
        "places": dict(sorted(places.items())),
        "named": {f"HIP{number}": by_number[number] for number in named},
        "stars": {"all": stars},
    }
