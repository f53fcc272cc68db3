"""Tables are brought to their newest form, or left exactly as they were."""

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from hub.store import KERNEL, MigrationFailed, Migrations, Store
from hub.store import _store as module
from hub.store._migrations import _revisions
from hub.store.tables import AssetRow, GroupRow
from plugins.microscopy.tables import MIGRATIONS as MICROSCOPY
from tests.schemas import scripts_up_to

SCRIPT = '''
"""Revision {revision}."""

import sqlalchemy as sa
from alembic import op

revision: str = "{revision}"
down_revision: str | None = {before!r}


def upgrade() -> None:
    {body}
'''

FIRST = """op.create_table(
        "herbarium_leaf",
        sa.Column("asset", sa.String(), sa.ForeignKey("asset.id"), primary_key=True),
        sa.Column("kind", sa.String()),
    )"""
SECOND = """with op.batch_alter_table("herbarium_leaf") as batch:
        batch.add_column(sa.Column("colour", sa.String(), server_default="green"))
        batch.alter_column("kind", nullable=False)"""
HALF_WAY = """op.add_column("herbarium_leaf", sa.Column("colour", sa.String()))
    op.execute("DELETE FROM herbarium_leaf")
    raise RuntimeError("the power of this script is gone")"""


class Plugin:
    """A plugin's tables, with scripts that a test writes."""

    def __init__(self, folder: Path, name: str = "herbarium") -> None:
        self.folder = folder / "migrations of 100%"
        self.folder.mkdir()
        self.metadata = sa.MetaData()
        sa.Table(
            f"{name}_leaf",
            self.metadata,
            sa.Column("asset", sa.ForeignKey(AssetRow.id), primary_key=True),
        )
        self.set = Migrations.of_plugin(name, self.folder, self.metadata)
        self._last: str | None = None

    def script(self, revision: str, body: str, before: str | None = None) -> None:
        text = SCRIPT.format(revision=revision, before=before or self._last, body=body)
        (self.folder / f"{revision}_made.py").write_text(text)
        self._last = revision


@pytest.fixture
def store(tmp_path: Path):
    store = Store(tmp_path / "a folder of 50%" / "hub.db")
    store.open()
    yield store
    store.close()


@pytest.fixture
def plugin(tmp_path: Path) -> Plugin:
    return Plugin(tmp_path)


def reopened(store: Store) -> Store:
    store.close()
    again = Store(store.path)
    again.open()
    return again


def rows(store: Store, query: str) -> list[tuple]:
    with contextlib.closing(sqlite3.connect(store.path)) as connection:
        return connection.execute(query).fetchall()


def dump(store: Store) -> str:
    with contextlib.closing(sqlite3.connect(store.path)) as connection:
        return "\n".join(connection.iterdump())


def copies(store: Store) -> list[str]:
    return sorted(p.name for p in store.path.parent.iterdir() if ".before-" in p.name)


def add_leaf(store: Store) -> None:
    with contextlib.closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute(
            "INSERT INTO asset (id, media_type, sha256, size, width, height, owner, owner_name,"
            " title, note, created, damaged, info)"
            " VALUES ('a1', 'image/jpeg', 'x', 1, 1, 1, 'p', 'P', 'T', '', 1.0, 0, '{}')"
        )
        connection.execute("INSERT INTO herbarium_leaf (asset, kind) VALUES ('a1', 'birch')")


def test_the_scripts_make_exactly_the_tables_of_the_code(store: Store) -> None:
    engine = sa.create_engine(f"sqlite:///{store.path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"compare_server_default": True, "version_table": "hub_alembic_version"},
        )
        assert compare_metadata(context, KERNEL.metadata) == []
    engine.dispose()
    [(sql,)] = rows(store, "SELECT sql FROM sqlite_master WHERE name = 'asset'")
    assert "AUTOINCREMENT" in sql


def test_a_new_database_needs_no_copy(store: Store, plugin: Plugin) -> None:
    plugin.script("1", FIRST)
    store.migrate(plugin.set)
    assert copies(store) == []
    assert rows(store, "SELECT * FROM herbarium_alembic_version") == [("1",)]
    assert rows(store, "SELECT * FROM hub_alembic_version") == [(KERNEL.head(),)]


