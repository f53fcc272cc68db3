"""What the check says of models whose faults we made ourselves."""

import struct
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image
from pydantic import TypeAdapter

from plugins.printing.checking import words
from plugins.printing.checking.verdict import MOST_PLACES, Verdict
from plugins.printing.checking.work import change, check, repair

box, ball = trimesh.creation.box, trimesh.creation.icosphere
PRINTER = (250.0, 210.0, 200.0)


def moved(mesh, *by):
    mesh = mesh.copy()
    mesh.apply_translation(by)
    return mesh


def joined(*meshes):
    return trimesh.util.concatenate(meshes)


def on_plate(*size, at=(0, 0)):
    return moved(box(size), *at, size[2] / 2)


@pytest.fixture
def keep(tmp_path):
    def write(mesh, name="model.stl"):
        path = tmp_path / name
        mesh.export(path)
        return str(path)

    return write


@pytest.fixture
def verdict(keep):
    return lambda mesh, **options: check(keep(mesh), {"volume": PRINTER, **options})["verdict"]


def found(verdict, code):
    return next((one for one in verdict["findings"] if one["code"] == code), None)


def codes(verdict):
    return {one["code"] for one in verdict["findings"]}


def test_nothing_is_said_of_a_plain_block(verdict):
    said = verdict(on_plate(20, 30, 10))
    assert said["findings"] == []
    assert said["printable"]
    assert said["fits"]
    assert said["turn"] is None
    assert said["better"] is None
    assert said["volume"] == pytest.approx(6000)
    assert said["mass"] == pytest.approx(7.44)
    assert said["area"] == pytest.approx(2200)
    assert said["standing"]["base"] == pytest.approx(600)


def test_the_mass_is_that_of_the_material(verdict):
    assert verdict(on_plate(20, 30, 10), density=1.27)["mass"] == pytest.approx(7.62)


def test_the_result_is_what_its_type_declares(verdict):
    mesh = joined(on_plate(20, 30, 10), moved(ball(radius=4), 0, 0, 40))
    said = verdict(mesh, volume=[30, 30, 30])
    assert TypeAdapter(Verdict).validate_python(said).as_json() == said


@pytest.mark.parametrize(
    ("size", "any_side", "fits"),
    [
        ((240, 200, 190), True, True),
        ((200, 240, 190), True, True),  # a quarter turn
        ((190, 200, 240), True, True),  # on another side
        ((190, 200, 240), False, False),
        ((300, 4, 4), True, True),  # across the corner: the diagonal is 326 mm
        ((330, 4, 4), True, False),
        ((251, 211, 20), True, False),
    ],
)
def test_a_model_fits_in_any_turn_that_is_allowed(verdict, size, any_side, fits):
    said = verdict(on_plate(*size), any_side=any_side)
    assert said["fits"] == fits
    assert ("too-big" in codes(said)) == (not fits)
    assert said["printable"] == fits
    turn = np.array(said["turn"] or np.eye(3))
    if fits:
        assert (np.ptp(on_plate(*size).vertices @ turn.T, axis=0) <= np.array(PRINTER) + 0.01).all()


@pytest.mark.parametrize(
    ("size", "unit", "factor"),
    [
        ((2, 3, 1), "inch", 25.4),
        ((0.05, 0.03, 0.02), "metre", 1000),
        ((1270, 800, 600), "inch", 1 / 25.4),
        ((50_000, 40_000, 3_000), "metre", 1 / 1000),
        ((50, 40, 30), None, None),
    ],
)
def test_a_mistaken_unit_is_recognised_and_offered(verdict, size, unit, factor):
    said = verdict(box(size))
    if unit is None:
        assert said["units"] == []
        return
    offer = said["units"][0]
    assert (offer["unit"], offer["factor"]) == (unit, pytest.approx(factor))
    assert offer["size"] == pytest.approx([side * factor for side in size], rel=1e-3)
    assert codes(said) & {"units-small", "units-large"}


def test_a_hole_is_shown_by_its_rim(verdict):
    mesh = on_plate(20, 20, 20)
    top = np.flatnonzero(mesh.face_normals[:, 2] > 0.9)
    mesh.faces = np.delete(mesh.faces, top, axis=0)
    said = verdict(mesh)
    hole = found(said, "open")
    assert not said["printable"]
    assert said["repairable"]
    assert hole["number"] == 4
    ends = np.array(hole["places"]["edges"]).reshape(-1, 3)
    assert (ends[:, 2] == 20).all()
    assert hole["places"]["total"] == 4


def test_a_pinhole_is_only_warned_of(verdict):
    mesh = moved(ball(subdivisions=5, radius=30), 0, 0, 30)
    mesh.faces = mesh.faces[:-1]
    said = verdict(mesh)
    assert found(said, "open-slightly")["severity"] == "warn"
    assert said["volume_sure"]
    assert said["printable"]


