"""A board as a file: the shape of strokes is the page's, InkML keeps every sample, other programs open all of it."""

import io
import json
import shutil
import struct
import subprocess
from pathlib import Path

import numpy as np
import pycrdt
import pypdfium2
import pytest
from lxml import etree
from PIL import Image

from plugins.whiteboard.exporting import letters
from plugins.whiteboard.exporting.outline import Ink, outline
from plugins.whiteboard.exporting.work import export
from plugins.whiteboard.points import Point, pack

ROOT = Path(__file__).resolve().parents[2]
OUTLINES = json.loads((ROOT / "tests/contract/outlines.json").read_text())
INK = ROOT / ".make/peers/ink/bin/python"
READER = ROOT / "tests/inkml_reader.py"
INKML = "{http://www.w3.org/2003/InkML}"
SVG = "{http://www.w3.org/2000/svg}"
TIME = 1_764_400_000_000.0
HOSTILE = "</text><script>alert(1)</script>&\"'\x00\x0b\u202e ]]> Ә"
# The part of InkML (W3C Recommendation 2011, chapters 3 to 6) that the hub writes.
GRAMMAR = """
<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="http://www.w3.org/2003/InkML"
    datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <start><element name="ink">
    <ref name="annotation"/>
    <element name="definitions">
      <element name="timestamp"><ref name="id"/><attribute name="time"><data type="unsignedLong"/></attribute>
        <optional><attribute name="timeString"><data type="dateTime"/></attribute></optional></element>
      <zeroOrMore><choice><ref name="context"/><ref name="brush"/></choice></zeroOrMore>
    </element>
    <zeroOrMore><element name="traceGroup"><optional><ref name="annotation"/></optional>
      <zeroOrMore><element name="traceGroup"><ref name="annotation"/>
        <oneOrMore><element name="trace"><ref name="id"/><attribute name="contextRef"/><attribute name="brushRef"/><text/></element></oneOrMore>
      </element></zeroOrMore></element></zeroOrMore>
  </element></start>
  <define name="id"><attribute name="xml:id"><data type="ID"/></attribute></define>
  <define name="annotation"><element name="annotation"><attribute name="type"/><text/></element></define>
  <define name="source"><element name="inkSource"><ref name="id"/><optional><attribute name="model"/></optional>
    <element name="traceFormat"><ref name="id"/><oneOrMore><element name="channel">
      <attribute name="name"><choice><value>X</value><value>Y</value><value>F</value><value>OTx</value><value>OTy</value><value>OR</value><value>T</value></choice></attribute>
      <attribute name="type"><choice><value>decimal</value><value>integer</value></choice></attribute>
      <optional><attribute name="min"><data type="decimal"/></attribute></optional>
      <optional><attribute name="max"><data type="decimal"/></attribute></optional>
      <attribute name="units"><choice><value>dev</value><value>deg</value><value>ms</value></choice></attribute>
      <optional><attribute name="respectTo"/></optional></element></oneOrMore></element>
    <element name="channelProperties"><oneOrMore><element name="channelProperty"><attribute name="channel"/>
      <attribute name="name"><value>resolution</value></attribute><attribute name="value"><data type="decimal"/></attribute>
      <attribute name="units"><value>1/in</value></attribute></element></oneOrMore></element></element></define>
  <define name="context"><element name="context"><ref name="id"/><attribute name="timestampRef"/><ref name="source"/></element></define>
  <define name="brush"><element name="brush"><ref name="id"/><oneOrMore><element name="brushProperty">
    <attribute name="name"><choice><value>color</value><value>width</value><value>transparency</value><value>ignorePressure</value><value>fitToCurve</value></choice></attribute>
    <attribute name="value"/><optional><attribute name="units"><value>mm</value></attribute></optional></element></oneOrMore></element></define>
</grammar>"""


@pytest.mark.parametrize("stroke", OUTLINES, ids=[one["name"] for one in OUTLINES])
def test_a_stroke_has_the_shape_that_the_page_gives_it(stroke):
    made = outline(
        Ink.of(*zip(*stroke["samples"], strict=True)),
        stroke["pen"],
        stroke["width"],
        stroke["step"],
    )
    assert [len(one) for one in made] == [len(one) for one in stroke["outline"]]
    for ours, theirs in zip(made, stroke["outline"], strict=True):
        assert np.allclose(ours, theirs, atol=0.01)


SAMPLES = [
    Point(n / 200, 8.0 * n, 30 * np.sin(n / 6), 0.2 + n / 100, 20.5 + n, -12.25, 90.5)
    for n in range(60)
]


def stroke(samples=SAMPLES, **more):
    said = {"kind": "stroke", "page": "one", "time": TIME, "colour": "#0b5cad", "pen": "pen"}
    place = {"width": 9.0, "x": 200.0, "y": 300.0, "device": "tablet-1", "points": pack(samples)}
    return {**said, **place, **more}


