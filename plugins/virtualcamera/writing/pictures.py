"""Pictures as the node takes them, in its size and YUYV; and the card where there is none."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from hub.frames import jpeg_size
from plugins.virtualcamera.writing.output import Mode

_FONTS = tuple(
    Path("/usr/share/fonts/truetype") / name
    for name in (
        "dejavu/DejaVuSans.ttf",
        "noto/NotoSans-Regular.ttf",
        "liberation/LiberationSans-Regular.ttf",
    )
)
_GROUND, _PALE, _LIGHT = (32, 38, 46), (120, 132, 146), (236, 240, 244)
_REDUCED = (
    (8, cv2.IMREAD_REDUCED_COLOR_8),
    (4, cv2.IMREAD_REDUCED_COLOR_4),
    (2, cv2.IMREAD_REDUCED_COLOR_2),
)


def from_jpeg(data: bytes, mode: Mode) -> bytes | None:
    """Return a JPEG picture as the node takes it; None where it cannot be read."""
    width, height = jpeg_size(data)
    if not width or not height:
        return None
    # The decoder itself makes it smaller, as far as it stays large enough: that is cheaper.
    fits = min(width / mode.width, height / mode.height)
    flag = next((flag for by, flag in _REDUCED if fits >= by), cv2.IMREAD_COLOR)
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
    except cv2.error:
        return None
    return None if picture is None else fitted(picture, mode)


def fitted(picture: Any, mode: Mode) -> bytes:
    """Return a BGR picture in the middle of the node's size, in YUYV (BT.601, limited range)."""
    height, width = picture.shape[:2]
    by = min(mode.width / width, mode.height / height)
    wide, high = max(round(width * by), 1), max(round(height * by), 1)
    if (wide, high) != (width, height):
        how = cv2.INTER_AREA if by < 1 else cv2.INTER_LINEAR
        picture = cv2.resize(picture, (wide, high), interpolation=how)
    if (wide, high) != (mode.width, mode.height):
        whole = np.zeros((mode.height, mode.width, 3), np.uint8)
        left, top = (mode.width - wide) // 2, (mode.height - high) // 2
        whole[top : top + high, left : left + wide] = picture
        picture = whole
    pairs = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_YUYV).reshape(mode.height, mode.width * 2)
    if mode.stride != mode.width * 2:
        pairs = np.pad(pairs, ((0, 0), (0, mode.stride - mode.width * 2)))
    data: bytes = pairs.tobytes()
    return data.ljust(mode.size, b"\0")


def card(title: str, text: str, mode: Mode) -> bytes:
    """Return the card that stands for a picture that is not there, and says why.

    Where no font with our letters is installed it is a crossed camera without words.
    """
    image = Image.new("RGB", (mode.width, mode.height), _GROUND)
    draw = ImageDraw.Draw(image)
    unit = mode.height / 100
    _crossed_camera(draw, mode.width / 2, mode.height * 0.34, unit)
    top = mode.height * 0.58
    file = next((one for one in _FONTS if one.is_file()), None)
    if file is not None:
        for words, size, colour in ((title, 7.0, _LIGHT), (text, 4.5, _PALE)):
            letters = ImageFont.truetype(
                str(file), max(round(size * unit), 8), layout_engine=ImageFont.Layout.BASIC
            )
            for line in _lines(words, letters, mode.width * 0.86):
                draw.text((mode.width / 2, top), line, colour, letters, anchor="ma")
                top += size * unit * 1.35
            top += unit * 2
    return fitted(np.asarray(image)[:, :, ::-1], mode)


def _crossed_camera(draw: ImageDraw.ImageDraw, x: float, y: float, unit: float) -> None:
    line = max(round(unit * 1.6), 2)
    draw.rounded_rectangle(
        (x - 14 * unit, y - 9 * unit, x + 7 * unit, y + 9 * unit), 3 * unit, None, _PALE, line
    )
    corners = ((7, -2), (15, -7), (15, 7), (7, 2))
    lens = [(x + right * unit, y + down * unit) for right, down in corners]
    draw.polygon(lens, outline=_PALE, width=line)
    draw.line((x - 17 * unit, y + 14 * unit, x + 17 * unit, y - 14 * unit), _LIGHT, line)


def _lines(text: str, letters: ImageFont.FreeTypeFont, width: float, most: int = 3) -> list[str]:
    lines: list[str] = []
    for word in text.split()[:60]:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and letters.getlength(longer) <= width:
            lines[-1] = longer
        elif len(lines) < most:
            lines.append(word)
        else:
            break
    return lines
