"""A page as SVG 1.1: outlines of strokes, texts, pictures inside the file; nothing that runs."""

import base64
from collections.abc import Iterable, Mapping
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

from plugins.whiteboard.exporting.drawing import PAPER, Fill, Image, Part, Sheet, Text, Way
from plugins.whiteboard.exporting.letters import clean

_FAMILY = "'DejaVu Sans', 'Noto Sans', 'Segoe UI', Roboto, sans-serif"


def write_svg(file: TextIO, sheet: Sheet, title: str, names: Mapping[str, str]) -> None:
    """Write a page.

    Args:
        file: written to.
        sheet: the page.
        title: of the file.
        names: of the authors, by their documents.
    """
    box = sheet.box
    size = f"{_n(box.x)} {_n(box.y)} {_n(box.width)} {_n(box.height)}"
    file.write(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'version="1.1" width="{_n(box.width)}" height="{_n(box.height)}" viewBox="{size}">\n'
        f"<title>{escape(clean(title))}</title>\n"
        f'<rect x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" '
        f'height="{_n(box.height)}" fill="{PAPER}"/>\n'
    )
    _write(file, sheet.behind)
    for one in sheet.drawn:
        name = clean(names.get(one.author, ""))
        file.write(f"<g><title>{escape(name)}</title>\n" if name else "<g>\n")
        _write(file, one.parts)
        file.write("</g>\n")
    file.write("</svg>\n")


def _write(file: TextIO, parts: Iterable[Part]) -> None:
    file.writelines(_element(part) for part in parts)


def _element(part: Part) -> str:
    if isinstance(part, Fill):
        data = "".join(_polygon(one) for one in part.polygons)
        return f'<path d="{data}" fill="{part.colour}"{_opacity("fill", part.alpha)}/>\n'
    if isinstance(part, Way):
        data = "".join(name + " ".join(map(_n, places)) for name, places in part.commands)
        if part.width == 0:
            return f'<path d="{data}" fill="{part.colour}"{_opacity("fill", part.alpha)}/>\n'
        return (
            f'<path d="{data}" fill="none" stroke="{part.colour}" stroke-width="{_n(part.width)}" '
            f'stroke-linecap="round" stroke-linejoin="round"{_opacity("stroke", part.alpha)}/>\n'
        )
    if isinstance(part, Text):
        return (
            f'<text xml:space="preserve" x="{_n(part.x)}" y="{_n(part.y)}" '
            f'font-size="{_n(part.size)}" font-family={quoteattr(_FAMILY)} '
            f'textLength="{_n(part.length)}" lengthAdjust="spacingAndGlyphs" '
            f'fill="{part.colour}">{escape(part.text)}</text>\n'
        )
    return _image(part)


def _image(part: Image) -> str:
    data = base64.b64encode(part.file.read_bytes()).decode()
    box = part.box
    return (
        f'<image x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" height="{_n(box.height)}" '
        f'preserveAspectRatio="none" xlink:href="data:{part.media_type};base64,{data}"/>\n'
    )


def _polygon(polygon: list[float]) -> str:
    """Return a polygon by steps in hundredths of a unit: half as long as by places."""
    places = [round(value * 100) for value in polygon]
    x, y = places[0], places[1]
    said = [f"M{_hundredths(x)} {_hundredths(y)}l"]
    for at in range(2, len(places), 2):
        nx, ny = places[at], places[at + 1]
        said.append(f"{_hundredths(nx - x)} {_hundredths(ny - y)} ")
        x, y = nx, ny
    return "".join(said).rstrip() + "z"


def _hundredths(value: int) -> str:
    return str(value / 100).removesuffix(".0")


def _opacity(of: str, alpha: float) -> str:
    return "" if alpha == 1 else f' {of}-opacity="{_n(alpha)}"'


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
