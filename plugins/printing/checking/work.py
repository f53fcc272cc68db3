"""What the hub runs in a worker: check a model, repair it, change its size or turn it.

Each function is given paths and plain options and returns JSON-ready facts. The hub runs them with
`MEMORY` and `SECONDS`.
"""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from hub.errors import N_
from hub.worker import progress
from plugins.printing.checking import finding, fitting, picture, repairing, standing
from plugins.printing.checking import preview as previews
from plugins.printing.checking.beside import side_by_side
from plugins.printing.checking.errors import AbsurdCoordinates
from plugins.printing.checking.looking import Looked, look
from plugins.printing.checking.mesh import LARGEST, Mesh, box, turned
from plugins.printing.checking.reading import Model, read
from plugins.printing.checking.verdict import Options, Triple, Verdict
from plugins.printing.checking.words import finding as said
from plugins.printing.checking.words import sorted_findings

MEMORY = 1_200_000_000
"""Bytes that checking the largest model may take."""
SECONDS = 120.0


def check(
    source: str,
    options: dict[str, Any] | None = None,
    thumbnail: str | None = None,
    preview: str | None = None,
) -> dict[str, Any]:
    """Check a model.

    Args:
        source: the file, of whatever name.
        options: of `verdict.Options`.
        thumbnail: where to write its picture, a PNG; None for none.
        preview: where to write what the browser shows, a GLB; None for none.

    Returns:
        `verdict`: a `verdict.Verdict`; `thumbnail` and `preview`: facts of these files, or None.

    Raises:
        BadModel: the file is no model; its kinds say why.
    """
    wanted = _options(options)
    progress(0.02, N_("Reading the model"))
    model = read(source)
    looked = look(model.mesh)
    progress(0.6, N_("Thinking about how it stands"))
    # NumPy lets two processors work; what is drawn is not asked for the verdict.
    with side_by_side(len(looked.mesh.faces)) as beside:
        drawn = beside.begin(lambda: _drawn(looked, thumbnail, preview))
        verdict = _judged(model, looked, wanted)
        progress(0.8, N_("Drawing its picture"))
        return {"verdict": verdict.as_json(), **drawn()}


def ready() -> None:
    """Do nothing: a worker that was asked for this has loaded what a check needs."""


def _drawn(looked: Looked, thumbnail: str | None, preview: str | None) -> dict[str, Any]:
    closed = looked.watertight
    return {
        "thumbnail": thumbnail
        and picture.thumbnail(looked.mesh, looked.unit, thumbnail, closed=closed),
        "preview": preview and previews.preview(looked.mesh, preview),
    }


def repair(source: str, target: str) -> dict[str, Any]:
    """Mend what can be mended safely, as a new file; the model itself is left as it is.

    Args:
        source: the file.
        target: where to write the mended model, a binary STL.

    Returns:
        `done`: what was done and how often, by code; `open_edges`: how many are left.

    Raises:
        BadModel: the file is no model.
        NothingToRepair: nothing can be mended safely.
    """
    progress(0.02, N_("Reading the model"))
    looked = look(read(source).mesh)
    progress(0.5, N_("Repairing the model"))
    mesh, done, left = repairing.repaired(looked)
    write_stl(mesh, target)
    return {"done": [asdict(one) for one in done], "open_edges": left}


def change(
    source: str, target: str, factor: float = 1.0, rotation: list[list[float]] | None = None
) -> dict[str, Any]:
    """Scale a model, turn it and put it onto the plate, as a new file.

    Args:
        source: the file.
        target: where to write the changed model, a binary STL.
        factor: by which to multiply lengths.
        rotation: 3 x 3, as in the verdict's `turn` and `better`.

    Returns:
        `size`: x, y, z, mm.

    Raises:
        BadModel: the file is no model, or would be none when changed so.
    """
    mesh = read(source).mesh
    turn = np.eye(3) if rotation is None else np.array(rotation, np.float64)
    if turn.shape != (3, 3) or not np.allclose(turn @ turn.T, np.eye(3), atol=1e-4):
        raise ValueError("rotation is no rotation")
    points = turned(mesh.vertices, turn) * factor
    low, high = box(points)
    if not (np.abs(points).max() <= LARGEST and (high - low).max() > 0):
        raise AbsurdCoordinates(f"{factor} times larger")
    points -= [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]]
    write_stl(Mesh(points, mesh.faces), target)
    return {"size": [round(float(side), 4) for side in high - low]}


def write_stl(mesh: Mesh, target: str) -> None:
    """Write a mesh as binary STL, and sync it."""
    layout = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("spare", "<u2")])
    rows = np.zeros(len(mesh.faces), layout)
    corners = mesh.corners
    rows["corners"] = corners
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    rows["normal"] = normals / np.maximum(np.linalg.norm(normals, axis=1), 1e-30)[:, None]
    with Path(target).open("wb") as file:
        file.write(b"classroom device hub".ljust(80) + len(rows).to_bytes(4, "little"))
        file.write(rows.tobytes())
        file.flush()
        os.fsync(file.fileno())


def _options(options: dict[str, Any] | None) -> Options:
    given = dict(options or {})
    if given.get("volume") is not None:
        given["volume"] = tuple(float(side) for side in given["volume"])
    return Options(**given)


def _judged(model: Model, looked: Looked, options: Options) -> Verdict:
    low, high = box(model.mesh.vertices)
    size = _triple(high - low)
    turn = None
    if options.volume is not None:
        turn = fitting.turn_to_fit(model.mesh, options.volume, any_side=options.any_side)
    offers = fitting.unit_offers(size, options.volume if turn is None else None)
    if turn is not None and max(size) >= 5:
        offers = []
    mesh, unit, areas = looked.mesh, looked.unit, looked.areas
    bare = looked.bare
    stand = standing.stand_of(mesh, unit, bare, options.overhang, looked.weight)
    now, better = standing.better(mesh, unit, bare, options.overhang, options.volume)
    findings = [
        *finding.about_size(size, options, turn=turn, offers=offers),
        *finding.about_surface(looked),
        *finding.about_triangles(looked),
        *finding.about_bodies(looked),
        *finding.about_walls(looked, options),
        *finding.about_standing(looked, stand, size),
    ]
    if model.left_out:
        findings.append(said("colours-elsewhere"))
    volume = looked.volume
    straight = turn is not None and turn == np.eye(3).tolist()
    return Verdict(
        kind=model.kind,
        printable=all(one.severity != "refuse" for one in findings),
        repairable=repairing.would_help(looked),
        triangles=len(model.mesh.faces),
        bodies=looked.bodies.count,
        watertight=looked.watertight,
        open_edges=len(looked.edges.open),
        low=_triple(low),
        size=size,
        volume=round(volume, 3),
        volume_sure=looked.sure,
        mass=round(volume / 1000 * options.density, 3),
        area=round(float(areas.sum()), 3),
        fits=None if options.volume is None else turn is not None,
        turn=None if straight else turn,
        findings=sorted_findings(findings),
        units=offers,
        standing=now,
        better=better,
    )


def _triple(values: Any) -> Triple:
    x, y, z = (round(float(value), 4) for value in values)
    return x, y, z
