"""Shapes of which everybody knows how they are best laid onto the plate."""

import numpy as np
import pytest
import trimesh

from plugins.printing.checking.work import change, check

VOLUME = [220, 220, 250]


def box(*size, at=(0, 0, 0)):
    mesh = trimesh.creation.box(size)
    mesh.apply_translation(at)
    return mesh


def turned(mesh, angle, *axis):
    mesh.apply_transform(trimesh.transformations.rotation_matrix(angle, axis))
    return mesh


def dome():
    """Half a ball on its round side."""
    ball = trimesh.creation.icosphere(subdivisions=4, radius=20)
    ball.vertices[ball.vertices[:, 2] > 0, 2] = 0
    return ball


def rod(radius, height, at=0.0):
    mesh = trimesh.creation.cylinder(radius, height)
    mesh.apply_translation((0, 0, at))
    return mesh


def joined(*meshes):
    return trimesh.util.concatenate(meshes)


# What is offered: how high it then is, and least of what lies flat on the plate (mm²).
BETTER = {
    "a T upright is laid on its back": (joined(box(8, 20, 40), box(60, 20, 8, at=(0, 0, 23.9))), 20, 790),
    "a cone on its tip is put on its base": (turned(trimesh.creation.cone(15, 40), np.pi, 1, 0, 0), 40, 690),
    "a lying cylinder is stood up": (turned(trimesh.creation.cylinder(10, 60), np.pi / 2, 1, 0, 0), 60, 300),
    "a tilted box is laid flat": (turned(box(40, 30, 20), 0.5, 1, 0.3, 0), 20, 1190),
    "half a ball is put on its flat side": (dome(), 20, 1200),
    "a plate on its edge is laid flat": (box(60, 3, 60), 3, 3590),
    "a leaning stick is laid flat": (turned(box(4, 4, 60), 0.9, 1, 0, 0), 4, 239),
    "an arch is laid on its back": (
        joined(box(5, 10, 30, at=(-20, 0, 0)), box(5, 10, 30, at=(20, 0, 0)), box(45, 10, 5, at=(0, 0, 15))), 10, 499,
    ),
    "a mushroom is put on its hat": (joined(rod(5, 30), rod(20, 6, at=17.9)), 35.9, 1200),
}  # fmt: skip
AS_IT_IS = {
    "a cube": box(20, 20, 20),
    "a pyramid": trimesh.creation.cone(20, 30, sections=4),
    "a ball": trimesh.creation.icosphere(subdivisions=4, radius=20),
    "a cone": trimesh.creation.cone(15, 40),
}


@pytest.fixture
def stl(tmp_path):
    def write(mesh):
        path = tmp_path / "model.stl"
        mesh.export(path)
        return str(path)

    return write


@pytest.mark.parametrize("name", BETTER)
def test_the_better_way_is_the_known_one_and_turning_so_makes_it_true(name, stl, tmp_path):
    mesh, height, base = BETTER[name]
    path = stl(mesh)
    verdict = check(path, {"volume": VOLUME})["verdict"]
    better, now = verdict["better"], verdict["standing"]
    assert better["height"] == pytest.approx(height, abs=0.2)
    assert better["base"] >= base
    assert better["overhang"] <= max(now["overhang"] * 0.7, 20)
    target = str(tmp_path / "turned.stl")
    assert change(path, target, 1.0, better["rotation"])["size"][2] == pytest.approx(
        height, abs=0.2
    )
    again = check(target, {"volume": VOLUME})["verdict"]
    assert again["standing"]["base"] == pytest.approx(better["base"], rel=0.02)
    assert again["standing"]["overhang"] == pytest.approx(better["overhang"], abs=20)
    assert again["better"] is None


@pytest.mark.parametrize("name", AS_IT_IS)
def test_what_stands_well_is_left_as_it_is(name, stl):
    assert check(stl(AS_IT_IS[name]), {"volume": VOLUME})["verdict"]["better"] is None
