"""Metadata in a camera's JPEG: read back by independent readers, no camera byte touched."""

import hashlib
import io
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from plugins.microscopy.facts import NAME_BYTES, NOTE_BYTES, Facts
from plugins.microscopy.jpeg import BrokenPicture, scan, segment
from plugins.microscopy.splice import splice
from plugins.microscopy.xmp import NAMESPACE

ALMATY = timezone(timedelta(hours=5))
NAMES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "classhub": NAMESPACE,
}


def picture(**options) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 48), 80).convert("RGB").save(out, "JPEG", **options)
    return out.getvalue()


CAMERA = picture()
BARE = CAMERA[:2] + CAMERA[20:]  # as many cameras send it: without a JFIF header
FACTS = Facts(
    taken=datetime(2026, 9, 1, 9, 5, 7, 42_000, tzinfo=ALMATY),
    title="Пияз қабығы",
    author="Айжан Әлімқызы",
    note="Жасуша қабырғасы анық көрінеді. <b>&amp;</b>",
    device="scope-1",
    device_name="Микроскоп 1",
    make="Levenhuk",
    model="D50L",
    frame=1_788_235_507_042,
    unique_id="0123456789abcdef0123456789abcdef",
    frame_sha256=hashlib.sha256(CAMERA).hexdigest(),
    software="classroom-hub 0.1",
    lesson="lesson-1",
    lesson_title="Биология 6 «А»",
    objective="10x",
    scale=0.5,
    focus=-12.25,
)


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def utf8(text: str) -> str:
    return text.encode("latin-1").decode()  # Pillow takes EXIF texts for Latin-1


def packet(data: bytes) -> ET.Element:
    return ET.fromstring(opened(data).info["xmp"])


def ours(data: bytes) -> tuple[int, int]:
    """Where the two segments stand that were put in."""
    added = [s for s in scan(data).segments if s.marker == 0xE1]
    return added[0].start, added[-1].end


def test_pillow_reads_every_exif_tag_back():
    exif = opened(splice(CAMERA, FACTS)[0]).getexif()
    assert utf8(exif[0x010E]) == FACTS.title
    assert utf8(exif[0x010F]) == "Levenhuk"
    assert exif[0x0110] == "D50L"
    assert exif[0x0131] == "classroom-hub 0.1"
    assert exif[0x0132] == "2026:09:01 09:05:07"
    assert utf8(exif[0x013B]) == FACTS.author
    detail = exif.get_ifd(0x8769)
    assert detail[0x9000] == b"0232"
    assert detail[0x9003] == detail[0x9004] == "2026:09:01 09:05:07"
    assert detail[0x9010] == detail[0x9011] == "+05:00"
    assert detail[0x9291] == "042"
    assert (detail[0xA002], detail[0xA003]) == (64, 48)
    assert detail[0xA420] == FACTS.unique_id
    code, note = detail[0x9286][:8], detail[0x9286][8:]
    assert (code, note.decode("utf-16-be")) == (b"UNICODE\x00", FACTS.note)


def test_an_xml_parser_reads_every_xmp_property_back():
    tree = packet(splice(CAMERA, FACTS)[0])
    found = lambda path: tree.findtext(f".//{path}", namespaces=NAMES)  # noqa: E731
    assert found("dc:title/rdf:Alt/rdf:li") == FACTS.title
    assert found("dc:creator/rdf:Seq/rdf:li") == FACTS.author
    assert found("dc:description/rdf:Alt/rdf:li") == FACTS.note
    assert found("xmp:CreateDate") == "2026-09-01T09:05:07.042+05:00"
    assert found("classhub:Device") == "scope-1"
    assert found("classhub:Lesson") == "lesson-1"
    assert found("classhub:Frame") == "1788235507042"
    assert found("classhub:FrameSha256") == FACTS.frame_sha256
    assert found("classhub:Objective") == "10x"
    assert found("classhub:MicrometresPerPixel") == "0.5"
    assert found("classhub:FocusMicrometres") == "-12.25"


def test_what_is_not_known_is_left_out():
    facts = replace(FACTS, lesson="", objective=None, scale=None, focus=None, make="", note="")
    done = splice(CAMERA, facts)[0]
    assert 0x010F not in opened(done).getexif()
    assert 0x9286 not in opened(done).getexif().get_ifd(0x8769)
    for name in ("Lesson", "Objective", "MicrometresPerPixel", "FocusMicrometres"):
        assert packet(done).find(f".//classhub:{name}", NAMES) is None