def note(text, **more):
    place = {"x": 900.0, "y": 200.0, "width": 240.0, "height": 240.0}
    said = {"kind": "note", "page": "one", "time": TIME + 9, "colour": "#ffe27a", "text": text}
    return {**said, **place, **more}


def shape(form, **more):
    said = {"kind": "shape", "page": "one", "time": TIME + 5, "colour": "#d0342c", "form": form}
    return {**said, "width": 6.0, "from": [200.0, 600.0], "to": [500.0, 800.0], **more}


class Board:
    """Documents as a job has them."""

    def __init__(self, folder):
        self.folder = folder
        self.job = {
            "title": "Жасуша",
            "pages": [{"id": "one", "title": "Бет", "background": None}],
            "documents": [],
            "names": {},
            "faint": [],
            "pictures": {},
        }

    def author(self, name, title, items, edits=()):
        doc = pycrdt.Doc()
        doc["items"], doc["edits"] = pycrdt.Map(dict(items)), pycrdt.Map(dict(edits))
        file = self.folder / f"{len(self.job['documents'])}.update"
        file.write_bytes(doc.get_update())
        self.job["documents"].append({"name": name, "file": str(file)})
        self.job["names"][name] = title
        return self

    def made(self, form, **more):
        target = self.folder / f"made.{form}"
        assert export({**self.job, "format": form, "target": str(target), **more}) == {}
        assert not list(self.folder.glob("*.part*"))
        return target


@pytest.fixture
def board(tmp_path):
    return Board(tmp_path)


@pytest.fixture
def drawn(board):
    board.author(
        "person:1",
        "Әсем",
        {
            "stroke-a": stroke(),
            "stroke-b": stroke(time=TIME + 1000, y=420.0, pen="marker", width=28.0),
            "rectangle": shape("rectangle"),
            "ellipse1": shape("ellipse", **{"from": [600.0, 600.0], "to": [900.0, 800.0]}),
            "arrow-1-": shape("arrow", **{"from": [1000.0, 600.0], "to": [1300.0, 800.0]}),
            "note-1--": note("Митохондрия деген не?\nОл – жасушаның қуат көзі."),
        },
    )
    mouse = [Point(n / 60, 5.0 * n, float(n * n) / 20) for n in range(40)]
    return board.author(
        "seat:Үстел 2",
        "Үстел 2",
        {"stroke-c": stroke(mouse, time=TIME + 500, colour="#1d8a52", device="", y=100.0)},
        {"stroke-c": {"x": 1000.0, "y": 50.0, "scale": 2.0}},
    )


def test_inkml_has_every_sample_as_it_came_with_its_author(drawn):
    tree = etree.parse(drawn.made("inkml"))
    etree.RelaxNG(etree.XML(GRAMMAR)).assertValid(tree)
    assert tree.findtext(f"{INKML}annotation") == "Жасуша"
    by_id = {
        one.get("{http://www.w3.org/XML/1998/namespace}id"): one
        for one in tree.iter()
        if isinstance(one.tag, str)
    }
    page = tree.find(f"{INKML}traceGroup")
    groups = {one.findtext(f"{INKML}annotation"): one for one in page.findall(f"{INKML}traceGroup")}
    assert list(groups) == ["Әсем", "Үстел 2"]
    first, second = groups["Әсем"].findall(f"{INKML}trace")
    (moved,) = groups["Үстел 2"].findall(f"{INKML}trace")

    def read(trace):
        context = by_id[trace.get("contextRef")[1:]]
        form = context.find(f"{INKML}inkSource/{INKML}traceFormat")
        names = [one.get("name") for one in form.findall(f"{INKML}channel")]
        rows = [[float(value) for value in row.split()] for row in trace.text.split(",")]
        return dict(zip(names, np.array(rows).T, strict=True))

    columns = read(first)
    assert list(columns) == ["X", "Y", "F", "OTx", "OTy", "OR", "T"]
    assert np.allclose(columns["X"], [200 + one.x for one in SAMPLES], atol=1e-4)
    assert np.allclose(columns["Y"], [300 + one.y for one in SAMPLES], atol=1e-4)
    assert np.array_equal(columns["F"], [round(one.pressure * 65535) for one in SAMPLES])
    assert np.array_equal(columns["OTx"], [one.tilt_x for one in SAMPLES])
    assert (set(columns["OTy"]), set(columns["OR"])) == ({-12.25}, {90.5})
    assert np.allclose(columns["T"], [5 * n for n in range(60)], atol=1e-3)
    assert read(second)["T"][0] == 1000
    assert by_id["begin"].get("time") == str(int(TIME))
    brush = {one.get("name"): one.get("value") for one in by_id[second.get("brushRef")[1:]]}
    assert (brush["color"], brush["ignorePressure"]) == ("#0b5cad", "true")
    assert float(brush["width"]) == pytest.approx(28 * 25.4 / 96, abs=1e-3)
    columns = read(moved)
    assert list(columns) == ["X", "Y", "T"]
    assert (columns["X"][0], columns["Y"][0]) == (200 * 2 + 1000, 100 * 2 + 50)
    source = {one.get("model") for one in tree.iter(f"{INKML}inkSource")}
    assert source == {"tablet-1", None}