def test_a_flat_sheet_has_no_thickness(verdict):
    sheet = trimesh.Trimesh([[0, 0, 0], [9, 0, 3], [9, 9, 3], [0, 9, 0]], [[0, 1, 2], [0, 2, 3]])
    said = verdict(sheet)
    assert found(said, "flat")["severity"] == "refuse"
    assert not said["repairable"]


def test_a_strip_with_one_side_is_refused(verdict):
    around = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    ring = np.stack([np.cos(around), np.sin(around), 0 * around], 1)
    across = 0.3 * (np.cos(around / 2)[:, None] * ring + np.sin(around / 2)[:, None] * [0, 0, 1])
    points = np.stack([ring * 20 + across * 20, ring * 20 - across * 20], 1).reshape(-1, 3)
    faces = []
    for n in range(40):
        a, b = 2 * n, 2 * n + 1
        c, d = (2 * n + 2, 2 * n + 3) if n < 39 else (1, 0)
        faces += [(a, b, c), (c, b, d)]
    said = verdict(trimesh.Trimesh(points, faces, process=False))
    assert "one-sided" in codes(said)
    assert not said["printable"]


def test_turned_triangles_are_found_and_shown(verdict):
    mesh = on_plate(20, 20, 20)
    mesh.faces[5] = mesh.faces[5][::-1]
    wrong = found(verdict(mesh), "turned-faces")
    assert wrong["number"] == 1
    shown = np.array(wrong["places"]["triangles"]).reshape(3, 3)
    assert {tuple(p) for p in shown} == {tuple(p) for p in mesh.vertices[mesh.faces[5]]}


def test_a_model_that_is_inside_out_keeps_its_volume(verdict):
    mesh = on_plate(20, 20, 20)
    mesh.invert()
    said = verdict(mesh)
    assert codes(said) == {"inside-out"}
    assert said["volume"] == pytest.approx(8000)


@pytest.mark.parametrize(
    ("other", "codes_of_bodies"),
    [
        (on_plate(9, 9, 9, at=(40, 0)), {"bodies-apart"}),
        (moved(box((12, 14, 16)), 16, 0, 10), {"bodies-touch"}),
        (moved(box((20, 20, 20)), 13, 4, 10), {"bodies-overlap"}),
        (moved(ball(radius=5), 0, 0, 10), {"bodies-inside"}),
    ],
)
def test_bodies_are_told_apart_by_how_they_lie(verdict, other, codes_of_bodies):
    said = verdict(joined(on_plate(20, 20, 20), other))
    assert said["bodies"] == 2
    concerned = {code for code in codes(said) if code.startswith(("bodies", "hollow", "float"))}
    assert concerned == codes_of_bodies


def test_parts_that_hang_together_count_as_one(verdict):
    tower = [on_plate(20, 20, 20), moved(box((9, 9, 9)), 0, 0, 24), moved(box((5, 5, 9)), 0, 0, 33)]
    said = verdict(joined(*tower, on_plate(9, 9, 9, at=(40, 0))))
    assert said["bodies"] == 4
    assert found(said, "bodies-apart")["number"] == 2


def test_parts_that_touch_with_a_whole_side_are_one(verdict):
    said = verdict(joined(on_plate(20, 20, 20), moved(box((20, 20, 20)), 20, 0, 10)))
    assert said["watertight"]
    assert said["bodies"] == 1
    assert said["volume"] == pytest.approx(16000)


def test_a_hollow_is_no_inside_out_part_and_takes_volume_away(verdict):
    hole = moved(ball(subdivisions=4, radius=5), 0, 0, 10)
    hole.invert()
    said = verdict(joined(on_plate(20, 20, 20), hole))
    assert "hollow" in codes(said)
    assert not codes(said) & {"inside-out", "bodies-inside", "floating"}
    assert said["volume"] == pytest.approx(8000 + hole.volume, rel=1e-4)


def test_a_part_in_the_air_floats_and_one_on_another_does_not(verdict):
    ground = on_plate(30, 30, 10)
    stacked = moved(box((10, 10, 10)), 0, 0, 15)
    hanging = moved(box((6, 6, 6)), 0, 0, 40)
    assert "floating" not in codes(verdict(joined(ground, stacked)))
    said = found(verdict(joined(ground, stacked, hanging)), "floating")
    assert said["number"] == 1
    shown = np.array(said["places"]["triangles"]).reshape(-1, 3)
    assert shown[:, 2].min() >= 37


