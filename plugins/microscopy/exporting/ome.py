"""OME-TIFF: a picture with its scale, for ImageJ and every other program of science.

Runs in a worker. The format: The Open Microscopy Environment, OME Model and File Formats 2016-06,
https://ome-model.readthedocs.io/. Written by tifffile; PhysicalSizeX and PhysicalSizeY are
micrometres to a pixel. The resolution of the TIFF itself says the same, for programs that read no
OME-XML (TIFF 6.0, section 8, tags XResolution and ResolutionUnit).
"""

from typing import Any

import numpy as np
import tifffile
from PIL import Image, ImageOps

_MOST_PIXELS = 100_000_000
_UM_TO_CM = 1e4


def write(source: str, target: str, about: dict[str, Any]) -> None:
    """Write a picture as OME-TIFF.

    Args:
        source: a JPEG or PNG file.
        target: the file to write.
        about: `title`, `note`, `when` (RFC 3339), `scale` (um to a pixel, None where not known),
            `objective` and `software`.
    """
    Image.MAX_IMAGE_PIXELS = _MOST_PIXELS
    with Image.open(source, formats=("JPEG", "PNG")) as opened:
        upright = ImageOps.exif_transpose(opened)
        grey = upright.mode in ("L", "1")
        pixels = np.asarray(upright.convert("L" if grey else "RGB"))
    said = {
        "axes": "YX" if grey else "YXS",
        "Name": about["title"],
        "Description": about["note"],
        "AcquisitionDate": about["when"],
    }
    resolution: dict[str, Any] = {}
    if about["scale"] is not None:
        scale = float(about["scale"])
        said |= {
            "PhysicalSizeX": scale,
            "PhysicalSizeXUnit": "µm",
            "PhysicalSizeY": scale,
            "PhysicalSizeYUnit": "µm",
        }
        per = _UM_TO_CM / scale
        resolution = {"resolution": (per, per), "resolutionunit": "CENTIMETER"}
    with tifffile.TiffWriter(target, ome=True) as file:
        file.write(
            pixels,
            photometric="minisblack" if grey else "rgb",
            software=about["software"],
            metadata={name: value for name, value in said.items() if value},
            **resolution,
        )
