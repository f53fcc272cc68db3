"""The inventory as a table: what spreadsheets do to it, what they may not do to us."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.i18n import Translator
from hub.plugin import HubError
from plugins.inventory import InventoryPlugin
from plugins.inventory.items.values import MOST_ITEMS, Item, ItemFields
from plugins.inventory.sheets import plan_of, write_table
from plugins.inventory.sheets.cells import guarded, unguarded
from plugins.inventory.sheets.columns import COLUMNS


@pytest.fixture(scope="module")
def say() -> Translator:
    made = Translator("en")
    made.add("inventory", InventoryPlugin.locale)
    return made


def item(at: int, **fields) -> Item:
    known = ItemFields(**{"name": f"Thing {at}", **fields})
    return Item(f"item{at}", None, known, "", 1, 0.0)


DESK = item(
    1, name="Үстел; «Ә» \"тырнақша\"", kind="furniture", quantity=12, price=45000.5,
    purchased=date(2026, 9, 1), warranty=date(2028, 8, 31), notes="бір\nекі", room="21",
)  # fmt: skip
FORMULA = item(2, name='=HYPERLINK("http://x","y")', serial="+7", maker="@SUM(A1)", model="-1")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_what_is_written_is_read_again_in_every_language(say, language):
    table = write_table([DESK, FORMULA], say, language)
    assert table.startswith(b"\xef\xbb\xbf")
    plan = plan_of(table, [DESK, FORMULA], say)
    assert (plan.planned, plan.same, plan.wrong) == ([], 2, [])


def test_no_cell_is_a_formula(say):
    text = write_table([DESK, FORMULA], say, "en").decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=";"):
        for cell in row:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell


@given(st.text(alphabet="'=+-@\t\rаx", max_size=12))
def test_a_guarded_cell_is_no_formula_and_comes_back_whole(text):
    cell = guarded(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unguarded(cell) == text


def test_a_table_with_commas_and_local_dates_and_prices_is_read(say):
    table = "Название,Цена тенге\n".encode()
    with pytest.raises(HubError, match="no column is called 'Цена тенге'"):
        plan_of(table, [], say)
    table = '\ufeffНазвание,"Цена, тенге",Дата покупки,Сколько\r\nГарнитура,"12 500,50",01.09.2026,20\r\n'
    (one,) = plan_of(table.encode(), [], say).planned
    assert one.item is None
    assert (one.fields.price, one.fields.purchased) == (12500.5, date(2026, 9, 1))
    assert one.fields.quantity == 20


def test_what_spreadsheets_leave_beside_a_table_is_no_mistake(say):
    table = "sep=;\r\nid;name;room;;\r\nitem1;Үстел;22;;\r\n;;;;\r\n;Орындық;;;\r\n"
    changed, new = plan_of(table.encode(), [DESK], say).planned
    assert (changed.before.keys(), new.fields.name) == ({"name", "room"}, "Орындық")
    wrong = plan_of(b"name;;\nx;;what is this\n", [], say).wrong
    assert [(one.line, one.said) for one in wrong] == [
        (2, "It has more cells than there are headings.")
    ]
    with pytest.raises(HubError, match="no column is called ''"):
        plan_of(b"name;;room\nx;y;z\n", [], say)


def test_columns_that_are_left_out_stay_as_they_are(say):
    plan = plan_of("id;name;room\nitem1;Үстел;22\n".encode(), [DESK], say)
    (one,) = plan.planned
    assert one.before == {"name": DESK.fields.name, "room": "21"}
    assert (one.fields.price, one.fields.notes) == (45000.5, "бір\nекі")


def test_each_line_that_cannot_be_taken_is_named_in_words(say):
    lines = ("id;name;price;purchased;quantity;kind", "nobody;x;;;;", "item1;x;;;;", "item1;x;;;;",
             ";x;much;;;", ";x;;31.02.2026;;", ";x;;;0;", ";;;;;furniture", ";x;;;;<b>",
             ";" + "x" * 201 + ";;;;", ";x;;;;;;x")  # fmt: skip
    plan = plan_of("\n".join(lines).encode(), [DESK], say)
    assert [(one.line, one.column) for one in plan.wrong] == [
        (2, "id"), (4, "id"), (5, "price"), (6, "purchased"), (7, "quantity"), (8, "name"),
        (9, "kind"), (10, "name"), (11, ""),
    ]  # fmt: skip
    for one in plan.wrong:
        assert len(one.said) > 10
        assert say.say(one.said, "kk") != one.said != say.say(one.said, "ru")


@pytest.mark.parametrize(
    ("table", "code"),
    [
        (b"", "no-table"),
        (b"name;name\nx;y", "no-table"),
        (b"room\n21", "no-table"),
        (b'name\n"x', "no-table"),
        (b"name\n" + b"x" * 200_000, "no-table"),
        ("Название\nСтол".encode("cp1251"), "not-utf-8"),
        ("name\nx".encode("utf-16"), "not-utf-8"),
        (b"name\n" + b"x\n" * (MOST_ITEMS + 1), "table-too-long"),
        (b"name\n" + b"\n" * (MOST_ITEMS * 2 + 1), "table-too-long"),
        (b"PK\x03\x04\x14\x00", "not-utf-8"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(say, table, code):
    with pytest.raises(HubError) as refused:
        plan_of(table, [], say)
    assert refused.value.code == code


def test_another_state_of_things_is_another_plan(say):
    table = b"id;name;room\nitem1;x;22\n"
    moved = item(1, name="x", room="23")
    assert plan_of(table, [DESK], say).digest != plan_of(table, [moved], say).digest
    assert plan_of(table, [DESK], say).digest == plan_of(table, [DESK], say).digest


def test_headings_are_another_in_every_language(say):
    for language in ("kk", "ru", "en"):
        assert len({say.say(title, language).casefold() for title in COLUMNS.values()}) == len(
            COLUMNS
        )
