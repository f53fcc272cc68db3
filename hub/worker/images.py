"""Work on pictures; runs in a worker process only, so that Pillow never enters the hub's."""

import os
import warnings
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from hub.errors import Invalid

MAX_PIXELS = 100_000_000
_QUALITY = 82


def thumbnail(source: str, target: str, size: int) -> dict[str, Any]:
    """Write a JPEG of at most `size` pixels a side, upright, without the picture's metadata.

    Args:
        source: a JPEG or PNG file.
        target: written and synced; the caller gives it its name.
        size: pixels.

    Returns:
        `width` and `height` of what was written.

    Raises:
        Invalid: the picture cannot be read.
    """
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with Image.open(source, formats=["JPEG", "PNG"]) as picture:
            picture.draft("RGB", (size, size))
            small = _small(picture, size)
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
        raise Invalid(f"the picture cannot be read: {error}") from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Invalid(f"the picture has too many pixels: {error}") from error
    with Path(target).open("wb") as file:
        small.save(file, "JPEG", quality=_QUALITY, optimize=True)
        file.flush()
        os.fsync(file.fileno())
    return {"width": small.width, "height": small.height}


def _small(picture: Image.Image, size: int) -> Image.Image:
    said = picture.getexif().get(0x0112, 1)
    orientation = said if said in range(1, 9) else 1  # whatever a file may say
    if picture.mode in ("I;16", "I;16B", "I"):
        # Pillow would clip sixteen bits to white; the upper eight show the picture.
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    clear = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    small = picture.convert("RGBA" if clear else "RGB")
    small.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if clear:
        ground = Image.new("RGB", small.size, "white")
        ground.paste(small, mask=small.getchannel("A"))
        small = ground
    plain = Image.new("RGB", small.size)
    plain.paste(small)
    exif = Image.Exif()
    exif[0x0112] = orientation
    plain.info["exif"] = exif.tobytes()
    upright = ImageOps.exif_transpose(plain)
    upright.info.clear()
    return upright
