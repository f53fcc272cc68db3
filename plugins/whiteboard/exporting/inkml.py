"""Strokes as InkML (W3C Recommendation, 20 September 2011): every sample as it came.

X and Y are page units (1/96 inch; a stroke that was moved lies where it was moved to), F is the
pressure, 0 to 65535, OTx, OTy and OR are tilt and twist in degrees, T is milliseconds since the
timestamp. Shapes, notes and pictures are no ink and are left out.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

from plugins.whiteboard.exporting.letters import clean
from plugins.whiteboard.exporting.reading import Page, Stroke

_MILLIMETRES = 25.4 / 96
_TRANSPARENT = round((1 - 0.38) * 255)
_PLACE = (
    '<channel name="X" type="decimal" units="dev"/><channel name="Y" type="decimal" units="dev"/>'
)
_FORCE = '<channel name="F" type="integer" min="0" max="65535" units="dev"/>'
_TILT = "".join(
    f'<channel name="{name}" type="decimal" min="-90" max="90" units="deg"/>'
    for name in ("OTx", "OTy")
)
_TWIST = '<channel name="OR" type="decimal" min="0" max="360" units="deg"/>'
_TIME = '<channel name="T" type="decimal" units="ms" respectTo="#begin"/>'
_RESOLUTION = "".join(
    f'<channelProperty channel="{name}" name="resolution" value="96" units="1/in"/>'
    for name in ("X", "Y")
)

_Format = tuple[str, bool, bool, bool]
"""A device, and whether it knows pressure, tilt and twist."""
_Brush = tuple[str, str, float]


def write_inkml(file: TextIO, pages: Iterable[Page], title: str, names: Mapping[str, str]) -> None:
    """Write the strokes of pages.

    Args:
        file: written to.
        pages: each becomes a group of traces, and in it each author.
        title: of the board.
        names: of the authors, by their documents.
    """
    found = [(page, [item for item in page.items if isinstance(item, Stroke)]) for page in pages]
    strokes = [stroke for _, of_page in found for stroke in of_page]
    begin = int(min((stroke.time for stroke in strokes), default=0))
    formats = {one: f"c{n}" for n, one in enumerate(dict.fromkeys(map(_format, strokes)))}
    brushes = {one: f"b{n}" for n, one in enumerate(dict.fromkeys(map(_brush, strokes)))}
    file.write(
        '<?xml version="1.0" encoding="UTF-8"?>\n<ink xmlns="http://www.w3.org/2003/InkML">\n'
        f'<annotation type="title">{escape(clean(title))}</annotation>\n<definitions>\n'
        f'<timestamp xml:id="begin" {_moment(begin)}/>\n'
    )
    file.writelines(_source(which, key) for which, key in formats.items())
    file.writelines(_brush_element(brush, key) for brush, key in brushes.items())
    file.write("</definitions>\n")
    number = 0
    for page, of_page in found:
        file.write("<traceGroup>")
        if page.title:
            file.write(f'<annotation type="page">{escape(clean(page.title))}</annotation>')
        file.write("\n")
        for author, run in groupby(sorted(of_page, key=_by_author), key=lambda one: one.author):
            name = clean(names.get(author, "")) or author
            file.write(f'<traceGroup><annotation type="writer">{escape(name)}</annotation>\n')
            for stroke in run:
                number += 1
                context, brush_ = formats[_format(stroke)], brushes[_brush(stroke)]
                file.write(
                    f'<trace xml:id="t{number}" contextRef="#{context}" brushRef="#{brush_}">'
                    f"{_samples(stroke, begin)}</trace>\n"
                )
            file.write("</traceGroup>\n")
        file.write("</traceGroup>\n")
    file.write("</ink>\n")


def _by_author(stroke: Stroke) -> tuple[str, float, str]:
    return stroke.author, stroke.time, stroke.id


def _moment(milliseconds: int) -> str:
    try:
        said = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return f'time="{max(0, milliseconds)}"'
    return f'time="{max(0, milliseconds)}" timeString="{said:%Y-%m-%dT%H:%M:%S}Z"'


def _format(stroke: Stroke) -> _Format:
    points = stroke.points
    return stroke.device, bool(points.pressure), bool(points.tilt_x), bool(points.twist)


def _brush(stroke: Stroke) -> _Brush:
    return stroke.pen, stroke.colour.lower(), stroke.width * stroke.move.scale


def _source(which: _Format, key: str) -> str:
    device, pressure, tilt, twist = which
    channels = _PLACE + _FORCE * pressure + _TILT * tilt + _TWIST * twist + _TIME
    model = f" model={quoteattr(clean(device))}" if device else ""
    return (
        # The source stands in its context, as programs that know no references want it.
        f'<context xml:id="{key}" timestampRef="#begin"><inkSource xml:id="{key}s"{model}>'
        f'<traceFormat xml:id="{key}f">{channels}</traceFormat>'
        f"<channelProperties>{_RESOLUTION}</channelProperties></inkSource></context>\n"
    )


def _brush_element(brush: _Brush, key: str) -> str:
    pen, colour, width = brush
    said = [("color", f'"{colour}"'), ("width", f'"{width * _MILLIMETRES:.4f}" units="mm"')]
    if pen == "marker":
        said += [("transparency", f'"{_TRANSPARENT}"'), ("ignorePressure", '"true"')]
    said.append(("fitToCurve", '"true"'))
    inside = "".join(f'<brushProperty name="{name}" value={value}/>' for name, value in said)
    return f'<brush xml:id="{key}">{inside}</brush>\n'


def _samples(stroke: Stroke, begin: int) -> str:
    points, move = stroke.points, stroke.move
    since = stroke.time - begin
    columns = [
        [_n((stroke.x + x) * move.scale + move.x) for x in points.x],
        [_n((stroke.y + y) * move.scale + move.y) for y in points.y],
    ]
    if points.pressure:
        columns.append([str(one) for one in points.pressure])
    if points.tilt_x:
        columns += [[_n(one / 100) for one in column] for column in (points.tilt_x, points.tilt_y)]
    if points.twist:
        columns.append([_n(one / 100) for one in points.twist])
    columns.append([_n(since + one / 1000) for one in points.time])
    return ", ".join(map(" ".join, zip(*columns, strict=True)))


def _n(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")
