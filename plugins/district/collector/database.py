"""The district's database: each batch whole, with the position of each sequence, or not at all."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_type_hints

import asyncpg

from plugins.district.collector.reading import COLUMNS, KINDS, Record

Key = tuple[str, str]
"""A hub and its stream."""
MOST_KNOWN = 200_000
UPGRADE = "configs/district/postgresql/upgrade.sql"


class Outdated(Exception):
    """The database is older than this collector; what is missing there is its message."""


class Database:
    """The database, over one connection.

    Args:
        url: `postgresql://…`, as libpq writes it.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection | None = None
        self._streams: dict[Key, tuple[int, int]] = {}
        self._inserts = {kind: _insert(kind) for kind in KINDS}

    async def open(self) -> None:
        """Connect.

        Raises:
            OSError, asyncpg.PostgresError: it cannot be reached, or does not let us in.
            Outdated: it lacks what hubs send; nothing is confirmed until it has that.
        """
        self._connection = await asyncpg.connect(self._url, timeout=10, command_timeout=60)
        self._streams.clear()
        rows = await self._connection.fetch(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'district'"
        )
        there = {(str(table), str(column)) for table, column in rows}
        for kind, body in KINDS.items():
            for column in body.__struct_fields__:
                if (f"{kind}_record", column) not in there:
                    raise Outdated(f"the database lacks {kind}_record.{column}: load {UPGRADE}")

    async def close(self) -> None:
        """Disconnect; may be called twice."""
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            await connection.close(timeout=5)

    async def write(
        self, records: Sequence[Record], hubs: Mapping[str, Mapping[str, Any]]
    ) -> tuple[dict[Key, int], set[str]]:
        """Write a batch down; once this returns it is on the disk.

        Args:
            records: in the order in which they came.
            hubs: what hubs have said of themselves, by their names: columns of `hub`.

        Returns:
            Up to which number everything is here, of each sequence in the batch; and the hubs of
            which something is missing, so that what came after it was left out.
        """
        connection = self._connection
        if connection is None:
            raise OSError("the database is not open")
        try:
            async with connection.transaction():
                await _write_hubs(connection, {one.hub: one.school for one in records}, hubs)
                await self._find(connection, {(one.hub, one.stream) for one in records})
                return await self._write_records(connection, records)
        except BaseException:
            self._streams.clear()  # positions that were not committed
            raise

    async def _write_records(
        self, connection: asyncpg.Connection, records: Iterable[Record]
    ) -> tuple[dict[Key, int], set[str]]:
        rows: dict[str, list[tuple[Any, ...]]] = {kind: [] for kind in KINDS}
        rejected: list[tuple[Any, ...]] = []
        moved: dict[Key, int] = {}
        missing: set[str] = set()
        for one in records:
            key = (one.hub, one.stream)
            stream, position = self._streams[key]
            moved.setdefault(key, position)
            if one.seq <= position:
                continue
            if one.after > position:
                missing.add(one.hub)
                continue
            if one.body is None:
                rejected.append((stream, one.seq, one.kind[:80], one.why, one.payload))
            else:
                rows[one.kind].append((stream, one.seq, *one.body.row()))
            self._streams[key] = (stream, one.seq)
            moved[key] = one.seq
        for kind, found in rows.items():
            if found:
                columns = list(zip(*found, strict=True))
                await connection.execute(self._inserts[kind], *columns)
        if rejected:
            await connection.executemany(
                "INSERT INTO district.rejected (stream, seq, kind, why, payload)"
                " VALUES ($1, $2, $3, $4, $5)",
                rejected,
            )
        if moved:
            numbers = [(self._streams[key][0], seq) for key, seq in moved.items()]
            streams, positions = zip(*numbers, strict=True)
            await connection.execute(
                "UPDATE district.stream SET position = given.position FROM"
                " unnest($1::integer[], $2::bigint[]) AS given (id, position)"
                " WHERE stream.id = given.id AND stream.position < given.position",
                streams,
                positions,
            )
        return moved, missing

    async def _find(self, connection: asyncpg.Connection, keys: set[Key]) -> None:
        if len(self._streams) > MOST_KNOWN:
            self._streams.clear()
        unknown = [key for key in keys if key not in self._streams]
        if not unknown:
            return
        hubs, names = zip(*unknown, strict=True)
        await connection.execute(
            "INSERT INTO district.stream (hub, name) SELECT * FROM unnest($1::text[], $2::text[])"
            " ON CONFLICT DO NOTHING",
            hubs,
            names,
        )
        found = await connection.fetch(
            "SELECT stream.id, stream.hub, stream.name, stream.position FROM district.stream JOIN"
            " unnest($1::text[], $2::text[]) AS given (hub, name)"
            " ON stream.hub = given.hub AND stream.name = given.name",
            hubs,
            names,
        )
        for id_, hub, name, position in found:
            self._streams[(hub, name)] = (id_, position)


async def _write_hubs(
    connection: asyncpg.Connection,
    schools: Mapping[str, str],
    said: Mapping[str, Mapping[str, Any]],
) -> None:
    names = sorted({*schools, *said})
    if not names:
        return
    told = [said.get(name, {}) for name in names]
    await connection.execute(
        "INSERT INTO district.hub AS h (id, school, online, birth, summary)"
        " SELECT id, coalesce(school, ''), coalesce(online, true), birth::jsonb, summary::jsonb"
        " FROM unnest($1::text[], $2::text[], $3::boolean[], $4::text[], $5::text[])"
        " AS given (id, school, online, birth, summary)"
        " ON CONFLICT (id) DO UPDATE SET seen = now(),"
        " school = CASE excluded.school WHEN '' THEN h.school ELSE excluded.school END,"
        " online = excluded.online, birth = coalesce(excluded.birth, h.birth),"
        " summary = coalesce(excluded.summary, h.summary)",
        names,
        [one.get("school", schools.get(name)) for name, one in zip(names, told, strict=True)],
        [one.get("online") for one in told],
        [_json(one.get("birth")) for one in told],
        [_json(one.get("summary")) for one in told],
    )


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value).replace("\\u0000", "")


def _insert(kind: str) -> str:
    types = get_type_hints(KINDS[kind])
    columns = {"stream": "integer", "seq": "bigint"}
    columns |= {name: COLUMNS[types[name]] for name in KINDS[kind].__struct_fields__}
    arrays = ", ".join(f"${n}::{type_}[]" for n, type_ in enumerate(columns.values(), start=1))
    # `kind` is one of ours, and so are the columns.
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f"INSERT INTO district.{kind}_record ({names})"  # noqa: S608
        f" SELECT * FROM unnest({arrays})"
    )
