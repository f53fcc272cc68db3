"""Files of strangers: every kind is read by its content, and each refusal says why."""

import io
import json
import socket
import struct
import zipfile

import numpy as np
import pytest
import trimesh

from plugins.printing.checking import errors
from plugins.printing.checking.mesh import MOST_TRIANGLES
from plugins.printing.checking.reading import LARGEST_FILE, read

MODEL = trimesh.util.concatenate(
    [
        trimesh.creation.box((10, 20, 30)),
        trimesh.creation.icosphere(2, 5).apply_translation((30, 0, 0)),
    ]
)
CORE = 'xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"'
RELATION = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
TETRAHEDRON = (
    '<mesh><vertices><vertex x="0" y="0" z="0"/><vertex x="9" y="0" z="0"/><vertex x="0" y="9" z="0"/>'
    '<vertex x="0" y="0" z="9"/></vertices><triangles><triangle v1="0" v2="2" v3="1"/>'
    '<triangle v1="0" v2="1" v3="3"/><triangle v1="0" v2="3" v3="2"/><triangle v1="1" v2="2" v3="3"/>'
    "</triangles></mesh>"
)


@pytest.fixture
def given(tmp_path):
    def write(data):
        path = tmp_path / "model.bin"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return read(str(path))

    return write


def volume(model):
    return trimesh.Trimesh(model.mesh.vertices, model.mesh.faces, process=False).volume


def stl(mesh=MODEL):
    return trimesh.exchange.stl.export_stl(mesh)


def package(model, relations=None, **more):
    relations = relations or f'<Relationship Id="a" Type="{RELATION}" Target="/3D/model.model"/>'
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("_rels/.rels", f'<Relationships xmlns="r">{relations}</Relationships>')
        file.writestr("3D/model.model", model)
        for name, data in more.items():
            file.writestr(name, data)
    return whole.getvalue()


def three_mf(objects, build, unit="millimeter", more=""):
    return f'<?xml version="1.0"?>{more}<model unit="{unit}" {CORE}><resources>{objects}</resources><build>{build}</build></model>'


def glb(document, block=b""):
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    chunks = (
        struct.pack("<II", len(text), 0x4E4F534A)
        + text
        + struct.pack("<II", len(block), 0x004E4942)
        + block
    )
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def glb_parts(data):
    size = int.from_bytes(data[12:16], "little")
    return json.loads(data[20 : 20 + size]), data[28 + size :]


@pytest.mark.parametrize("kind", ["stl", "stl-ascii", "3mf", "obj", "ply", "glb"])
def test_each_kind_is_known_by_its_content_and_read_whole(given, kind):
    data = MODEL.export(file_type=kind.replace("-", "_"))
    model = given(data)
    assert model.kind == kind
    assert len(model.mesh.faces) == len(MODEL.faces)
    assert len(model.mesh.vertices) == len(MODEL.vertices)
    assert volume(model) == pytest.approx(MODEL.volume * (1e9 if kind == "glb" else 1), rel=1e-5)


def test_a_glb_is_in_metres_and_stands_upright(given):
    low, high = np.array([given(MODEL.export(file_type="glb")).mesh.vertices.min(0), given(MODEL.export(file_type="glb")).mesh.vertices.max(0)])  # fmt: skip
    assert high - low == pytest.approx([40_000, 30_000, 20_000])


@pytest.mark.parametrize("encoding", ["ascii", "binary"])
def test_a_ply_of_either_kind(given, encoding):
    assert volume(given(MODEL.export(file_type="ply", encoding=encoding))) == pytest.approx(
        MODEL.volume
    )


def test_a_big_endian_ply_with_colours_and_squares(given):
    corners = [
        (0, 0, 0),
        (9, 0, 0),
        (9, 9, 0),
        (0, 9, 0),
        (0, 0, 9),
        (9, 0, 9),
        (9, 9, 9),
        (0, 9, 9),
    ]
    squares = [(3, 2, 1, 0), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)]
    head = (
        "ply\nformat binary_big_endian 1.0\ncomment made by hand\nelement vertex 8\nproperty double x\nproperty double y\n"
        "property double z\nproperty uchar red\nelement face 6\nproperty list uchar int vertex_indices\nend_header\n"
    )
    body = b"".join(struct.pack(">dddB", *c, 7) for c in corners) + b"".join(
        struct.pack(">B4i", 4, *s) for s in squares
    )
    assert volume(given(head.encode() + body)) == pytest.approx(729)


