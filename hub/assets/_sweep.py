"""Looks at start for what a crash or a hand has left: files of nothing, assets without files."""

import asyncio
import logging
from functools import partial

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from hub.store import Files, Store, SweepReport
from hub.store.tables import AssetRow

log = logging.getLogger("classhub.assets")


async def sweep(store: Store, files: Files, report: SweepReport) -> None:
    """Compare files and rows, a 256th at a time, beside the hub's other work.

    A file that belongs to no asset is moved to `lost+found`; an asset whose file is gone or has
    another length is marked damaged (and no longer so once its file is back).
    """
    shards = set(await asyncio.to_thread(lambda: list(files.shards())))
    for shard in sorted(shards | await store.read(_shards)):
        stored = await asyncio.to_thread(files.stored, shard)
        rows = await store.read(partial(_sizes, shard=shard))
        unknown = stored.keys() - rows.keys()
        if unknown:
            report.unknown += await store.write(partial(_set_aside, files=files, unknown=unknown))
        cut = {sha for sha, (size, _) in rows.items() if stored.get(sha) != size}
        changed = cut ^ {sha for sha, (_, damaged) in rows.items() if damaged}
        if cut or changed:
            look_at = cut | changed
            report.missing += await store.write(partial(_mark, files=files, suspects=look_at))
    if report.unknown:
        log.warning("%d file(s) of no asset were moved to lost+found", len(report.unknown))
    if report.missing:
        log.error("the files of %d asset(s) are missing or cut off", len(report.missing))


def _shards(session: Session) -> set[str]:
    return set(session.scalars(select(func.substr(AssetRow.sha256, 1, 2)).distinct()))


def _sizes(session: Session, shard: str) -> dict[str, tuple[int, bool]]:
    query = select(AssetRow.sha256, AssetRow.size, AssetRow.damaged)
    rows = session.execute(query.where(AssetRow.sha256.between(shard, shard + "g")))
    return {sha256: (size, damaged) for sha256, size, damaged in rows}


def _set_aside(session: Session, files: Files, unknown: set[str]) -> list[str]:
    """Runs where assets are added, so that none of these gets its row meanwhile."""
    known = set(session.scalars(select(AssetRow.sha256).where(AssetRow.sha256.in_(unknown))))
    for sha256 in unknown - known:
        files.set_aside(sha256)
    return sorted(unknown - known)


def _mark(session: Session, files: Files, suspects: set[str]) -> list[str]:
    """Look once more, where nothing is added or deleted, and mark; returns what is missing."""
    missing = []
    for sha256 in sorted(suspects):
        of_content = AssetRow.sha256 == sha256
        size = session.scalar(select(AssetRow.size).where(of_content).limit(1))
        if size is not None:
            damaged = not files.whole(sha256, size)
            session.execute(update(AssetRow).where(of_content).values(damaged=damaged))
            missing += [sha256] * damaged
    return missing
