"""The forms: what they ask, and that whatever people write into them comes out whole, as text."""

import base64
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pypdfium2
import pytest

from hub.i18n import Translator
from hub.plugin import HubError
from plugins.inventory import InventoryPlugin
from plugins.inventory.paper import labels, pdf
from plugins.inventory.paper.document import document_of
from plugins.inventory.paper.page import html_of
from plugins.inventory.readiness import Measured, Report, ReportFields, form_of, meets

LETTERS = "ӘҒҚҢӨҰҮҺІәғқңөұүһі"


@pytest.fixture(scope="module")
def say() -> Translator:
    made = Translator("en")
    made.add("inventory", InventoryPlugin.locale)
    return made


def report(form: str, **fields) -> Report:
    known = ReportFields(form=form, **fields).checked()
    measured = {}
    if form == "readiness":
        counted = "Counted by the hub: {n} in use, {answering} of them answer."
        at = "2026-11-29T10:00:00.000Z"
        params = {"n": 2, "answering": 1}
        measured["panels"] = Measured(value=2, at=at, method=counted, params=params)
        measured["internet_down"] = Measured(value=None, at=None, method="Not measured.")
        measured["furniture"] = Measured(value=12, at=at, method="Counted in the inventory.")
    return Report("r", date(2026, 11, 29), known, measured, [], "me", 1, 0.0)


def text_of(file: bytes) -> str:
    document = pypdfium2.PdfDocument(file)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    return " ".join(" ".join(pages).split())


def drawn(document) -> str:
    return text_of(base64.b64decode(pdf.draw(document.model_dump(mode="json"))))


class Seen(HTMLParser):
    """What of a page is a tag, and what is read."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.read = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data):
        self.read += data


@pytest.mark.parametrize("form", ["readiness", "observation"])
def test_each_form_says_everything_in_three_languages(form):
    found = form_of(form)
    parts = (*found.head, *found.rows, *found.signatures)
    for words in (found.title, *(part.title for part in parts)):
        assert words.keys() == {"kk", "ru", "en"}
        assert len(set(words.values())) >= 2, words
    assert len({part.id for part in parts}) == len(parts)


def test_what_the_recommendations_ask_of_the_internet():
    rows = {row.id: row for row in form_of("readiness").rows}
    speed = rows["internet_down"]
    assert meets(speed, "tirek", 99.9) is False
    assert meets(speed, "tirek", 100) is True
    assert meets(speed, "magnet", 20) is True
    assert meets(speed, "magnet", 19.9) is False
    assert meets(speed, "magnet", None) is None
    assert meets(rows["virtual_class"], "magnet", 16) is False


def test_a_person_says_more_than_a_measurement_and_furniture_is_not_counted_as_enough():
    measured = report("readiness")
    assert (measured.value("panels"), measured.value("furniture")) == (2, None)
    said = report("readiness", answers={"panels": {"value": 0}, "furniture": {"value": True}})
    assert (said.value("panels"), said.value("furniture")) == (0, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"head": {"nothing": "x"}},
        {"signatures": {"school": "x"}},
        {"answers": {"nothing": {"value": 1}}},
        {"answers": {"engineer": {"value": 3}}},
        {"answers": {"pupils": {"value": True}}},
        {"answers": {"pupils": {"value": -1}}},
    ],
)
def test_what_a_form_has_no_place_for_is_refused(wrong):
    with pytest.raises(HubError):
        ReportFields(form="readiness", **wrong).checked()
    with pytest.raises(HubError):
        ReportFields(form="observation", answers={"aims": {"value": 4}}).checked()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_report_reads_the_same_on_paper_and_on_the_web(say, language):
    fields = {"head": {"school": f"№ 5 {LETTERS}"}, "answers": {"engineer": {"value": True}}}
    document = document_of(report("readiness", **fields), say, language)
    assert (document.sums.count("2"), len(document.approved)) == (1, 4)
    page, paper = Seen(html_of(document)).read, drawn(document)
    for text in (document.title, LETTERS, document.sums, document.signatures[0][0]):
        assert text in page
        assert re.sub(r"\s", "", text) in re.sub(r"\s", "", paper)
    assert say.say("Not measured.", language) in page


def test_points_are_summed_over_the_rows_that_were_judged(say):
    answers = {"aims": {"value": 3}, "purpose": {"value": 2}, "safety": {"value": 1, "note": "x"}}
    document = document_of(report("observation", answers=answers), say, "en")
    assert document.sums == "Total: 6 of 9 points (67 %), 3 rows judged."
    assert not document.approved


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "Ғ" * 5_000,
        "Қарағанды облысы " * 294,
        "<script>alert(1)</script><img src=x onerror=alert(1)>&amp; </td></table>" * 60,
        "a\nb\n" * 1_250,
        "\x00\x1b[31m\u202eevil\ufffe",
    ],
    ids=["one word", "words", "html", "lines", "unseen"],
)
@pytest.mark.parametrize("form", ["readiness", "observation"])
def test_names_of_5000_letters_and_html_survive_as_text(say, form, name):
    known = form_of(form)
    fields = {
        "head": {"school": name},
        "signatures": {known.signatures[0].id: name},
        "answers": {known.rows[0].id: {"note": name}},
        "remarks": name,
    }
    document = document_of(report(form, **fields), say, "kk")
    seen = Seen(html_of(document))
    assert seen.tags <= {
        "html", "head", "meta", "title", "style", "body", "div", "h1", "h2", "table", "tbody",
        "thead", "colgroup", "col", "tr", "th", "td", "p",
    }  # fmt: skip
    kept = fields["head"]["school"].replace("\x00\x1b", "")
    if kept.isprintable():
        assert seen.read.count(kept.strip()) == 4
    paper = re.sub(r"\s", "", drawn(document))
    start = re.sub(r"\s", "", kept)[:40]
    assert paper.count(start) >= 4 or not kept.isprintable()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_no_heading_of_a_table_is_broken_in_a_word(say, language):
    seen = [{"title": "Printer", "count": 1, "answering": 1, "faults": 0}]
    for form in ("readiness", "observation"):
        filled = replace(report(form), devices=seen)
        for table in document_of(filled, say, language).tables:
            for heading, share in table.columns:
                for word in heading.split():
                    assert pdf.heading_fits(word, share), heading


def test_labels_have_codes_and_whatever_the_things_are_called():
    label = {"url": "http://192.168.1.5:8420/inventory/x", "name": LETTERS, "number": "№ 17"}
    many = [{**label, "more": "<b>" * 900, "owner": "х" * 200} for _ in range(30)]
    document = pypdfium2.PdfDocument(base64.b64decode(labels.draw(many, 20, "Т")))
    assert len(document) == 3  # 4 places on the first sheet, 24 on the second
    picture = document[1].render(scale=3).to_pil().convert("L")
    document.close()
    assert picture.getextrema()[0] == 0
