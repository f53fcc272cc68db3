"""Retention, health and the keeper: nothing goes by itself unless somebody said so."""

import asyncio
from types import SimpleNamespace

import pytest

from hub.bus import Bus
from hub.clock import RELEASED, SteadyClock, now
from hub.keeping import DiskLow, Health, OldRecordings, Rule
from hub.keeping import _keeper as module
from hub.keeping.settings import KeepingSettings
from hub.rights import SYSTEM
from hub.store import StorageFull
from hub.store.tables import AssetRow

DAY = 86400.0


async def add(hub, title: str, *, days_ago: float) -> str:
    asset = await hub.assets.add(
        content=title.encode(), media_type="model/stl", title=title, owner=SYSTEM
    )

    def age(session):
        row = session.query(AssetRow).filter_by(id=asset.id).one()
        row.created = now() - days_ago * DAY

    await hub.store.write(age)
    return asset.id


async def titles(hub) -> list[str]:
    return sorted(asset.title for asset in (await hub.assets.list()).items)


async def swept(hub) -> object:
    operation = hub.keeper.start_sweep(SYSTEM)
    return await hub.operations.wait(operation.id, 30)


def keep_assets(hub, days: int) -> None:
    old = hub.keeper.old_assets
    hub.keeper.retention.add(Rule("assets", days, old.count, old.delete))


async def test_by_default_nothing_that_people_made_goes(hub):
    await add(hub, "ancient", days_ago=5000)
    operation = await swept(hub)
    assert operation.problem is None
    assert await titles(hub) == ["ancient"]
    assert await hub.keeper.retention.due() == dict.fromkeys(("assets", "recordings"), 0)


async def test_old_assets_go_with_a_note_and_spared_ones_stay(hub, client):
    old = await add(hub, "old", days_ago=31)
    wall = await add(hub, "on the wall", days_ago=400)
    await add(hub, "young", days_ago=29)
    keep_assets(hub, 30)
    hub.keeper.old_assets.spare(lambda _session, ids: {wall} & set(ids))
    engineer = await client("engineer")
    rules = (await engineer.get("/api/v1/retention")).json()["items"]
    assert {"name": "assets", "days": 30, "due": 2} in rules
    assert await titles(hub) == ["old", "on the wall", "young"], "asking deletes nothing"
    operation = await swept(hub)
    assert operation.result["assets"] == 1
    assert await titles(hub) == ["on the wall", "young"]
    notes = (await hub.audit.entries(action="asset.delete")).items
    assert [(note.subject, note.by) for note in notes] == [(old, "hub")]
    assert (await hub.audit.entries(action="retention.sweep")).items[0].detail == {"assets": 1}


async def test_old_recordings_go_and_those_without_a_date_stay():
    recording = SimpleNamespace
    listed = [
        recording(id="a", header=recording(date="2026-01-01T00:00:00Z")),
        recording(id="b", header=recording(date="2027-01-01T00:00:00Z")),
        recording(id="c", header=recording(date="")),
    ]
    gone = []

    class Recorded:
        async def list(self):
            return listed

        async def delete(self, id_):
            gone.append(id_)

    old = OldRecordings(Recorded())
    assert await old.count(1_790_000_000.0) == 1
    assert await old.delete(1_790_000_000.0) == 1
    assert gone == ["a"]


async def test_a_plugin_s_rule_is_asked_and_one_that_fails_stops_no_other(hub):
    asked = []

    async def none(_before):
        return 0

    async def fails(before):
        raise DiskLow("no")

    async def works(before):
        asked.append(before)
        return 3

    hub.keeper.retention.add(Rule("boards", 10, none, fails))
    hub.keeper.retention.add(Rule("clips", 10, none, works))
    hub.keeper.retention.add(Rule("models", 0, none, fails))
    operation = await swept(hub)
    assert operation.result == {"clips": 3, "operations": 0, "audit": 0}
    assert asked[0] == pytest.approx(now() - 10 * DAY, abs=60)


@pytest.mark.parametrize("wall", [0.0, RELEASED + 11 * 365 * DAY])
async def test_nothing_is_deleted_by_a_clock_that_is_wrong(hub, wall):
    await add(hub, "old", days_ago=31)
    keep_assets(hub, 30)
    hub.keeper._clock = SteadyClock(wall=lambda: wall)
    operation = await swept(hub)
    assert operation.problem.code == "clock-wrong"
    assert await titles(hub) == ["old"]
    await hub.keeper.look()
    assert "clock-wrong" in [problem.code for problem in hub.keeper.health.problems]


