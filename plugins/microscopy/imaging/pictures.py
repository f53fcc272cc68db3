"""Reading and writing pictures: bounded, whole or not at all, upright, as RGB."""

import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from plugins.microscopy.imaging.errors import OtherSize, TooManyPixels, UnreadablePicture

MAX_PIXELS = 100_000_000
MAX_SIDE = 65_000
"""Of what is written: a JPEG's sides have sixteen bits."""
QUALITY = 95

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    OverflowError,
    ZeroDivisionError,
)
"""What Pillow raises on files that were cut or made to hurt."""


@dataclass(frozen=True, slots=True)
class Size:
    """Of a picture, in pixels, upright."""

    width: int
    height: int

    @property
    def pixels(self) -> int:
        """How many there are."""
        return self.width * self.height


def size_of(source: str, which: int = 1, most: int = MAX_PIXELS) -> Size:
    """Return a picture's size from its header alone.

    Args:
        source: a JPEG or PNG file.
        which: its place in the list, for the error.
        most: pixels.

    Raises:
        UnreadablePicture, TooManyPixels: it is none, or too large.
    """
    with _opened(source, which) as picture:
        width, height = picture.size
        if _orientation(picture) >= 5:
            width, height = height, width
    if width * height > most:
        raise TooManyPixels(f"{width} x {height}", which=which)
    return Size(width, height)


def same_size(sources: list[str], most: int) -> Size:
    """Return the size that all pictures have. Raises `OtherSize` beside those of `size_of`."""
    first = size_of(sources[0], 1, most)
    for place, source in enumerate(sources[1:], 2):
        size = size_of(source, place, most)
        if size != first:
            raise OtherSize(f"{size.width} x {size.height}", which=place)
    return first


def read(source: str, which: int = 1, *, reduce: int = 1) -> Pixels:
    """Return a picture as RGB, height x width x 3.

    Args:
        source: a JPEG or PNG file.
        which: its place in the list, for the error.
        reduce: 1, 2, 4 or 8: so many times smaller, which a JPEG's decoder does almost for free.

    Raises:
        UnreadablePicture: it is no whole picture.
        TooManyPixels: it is too large.
    """
    size = size_of(source, which)
    with _opened(source, which) as picture:
        wanted = -(-size.width // reduce), -(-size.height // reduce)
        turned = _orientation(picture) >= 5
        if reduce > 1:
            picture.draft("RGB", wanted[::-1] if turned else wanted)
        try:
            pixels = _upright(picture)
        except _BROKEN as error:
            raise UnreadablePicture(f"{type(error).__name__}: {error}", which=which) from error
    if reduce > 1 and pixels.shape[1] > wanted[0]:
        pixels = cv2.resize(pixels, wanted, interpolation=cv2.INTER_AREA).astype(np.uint8)
    return pixels


def read_grey(source: str, which: int = 1, *, reduce: int = 1) -> Floats:
    """Return a picture's brightness, 0..255."""
    grey = cv2.cvtColor(read(source, which, reduce=reduce), cv2.COLOR_RGB2GRAY)
    return grey.astype(np.float32)


def write(pixels: Any, target: str, *, form: Literal["jpeg", "png"] = "jpeg") -> None:
    """Write RGB or grey pixels, synced; the caller gives the file its name."""
    colour = pixels[..., ::-1] if pixels.ndim == 3 else pixels
    options = [cv2.IMWRITE_JPEG_QUALITY, QUALITY] if form == "jpeg" else []
    good, encoded = cv2.imencode(".jpg" if form == "jpeg" else ".png", colour, options)
    if not good:
        raise TooManyPixels(f"{pixels.shape}", which=1)
    write_bytes(encoded.tobytes(), target)


def write_bytes(content: bytes, target: str) -> None:
    """Write a file, synced."""
    with Path(target).open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _opened(source: str, which: int) -> Image.Image:
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        return Image.open(source, formats=["JPEG", "PNG"])
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise TooManyPixels(str(error), which=which) from error
    except _BROKEN as error:
        raise UnreadablePicture(f"{type(error).__name__}: {error}", which=which) from error


def _orientation(picture: Image.Image) -> int:
    """Return the EXIF orientation; 1 where there is none, or EXIF that cannot be read."""
    try:
        said = picture.getexif().get(0x0112, 1)
    except (*_BROKEN, MemoryError):
        return 1
    return said if isinstance(said, int) and 1 <= said <= 8 else 1


def _upright(picture: Image.Image) -> Pixels:
    orientation = _orientation(picture)
    if picture.mode in ("I;16", "I;16B", "I"):
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        picture = Image.new("RGB", clear.size, "white")
        picture.paste(clear, mask=clear.getchannel("A"))
    plain = picture.convert("RGB")
    if orientation != 1:
        exif = Image.Exif()
        exif[0x0112] = orientation
        plain.info["exif"] = exif.tobytes()
        plain.getexif().load(exif.tobytes())
        plain = ImageOps.exif_transpose(plain)
    return np.asarray(plain, np.uint8)