@pytest.mark.parametrize("angle", [0, 30, 45, 70])
@pytest.mark.parametrize(("thick", "code"), [(0.25, "thin"), (0.6, "fragile"), (1.2, None)])
def test_a_wall_is_measured_across_however_it_stands(verdict, angle, thick, code):
    wall = box((40, thick, 30))
    turn = trimesh.transformations.rotation_matrix(np.radians(angle), (1, 2, 3))
    wall.apply_transform(turn)
    said = codes(verdict(wall)) & {"thin", "fragile"}
    assert said == ({code} if code else set())
    if code:
        assert found(verdict(wall), code)["number"] == pytest.approx(thick, rel=0.05)


def test_sharp_edges_and_round_rims_are_no_thin_walls(verdict):
    wedge = trimesh.creation.cone(20, 30)
    assert not codes(verdict(wedge)) & {"thin"}
    assert not codes(verdict(moved(ball(subdivisions=4, radius=20), 0, 0, 20))) & {
        "thin",
        "fragile",
    }


def test_an_overhang_is_measured(verdict):
    table = joined(on_plate(10, 10, 20), moved(box((40, 40, 5)), 0, 0, 22.5))
    said = found(verdict(table), "overhang")
    # The board's lower side, without where the leg meets it.
    assert said["number"] == pytest.approx(40 * 40 - 10 * 10, rel=0.02)


@pytest.mark.parametrize("deep", [0, 0.5, 2.5])
def test_what_lies_on_another_part_or_in_it_does_not_hang_over(verdict, deep):
    letters = [moved(box((8, 12, 3)), 12 * n - 24, 0, 4.5 - deep) for n in range(5)]
    ball_ = moved(ball(subdivisions=4, radius=4), 0, 16, 4)
    said = verdict(joined(on_plate(70, 20, 3), *letters))
    assert "overhang" not in codes(said)
    assert said["standing"]["overhang"] < 5
    assert said["better"] is None
    # And a ball of many small triangles, of which rays miss most.
    said = verdict(joined(on_plate(70, 60, 3), moved(ball_, 0, -16, 1.2)))
    assert "overhang" not in codes(said)


def test_the_ceiling_of_a_hollow_hangs_over(verdict):
    hole = moved(box((20, 20, 10)), 0, 0, 15)
    hole.invert()
    said = found(verdict(joined(on_plate(40, 40, 30), hole)), "overhang")
    assert said["number"] == pytest.approx(400, rel=0.02)


@pytest.mark.parametrize(("lean", "needs"), [(40, False), (50, True)])
def test_what_leans_holds_up_to_45_degrees(verdict, lean, needs):
    prism = on_plate(20, 20, 20)
    top = prism.vertices[:, 2] > 10
    prism.vertices[top] += [20 * np.tan(np.radians(lean)), 0, 0]
    assert ("overhang" in codes(verdict(prism))) == needs


def test_what_a_model_stands_on(verdict):
    assert "no-base" in codes(verdict(moved(ball(subdivisions=4, radius=20), 0, 0, 20)))
    pole = joined(on_plate(3, 3, 40), moved(box((60, 60, 4)), 0, 0, 42))
    assert "small-base" in codes(verdict(pole))
    leaning = on_plate(20, 20, 60)
    leaning.vertices[leaning.vertices[:, 2] > 30] += [50, 0, 0]
    assert "tips-over" in codes(verdict(leaning))
    assert not codes(verdict(on_plate(20, 20, 60))) & {"tips-over", "no-base", "small-base"}


def test_a_better_way_to_stand_is_offered(verdict):
    tee = joined(on_plate(10, 10, 30), moved(box((50, 50, 4)), 0, 0, 32))
    said = verdict(tee)
    turn = np.array(said["better"]["rotation"])
    assert turn @ turn.T == pytest.approx(np.eye(3), abs=1e-6)
    assert np.linalg.det(turn) == pytest.approx(1)
    assert said["better"]["overhang"] < 0.1 * said["standing"]["overhang"]
    assert said["better"]["base"] == pytest.approx(2500, rel=0.01)
    laid = tee.copy()
    laid.apply_transform(np.block([[turn, np.zeros((3, 1))], [0, 0, 0, 1]]))
    assert laid.vertices[:, 2].max() - laid.vertices[:, 2].min() == pytest.approx(
        said["better"]["height"]
    )


def test_places_are_bounded_and_spread(verdict):
    many = joined(
        *(moved(ball(radius=2), 6 * n, 0, 30) for n in range(20)), on_plate(9, 9, 9, at=(0, 40))
    )
    shown = found(verdict(many), "floating")["places"]
    assert len(shown["triangles"]) == MOST_PLACES
    assert shown["total"] == 20 * 1280
    assert np.ptp(np.array(shown["triangles"])[:, 0]) > 100


