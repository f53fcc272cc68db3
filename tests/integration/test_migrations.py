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
from hub.store.tables import AssetRow, GroupRow

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