async def test_nor_within_a_day_of_a_jump_which_is_noted(hub):
    shift = 0.0
    hub.keeper._clock = SteadyClock(wall=lambda: now() + shift)
    hub.keeper._drift = hub.keeper._clock.drift()
    await add(hub, "old", days_ago=31)
    keep_assets(hub, 30)
    shift = 400 * DAY
    await hub.keeper.look()
    operation = await swept(hub)
    assert operation.problem.code == "clock-wrong"
    assert await titles(hub) == ["old"]
    [note] = (await hub.audit.entries(action="clock.jump")).items
    assert note.detail["seconds"] == pytest.approx(400 * DAY, abs=5)


async def test_health_is_told_once_and_once_when_it_is_well_again(caplog):
    bus, told = Bus(), []
    health = Health(bus)
    health.start()
    bus.subscribe("hub/health", lambda m: told.append([p["code"] for p in m.payload["problems"]]))
    health.set(DiskLow("10 MiB are free"))
    health.set(DiskLow("10 MiB are free"))
    health.clear("disk-low")
    health.clear("disk-low")
    assert told == [[], ["disk-low"], []]


async def test_a_disk_that_fills_is_told_to_teachers_and_its_room_to_engineers(
    hub, client, monkeypatch
):
    monkeypatch.setattr(module, "LOW", 1 << 62)
    await hub.keeper.look()
    pupil, teacher, engineer = [await client(r) for r in ("pupil", "teacher", "engineer")]
    anybody = await client(None)
    for one in (pupil, anybody):
        about = (await one.get("/api/v1/hub")).json()
        assert (about["storage"], about["problems"]) == (None, None)
    about = (await teacher.get("/api/v1/hub")).json()
    assert about["storage"] is None
    assert [problem["code"] for problem in about["problems"]] == ["disk-low"]
    assert about["problems"][0]["hint"].startswith("Delete what")
    about = (await engineer.get("/api/v1/hub")).json()
    assert about["storage"]["low"] is True
    assert 0 < about["storage"]["free"] <= about["storage"]["total"]
    monkeypatch.setattr(module, "LOW", 0)
    await hub.keeper.look()
    assert (await engineer.get("/api/v1/hub")).json()["problems"] == []


async def test_a_store_that_cannot_be_written_is_told_until_it_can(hub, monkeypatch):
    codes = lambda: [problem.code for problem in hub.keeper.health.problems]  # noqa: E731
    await hub.keeper.look()
    assert codes() == []
    monkeypatch.setattr(hub.store, "failing", StorageFull("no room"))
    probe = hub.store.probe

    async def full() -> None:
        raise StorageFull("no room")

    monkeypatch.setattr(hub.store, "probe", full)
    await hub.keeper.look()
    monkeypatch.setattr(hub.store, "failing", None)
    await hub.keeper.look()
    assert codes() == ["storage-full"], "what changes nothing works on a full disk, too"
    monkeypatch.setattr(hub.store, "probe", probe)
    await hub.keeper.look()
    assert codes() == []


async def test_a_backup_is_made_by_the_day_and_a_failing_one_is_said(hub, tmp_path):
    settings = KeepingSettings(backup_to=tmp_path / "out", backups_kept=1)
    hub.keeper._settings = settings
    await hub.keeper._daily()
    await hub.keeper._daily()
    assert [one.name.split("-")[2] for one in await hub.keeper.backups()] == ["000001"]
    (tmp_path / "file").write_bytes(b"")
    hub.keeper._settings = KeepingSettings(backup_to=tmp_path / "file")
    hub.keeper._backed = None
    await hub.keeper._daily()
    assert "backup-failed" in [problem.code for problem in hub.keeper.health.problems]


async def test_a_backup_can_be_cancelled_and_leaves_nothing(hub, monkeypatch):
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    backup = module.backup

    def slow(*words, cancelled, **more):
        import time

        loop.call_soon_threadsafe(begun.set)
        while not cancelled():
            time.sleep(0.01)
        return backup(*words, cancelled=cancelled, **more)

    monkeypatch.setattr(module, "backup", slow)
    operation = hub.keeper.start_backup(SYSTEM)
    await begun.wait()
    hub.operations.cancel(operation.id)
    await hub.operations.wait(operation.id, 30)
    assert operation.status == "cancelled"
    assert list(hub.keeper.folder.iterdir()) == []
