"""OME-TIFF: a picture with its scale, for ImageJ and every other program of science.

Runs in a worker. The format: The Open Microscopy Environment, OME Model and File Formats 2016-06,
https://ome-model.readthedocs.io/. Written by tifffile; PhysicalSizeX and PhysicalSizeY are
micrometres to a pixel. The resolution of the TIFF itself says the same, for programs that read no
OME-XML (TIFF 6.0, section 8, tags XResolution and ResolutionUnit).
"""

import re
from typing import Any

import numpy as np
import tifffile
from PIL import Image, ImageOps

_MOST_PIXELS = 100_000_000
_UM_TO_CM = 1e4
_MOST_DOTS = 2**32 - 1
"""A TIFF's RATIONAL has two numbers of 32 bits (TIFF 6.0, section 2)."""
# What XML 1.0 has no way to write (section 2.2, production 2).
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
        pixels = _pixels(ImageOps.exif_transpose(opened))
    grey = pixels.ndim == 2
    said = {
        "axes": "YX" if grey else "YXS",
        "Name": _NO_XML.sub("", about["title"]),
        "Description": _NO_XML.sub("", about["note"]),
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
        if 1 / _MOST_DOTS < per < _MOST_DOTS:
            resolution = {"resolution": (per, per), "resolutionunit": "CENTIMETER"}
    with tifffile.TiffWriter(target, ome=True) as file:
        file.write(
            pixels,
            photometric="minisblack" if grey else "rgb",
            software=about["software"],
            metadata={name: value for name, value in said.items() if value},
            **resolution,
        )


def _pixels(picture: Image.Image) -> np.ndarray[Any, Any]:
    """Return grey (8 or 16 bits, as it came) or RGB pixels."""
    if picture.mode in ("I", "I;16", "I;16B"):
        return np.asarray(picture).astype(np.uint16)
    return np.asarray(picture.convert("L" if picture.mode in ("L", "1", "LA") else "RGB"))
