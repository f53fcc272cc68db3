"""Measurements as a table for a spreadsheet (CSV, RFC 4180).

With a comma for decimals it is made for Excel of a computer in Kazakhstan, which takes semicolons
between the fields and knows UTF-8 only by its mark at the beginning. With a point it is made for
programs: commas between the fields and no mark.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Literal

from hub.plugin import N_
from plugins.microscopy.measuring.layers import Layer
from plugins.microscopy.measuring.values import measured, summed_up
from plugins.microscopy.measuring.words import KIND_WORDS, say, unit_text

Decimal = Literal["comma", "point"]

HEAD = (
    N_("No."),
    N_("Kind"),
    N_("Text"),
    N_("Value"),
    N_("Unit"),
    N_("Perimeter"),
    N_("Unit"),
    N_("Who"),
)
SUM_HEAD = (
    N_("Kind"),
    N_("How many"),
    N_("Mean"),
    N_("Standard deviation"),
    N_("Smallest"),
    N_("Largest"),
    N_("Unit"),
)
_DIGITS = 6
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def sheet(
    layers: Sequence[Layer], scale: float | None, *, decimal: Decimal, language: str
) -> bytes:
    """Return the table: a row for each shape, then the statistics of each kind.

    Values have one unit in all rows, whatever their size: micrometres, or pixels where the scale is
    not known.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if decimal == "comma" else ",", lineterminator="\r\n")
    found = [(layer, shape, measured(shape, scale)) for layer in layers for shape in layer.shapes]
    writer.writerow(say(word, language) for word in HEAD)
    for number, (layer, shape, each) in enumerate(found, 1):
        around = each.unit.removesuffix("2") if each.perimeter is not None else ""
        row = [
            str(number),
            say(KIND_WORDS[shape.kind], language),
            _text(shape.text),
            _figure(each.value, decimal),
            unit_text(each.unit, language),
            _figure(each.perimeter, decimal),
            unit_text(around, language),
            _text(layer.name),
        ]
        writer.writerow(row)
    writer.writerow([])
    writer.writerow(say(word, language) for word in SUM_HEAD)
    for one in summed_up((shape, each) for _, shape, each in found):
        figures = (one.mean, one.deviation, one.least, one.most)
        kind, unit = say(KIND_WORDS[one.kind], language), unit_text(one.unit, language)
        writer.writerow([kind, str(one.n), *_figures(figures, decimal), unit])
    return out.getvalue().encode("utf-8-sig" if decimal == "comma" else "utf-8")


def _figures(values: Iterable[float | None], decimal: Decimal) -> list[str]:
    return [_figure(value, decimal) for value in values]


def _figure(value: float | None, decimal: Decimal) -> str:
    if value is None:
        return ""
    text = f"{value:.{_DIGITS}f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if decimal == "comma" else text


def _text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula (OWASP, "CSV Injection")."""
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
