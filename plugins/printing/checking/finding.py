"""From what was looked at to what is said of it."""

from collections.abc import Iterator

import numpy as np

from plugins.printing.checking import places
from plugins.printing.checking.bodies import MOST_LOOKED_AT
from plugins.printing.checking.looking import Looked
from plugins.printing.checking.standing import Stand
from plugins.printing.checking.verdict import Finding, Options, Triple, UnitOffer
from plugins.printing.checking.words import finding

_TINY = 2.0  # mm
_STRONG = 2
"""Nozzles: walls of so many widths are strong."""
_OVERHANG = 25.0
"""mm² that are worth a word."""
_NO_BASE = 1.0  # mm²
_SMALL_BASE = 0.04
"""Share of the outline from above."""
_ENOUGH_BASE = 100.0  # mm²


def about_size(
    size: Triple, options: Options, *, turn: list[list[float]] | None, offers: list[UnitOffer]
) -> Iterator[Finding]:
    """Say whether it fits, and whether its unit was mistaken."""
    x, y, z = (round(side, 1) for side in size)
    if options.volume is not None and turn is None:
        px, py, pz = (round(side, 1) for side in options.volume)
        over = max(a / b for a, b in zip(sorted(size), sorted(options.volume), strict=True))
        yield finding("too-big", number=over, x=x, y=y, z=z, px=px, py=py, pz=pz)
    if offers:
        offer = offers[0]
        ox, oy, oz = (round(side, 1) for side in offer.size)
        larger = offer.factor > 1
        times = round(offer.factor if larger else 1 / offer.factor, 1)
        factor = int(times) if times.is_integer() else times
        code = "units-small" if larger else "units-large"
        yield finding(code, number=factor, factor=factor, x=ox, y=oy, z=oz)
    elif max(size) < _TINY:
        yield finding("tiny", number=max(size), unit="mm", least=_TINY)


def about_surface(looked: Looked) -> Iterator[Finding]:
    """Say whether the surface closes, and which way it faces."""
    vertices, edges, mesh = looked.mesh.vertices, looked.edges, looked.mesh
    if looked.flat:
        yield finding("flat")
    elif not looked.watertight:
        code = "open-slightly" if looked.sure else "open"
        yield finding(code, places.edges(vertices, edges.open), number=len(edges.open))
    if looked.one_sided.any():
        where = places.triangles(mesh, np.flatnonzero(looked.one_sided))
        yield finding("one-sided", where, number=where.total)
    if looked.turned.any():
        where = places.triangles(mesh, np.flatnonzero(looked.turned))
        yield finding("turned-faces", where, number=where.total)
    if looked.bodies.inverted and looked.sure:
        where = places.triangles(mesh, looked.bodies.faces(looked.bodies.inverted))
        yield finding("inside-out", where, number=len(looked.bodies.inverted))
    if len(edges.crowded):
        where = places.edges(vertices, edges.crowded)
        yield finding("shared-edges", where, number=where.total)


def about_triangles(looked: Looked) -> Iterator[Finding]:
    """Say which triangles say nothing."""
    cleaned = looked.cleaned
    if len(cleaned.duplicate):
        yield finding("duplicate", number=len(cleaned.duplicate))
    if len(cleaned.degenerate):
        yield finding("degenerate", number=len(cleaned.degenerate))


def about_bodies(looked: Looked) -> Iterator[Finding]:
    """Say how several bodies lie to each other."""
    lying, mesh = looked.bodies, looked.mesh
    if lying.count > MOST_LOOKED_AT:
        yield finding("many-bodies", number=lying.count)
    related = {
        "bodies-touch": sorted({body for pair in lying.touching for body in pair}),
        "bodies-overlap": sorted({body for pair in lying.overlapping for body in pair}),
        "bodies-inside": lying.inside,
        "hollow": lying.hollow,
        "floating": lying.floating,
    }
    for code, concerned in related.items():
        if concerned:
            where = places.triangles(mesh, lying.faces(concerned))
            yield finding(code, where, number=len(concerned))
    if lying.apart > 1 and lying.count <= MOST_LOOKED_AT:
        yield finding("bodies-apart", number=lying.apart, count=lying.apart)


def about_walls(looked: Looked, options: Options) -> Iterator[Finding]:
    """Say which walls are too thin."""
    walls = looked.walls
    strong = round(_STRONG * options.nozzle, 2)
    for code, least, limit in (
        ("thin", 0.0, options.nozzle * 0.99),
        ("fragile", options.nozzle * 0.99, strong * 0.99),
    ):
        found = walls.thinner(limit, least)
        if found is not None:
            yield finding(
                code,
                places.points(found.places),
                number=found.thinnest,
                unit="mm",
                thinnest=round(found.thinnest, 2),
                least=strong,
            )


def about_standing(looked: Looked, stand: Stand, size: Triple) -> Iterator[Finding]:
    """Say what hangs over, and what it stands on."""
    if stand.overhang > _OVERHANG:
        where = places.triangles(looked.mesh, stand.overhanging)
        yield finding("overhang", where, number=stand.overhang, unit="mm²")
    outline = size[0] * size[1]
    if looked.flat:
        return
    if stand.base < _NO_BASE:
        yield finding("no-base", number=stand.base, unit="mm²")
    elif stand.base < min(_SMALL_BASE * outline, _ENOUGH_BASE):
        yield finding("small-base", number=stand.base, unit="mm²")
    elif not stand.steady:
        yield finding("tips-over", places.points(looked.weight[None]))
