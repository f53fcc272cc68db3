"""The pictures of a film: fitted, with words and scale bar. Runs in a worker.

The words are drawn here, not by ffmpeg: its filter language must not read what people write.
"""

import math
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

from hub import i18n
from hub.errors import Invalid
from plugins.microscopy.film.plan import Plan, Segment

Planes = NDArray[np.uint8]
"""One picture as ffmpeg's yuv420p has it: Y, then U and V of half the size, in one row of bytes."""

GROUND = (16, 22, 20)
INK = (255, 255, 255, 255)
BAND = (8, 12, 11, 170)
_BAR = 0.22
_UNITS = {"kk": ("мкм", "мм"), "ru": ("мкм", "мм"), "en": ("µm", "mm")}
# ITU-R BT.709, section 3: full-range R'G'B' to limited-range Y'CbCr of eight bits.
_BT709 = (
    np.array(
        [
            [0.2126 * 219, 0.7152 * 219, 0.0722 * 219],
            [-0.2126 / 1.8556 * 224, -0.7152 / 1.8556 * 224, 0.5 * 224],
            [0.5 * 224, -0.7152 / 1.5748 * 224, -0.0722 / 1.5748 * 224],
        ]
    )
    / 255.0
)


class Drawing:
    """Draws for one film."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._unit = plan.height / 1080

    def still(self, segment: Segment) -> Planes:
        """Return a picture, whole, on a dark ground, with its words. Raises `Invalid`."""
        try:
            with Image.open(segment.file, formats=["JPEG", "PNG"]) as found:
                found.draft("RGB", (self._plan.width, self._plan.height))
                upright = ImageOps.exif_transpose(found).convert("RGB")
        except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
            raise Invalid(f"a picture cannot be read: {error}") from error
        fitted = ImageOps.contain(upright, (self._plan.width, self._plan.height))
        page = self._page()
        page.paste(fitted, ((page.width - fitted.width) // 2, (page.height - fitted.height) // 2))
        words = self.words(segment, fitted.width)
        page.paste(words, mask=words.getchannel("A"))
        return planes(page)

    def card(self, segment: Segment) -> Planes:
        """Return a card: a title, and smaller words below."""
        page = self._page()
        draw = ImageDraw.Draw(page)
        big, small = self._font(84), self._font(44)
        width = page.width * 0.8
        title, caption = wrap(segment.title, big, width, 3), wrap(segment.caption, small, width, 5)
        height = len(title) * 104 * self._unit + len(caption) * 60 * self._unit
        top = (page.height - height) / 2
        for lines, font, step, ink in (
            (title, big, 104, INK),
            (caption, small, 60, (190, 205, 199)),
        ):
            for line in lines:
                draw.text((page.width / 2, top), line, font=font, fill=ink, anchor="ma")
                top += step * self._unit
        return planes(page)

    def words(self, segment: Segment, shown: int) -> Image.Image:
        """Return title, caption and scale bar on clear ground.

        Args:
            segment: what they are of.
            shown: how wide the picture is in the film, in pixels.
        """
        clear = Image.new("RGBA", (self._plan.width, self._plan.height), (0, 0, 0, 0))
        draw = ImageDraw.Draw(clear)
        unit = self._unit
        edge = 48 * unit
        font = self._font(48)
        for line in wrap(segment.title, font, clear.width - 4 * edge, 1):
            box = draw.textbbox((edge, edge), line, font=font)
            draw.rounded_rectangle(_wider(box, 20 * unit), 14 * unit, fill=BAND)
            draw.text((edge, edge), line, font=font, fill=INK)
        small = self._font(40)
        lines = wrap(segment.caption, small, clear.width - 4 * edge, 3)
        top = clear.height - edge - len(lines) * 56 * unit
        if lines:
            draw.rectangle((0, top - 20 * unit, clear.width, clear.height), fill=BAND)
        for number, line in enumerate(lines):
            draw.text(
                (clear.width / 2, top + number * 56 * unit),
                line,
                font=small,
                fill=INK,
                anchor="ma",
            )
        if segment.scale is not None and segment.width > 0:
            right = (clear.width + shown) / 2 - edge
            self._bar(draw, segment.scale * segment.width / shown, shown, (right, top - 2 * edge))
        return clear

    def over(self, words: Image.Image) -> "Overlay":
        """Return words that can be put over many pictures quickly."""
        return Overlay(words)

    def _bar(
        self, draw: ImageDraw.ImageDraw, scale: float, shown: int, at: tuple[float, float]
    ) -> None:
        length = nice(shown * _BAR * scale)
        micro, milli = _UNITS[self._plan.language]
        value, name = (length / 1000, milli) if length >= 1000 else (length, micro)
        text = f"{i18n.number(float(f'{value:g}'), self._plan.language)} {name}"
        right, bottom = at
        left = right - length / scale
        unit = self._unit
        box = (left, bottom, right, bottom + 12 * unit)
        draw.rectangle(_wider(box, 3 * unit), fill=(0, 0, 0, 200))
        draw.rectangle(box, fill=INK)
        draw.text(
            ((left + right) / 2, bottom - 14 * unit),
            text,
            font=self._font(40),
            fill=INK,
            anchor="mb",
            stroke_width=max(1, round(3 * unit)),
            stroke_fill=(0, 0, 0, 220),
        )

    def _page(self) -> Image.Image:
        return Image.new("RGB", (self._plan.width, self._plan.height), GROUND)

    def _font(self, size: float) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(self._plan.font, max(8, round(size * self._unit)))


class Overlay:
    """Words over moving pictures; only the rows that have some are touched."""

    def __init__(self, words: Image.Image) -> None:
        alpha = np.asarray(words.getchannel("A"))
        used = np.flatnonzero(alpha.any(axis=1))
        self._height, self._width = alpha.shape
        first = int(used[0]) // 2 * 2 if used.size else 0
        last = min((int(used[-1]) + 2) // 2 * 2, self._height) if used.size else 0
        ground = Image.new("RGB", words.size)
        ground.paste(words.convert("RGB"))
        flat = planes(ground)
        self._parts = []
        for plane, half in zip(_split(flat, self._width, self._height), (1, 2, 2), strict=True):
            size = (self._width // half, self._height // half)
            share = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA).astype(np.uint16)
            rows = slice(first // half, last // half)
            self._parts.append(
                (rows, plane[rows].astype(np.uint16) * share[rows], 255 - share[rows])
            )
        self._empty = not used.size

    def put(self, picture: Planes) -> None:
        """Put the words over a picture, in place."""
        if self._empty:
            return
        split = _split(picture, self._width, self._height)
        for plane, (rows, ink, rest) in zip(split, self._parts, strict=True):
            plane[rows] = ((plane[rows] * rest + ink + 127) // 255).astype(np.uint8)


def planes(page: Image.Image) -> Planes:
    """Return a picture as yuv420p in the colours of HD video."""
    rgb = np.asarray(page, dtype=np.float32)
    yuv = cv2.transform(rgb, _BT709.astype(np.float32))
    luma = yuv[..., 0] + 16.5
    half = (page.width // 2, page.height // 2)
    chroma = cv2.resize(yuv[..., 1:], half, interpolation=cv2.INTER_AREA) + 128.5
    parts = [luma.ravel(), chroma[..., 0].ravel(), chroma[..., 1].ravel()]
    flat: Planes = np.concatenate(parts).clip(0, 255).astype(np.uint8)
    return flat


def nice(most: float) -> float:
    """Return the greatest length of 1, 2 or 5 times a power of ten that is not over `most`."""
    power = 10.0 ** math.floor(math.log10(most))
    return max(step * power for step in (1, 2, 5) if step * power <= most * (1 + 1e-9))


def wrap(text: str, font: ImageFont.FreeTypeFont, width: float, most: int) -> list[str]:
    """Return `text` in lines that fit; what is over `most` lines ends with an ellipsis."""
    lines = list(_lines(text, font, width))
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and font.getlength(last + "…") > width:
        last = last[:-1]
    return [*lines[: most - 1], last + "…"]


def _lines(text: str, font: ImageFont.FreeTypeFont, width: float) -> Iterator[str]:
    line = ""
    for word in text.split():
        rest = word
        while font.getlength(rest) > width:
            cut = next(
                n
                for n in range(len(rest) - 1, 0, -1)
                if n == 1 or font.getlength(rest[:n]) <= width
            )
            if line:
                yield line
                line = ""
            yield rest[:cut]
            rest = rest[cut:]
        longer = f"{line} {rest}".strip()
        if font.getlength(longer) > width:
            yield line
            line = rest
        else:
            line = longer
    if line:
        yield line


def _split(flat: Planes, width: int, height: int) -> tuple[Planes, Planes, Planes]:
    whole, quarter = width * height, width * height // 4
    half = (height // 2, width // 2)
    return (
        flat[:whole].reshape(height, width),
        flat[whole : whole + quarter].reshape(half),
        flat[whole + quarter :].reshape(half),
    )


def _wider(box: tuple[float, float, float, float], by: float) -> tuple[float, float, float, float]:
    return (box[0] - by, box[1] - by, box[2] + by, box[3] + by)