def test_an_earlier_schema_is_brought_on_with_its_rows_after_a_copy(
    store: Store, plugin: Plugin
) -> None:
    plugin.script("1", FIRST)
    store.migrate(plugin.set)
    add_leaf(store)
    store = reopened(store)
    plugin.script("2", SECOND)
    store.migrate(plugin.set)
    assert rows(store, "SELECT * FROM herbarium_leaf") == [("a1", "birch", "green")]
    assert copies(store) == ["hub.db.before-herbarium-1"]
    kept = store.path.with_name("hub.db.before-herbarium-1")
    assert kept.stat().st_mode & 0o077 == 0
    with contextlib.closing(sqlite3.connect(kept)) as before:
        assert before.execute("SELECT * FROM herbarium_leaf").fetchall() == [("a1", "birch")]
    store.close()


def test_several_steps_are_taken_at_once(store: Store, plugin: Plugin) -> None:
    plugin.script("1", FIRST)
    plugin.script("2", SECOND)
    plugin.script("3", 'op.create_index("herbarium_kind", "herbarium_leaf", ["kind"])')
    store.migrate(plugin.set)
    assert rows(store, "SELECT * FROM herbarium_alembic_version") == [("3",)]


def test_only_the_newest_copies_are_kept(store: Store, plugin: Plugin) -> None:
    store = reopened(store)
    plugin.script("1", FIRST)
    for revision in "23456":
        plugin.script(revision, "pass")
        store.migrate(plugin.set)
    assert len(copies(store)) == 3
    store.close()


@pytest.mark.parametrize(
    "body",
    [
        HALF_WAY,
        # A script that ends the transaction itself cannot be undone by SQLite, only by the copy.
        'op.execute("COMMIT")\n    ' + HALF_WAY,
        'op.execute("UPDATE asset SET title = 1")\n    op.execute("COMMIT")\n    op.execute("x")',
    ],
)
def test_a_failing_migration_leaves_everything_as_it_was(
    store: Store, plugin: Plugin, body: str
) -> None:
    plugin.script("1", FIRST)
    store.migrate(plugin.set)
    add_leaf(store)
    store = reopened(store)
    before = dump(store)
    plugin.script("2", body)
    with pytest.raises(MigrationFailed, match="herbarium: 1 to 2"):
        store.migrate(plugin.set)
    assert dump(store) == before
    store.close()


async def test_after_a_failed_migration_the_rest_works_on(store: Store, plugin: Plugin) -> None:
    plugin.script("1", HALF_WAY)
    with pytest.raises(MigrationFailed):
        store.migrate(plugin.set)
    await store.write(lambda session: session.add(GroupRow(id="g", name="5A", created=1.0)))
    (plugin.folder / "1_made.py").unlink()
    plugin.script("1", FIRST, before=None)