@pytest.mark.parametrize("camera", [CAMERA, BARE], ids=["with JFIF", "without JFIF"])
def test_the_cameras_bytes_are_all_there(camera):
    done, jpeg = splice(camera, FACTS)
    start, end = ours(done)
    assert done[:start] + done[end:] == camera
    assert done[start:end].startswith(b"\xff\xe1")
    assert (jpeg.width, jpeg.height) == (64, 48)
    assert opened(done).tobytes() == opened(camera).tobytes()


def test_without_a_jfif_header_everything_after_soi_is_the_cameras():
    done, _ = splice(BARE, FACTS)
    assert done.endswith(BARE[2:])
    assert done[:4] == b"\xff\xd8\xff\xe1"


def test_the_cameras_jfif_header_stays_first():
    done, _ = splice(CAMERA, FACTS)
    assert done[:20] == CAMERA[:20]
    assert opened(done).info["jfif"] == opened(CAMERA).info["jfif"]


def test_exif_that_the_camera_wrote_is_kept_and_only_xmp_is_added():
    own = Image.Exif()
    own[0x010F] = "A camera"
    camera = picture(exif=own)
    done, _ = splice(camera, FACTS)
    assert opened(done).getexif()[0x010F] == "A camera"
    assert packet(done).findtext(".//classhub:Device", namespaces=NAMES) == "scope-1"
    added = [s for s in scan(done).segments if s.payload[:5] == b"http:"]
    assert len(added) == 1
    assert done[: added[0].start] + done[added[0].end :] == camera


def test_long_texts_are_cut_in_the_picture_between_letters():
    long = replace(FACTS, title="ә" * 70_000, author="&" * 70_000, note="<" * 70_000)
    done, _ = splice(CAMERA, long)
    tree = packet(done)
    assert tree.findtext(".//dc:title//rdf:li", namespaces=NAMES) == "ә" * (NAME_BYTES // 2)
    assert tree.findtext(".//dc:description//rdf:li", namespaces=NAMES) == "<" * NOTE_BYTES
    assert utf8(opened(done).getexif()[0x010E]) == "ә" * (NAME_BYTES // 2)


def test_the_longest_metadata_fit_their_segments():
    most = "&" * 100_000
    texts = dict.fromkeys(
        ("title", "author", "note", "device", "device_name", "make", "model", "software",
         "lesson", "lesson_title", "objective"),
        most,
    )  # fmt: skip
    done, _ = splice(CAMERA, replace(FACTS, **texts))
    assert packet(done) is not None


@given(text=st.text(), other=st.text(alphabet=st.characters(categories=["Cc", "Cs", "Cn", "So"])))
def test_any_text_gives_metadata_that_can_be_read(text, other):
    facts = replace(FACTS, title=text, author=other, note=text + other, device_name=other)
    done, _ = splice(CAMERA, facts)
    tree = packet(done)
    title = tree.findtext(".//dc:title//rdf:li", namespaces=NAMES) or ""
    assert title == "".join(title.split("\x00"))
    opened(done).getexif().get_ifd(0x8769)
    start, end = ours(done)
    assert done[:start] + done[end:] == CAMERA


def test_markup_in_a_name_stays_text():
    facts = replace(FACTS, author='</rdf:li><classhub:Device>x</classhub:Device>]]>"')
    tree = packet(splice(CAMERA, facts)[0])
    assert tree.findtext(".//dc:creator//rdf:li", namespaces=NAMES) == facts.author
    assert len(tree.findall(".//classhub:Device", NAMES)) == 1


def test_a_frame_that_is_no_whole_picture_is_refused():
    for data in (b"", b"\xff\xd8\xff\xd9", CAMERA[:-2], CAMERA[:400]):
        with pytest.raises(BrokenPicture):
            splice(data, FACTS)


def test_a_foreign_segment_in_front_is_neither_moved_nor_lost():
    camera = CAMERA[:2] + segment(0xE2, b"MAKER\x00") + CAMERA[2:]
    done, _ = splice(camera, FACTS)
    start, end = ours(done)
    assert start == 2
    assert done[:start] + done[end:] == camera
