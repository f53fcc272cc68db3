"""OME-TIFF held against the Open Microscopy Environment's own schema, and its rules beside it.

The schema is the official one of 2016-06, as it comes with ome-types.
"""

import importlib.resources
import io
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from plugins.microscopy.exporting.work import export
from plugins.microscopy.measuring.drawing import drawing

etree = pytest.importorskip("lxml.etree")
tifffile = pytest.importorskip("tifffile")
pytest.importorskip("ome_types")

OME = "{http://www.openmicroscopy.org/Schemas/OME/2016-06}"


@pytest.fixture(scope="module")
def schema():
    file = importlib.resources.files("ome_types") / "ome-2016-06.xsd"
    parser = etree.XMLParser(no_network=True)
    return etree.XMLSchema(etree.parse(io.BytesIO(file.read_bytes()), parser))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ome")


def picture(folder: Path, mode: str = "RGB", size: tuple[int, int] = (40, 30)) -> Path:
    rng = np.random.default_rng(1)
    source = folder / f"{mode}-{size[0]}x{size[1]}.png"
    pixels = rng.integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).convert(mode).save(source)
    return source


def written(source: Path, **about: object) -> tuple[bytes, str]:
    """Return the file that is exported, and the OME-XML in it."""
    item = {
        "id": "a1",
        "source": str(source),
        "media_type": "image/png",
        "title": "Жасуша",
        "note": "Пияз қабығы",
        "when": "2026-11-24T04:30:00.000Z",
        "objective": "40x",
        "scale": 0.25,
        "software": "test",
        "drawing": drawing([], scale=None, width=40, language="en"),
        **about,
    }
    target = source.parent / "target"
    job = {"format": "ome-tiff", "target": str(target), "title": "Cells", "items": [item]}
    export(job | {"labels": {}, "language": "en", "marks": False})
    with tifffile.TiffFile(target) as file:
        said = file.pages[0].description
    return target.read_bytes(), said


def valid(schema, said: str):
    """Return the document where the schema takes it."""
    root = etree.fromstring(said.encode())
    schema.assertValid(root)
    return root


@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P", "RGBA", "I;16"])
@pytest.mark.parametrize("scale", [None, 0.05, 3.7, 1e-9, 1e6])
def test_the_official_schema_takes_it(schema, folder: Path, mode: str, scale: float | None) -> None:
    root = valid(schema, written(picture(folder, mode), scale=scale)[1])
    (pixels,) = root.iter(f"{OME}Pixels")
    assert (pixels.get("SizeX"), pixels.get("SizeY")) == ("40", "30")
    assert pixels.get("Type") == ("uint16" if mode == "I;16" else "uint8")
    assert (pixels.get("PhysicalSizeX") is None) == (scale is None)
    if scale is not None:
        assert float(pixels.get("PhysicalSizeX")) == pytest.approx(scale)
        assert float(pixels.get("PhysicalSizeY")) == pytest.approx(scale)
        assert pixels.get("PhysicalSizeXUnit") == "µm"


@settings(max_examples=60, deadline=None)
@given(title=st.text(max_size=120), note=st.text(max_size=400))
def test_whatever_people_write_the_schema_takes_it(
    schema, folder: Path, title: str, note: str
) -> None:
    root = valid(schema, written(picture(folder), title=title, note=note)[1])
    (image,) = root.iter(f"{OME}Image")
    if note.isprintable() and note.strip():
        assert image.findtext(f"{OME}Description") == note


def test_sixteen_bits_stay_sixteen_bits(folder: Path) -> None:
    source = folder / "deep.png"
    deep = np.arange(1200, dtype=np.uint16).reshape(30, 40) * 50
    Image.fromarray(deep).save(source)
    content, _ = written(source)
    assert np.array_equal(tifffile.imread(io.BytesIO(content)), deep)


def test_it_says_when_and_of_what(schema, folder: Path) -> None:
    root = valid(schema, written(picture(folder))[1])
    (image,) = root.iter(f"{OME}Image")
    assert image.get("Name") == "Жасуша"
    assert image.findtext(f"{OME}AcquisitionDate").startswith("2026-11-24T04:30:00")
    assert image.findtext(f"{OME}Description") == "Пияз қабығы"


def test_the_planes_are_where_it_says(schema, folder: Path) -> None:
    """OME-TIFF specification: each `TiffData` names an image file directory of the file."""
    content, said = written(picture(folder))
    root = valid(schema, said)
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        pages = len(file.pages)
    for data in root.iter(f"{OME}TiffData"):
        assert int(data.get("IFD", "0")) + int(data.get("PlaneCount", "1")) <= pages
    assert re.match(r"<\?xml [^>]*encoding=.UTF-8.", said)
    assert root.get("UUID", "urn:uuid:").startswith("urn:uuid:")