def test_a_kernel_migration_that_fails_stops_the_start_and_keeps_the_data(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.close()
    before = dump(store)
    folder = tmp_path / "kernel"
    folder.mkdir()
    for script in KERNEL.folder.glob("*.py"):
        (folder / script.name).write_text(script.read_text())
    text = SCRIPT.format(revision="9999", before=KERNEL.head(), body='op.drop_table("seat")\n    x')
    (folder / "9999_bad.py").write_text(text)
    monkeypatch.setattr(module, "KERNEL", Migrations("hub", folder, KERNEL.metadata))
    with pytest.raises(MigrationFailed, match="9999"):
        Store(store.path).open()
    assert dump(store) == before
    assert copies(store) == [f"hub.db.before-hub-{KERNEL.head()}"]


@pytest.mark.parametrize(
    "body",
    [
        'op.create_table("meadow", sa.Column("id", sa.String(), primary_key=True))',
        'op.drop_table("seat")',
        'op.add_column("asset", sa.Column("colour", sa.String()))',
        'op.create_index("herbarium_fast", "asset", ["title"])',
        'op.execute("CREATE TRIGGER herbarium_t AFTER DELETE ON asset BEGIN SELECT 1; END")',
    ],
)
def test_a_plugin_s_script_may_not_touch_what_is_not_its_own(
    store: Store, plugin: Plugin, body: str
) -> None:
    before = dump(store)
    plugin.script("1", body)
    with pytest.raises(MigrationFailed, match="may not change"):
        store.migrate(plugin.set)
    assert dump(store) == before


@pytest.mark.parametrize("name", ["hub", "asset", "member", "Herbarium", "", "x;--", "9a"])
def test_a_plugin_s_tables_bear_its_prefix(store: Store, tmp_path: Path, name: str) -> None:
    metadata = sa.MetaData()
    sa.Table("leaf", metadata, sa.Column("id", sa.String, primary_key=True))
    with pytest.raises(MigrationFailed):
        store.migrate(Migrations.of_plugin(name, tmp_path, metadata))
    with pytest.raises(MigrationFailed):
        store.migrate(Migrations(name, tmp_path, metadata))


def test_rows_that_point_at_nothing_fail_the_migration(store: Store, plugin: Plugin) -> None:
    plugin.script("1", FIRST + "\n    op.execute(\"INSERT INTO herbarium_leaf VALUES ('x', 'y')\")")
    with pytest.raises(MigrationFailed, match="that is gone"):
        store.migrate(plugin.set)


def test_a_database_of_a_newer_version_is_not_touched(store: Store, plugin: Plugin) -> None:
    plugin.script("1", FIRST)
    plugin.script("2", SECOND)
    store.migrate(plugin.set)
    (plugin.folder / "2_made.py").unlink()
    before = dump(store)
    with pytest.raises(MigrationFailed, match="newer"):
        store.migrate(plugin.set)
    assert dump(store) == before


def test_scripts_must_be_one_line_of_revisions(store: Store, plugin: Plugin) -> None:
    with pytest.raises(MigrationFailed, match="0 newest"):
        store.migrate(plugin.set)
    plugin.script("1", FIRST)
    plugin.script("2a", "pass", before="1")
    plugin.script("2b", "pass", before="1")
    with pytest.raises(MigrationFailed, match="2 newest"):
        store.migrate(plugin.set)
    (plugin.folder / "3.py").write_text("print('no revision')")
    with pytest.raises(MigrationFailed, match="does not name"):
        store.migrate(plugin.set)


def test_nothing_to_do_imports_no_alembic_and_no_pillow(store: Store) -> None:
    store.close()
    code = (
        "import sys; from pathlib import Path; import hub.school, hub.assets\n"
        "from hub.store import Store; s = Store(Path(sys.argv[1])); s.open(); s.close()\n"
        "print([m for m in ('alembic', 'PIL', 'fastapi', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(store.path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == "[]"


def test_two_processes_starting_at_once_make_one_database(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from hub.store import Store\n"
        "s = Store(Path(sys.argv[1])); s.open(); s.close()"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "hub.db")]
    starting = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for process in starting:
        _, said = process.communicate(timeout=60)
        assert (process.returncode, said) == (0, "")


# Every earlier schema of the kernel and of our plugins


EARLIER = [
    (owner, revision)
    for owner in (KERNEL, MICROSCOPY)
    for revision in sorted(_revisions(owner.folder))
]


def fill_every_table(database: Path) -> dict[str, dict[str, object]]:
    """Put a row into each table that has none; returns the rows."""
    values = {"VARCHAR": "x", "DOUBLE": 1.5, "FLOAT": 1.5, "INTEGER": 1, "BOOLEAN": 1, "JSON": "{}"}
    made: dict[str, dict[str, object]] = {}
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        for (table,) in connection.execute(tables).fetchall():
            if table.endswith("_alembic_version"):
                continue
            columns = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
            row = {name: values[kind] for _, name, kind, *_ in columns}
            names = ", ".join(f'"{name}"' for name in row)
            places = ", ".join("?" * len(row))
            connection.execute(
                f'INSERT INTO "{table}" ({names}) VALUES ({places})', list(row.values())
            )
            made[table] = row
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    return made


@pytest.mark.parametrize(("owner", "revision"), EARLIER, ids=lambda v: getattr(v, "name", v))
def test_every_earlier_schema_is_brought_to_this_one_with_every_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: Migrations, revision: str
) -> None:
    old = scripts_up_to(owner, revision, tmp_path / "scripts")
    path = tmp_path / "hub.db"
    with monkeypatch.context() as then:
        if owner is KERNEL:
            then.setattr(module, "KERNEL", old)
        first = Store(path)
        first.open()
        if owner is not KERNEL:
            first.migrate(old)
        first.close()
    before = fill_every_table(path)
    assert before
    store = Store(path)
    store.open()
    store.migrate(MICROSCOPY)
    after = sqlite3.connect(path)
    after.row_factory = sqlite3.Row
    with contextlib.closing(after):
        asked = before.get("lesson", {}).pop("question", None)
        if asked is not None:  # a question has become the sheet that it was, and is answered
            [sheet] = after.execute("SELECT id, text FROM task").fetchall()
            [lesson] = after.execute("SELECT task FROM lesson").fetchall()
            [answered] = after.execute("SELECT task FROM asset").fetchall()
            assert (sheet["text"], lesson["task"]) == (asked, sheet["id"]) == (asked, answered[0])
        for table, row in before.items():
            [found] = after.execute(f'SELECT * FROM "{table}"').fetchall()
            assert {name: found[name] for name in row} == row
        assert after.execute("PRAGMA foreign_key_check").fetchall() == []
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        for of in (KERNEL, MICROSCOPY):
            options = {
                "compare_server_default": True,
                "compare_type": another_type,
                "version_table": of.version_table,
                "include_object": lambda o, n, k, r, c, of=of: own(of, o, k),
            }
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, of.metadata) == [], of.name
    engine.dispose()
    if owner is KERNEL and revision != KERNEL.head():
        assert f"hub.db.before-hub-{revision}" in copies(store)
    store.close()