def test_an_obj_with_squares_textures_and_places_from_the_end(given):
    text = (
        "# cube\nmtllib paints.mtl\nv 0 0 0\nv 9 0 0\nv 9 9 0\nv 0 9 0\nv 0 0 9\nv 9 0 9\nv 9 9 9\nv 0 9 9\nvt 0 0\nvn 0 0 1\n"
        "usemtl red\nf 4/1/1 3/1/1 2/1/1 1/1/1\nf 5//1 6//1 7//1 8//1\nf 1 2 6 5\nf -7 -6 \\\n -2 -3\nf 3/1 4/1 8/1 7/1\nf 4 1 5 8\n"
    )
    model = given(text)
    assert volume(model) == pytest.approx(729)
    assert model.left_out


def test_an_stl_that_begins_with_solid_may_be_binary(given):
    data = b"solid made by some program".ljust(80) + stl()[80:]
    assert given(data).kind == "stl"


def test_parts_of_a_3mf_are_placed_and_scaled(given):
    parts = (
        f'<object id="1" type="model">{TETRAHEDRON}</object>'
        '<object id="2" type="model"><components><component objectid="1"/>'
        '<component objectid="1" transform="-1 0 0 0 1 0 0 0 1 100 0 0"/></components></object>'
        f'<object id="3" type="support">{TETRAHEDRON}</object>'
    )
    build = '<item objectid="2" transform="2 0 0 0 2 0 0 0 2 0 0 5"/><item objectid="3"/>'
    model = given(package(three_mf(parts, build, unit="inch")))
    assert volume(model) == pytest.approx(
        2 * 729 / 6 * 8 * 25.4**3
    )  # the mirrored one is not inside out
    assert model.mesh.vertices.min(axis=0) == pytest.approx([0, 0, 5 * 25.4])
    assert model.mesh.vertices[:, 0].max() == pytest.approx(200 * 25.4)


def test_a_part_in_another_file_of_the_package_is_read(given):
    other = three_mf(f'<object id="7">{TETRAHEDRON}</object>', "")
    parts = (
        '<object id="1" xmlns:p="http://schemas.microsoft.com/3dmanufacturing/production/2015/06"><components>'
        '<component p:path="/3D/other.model" objectid="7"/></components></object>'
    )
    data = package(three_mf(parts, '<item objectid="1"/>'), **{"3D/other.model": other})
    assert volume(given(data)) == pytest.approx(121.5)


ASCII = MODEL.export(file_type="stl_ascii").encode()
NO_NUMBER = struct.pack("<f", float("nan"))
CORNER = 84 + 12
GLB_DOCUMENT, GLB_BLOCK = glb_parts(MODEL.export(file_type="glb"))
BOMB = '<!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
OBJECT = f'<object id="1">{TETRAHEDRON}</object>'
NESTED = "".join(
    f'<object id="{n}"><components>'
    + f'<component objectid="{n - 1}"/>' * 10
    + "</components></object>"
    for n in range(2, 12)
)
SELF = '<object id="1"><components><component objectid="1"/></components></object>'


