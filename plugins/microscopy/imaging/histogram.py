"""How brightness is spread over a picture, and how sharp the picture is."""

import base64
import binascii
import io
from typing import Any

import cv2
import numpy as np
from PIL import Image

from plugins.microscopy.imaging.errors import UnreadablePicture
from plugins.microscopy.imaging.pictures import Pixels, read

_LIVE_WIDTH = 640  # px: enough to tell sharp from soft, and cheap
_MOST_LIVE = 24_000_000


def histogram(source: str) -> dict[str, Any]:
    """Count a picture's levels.

    Args:
        source: a JPEG or PNG file.

    Returns:
        `red`, `green`, `blue`, `grey`: 256 counts each; `clipped`: `dark` and `bright`, the parts
        of all pixels (0..1) of which a channel is at its end; `pixels`: how many there are.

    Raises:
        UnreadablePicture, TooManyPixels: the picture does not do.
    """
    return levels_of(read(source))


def levels_of(pixels: Pixels) -> dict[str, Any]:
    """Return the histogram of RGB pixels; see `histogram`."""
    flat = pixels.reshape(-1, 3)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    channels = {"red": flat[:, 0], "green": flat[:, 1], "blue": flat[:, 2], "grey": grey.ravel()}
    counted = {name: np.bincount(c, minlength=256).tolist() for name, c in channels.items()}
    dark = float((pixels.min(axis=2) == 0).mean())
    bright = float((pixels.max(axis=2) == 255).mean())
    return {
        **counted,
        "clipped": {"dark": round(dark, 5), "bright": round(bright, 5)},
        "pixels": len(flat),
    }


def sharpness(pixels: Pixels) -> float:
    """Return how sharp a picture is: the strength of its finest details against its brightness.

    The mean squared Laplacian over the squared mean (after Nayar & Nakagawa 1994). It can be
    compared only between pictures of the same place; light that grows or falls leaves it as it is.
    """
    grey: Any = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    grey = cv2.GaussianBlur(grey, (0, 0), 1.0)  # noise of the camera is no detail
    fine = cv2.Laplacian(grey, cv2.CV_32F)
    return float((fine**2).mean() / max(float(grey.mean()), 1.0) ** 2 * 1e4)


def live(encoded: str) -> dict[str, Any]:
    """Return sharpness and histogram of a frame.

    Args:
        encoded: a JPEG, in base64.

    Returns:
        `score` (see `sharpness`) and `histogram`, of the frame made small.

    Raises:
        UnreadablePicture: it is no whole JPEG.
    """
    try:
        data = base64.b64decode(encoded, validate=True)
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as picture:
            if picture.width * picture.height > _MOST_LIVE:
                raise UnreadablePicture("too many pixels", which=1)
            share = max(1, picture.width // _LIVE_WIDTH)
            # A JPEG's decoder makes it 2, 4 or 8 times smaller for next to nothing.
            picture.draft("RGB", (-(-picture.width // share), -(-picture.height // share)))
            pixels = np.asarray(picture.convert("RGB"), np.uint8)
    except (binascii.Error, OSError, SyntaxError, ValueError, KeyError, IndexError) as error:
        raise UnreadablePicture(f"{type(error).__name__}: {error}", which=1) from error
    return {"score": round(sharpness(pixels), 4), "histogram": levels_of(pixels)}
