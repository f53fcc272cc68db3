"""Damaged files of every kind: always a verdict or a coded refusal, never a crash."""

import functools
import json

import trimesh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.printing.checking.errors import BadModel, EmptyModel, NothingToRepair
from plugins.printing.checking.work import check, repair

KINDS = ["stl", "stl_ascii", "3mf", "obj", "ply", "glb", "box.stl", "ascii.ply"]


@functools.cache
def sound(kind):
    mesh = trimesh.creation.icosphere(subdivisions=1, radius=9)
    if kind == "ascii.ply":
        return mesh.export(file_type="ply", encoding="ascii")
    if kind == "box.stl":
        mesh, kind = trimesh.creation.box((9, 9, 9)), "stl"
    data = mesh.export(file_type=kind)
    return data if isinstance(data, bytes) else data.encode()


@st.composite
def damaged(draw):
    data = bytearray(sound(draw(st.sampled_from(KINDS))))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.sampled_from(["set", "cut", "drop", "double", "number"])):
            case "set":
                piece = draw(st.binary(min_size=1, max_size=8))
                data[at : at + len(piece)] = piece
            case "cut":
                del data[at:]
            case "drop":
                del data[at : at + draw(st.integers(1, 64))]
            case "double":
                data[at:at] = data[at : at + draw(st.integers(1, 200))]
            case "number":
                data[at:at] = draw(
                    st.sampled_from([b"-1", b"nan", b"1e38", b"99999999999", b"\0", b"\xff" * 4])
                )
    return bytes(data)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(damaged())
def test_a_damaged_model_gets_a_verdict_or_a_reason(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp()
    source = folder / "damaged.bin"
    source.write_bytes(data)
    try:
        said = check(
            str(source), {"volume": [250, 210, 200]}, str(folder / "p.png"), str(folder / "p.glb")
        )
    except BadModel:
        return
    json.dumps(said, allow_nan=False)
    verdict = said["verdict"]
    assert verdict["printable"] == all(one["severity"] != "refuse" for one in verdict["findings"])
    try:
        repair(str(source), str(folder / "mended.stl"))
    except (NothingToRepair, EmptyModel):
        return
    assert check(str(folder / "mended.stl"))["verdict"]["open_edges"] <= verdict["open_edges"]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(*[st.floats(-50, 50, width=32)] * 3), min_size=3, max_size=3),
        min_size=1,
        max_size=30,
    )
)
def test_any_heap_of_triangles_gets_a_verdict(tmp_path_factory, heap):
    mesh = trimesh.Trimesh(
        [point for three in heap for point in three],
        [[3 * n, 3 * n + 1, 3 * n + 2] for n in range(len(heap))],
        process=False,
    )
    source = tmp_path_factory.getbasetemp() / "heap.stl"
    source.write_bytes(trimesh.exchange.stl.export_stl(mesh))
    try:
        said = check(str(source))
    except EmptyModel:
        return
    json.dumps(said, allow_nan=False)
