"""Whatever the hub has acknowledged is there, whole, however it was killed.

`CLASSHUB_TEST_KILLS` says how often it is killed (8 where it says nothing).
"""

import asyncio
import contextlib
import hashlib
import os
import random
import select
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from hub.assets import Asset, Assets
from hub.bus import Bus
from hub.errors import NotFound
from hub.rights import SYSTEM
from hub.store import Files, Store
from hub.workers import Workers

KILLS = int(os.environ.get("CLASSHUB_TEST_KILLS", "8"))

HUB = textwrap.dedent(
    """
    import asyncio, os, sys
    from pathlib import Path
    from hub.assets import Assets
    from hub.bus import Bus
    from hub.rights import SYSTEM
    from hub.store import Files, Store
    from hub.workers import Workers

    def say(*words):
        os.write(1, (" ".join(words) + "\\n").encode())

    async def add_and_delete(assets, number):
        while True:
            content = os.urandom(50_000) * (1 + number)
            asset = await assets.add(
                content=content, media_type="model/stl", title="t", owner=SYSTEM
            )
            say("added", asset.id, asset.sha256)
            if os.urandom(1)[0] < 60:
                say("deleting", asset.id)
                await assets.delete(asset.id)
                say("deleted", asset.id)

    async def main():
        data = Path(sys.argv[1])
        store = Store(data / "hub.db")
        store.open()
        assets = Assets(
            store, Files(data / "files"), Bus(), Workers(), thumbnails=data / "thumbnails"
        )
        await assets.start()
        await asyncio.gather(*(add_and_delete(assets, n) for n in range(4)))

    asyncio.run(main())
    """
)


def run_and_kill(data: Path, moment: random.Random) -> list[list[str]]:
    """Let a hub work, kill it at a random moment, return what it had acknowledged."""
    command = [sys.executable, "-c", HUB, str(data)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0)
    assert process.stdout is not None
    said = b""
    wanted = moment.randrange(1, 40)
    limit = time.monotonic() + 60
    while said.count(b"\n") < wanted:
        ready, _, _ = select.select([process.stdout], [], [], limit - time.monotonic())
        assert ready, "the hub did nothing"
        got = os.read(process.stdout.fileno(), 65536)
        assert got, "the hub ended by itself"
        said += got
    # Spread the blow over what lies between two acknowledgements.
    blow = time.monotonic() + moment.random() * 0.01
    while time.monotonic() < blow:
        pass
    process.kill()
    rest, _ = process.communicate(timeout=30)
    return [line.split() for line in (said + rest).decode().split("\n")[:-1]]


async def opened(data: Path) -> tuple[Store, Assets]:
    store = Store(data / "hub.db")
    store.open()
    files = Files(data / "files")
    assets = Assets(store, files, Bus(), Workers(), thumbnails=data / "thumbnails")
    await assets.start()
    await assets.swept()
    return store, assets


async def every(assets: Assets) -> list[Asset]:
    found: list[Asset] = []
    cursor = None
    while True:
        page = await assets.list(cursor=cursor, limit=200)
        found += page.items
        if page.next is None:
            return found
        cursor = page.next


async def test_every_acknowledged_asset_is_whole_after_a_kill_at_any_moment(tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    print(f"moments by seed {seed}")
    moment = random.Random(seed)
    added: dict[str, str] = {}
    deleted: set[str] = set()
    maybe: set[str] = set()
    for _ in range(KILLS):
        for what, asset_id, *sha256 in await asyncio.to_thread(run_and_kill, tmp_path, moment):
            if what == "added":
                added[asset_id] = sha256[0]
            elif what == "deleted":
                deleted.add(asset_id)
            else:
                maybe.add(asset_id)
        store, assets = await opened(tmp_path)
        assert assets.found.missing == []
        for asset_id, sha in added.items():
            if asset_id in deleted:
                with pytest.raises(NotFound):
                    await assets.get(asset_id)
            elif asset_id not in maybe:
                asset = await assets.get(asset_id)
                content = assets.content(asset).read_bytes()
                assert hashlib.sha256(content).hexdigest() == sha == asset.sha256
        # Also what was written and not acknowledged is whole, or not there at all.
        rows = await every(assets)
        for asset in rows:
            assert hashlib.sha256(assets.content(asset).read_bytes()).hexdigest() == asset.sha256
        on_disk = {p.name for p in (tmp_path / "files").glob("??/??/*")}
        assert on_disk == {asset.sha256 for asset in rows}
        assert list((tmp_path / "files" / "staging").iterdir()) == []
        await assets.stop()
        store.close()
        with contextlib.closing(sqlite3.connect(store.path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert len(added) >= KILLS


async def test_a_file_is_synced_before_it_gets_its_name_and_its_folder_before_the_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, assets = await opened(tmp_path)
    events: list[str] = []
    fsync, replace, write = os.fsync, Path.replace, store.write

    def seen_fsync(descriptor: int) -> None:
        fsync(descriptor)
        path = Path(f"/proc/self/fd/{descriptor}").readlink().relative_to(tmp_path / "files")
        events.append(f"synced {path.parts[0] if path.parts else 'root'}/{len(path.parts)}")

    def seen_replace(self: Path, target: Path) -> Path:
        events.append("named")
        return replace(self, target)

    def statement(_c: object, _cursor: object, text: str, *_rest: object) -> None:
        if text.startswith("INSERT INTO asset"):
            events.append("row")

    async def seen_write(work, **options):
        def watched(session):
            from sqlalchemy import event

            event.listen(session.connection().engine, "before_cursor_execute", statement)
            return work(session)

        return await write(watched, **options)

    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(Path, "replace", seen_replace)
    monkeypatch.setattr(store, "write", seen_write)
    content = b"a cube"
    shard = hashlib.sha256(content).hexdigest()[:2]
    await assets.add(content=content, media_type="model/stl", title="t", owner=SYSTEM)
    monkeypatch.undo()
    assert events == [
        "synced staging/2",
        f"synced {shard}/1",
        "synced root/0",
        "named",
        f"synced {shard}/2",
        "row",
    ]
    await assets.stop()
    store.close()
