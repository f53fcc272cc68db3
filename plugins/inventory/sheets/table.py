"""The inventory as a table that Excel opens, and back again: what would change, or why not.

RFC 4180, in UTF-8 with a byte order mark, without which Excel takes Kazakh letters for others;
semicolons, as Excel writes in Kazakhstan. Commas are read, too.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from hub.plugin import N_, HubError, Translator
from plugins.inventory.items.values import MOST_ITEMS, Item, ItemFields
from plugins.inventory.sheets.cells import guarded, unguarded
from plugins.inventory.sheets.columns import COLUMNS, headings, read, written

MOST_BYTES = 2 << 20
MOST_WRONG = 100
_CELL = 20_000
_SEPARATOR = re.compile(r"\Asep=[;,\t]\r?\n", re.IGNORECASE)


class NoTable(HubError):
    """The file is no table that can be read; `detail` says where."""

    code = "no-table"
    status = 422
    title = N_("This file is no table of the inventory.")
    hint = N_("Export the inventory, change that file, and import it again.")


class NotUtf8(HubError):
    """The file's letters are coded in a way that has no Kazakh ones."""

    code = "not-utf-8"
    status = 422
    title = N_("The letters of this file cannot be read.")
    hint = N_("In Excel save it as “CSV UTF-8 (comma delimited)” and import that file.")