def another_type(_context: object, _old: object, _new: object, old: object, new: object) -> object:
    """SQLite keeps FLOAT and DOUBLE alike; of all else Alembic may judge."""
    return False if isinstance(old, sa.Float) and isinstance(new, sa.Float) else None


def own(owner: Migrations, thing: object, kind: str) -> bool:
    """Whether a table, or what belongs to one, is this owner's."""
    name = thing.name if kind == "table" else thing.table.name  # type: ignore[attr-defined]
    return name.startswith("microscopy_") == (owner is MICROSCOPY) and "alembic" not in name


SLOW = """with op.batch_alter_table("group") as batch:
        batch.add_column(sa.Column("colour", sa.String(), server_default="green"))
    op.execute("UPDATE person SET name = 'gone'")
    print("half way", flush=True)
    __import__("time").sleep({seconds})"""


def test_killed_in_the_midst_of_a_migration_it_is_as_if_it_had_not_begun(
    store: Store, tmp_path: Path
) -> None:
    store.close()
    before_rows = fill_every_table(store.path)
    before = dump(store)
    folder = tmp_path / "kernel"
    folder.mkdir()
    for script in KERNEL.folder.glob("[0-9]*.py"):
        (folder / script.name).write_text(script.read_text())
    newer = folder / "9999_slow.py"
    code = (
        "import sys; from pathlib import Path; from hub.store import _store as module\n"
        "from hub.store import KERNEL, Migrations, Store\n"
        "module.KERNEL = Migrations('hub', Path(sys.argv[2]), KERNEL.metadata)\n"
        "s = Store(Path(sys.argv[1])); s.open(); s.close(); print('done')"
    )
    command = [sys.executable, "-c", code, str(store.path), str(folder)]

    def script(seconds: int) -> None:
        body = SLOW.format(seconds=seconds)
        newer.write_text(SCRIPT.format(revision="9999", before=KERNEL.head(), body=body))

    script(600)
    for _ in range(2):  # what the first has left is in nobody's way
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "half way\n"
            process.kill()
        assert dump(store) == before
    kept = store.path.with_name(f"hub.db.before-hub-{KERNEL.head()}")
    with contextlib.closing(sqlite3.connect(kept)) as copy:
        assert "\n".join(copy.iterdump()) == before
    # The version of before starts on it, and so does the new one, once nobody kills it.
    again = Store(store.path)
    again.open()
    again.close()
    assert dump(store) == before
    script(0)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.endswith("done\n")
    assert rows(store, 'SELECT name, colour FROM "group"') == [
        (before_rows["group"]["name"], "green")
    ]