def test_another_program_reads_every_sample_of_the_ink(board):
    board.author("person:1", "Әсем", {"a-stroke": stroke(), "b-stroke": stroke(time=TIME + 1000)})
    done = subprocess.run([INK, READER, board.made("inkml")], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    assert (read["ink"], len(read["strokes"])) == (2, 2)
    for late, columns in enumerate(read["strokes"]):
        assert {len(column) for column in columns.values()} == {len(SAMPLES)}
        # It takes a device's unit for 1/96 inch and heeds the resolution besides.
        metres = 0.0254 / 96 / 96
        assert np.allclose(columns["X"], [(200 + one.x) * metres for one in SAMPLES], atol=1e-9)
        assert np.allclose(columns["Y"], [(300 + one.y) * metres for one in SAMPLES], atol=1e-9)
        assert columns["PRESSURE"] == [round(one.pressure * 65535) for one in SAMPLES]
        assert columns["AZIMUTH"] == [one.tilt_x for one in SAMPLES]
        assert columns["ALTITUDE"] == [one.tilt_y for one in SAMPLES]
        assert np.allclose(columns["TIMESTAMP"], [late + n / 200 for n in range(60)], atol=1e-6)


def pixels(data, size=(960, 540)):
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    return np.asarray(picture.resize(size, Image.Resampling.BOX)).astype(float)


def size_of(file):
    with Image.open(file) as picture:
        return picture.size


def rsvg(file):
    done = subprocess.run(["rsvg-convert", "-z", "2", file], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def poppler(file, page=1):
    command = ["pdftoppm", "-png", "-r", "192", "-f", str(page), "-l", str(page), file]
    done = subprocess.run(command, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("rsvg-convert"), reason="needs librsvg2-bin")
@pytest.mark.skipif(not shutil.which("pdftoppm"), reason="needs poppler-utils")
def test_other_programs_show_svg_pdf_and_png_alike(drawn):
    drawn.job["pages"][0]["background"] = {"kind": "squares"}
    ours = pixels(drawn.made("png").read_bytes())
    for theirs in (pixels(rsvg(drawn.made("svg"))), pixels(poppler(drawn.made("pdf")))):
        apart = np.abs(ours - theirs).max(axis=2)
        assert apart.mean() < 1.5
        assert (apart > 90).mean() < 0.002  # edges, and letters that lie half a pixel elsewhere
    # Ink where it was drawn, in its colour; nothing elsewhere.
    assert np.abs(ours[150, 101] - [11, 92, 173]).max() < 60
    assert np.abs(ours[500, 940] - 255).max() < 60


def test_png_fills_a_panel_and_pdf_has_every_page_with_its_name(drawn):
    drawn.job["pages"].append({"id": "two", "title": "Екінші", "background": {"kind": "dots"}})
    assert size_of(drawn.made("png")) == (3840, 2160)
    document = pypdfium2.PdfDocument(drawn.made("pdf"))
    assert len(document) == 2
    assert document[0].get_size() == (1440, 810)
    assert [one.get_title() for one in document.get_toc()] == ["Бет", "Екінші"]
    said = document[0].get_textpage().get_text_range()
    assert " ".join(said.split()) == "Митохондрия деген не? Ол – жасушаның қуат көзі."
    assert document.get_metadata_dict()["Title"] == "Жасуша"
    document.close()


def test_hostile_words_stay_words(board):
    board.job["title"] = board.job["pages"][0]["title"] = HOSTILE
    board.author(
        "person:1", HOSTILE, {"note-1--": note(HOSTILE), "stroke-a": stroke(device=HOSTILE)}
    )
    tree = etree.parse(board.made("svg"))
    allowed = {"svg", "title", "rect", "g", "path", "text", "image"}
    assert {etree.QName(one).localname for one in tree.iter()} <= allowed
    attributes = {name for one in tree.iter() for name in one.attrib}
    assert not {name for name in attributes if name.startswith("on") or "href" in name}
    said = "".join(tree.getroot().itertext(f"{SVG}text"))
    assert "script" in said
    assert "\u202e" not in said
    etree.RelaxNG(etree.XML(GRAMMAR)).assertValid(etree.parse(board.made("inkml")))
    pypdfium2.PdfDocument(board.made("pdf")).close()
    board.made("png")


def test_what_is_no_item_is_left_out_and_does_no_harm(board):
    broken = {
        "short-id": "text",
        "no-colour": stroke(colour="url(#x)"),
        "no-points": stroke(points=b"\x01\x00\x00\x00\xff\xff\xff\xff"),
        "not-bytes": stroke(points="AAAA"),
        "far-away-": stroke(x=1e9),
        "not-a-number": stroke(x=float("nan")),
        "no-width": stroke(width=0.0),
        "true-width": stroke(width=True),
        "no-form--": shape("circle"),
        "a-note---": note(12.0),
        "flat-note": note("x", width=0.0),
        "spaces in an id": stroke(),
        "endless-time": stroke(time=float("inf")),
        "no-page--": stroke(page=["one"]),
        "no-fields": [1.0, 2.0],
        "bad-curve": stroke(curve=[0.0, 0.05, 0.0]),
        "no-curve-": stroke(curve="soft"),
    }
    infinite = struct.pack("<BBHI2I4f", 1, 0, 0, 2, 0, 1, 0, 0, float("inf"), 0)
    edits = {"stroke-a": {"x": 1e12, "y": 0.0, "scale": -1.0}}
    board.author(
        "person:1",
        "A",
        {**broken, "no-end--": stroke(points=infinite), "stroke-a": stroke()},
        edits,
    )
    assert len(etree.parse(board.made("inkml")).findall(f".//{INKML}trace")) == 1
    assert len(etree.parse(board.made("svg")).findall(f".//{SVG}path")) == 1
    assert size_of(board.made("png")) == (3840, 2160)


def test_a_hand_shapes_what_is_drawn_and_not_what_was_measured(board):
    samples = [Point(n * 0.005, 10.0 * n, 0.0, 0.4) for n in range(30)]
    soft, hard = [0.0, 0.5, 1.0], [0.3, 1.0, -1.0]

    def ink(**more):
        board.job["documents"].clear()
        board.author("person:1", "A", {"stroke-a": stroke(samples, **more)})
        return int((np.asarray(Image.open(board.made("png")).convert("L")) < 160).sum())

    even = ink()
    assert even > 0
    assert ink(curve=[0.0, 1.0, 0.0]) == even
    assert ink(curve=soft) > 1.2 * even
    assert ink(curve=hard) < 0.8 * even
    traces = [one.text for one in etree.parse(board.made("inkml")).findall(f".//{INKML}trace")]
    assert "26214" in traces[0], "0.4 of 65535, as it was measured"


def test_far_away_ink_makes_the_picture_coarser_not_larger(board):
    board.author("person:1", "A", {"stroke-a": stroke(), "stroke-b": stroke(x=900_000.0)})
    assert max(size_of(board.made("png"))) <= 8192
    document = pypdfium2.PdfDocument(board.made("pdf"))
    assert max(document[0].get_size()) <= 14_400
    document.close()


def test_pictures_are_inside_the_files_upright_and_without_what_the_camera_knew(board, tmp_path):
    source = tmp_path / "camera"
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "SECRET"
    wide = Image.new("RGB", (400, 200), "#0000ff")
    wide.paste("#ff0000", (0, 0, 200, 200))
    wide.save(source, "JPEG", exif=exif)
    place = {"x": 0, "y": 0, "width": 540, "height": 1080}
    board.job["pages"][0]["background"] = {"kind": "picture", "asset": "a1", **place}
    picture = {"kind": "picture", "page": "one", "time": TIME, "colour": "#000000", "asset": "a2"}
    board.author(
        "person:1", "A", {"picture1": {**picture, "x": 1000, "y": 0, "width": 500, "height": 500}}
    )
    board.job["pictures"] = {"a1": [str(source), "image/jpeg"]}
    wanted = export({**board.job, "format": "svg", "target": str(tmp_path / "made.svg")})
    assert wanted == {"wants": ["a2"]}
    board.job["pictures"]["a2"] = None  # it may not be seen
    source.rename(tmp_path / "camera.png")
    board.job["pictures"]["a1"][0] = str(tmp_path / "camera.png")
    svg = board.made("svg").read_text()
    assert svg.count("data:image/") == 1
    assert "SECRET" not in svg
    made = pixels(board.made("png").read_bytes())
    assert made[100, 100].argmax() == 0, "red is above"
    assert made[500, 100].argmax() == 2
    assert np.ptp(made[100, 600]) < 10, "an empty place"


def test_notes_are_laid_out_in_the_largest_letters_that_fit():
    assert letters.laid("Жасуша", 200, 200)[0] == 34
    size, lines = letters.laid("ұзақ " * 80, 200, 200)
    assert 9 <= size < 20
    assert len(lines) * size * letters.LINE <= 200
    size, lines = letters.laid("x" * 2000, 200, 200)
    assert all(letters.wide(line, size) <= 200 for line in lines)