class TableTooLong(HubError):
    """The table has more lines than things are kept."""

    code = "table-too-long"
    status = 422
    title = N_("This table has more lines than the inventory keeps.")
    hint = N_("Things that are alike can be one line with a number.")


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a line cannot be taken.

    Attributes:
        line: of the file, the headings are line 1.
        column: its name; empty where the whole line is meant.
        said: what is wrong (message id).
        cell: what stands there, cut.
    """

    line: int
    column: str
    said: str
    cell: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """What would become of a line.

    Attributes:
        line: of the file.
        item: the id of the thing that changes; None where one is entered.
        fields: what is known of it then.
        before: what changes of it, as it is now, by column.
    """

    line: int
    item: str | None
    fields: ItemFields
    before: dict[str, Any]


@dataclass(slots=True)
class Plan:
    """What an import would do, all of it or nothing.

    Attributes:
        planned: what changes and what is entered.
        same: how many lines change nothing.
        wrong: why it cannot be; empty where it can.
        left: how many more are wrong.
    """

    planned: list[Planned] = field(default_factory=list)
    same: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    left: int = 0

    @property
    def digest(self) -> str:
        """What stands for this very plan: another state of things gives another."""
        told = [(one.item, one.before, one.fields.model_dump(mode="json")) for one in self.planned]
        text = json.dumps([told, len(self.wrong)], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def say_wrong(self, line: int, column: str, said: str, cell: str = "") -> None:
        """Note why a line cannot be taken."""
        if len(self.wrong) < MOST_WRONG:
            self.wrong.append(Wrong(line, column, said, cell[:80]))
        else:
            self.left += 1


def write_table(items: Sequence[Item], say: Translator, language: str) -> bytes:
    """Return the inventory as a table, with headings in a language."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([guarded(say.say(title, language)) for title in COLUMNS.values()])
    for item in items:
        values = {**dict(item.fields), "id": item.id}
        writer.writerow([guarded(written(name, values[name])) for name in COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def plan_of(data: bytes, items: Sequence[Item], say: Translator) -> Plan:
    """Return what a table would change.

    Args:
        data: the file.
        items: what is kept now.
        say: knows the headings in all languages.

    Raises:
        NotUtf8, NoTable, TableTooLong: it cannot be read at all.
    """
    rows = _rows(data)
    names = _names(rows[0], say)
    if len(rows) - 1 > MOST_ITEMS:
        raise TableTooLong(f"{len(rows) - 1} lines, {MOST_ITEMS} are kept")
    known = {item.id: item for item in items}
    plan, seen = Plan(), dict[str, int]()
    for line, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if any(cell.strip() for cell in row[len(names) :]):
            plan.say_wrong(line, "", N_("It has more cells than there are headings."))
            continue
        cells = {name: unguarded(cell) for name, cell in zip(names, row, strict=False)}
        _take(plan, line, cells, known, seen)
    new = sum(one.item is None for one in plan.planned)
    if len(known) + new > MOST_ITEMS:
        raise TableTooLong(f"{len(known) + new} things, {MOST_ITEMS} are kept")
    return plan


def _take(
    plan: Plan, line: int, cells: Mapping[str, str], known: Mapping[str, Item], seen: dict[str, int]
) -> None:
    item_id = cells.get("id", "").strip()
    item = known.get(item_id)
    if item_id and item is None:
        said = N_("No thing has this id. Leave the cell empty to enter a new thing.")
        plan.say_wrong(line, "id", said, item_id)
        return
    if item_id in seen:
        plan.say_wrong(line, "id", N_("The same thing stands in the table twice."), item_id)
        return
    if item_id:
        seen[item_id] = line
    # Columns that the table lacks stay as they are.
    values: dict[str, Any] = dict(item.fields) if item else {"name": ""}
    for name, cell in cells.items():
        if name == "id":
            continue
        try:
            values[name] = read(name, cell)
        except ValueError:
            plan.say_wrong(line, name, _HOW[name], cell)
            return
    try:
        fields = ItemFields.model_validate(values)
    except ValidationError as error:
        for one in error.errors():
            name = str(one["loc"][0]) if one["loc"] else ""
            plan.say_wrong(line, name, _HOW.get(name, _LONG), str(values.get(name, "")))
        return
    if item is None:
        plan.planned.append(Planned(line, None, fields, {}))
        return
    before = {
        name: getattr(item.fields, name)
        for name in ItemFields.model_fields
        if getattr(item.fields, name) != getattr(fields, name)
    }
    if before:
        plan.planned.append(Planned(line, item.id, fields, before))
    else:
        plan.same += 1


_LONG = N_("This is too long.")
_DATE = N_("Write a date such as 2026-09-01 or 01.09.2026.")
_HOW = {
    "name": N_("A name is needed, of 200 letters at most."),
    "kind": N_("Write a kind as the export writes it: computer, headset, furniture, …"),
    "quantity": N_("Write a whole number from 1 to 10,000."),
    "purchased": _DATE,
    "warranty": _DATE,
    "price": N_("Write an amount such as 45000 or 45000.50."),
}


def _rows(data: bytes) -> list[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotUtf8(f"byte {error.start}") from None
    if "\0" in text:
        raise NotUtf8("a zero byte: UTF-16?")
    # A first line by which Excel is told what lies between cells.
    text = _SEPARATOR.sub("", text)
    head = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=head.count)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            if any(len(cell) > _CELL for cell in row):
                raise NoTable(f"line {len(rows) + 1}: a cell is too long")
            rows.append(row)
            if len(rows) > MOST_ITEMS * 2:
                raise TableTooLong(f"more than {MOST_ITEMS} lines")
    except csv.Error as error:
        raise NoTable(f"line {len(rows) + 1}: {error}") from None
    if not rows:
        raise NoTable("it is empty")
    return rows


def _names(head: Sequence[str], say: Translator) -> list[str]:
    known = headings(say)
    names = []
    # Columns that were once used and are empty: spreadsheets write them to the right of the others.
    last = max((at for at, cell in enumerate(head) if cell.strip()), default=-1)
    for cell in head[: last + 1]:
        name = known.get(unguarded(cell).strip().casefold())
        if name is None:
            raise NoTable(f"no column is called {cell[:60]!r}")
        if name in names:
            raise NoTable(f"the column {cell[:60]!r} stands twice")
        names.append(name)
    if "name" not in names:
        raise NoTable("it has no column with names")
    return names