def test_duplicates_and_degenerates_are_counted_and_do_no_harm(verdict):
    mesh = on_plate(20, 20, 20)
    faces = np.vstack([mesh.faces, mesh.faces[:3], [[0, 1, 1]], mesh.faces[4:5, ::-1]])
    said = verdict(trimesh.Trimesh(mesh.vertices, faces, process=False))
    assert found(said, "duplicate")["number"] == 4
    assert found(said, "degenerate")["number"] == 1
    assert said["watertight"]
    assert said["volume"] == pytest.approx(8000)


def test_a_repair_is_a_new_file_and_says_what_it_did(keep, tmp_path):
    mesh = on_plate(20, 20, 20)
    mesh.faces[2] = mesh.faces[2][::-1]
    faces = np.vstack([np.delete(mesh.faces, 7, axis=0), mesh.faces[:1]])
    source = keep(trimesh.Trimesh(mesh.vertices, faces, process=False))
    before = Path(source).read_bytes()
    done = repair(source, str(tmp_path / "mended.stl"))
    assert {one["code"]: one["count"] for one in done["done"]} == {
        "removed-duplicate": 1,
        "closed-holes": 1,
        "turned-faces": 1,
    }
    assert Path(source).read_bytes() == before
    mended = trimesh.load_mesh(tmp_path / "mended.stl")
    assert mended.is_watertight
    assert mended.is_winding_consistent
    assert mended.volume == pytest.approx(8000)


def test_points_that_all_but_touch_are_joined(keep, tmp_path):
    mesh = on_plate(20, 20, 20)
    soup = mesh.triangles.reshape(-1, 3) + np.random.default_rng(1).normal(0, 1e-5, (36, 3))
    source = keep(trimesh.Trimesh(soup, np.arange(36).reshape(-1, 3), process=False))
    assert not check(source)["verdict"]["watertight"]
    done = repair(source, str(tmp_path / "mended.stl"))
    assert done["done"][0]["code"] == "joined-points"
    assert trimesh.load_mesh(tmp_path / "mended.stl").is_watertight


def test_a_change_scales_turns_and_puts_onto_the_plate(keep, tmp_path):
    quarter = [[1, 0, 0], [0, 0, -1], [0, 1, 0]]
    said = change(keep(box((1, 2, 3))), str(tmp_path / "new.stl"), 25.4, quarter)
    assert said["size"] == pytest.approx([25.4, 76.2, 50.8])
    low, high = trimesh.load_mesh(tmp_path / "new.stl").bounds
    assert low == pytest.approx([-12.7, -38.1, 0], abs=1e-4)
    assert high == pytest.approx([12.7, 38.1, 50.8], abs=1e-4)


def test_the_picture_shows_the_model_from_above_at_a_corner(keep, tmp_path):
    target = tmp_path / "picture.png"
    check(keep(on_plate(20, 20, 20)), None, str(target))
    with Image.open(target) as picture:
        assert picture.size == (512, 512)
        pixels = np.asarray(picture.convert("RGBA")).astype(int)
    covered = pixels[..., 3] > 250
    assert pixels[0, 0, 3] == 0
    assert 0.4 < covered.mean() < 0.9
    # Three sides are seen, each evenly lit and each otherwise than the others; the top is brightest.
    _, counts = np.unique(pixels[covered][:, :3].sum(axis=1) // 4, return_counts=True)
    assert (counts > 0.1 * covered.sum()).sum() == 3
    top = pixels[90:130, 240:270, :3].sum(axis=2).mean()
    assert top > pixels[380:420, 160:200, :3].sum(axis=2).mean() + 30


@pytest.mark.slow
@pytest.mark.parametrize(
    "mesh", [on_plate(20, 30, 10), moved(ball(subdivisions=7, radius=25), 3, 4, 5)]
)
def test_the_preview_is_small_and_of_the_same_shape(keep, tmp_path, mesh):
    target = tmp_path / "preview.glb"
    facts = check(keep(mesh), None, None, str(target))["preview"]
    data = target.read_bytes()
    assert struct.unpack("<4sII", data[:12]) == (b"glTF", 2, len(data))
    assert facts["bytes"] == len(data) <= 1_200_000
    assert facts["triangles"] <= 100_000
    shown = trimesh.load_scene(target).to_mesh()
    assert len(shown.faces) == facts["triangles"]
    assert shown.bounds == pytest.approx(mesh.bounds, abs=0.01 * mesh.scale)
    assert shown.volume == pytest.approx(mesh.volume, rel=0.01)


def test_every_finding_has_a_hint_and_its_severity():
    for code, said in words.WORDS.items():
        assert said.severity in ("refuse", "warn", "tell"), code
        assert said.title.endswith("."), code
        assert said.hint, code