def put(data, at, piece):
    return data[:at] + piece + data[at + len(piece) :]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", errors.EmptyModel),
        (b"   \n", errors.NotAModel),
        (bytes(84), errors.EmptyModel),
        (b"solid nothing\nendsolid nothing\n", errors.EmptyModel),
        (b"<!DOCTYPE html><html><body>404</body></html>", errors.WebPage),
        (b"\xef\xbb\xbf \n<html>" + b"x" * 500, errors.WebPage),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), errors.NotAModel),
        (b"%PDF-1.7" + b"x" * 500, errors.NotAModel),
        (b"just some words\n" * 20, errors.NotAModel),
        (bytes(range(256)) * 8, errors.NotAModel),
        (b"; generated by PrusaSlicer\nG28\nG1 X1 Y1\n", errors.GcodeIsNoModel),
        (stl()[:-7], errors.TruncatedModel),
        (stl()[: len(stl()) // 2], errors.TruncatedModel),
        (put(stl(), 80, struct.pack("<I", 4_000_000_000)), errors.TruncatedModel),
        (ASCII[: len(ASCII) // 2], errors.TruncatedModel),
        (ASCII.replace(b"vertex", b"vortex", 1), errors.BadModel),
        (put(stl(), CORNER, NO_NUMBER), errors.AbsurdCoordinates),
        (put(stl(), CORNER, struct.pack("<f", 1e38)), errors.AbsurdCoordinates),
        (put(stl(), CORNER, struct.pack("<f", float("inf"))), errors.AbsurdCoordinates),
        (b"v 0 0 nan\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", errors.AbsurdCoordinates),
        (b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 4\n", errors.BadModel),
        (b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 0\n", errors.BadModel),
        (b"v 0 0 0\nv 1 0 0\nv 0 1 0\n", errors.EmptyModel),
        (b"v 0 0 0\ncstype bezier\ncurv 0 1 1\n", errors.UnsupportedModel),
        (b"call /etc/passwd\nv 0 0 0\nf 1 1 1\n", errors.NeedsOtherFiles),
        (b"ply\nformat ascii 1.0\nelement vertex 4000000000\nproperty float x\nend_header\n1 2 3\n", errors.TruncatedModel),
        (b"ply\nformat ascii 1.0\nelement vertex 1\n", errors.TruncatedModel),
        (b"ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\nproperty float z\nend_header\n1 2 3\n", errors.EmptyModel),
        (MODEL.export(file_type="ply")[:-9], errors.TruncatedModel),
        (MODEL.export(file_type="glb")[:-9], errors.TruncatedModel),
        (glb({**GLB_DOCUMENT, "buffers": [{"uri": "https://example.org/a.bin", "byteLength": 9}]}), errors.NeedsOtherFiles),
        (glb({**GLB_DOCUMENT, "extensionsRequired": ["KHR_draco_mesh_compression"]}, GLB_BLOCK), errors.UnsupportedModel),
        (glb(GLB_DOCUMENT, GLB_BLOCK[:40]), errors.TruncatedModel),
        (glb({**GLB_DOCUMENT, "nodes": [{"children": [0]}], "scenes": [{"nodes": [0]}]}, GLB_BLOCK), errors.BadModel),
        (glb([1, 2]), errors.BadModel),
        (b"glTF" + struct.pack("<II", 1, 20) + bytes(8), errors.UnsupportedModel),
        (MODEL.export(file_type="3mf")[:-60], errors.TruncatedModel),
        (package("<a/>", relations="<x/>"), errors.NotAModel),
        (package(three_mf(OBJECT, '<item objectid="1"/>', more=BOMB)), errors.PackedTooTightly),
        (package(three_mf(OBJECT, "") + " " * 30_000_000), errors.PackedTooTightly),
        (package(three_mf(SELF, '<item objectid="1"/>')), errors.BadModel),
        (package(three_mf(OBJECT + NESTED, '<item objectid="11"/>')), errors.BadModel),
        (package(three_mf(OBJECT, '<item objectid="2"/>')), errors.BadModel),
        (package(three_mf(OBJECT, "")), errors.EmptyModel),
        (package("<a>", ), errors.BadModel),
        (package("<a>" * 1000), errors.BadModel),
        (package(three_mf(OBJECT, "", unit="parsec")), errors.BadModel),
        (package(three_mf(OBJECT.replace('x="9"', 'x="1e38"'), '<item objectid="1"/>')), errors.AbsurdCoordinates),
        (package("", relations=f'<Relationship Type="{RELATION}" TargetMode="External" Target="http://example.org/a"/>'), errors.NeedsOtherFiles),
        (package("", relations=f'<Relationship Type="{RELATION}" Target="/../../etc/passwd"/>'), errors.NeedsOtherFiles),
    ],
)  # fmt: skip
def test_what_is_no_model_is_refused_with_its_reason(given, data, kind):
    with pytest.raises(errors.BadModel) as refused:
        given(data)
    assert type(refused.value) is kind
    assert refused.value.hint


def test_too_many_triangles_are_refused_by_their_number(given, tmp_path):
    path = tmp_path / "many.stl"
    count = MOST_TRIANGLES + 1
    with path.open("wb") as file:
        file.write(bytes(80) + struct.pack("<I", count))
        file.truncate(84 + 50 * count)
    with pytest.raises(errors.TooManyTriangles):
        read(str(path))


def test_a_file_that_is_too_large_is_not_even_read(tmp_path):
    path = tmp_path / "large.stl"
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    with pytest.raises(errors.ModelTooLarge):
        read(str(path))


def test_a_shape_placed_too_often_is_refused_before_it_is_copied(given):
    nodes = [{"mesh": 0} for _ in range(3000)]
    document = {
        **GLB_DOCUMENT,
        "nodes": nodes,
        "scenes": [{"nodes": list(range(3000))}],
        "scene": 0,
    }
    assert 3000 * len(MODEL.faces) < MOST_TRIANGLES * 3
    with pytest.raises(errors.BadModel):
        given(
            glb(
                {**document, "nodes": nodes * 9, "scenes": [{"nodes": list(range(27000))}]},
                GLB_BLOCK,
            )
        )


def test_neither_a_file_nor_an_address_is_opened(given, monkeypatch):
    def forbidden(*_args, **_more):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "socket", forbidden)
    pictures = {**GLB_DOCUMENT, "images": [{"uri": "http://example.org/wood.png"}]}
    assert given(glb(pictures, GLB_BLOCK)).left_out
