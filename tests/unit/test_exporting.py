"""Exports are read back by programs that did not write them."""

import csv
import html.parser
import io
import os
import shutil
import subprocess
import unicodedata
import zipfile
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from plugins.microscopy.exporting.errors import ExportFull, NothingToExport
from plugins.microscopy.exporting.names import numbered, safe_name
from plugins.microscopy.exporting.presets import presets
from plugins.microscopy.exporting.words import LABELS
from plugins.microscopy.exporting.work import export
from plugins.microscopy.measuring.drawing import drawing

HOSTILE = [
    "../../etc/passwd",
    "..\\..\\windows\\system32",
    "/absolute",
    "C:\\autoexec.bat",
    "CON",
    "nul.txt",
    "com1",
    "a" * 300,
    "Жасуша қабырғасы, ғ ң ө ұ ү һ і",
    "қ" * 200,
    "trailing. . .",
    "...",
    "\u202egpj.exe",
    "a\nb\tc\x00d",
    'quote " < > | ? * :',
    "<script>alert(1)</script>",
    "=1+1",
    "",
]


def picture(folder: Path, name: str = "a.jpg", size: tuple[int, int] = (400, 300)) -> Path:
    """A picture that says of each pixel where it is, as far as JPEG keeps it."""
    down, across = np.mgrid[0 : size[1], 0 : size[0]]
    planes = [across * 255 // size[0], down * 255 // size[1], np.full_like(down, 90)]
    file = folder / name
    Image.fromarray(np.stack(planes, axis=-1).astype(np.uint8)).save(file, quality=95)
    return file


def item(source: Path, **more: object) -> dict:
    scale = more.get("scale")
    about = {
        "id": "a1",
        "source": str(source),
        "media_type": "image/png" if source.suffix == ".png" else "image/jpeg",
        "title": "Жасуша",
        "note": "Пияз қабығы",
        "author": "Әлия",
        "taken": "24.11.2026 09:30",
        "when": "2026-11-24T04:30:00.000Z",
        "lesson": "Cells",
        "device": "Microscope 3",
        "objective": "40x",
        "scale": None,
        "scale_words": "" if scale is None else str(scale),
        "software": "test",
        "question": "What is it?",
        "answer": "A <b>cell</b>",
        "measured": [],
        "means": [],
        "drawing": drawing([], scale=scale, width=400, language="en"),
    }
    return about | more


def job(folder: Path, wanted: str, *items: dict, **more: object) -> dict:
    return {
        "format": wanted,
        "target": str(folder / "target"),
        "title": "Cells",
        "items": list(items),
        "labels": LABELS,
        "language": "en",
        "marks": True,
        "max_side": None,
        "max_bytes": None,
    } | more


@pytest.mark.parametrize("text", HOSTILE)
def test_a_name_leads_nowhere_and_is_taken_by_every_system(text: str) -> None:
    assert_fit(safe_name(text))


@given(st.text(max_size=400))
def test_any_text_makes_a_name(text: str) -> None:
    assert_fit(safe_name(text))
    assert safe_name(safe_name(text)) == safe_name(text)


def assert_fit(name: str) -> None:
    # What Windows forbids: Naming Files, Paths, and Namespaces (learn.microsoft.com).
    assert name
    assert len(name.encode()) <= 101
    assert not set(name) & set('<>:"/\\|?*')
    assert name == name.strip(" .")
    assert all(unicodedata.category(c)[0] != "C" for c in name)
    stem = name.split(".", maxsplit=1)[0].strip().lower()
    assert stem not in {"con", "prn", "aux", "nul"} | {
        f"{port}{n}" for port in ("com", "lpt") for n in range(10)
    }


def test_kazakh_letters_stay() -> None:
    assert safe_name("Жасуша қабырғасы, ғңөұүһі") == "Жасуша қабырғасы, ғңөұүһі"
    assert numbered(3, 120, "Жасуша", ".jpg") == "003 Жасуша.jpg"


class Addresses(html.parser.HTMLParser):
    """What a page shows and points to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.found: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.found += [value or "" for name, value in attrs if name in ("src", "href")]


def test_a_zip_holds_the_very_pictures_and_a_page_that_finds_them(tmp_path: Path) -> None:
    items = [
        item(picture(tmp_path, f"{n}.jpg", (40 + n, 30)), id=f"a{n}", title=title, note=title)
        for n, title in enumerate(HOSTILE)
    ]
    sources = [Path(one["source"]).read_bytes() for one in items]
    made = export(job(tmp_path, "zip", *items))
    assert made["missing"] == []
    assert (made["name"], made["media_type"]) == ("Cells.zip", "application/zip")
    with zipfile.ZipFile(tmp_path / "target") as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len({name.casefold() for name in names}) == len(names)
        for name in names:
            assert not name.startswith("/")
            assert ".." not in name.split("/")
        pictures = sorted(name for name in names if name.startswith("pictures/"))
        assert [archive.read(name) for name in pictures] == sources
        assert archive.getinfo(pictures[0]).compress_type == zipfile.ZIP_STORED
        page = Addresses(archive.read("index.html").decode())
        assert not page.tags & {"script", "iframe", "object", "link", "base"}
        assert not {name for name in page.attributes if name.startswith("on")}
        assert {unquote(address) for address in page.found} <= set(names)
        assert {unquote(address) for address in page.found} >= set(pictures)
        rows = list(csv.reader(io.StringIO(archive.read("captures.csv").decode("utf-8-sig"))))
        assert [row[0] for row in rows[1:]] == pictures
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert sorted(p.name for p in tmp_path.iterdir() if p.suffix != ".jpg") == ["target"]


def test_debians_unzip_reads_it(tmp_path: Path) -> None:
    unzip = shutil.which("unzip") or shutil.which("bsdtar")
    if unzip is None:
        pytest.skip("neither unzip nor bsdtar is installed")
    export(job(tmp_path, "zip", item(picture(tmp_path))))
    option = "-t" if unzip.endswith("unzip") else "-tf"
    subprocess.run([unzip, option, str(tmp_path / "target")], check=True, capture_output=True)


def test_what_was_deleted_meanwhile_is_told_and_the_rest_is_whole(tmp_path: Path) -> None:
    there, gone = picture(tmp_path), tmp_path / "gone.jpg"
    for wanted in ("zip", "png", "jpeg", "report"):
        one = [item(there, id="a1"), item(gone, id="a2", title="Gone"), item(there, id="a3")]
        made = export(job(tmp_path, wanted, *one))
        assert made["missing"] == ["a2"], wanted
        if wanted == "report":
            assert LABELS["gone"] in (tmp_path / "target").read_text("utf-8")
            continue
        with zipfile.ZipFile(tmp_path / "target") as archive:
            assert archive.testzip() is None
            if wanted == "zip":
                assert LABELS["gone"] in archive.read("index.html").decode()
            else:
                assert len(archive.namelist()) == 2
    with pytest.raises(NothingToExport):
        export(job(tmp_path, "png", item(gone)))
    with pytest.raises(NothingToExport):
        export(job(tmp_path, "zip", item(gone)))
    with pytest.raises(NothingToExport):
        export(job(tmp_path, "png", item(there, media_type="video/mp4")))


def test_a_png_has_a_bar_of_the_length_it_says(tmp_path: Path) -> None:
    scale = 0.5
    export(job(tmp_path, "png", item(picture(tmp_path), scale=scale)))
    with Image.open(tmp_path / "target") as shown:
        assert shown.format == "PNG"
        assert shown.size == (400, 300)
        pixels = np.asarray(shown.convert("RGB")).astype(int)
    white = np.all(pixels == 255, axis=2)
    longest = max(run(row) for row in white)
    # 28 % of 400 px at 0.5 um is 56 um; the round length below it is 50 um, 100 px.
    assert longest == 100


def run(row: np.ndarray) -> int:
    longest = now = 0
    for white in row:
        now = now + 1 if white else 0
        longest = max(longest, now)
    return longest


def test_a_platforms_limits_are_kept(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    noise = Image.fromarray(rng.integers(0, 255, (1500, 2000, 3), dtype=np.uint8))
    noise.save(tmp_path / "n.png")
    limits = {"max_side": 1280, "max_bytes": 200_000}
    made = export(job(tmp_path, "jpeg", item(tmp_path / "n.png"), **limits))
    assert made["name"] == "Жасуша.jpg"
    assert (tmp_path / "target").stat().st_size <= 200_000
    with Image.open(tmp_path / "target") as shown:
        assert shown.format == "JPEG"
        assert max(shown.size) <= 1280
        assert abs(shown.width / shown.height - 4 / 3) < 0.01
        assert not shown.getexif()


def test_the_table_of_platforms_is_a_setting() -> None:
    ours = presets({})
    assert {"bilimland", "daryn", "topiq", "teams"} <= set(ours)
    for one in ours.values():
        assert one.source
        assert not one.verified
    more = presets({"presets": {"teams": {"max_side": 800}, "own": {**NEW}}})
    assert (more["teams"].max_side, more["teams"].title) == (800, "Microsoft Teams")
    assert more["own"].title == "Own"
    with pytest.raises(ValueError, match="max_side"):
        presets({"presets": {"teams": {"max_side": 1}}})


NEW = {"title": "Own", "max_side": 1000, "max_bytes": 100_000}


def test_a_report_is_one_page_that_needs_nothing_else(tmp_path: Path) -> None:
    made = export(job(tmp_path, "report", item(picture(tmp_path), title="<script>x</script>")))
    assert made["media_type"] == "text/html"
    text = (tmp_path / "target").read_text("utf-8")
    page = Addresses(text)
    assert "script" not in page.tags
    assert all(address.startswith("data:image/jpeg;base64,") for address in page.found)
    assert "@page { size: A4" in text
    for said in ("Әлия", "What is it?", "A &lt;b&gt;cell&lt;/b&gt;", "24.11.2026 09:30"):
        assert said in text


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("a small disk can be mounted by root only")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("nothing can be mounted here")
    try:
        rng = np.random.default_rng(1)
        source = tmp_path / "n.png"
        Image.fromarray(rng.integers(0, 255, (600, 800, 3), dtype=np.uint8)).save(source)
        for wanted in ("zip", "png", "report"):
            with pytest.raises(ExportFull):
                export(job(disk, wanted, *[item(source, id=f"a{n}") for n in range(4)]))
            assert [p.name for p in disk.iterdir() if p.name != "target"] == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


SCALES = [0.05, 0.2137, 1.0, 3.7]


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("grey", [False, True])
def test_ome_tiff_is_read_back_by_tifffile(tmp_path: Path, scale: float, grey: bool) -> None:
    tifffile = pytest.importorskip("tifffile")
    source = picture(tmp_path, "a.png")
    if grey:
        Image.open(source).convert("L").save(source)
    made = export(job(tmp_path, "ome-tiff", item(source, scale=scale)))
    assert made["name"] == "Жасуша.ome.tif"
    with tifffile.TiffFile(tmp_path / "target") as file:
        assert file.is_ome
        pixels = file.asarray()
        xml = file.ome_metadata
        tags = file.pages[0].tags
        across, down = (tags[name].value for name in ("XResolution", "YResolution"))
    with Image.open(source) as original:
        assert np.array_equal(pixels, np.asarray(original))
    for above, below in (across, down):
        assert above / below == pytest.approx(1e4 / scale, rel=1e-6)
    ome_types = pytest.importorskip("ome_types")
    ome = ome_types.from_xml(xml, validate=False)
    [image] = ome.images
    assert image.name == "Жасуша"
    assert image.pixels.physical_size_x == pytest.approx(scale)
    assert image.pixels.physical_size_y == pytest.approx(scale)
    assert image.pixels.physical_size_x_unit.value == "µm"
    assert (image.pixels.size_x, image.pixels.size_y) == (400, 300)
    assert image.acquisition_date is not None


def test_a_picture_without_a_scale_claims_none(tmp_path: Path) -> None:
    tifffile = pytest.importorskip("tifffile")
    export(job(tmp_path, "ome-tiff", item(picture(tmp_path))))
    with tifffile.TiffFile(tmp_path / "target") as file:
        assert "PhysicalSize" not in file.ome_metadata


def test_imagej_reads_the_scale(tmp_path: Path) -> None:
    pytest.importorskip("tifffile")
    jar = Path("/usr/share/java/ij.jar")
    # ImageJ wants a screen to open a picture, even where it shows nothing.
    screen = shutil.which("xvfb-run")
    if screen is None or not jar.is_file():
        pytest.skip("imagej and xvfb are not installed: see packaging/apt-test.txt")
    export(job(tmp_path, "ome-tiff", item(picture(tmp_path), scale=0.25)))
    target = (tmp_path / "target").rename(tmp_path / "a.ome.tif")
    macro = tmp_path / "scale.ijm"
    macro.write_text(
        f'open("{target}");\ngetPixelSize(unit, width, height);\n'
        'print(unit + " " + width + " " + height + " " + getWidth() + " " + getHeight());\n'
    )
    command = [screen, "-a", "java", "-jar", str(jar), "-batch", str(macro)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    said = done.stdout.split()
    units = {"microns": 1.0, "micron": 1.0, "um": 1.0, "\u00b5m": 1.0, "\u03bcm": 1.0, "cm": 1e4}
    assert said, done.stderr
    assert float(said[1]) * units[said[0]] == pytest.approx(0.25, rel=1e-3)
    assert float(said[2]) * units[said[0]] == pytest.approx(0.25, rel=1e-3)
    assert said[3:5] == ["400", "300"]
