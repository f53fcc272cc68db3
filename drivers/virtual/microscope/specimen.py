"""The slides: seamless specimens of real micrographs (sources: slides/README.md), and a ruling."""

from collections.abc import Callable
from functools import cache

from drivers.virtual.microscope.cells import cells
from drivers.virtual.microscope.micrometer import Micrometer
from drivers.virtual.microscope.quilt import SLIDES, Plan, compose
from drivers.virtual.microscope.slide import Micrograph, Slide, read

TISSUE_SCALE = 0.4  # um/px; given to the picture by us: nuclei of about 10 um


@cache
def tissue() -> Micrograph:
    """Return glandular tissue, stained with DAB (brown) and haematoxylin (blue)."""
    return Micrograph(
        compose(read("ihc.png"), Plan.load(SLIDES / "tissue.json")), TISSUE_SCALE, 0.35
    )


SLIDES_BY_NAME: dict[str, Callable[[], Slide]] = {
    "tissue": tissue,
    "thick": tissue,
    "cells": cells,
    "micrometer": Micrometer,
}
"""`thick` looks like the tissue; it lies in hills, see `optics.Specimen.height`."""
