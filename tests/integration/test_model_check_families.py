"""Families of meshes drawn by a seed, judged by us, by PrusaSlicer and by admesh.

Triangles that lie on others are known to be judged otherwise: admesh lets two alone meet at an edge,
PrusaSlicer leaves out some only and takes a pair of them for a part with open edges. We leave out all;
both then say of the rest what we say of the whole.
"""

import re
import shutil
import subprocess

import numpy as np
import pytest
import trimesh

from plugins.printing.checking.work import check

make = trimesh.creation
SEEDS = range(6)


def solid(rng):
    a, b, c = rng.uniform(3, 30, 3)
    mesh = [
        lambda: make.box((a, b, c)),
        lambda: make.icosphere(subdivisions=int(rng.integers(1, 4)), radius=a),
        lambda: make.cylinder(a, b, sections=int(rng.integers(3, 60))),
        lambda: make.cone(a, b, sections=int(rng.integers(3, 40))),
        lambda: make.torus(20 + a, b / 2, major_sections=40, minor_sections=int(rng.integers(4, 30))),
        lambda: make.capsule(a, b / 2),
        lambda: make.annulus(a, a + b, c),
    ][rng.integers(7)]()  # fmt: skip
    mesh.apply_transform(trimesh.transformations.random_rotation_matrix(rng.random(3)))
    mesh.apply_translation(rng.uniform(-15, 15, 3))
    return mesh


def of(mesh, faces):
    return trimesh.Trimesh(mesh.vertices, faces, process=False)


def some(mesh, rng):
    return rng.choice(len(mesh.faces), int(rng.integers(1, 4)), replace=False)


def holed(rng):
    mesh = solid(rng)
    return of(mesh, np.delete(mesh.faces, some(mesh, rng), axis=0))


def with_turned(rng):
    mesh = solid(rng)
    faces, turned = mesh.faces.copy(), some(mesh, rng)
    faces[turned] = faces[turned][:, ::-1]
    return of(mesh, faces)


def with_doubles(rng):
    mesh = solid(rng)
    return of(mesh, np.vstack([mesh.faces, mesh.faces[some(mesh, rng)]]))


def with_a_t(rng):
    """One side of an edge is cut in two, the other is not."""
    mesh = solid(rng)
    a, b, c = mesh.faces[0]
    middle = len(mesh.vertices)
    points = np.vstack([mesh.vertices, mesh.vertices[[a, b]].mean(axis=0)])
    faces = np.vstack([mesh.faces[1:], [[a, middle, c], [middle, b, c]]])
    return trimesh.Trimesh(points, faces, process=False)


def touching(rng, *, edge):
    size = rng.integers(4, 20, 3).astype(float)
    one, other = make.box(size), make.box(size)
    other.apply_translation(size * [1, 1, 0 if edge else 1])
    return trimesh.util.concatenate([one, other])


def nested(rng):
    inner = make.icosphere(subdivisions=2, radius=rng.uniform(2, 12))
    if rng.random() < 0.5:
        inner.invert()
    return trimesh.util.concatenate([make.icosphere(subdivisions=3, radius=20), inner])


def crossing(rng):
    return trimesh.util.concatenate([solid(rng) for _ in range(3)])


def sliver(rng):
    return solid(rng).apply_scale([1, 1, 10 ** rng.uniform(-3, -1)])


def scaled(rng):
    return solid(rng).apply_scale(10 ** rng.uniform(-2, 1.6))


def far(rng):
    """As far away as single precision still tells points apart."""
    return solid(rng).apply_translation(rng.uniform(-1, 1, 3) * 10 ** rng.uniform(2, 4.5))


FAMILIES = {
    "solid": solid, "holed": holed, "turned": with_turned, "doubles": with_doubles, "a T": with_a_t,
    "nested": nested, "crossing": crossing, "sliver": sliver, "scaled": scaled, "far": far,
    "edges touch": lambda rng: touching(rng, edge=True),
    "corners touch": lambda rng: touching(rng, edge=False),
}  # fmt: skip


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout


@pytest.mark.skipif(
    not (shutil.which("prusa-slicer") and shutil.which("admesh")), reason="peers are missing"
)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_two_programs_agree_on_manifoldness_volume_and_parts(family, seed, tmp_path):
    path = str(tmp_path / "model.stl")
    rng = np.random.default_rng([seed, *family.encode()])
    mesh = FAMILIES[family](rng)
    (tmp_path / "model.stl").write_bytes(trimesh.exchange.stl.export_stl(mesh))
    verdict = check(path)["verdict"]
    if family == "doubles":
        _, first = np.unique(np.sort(mesh.faces, axis=1), axis=0, return_index=True)
        rest = of(mesh, mesh.faces[np.sort(first)])
        (tmp_path / "model.stl").write_bytes(trimesh.exchange.stl.export_stl(rest))

    slicer = dict(
        re.findall(r"^(\w+) =\s+(\S+)$", said("prusa-slicer", "--info", path), re.MULTILINE)
    )
    whole = slicer["manifold"] == "yes" and int(slicer.get("edges_fixed", 0)) == 0
    assert verdict["watertight"] == whole
    if verdict["volume_sure"]:
        volume = abs(float(slicer["volume"]))
        assert verdict["volume"] == pytest.approx(volume, rel=2e-3, abs=1e-3)
    if whole:
        assert verdict["bodies"] == int(slicer["number_of_parts"])

    text = said("admesh", "--exact", "--normal-directions", path)
    alone = re.search(r"Total disconnected facets\s*:\s+(\d+)", text)
    assert verdict["watertight"] == (int(alone[1]) == 0)
