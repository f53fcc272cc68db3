"""Assets are kept whole, found again, and shown to those who may see them."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from hub.assets import Asset, AssetRow, Assets, BadPicture, PictureTooLarge
from hub.bus import Bus, Message
from hub.device import Role
from hub.errors import Conflict, Invalid, NotFound, TooLarge, Unsupported
from hub.rights import Principal, may
from hub.school import BadName, School
from hub.store import FileDamaged, Files, StorageFull, Store, StoreClosed
from hub.store.tables import GroupRow
from hub.workers import Workers
from tests.stores import laid

TEACHER = Principal(id="t", name="Ms Serik", role=Role.TEACHER)
PUPIL = Principal(id="p", name="Aizhan", role=Role.PUPIL)


def jpeg(shade: int = 0, size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("L", size, shade).save(out, "JPEG")
    return out.getvalue()


class World:
    """A hub's assets without the hub."""

    def __init__(self, path: Path, **options: object) -> None:
        self.store = Store(laid(path / "hub.db"))
        self.files = Files(path / "files", room=lambda size: self.room(size))
        self.room = lambda _size: None
        self.bus = Bus()
        self.heard: list[Message] = []
        self.bus.subscribe("assets/#", self.heard.append)
        self.school = School(self.store, self.bus)
        self.workers = Workers()
        self.assets = Assets(
            self.store,
            self.files,
            self.bus,
            self.workers,
            thumbnails=path / "thumbnails",
            clock=lambda: 1_800_000_000.0,
            **options,
        )

    async def start(self) -> None:
        self.store.open()
        await self.assets.start()
        await self.assets.swept()

    async def stop(self) -> None:
        await self.assets.stop()
        self.store.close()

    async def add(self, content: bytes | Path | None = None, **more: object) -> Asset:
        given = {"media_type": "image/jpeg", "title": "A leaf", "owner": TEACHER, **more}
        return await self.assets.add(content=content or jpeg(), **given)

    def kept(self) -> list[Path]:
        return [p for p in self.files.root.rglob("*") if p.is_file()]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path)
    await world.start()
    yield world
    await world.stop()


async def test_an_asset_is_there_with_its_very_bytes(world: World) -> None:
    lesson = await world.school.start_lesson(TEACHER, "Cells")
    asset = await world.add(
        note="two\nlines", lesson=lesson.id, device="microscope-1", info={"scale": 0.5}
    )
    assert await world.assets.get(asset.id) == asset
    assert world.assets.content(asset).read_bytes() == jpeg()
    assert (asset.width, asset.height, asset.size) == (40, 30, len(jpeg()))
    assert (asset.owner, asset.owner_name) == ("t", "Ms Serik")
    assert (asset.lesson, asset.info, asset.note) == (lesson.id, {"scale": 0.5}, "two\nlines")


async def test_a_file_is_moved_in(world: World, tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(jpeg(7))
    asset = await world.add(upload)
    assert not upload.exists()
    assert world.assets.content(asset).read_bytes() == jpeg(7)


async def test_what_is_no_picture_is_taken_as_it_is(world: World) -> None:
    asset = await world.add(b"solid cube", media_type="Model/STL; charset=x", width=0)
    assert asset.media_type == "model/stl"
    assert not asset.is_picture
    with pytest.raises(Unsupported):
        await world.assets.thumbnail(asset)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"content": b"not a picture"}, Unsupported),
        ({"content": jpeg()[:-40]}, BadPicture),
        ({"content": jpeg(), "media_type": "image/png"}, Unsupported),
        ({"content": jpeg(size=(16385, 1))}, PictureTooLarge),
        ({"content": b"x" * 100_001, "media_type": "model/stl"}, TooLarge),
        ({"media_type": "../../etc"}, Unsupported),
        ({"title": "\u202e"}, BadName),
        ({"note": "x" * 2001}, BadName),
        ({"lesson": "none"}, NotFound),
        ({"derived_from": "none"}, NotFound),
        ({"info": {"a": float("nan")}}, Invalid),
        ({"info": {"a": object()}}, Invalid),
        ({"info": {"a": "x" * 70_000}}, Invalid),
    ],
)
@pytest.mark.parametrize("as_file", [False, True])
async def test_what_is_not_right_is_refused_and_nothing_is_kept(
    tmp_path: Path, change: dict, error: type[Exception], as_file: bool
) -> None:
    world = World(tmp_path, largest=100_000)
    await world.start()
    content = change.get("content", jpeg())
    if as_file:
        (tmp_path / "upload").write_bytes(content)
        content = tmp_path / "upload"
    with pytest.raises(error):
        await world.add(content, **{k: v for k, v in change.items() if k != "content"})
    assert world.kept() == []
    assert (await world.assets.list()).items == []
    assert world.heard == []
    await world.stop()


async def test_a_full_disk_refuses_and_keeps_nothing(world: World) -> None:
    def room(_size: int) -> None:
        raise StorageFull("full")

    world.room = room
    with pytest.raises(StorageFull):
        await world.add()
    assert world.kept() == []


async def test_a_failing_companion_undoes_the_asset_and_its_file(world: World) -> None:
    def also(session, row: AssetRow) -> None:
        session.add(GroupRow(id="g", name=row.title, created=1.0))
        session.flush()
        raise ValueError("the plugin's own rows do not fit")

    with pytest.raises(ValueError, match="do not fit"):
        await world.add(also=also)
    assert world.kept() == []
    assert (await world.assets.list()).items == []
    assert (await world.school.groups()).items == []


async def test_companion_rows_come_in_the_same_transaction(world: World) -> None:
    asset = await world.add(
        also=lambda session, row: session.add(GroupRow(id=row.id, name="with", created=1.0))
    )
    assert (await world.school.group(asset.id)).name == "with"


async def test_adding_is_finished_when_the_caller_leaves(world: World) -> None:
    task = asyncio.create_task(world.add())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await world.assets.stop()
    assert len((await world.assets.list()).items) == 1


async def test_one_content_many_assets_one_file(world: World) -> None:
    first, second = await asyncio.gather(world.add(), world.add())
    assert first.id != second.id
    assert len(world.kept()) == 1
    await world.assets.delete(first.id)
    assert world.assets.content(second).read_bytes() == jpeg()
    await world.assets.delete(second.id)
    assert world.kept() == []


async def test_adding_and_deleting_the_same_content_at_once_never_loses_it(world: World) -> None:
    for _ in range(10):
        old = await world.add()
        _, new = await asyncio.gather(world.assets.delete(old.id), world.add())
        assert world.assets.content(new).read_bytes() == jpeg()
        await world.assets.delete(new.id)


async def test_pages_follow_the_order_in_which_assets_came(world: World) -> None:
    made = [(await world.add(jpeg(n))).id for n in range(7)]
    for order, wanted in (("oldest", made), ("newest", made[::-1])):
        listed: list[str] = []
        cursor = None
        while True:
            page = await world.assets.list(cursor=cursor, limit=3, order=order)
            listed += [asset.id for asset in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert listed == wanted


async def test_a_page_is_not_disturbed_by_what_comes_and_goes(world: World) -> None:
    made = [(await world.add(jpeg(n))).id for n in range(4)]
    page = await world.assets.list(limit=2)
    await world.assets.delete(made[3])
    await world.add(jpeg(9))
    rest = await world.assets.list(limit=5, cursor=page.next)
    assert [a.id for a in rest.items] == [made[1], made[0]]


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1;", "9" * 19, "1\n", "١"])
async def test_a_foreign_cursor_is_refused(world: World, cursor: str) -> None:
    with pytest.raises(Invalid):
        await world.assets.list(cursor=cursor)


async def test_assets_are_found_by_lesson_owner_device_and_type(world: World) -> None:
    lesson = await world.school.start_lesson(TEACHER, "Cells")
    leaf = await world.add(lesson=lesson.id, device="scope", owner=PUPIL)
    cube = await world.add(b"cube", media_type="model/stl")

    async def found(**filters: str) -> list[str]:
        return [a.id for a in (await world.assets.list(**filters)).items]

    assert await found(lesson=lesson.id) == [leaf.id]
    assert await found(owner="p") == [leaf.id]
    assert await found(device="scope") == [leaf.id]
    assert await found(media_type="image/*") == [leaf.id]
    assert await found(media_type="model/stl") == [cube.id]
    assert await found(media_type="%/*") == []
    assert await found(lesson="' OR 1=1 --") == []
    assert await found(owner="p", media_type="model/stl") == []


async def test_title_and_note_can_be_changed(world: World) -> None:
    asset = await world.add(note="old")
    changed = await world.assets.edit(asset.id, title=" New ")
    assert (changed.title, changed.note) == ("New", "old")
    changed = await world.assets.edit(asset.id, note="")
    assert (changed.title, changed.note) == ("New", "")
    for bad in ("", "  ", "x" * 121):
        with pytest.raises(BadName):
            await world.assets.edit(asset.id, title=bad)
    with pytest.raises(NotFound):
        await world.assets.edit("none", title="x")
    assert await world.assets.get(asset.id) == changed


async def test_what_is_deleted_is_gone_and_what_came_from_it_stays(world: World) -> None:
    original = await world.add()
    copy = await world.add(jpeg(9), derived_from=original.id)
    await world.assets.delete(original.id)
    with pytest.raises(NotFound):
        await world.assets.get(original.id)
    with pytest.raises(NotFound):
        await world.assets.delete(original.id)
    assert (await world.assets.get(copy.id)).derived_from is None


async def test_what_a_plugin_s_row_needs_is_not_deleted(world: World) -> None:
    asset = await world.add()
    table = "CREATE TABLE x_keep (asset TEXT REFERENCES asset(id))"
    await world.store.write(lambda s: s.connection().exec_driver_sql(table) and None)
    row = f"INSERT INTO x_keep VALUES ('{asset.id}')"
    await world.store.write(lambda s: s.connection().exec_driver_sql(row) and None)
    with pytest.raises(Conflict):
        await world.assets.delete(asset.id)
    assert world.assets.content(asset).exists()


async def test_every_change_is_told_to_those_who_may_see_the_asset(world: World) -> None:
    lesson = await world.school.start_lesson(TEACHER, "Cells")
    asset = await world.add(lesson=lesson.id, owner=PUPIL)
    await world.assets.edit(asset.id, note="seen")
    await world.assets.delete(asset.id)
    assert [m.payload["change"] for m in world.heard] == ["added", "edited", "deleted"]
    in_it = Principal(id="x", name="x", role=Role.PUPIL, lesson=lesson.id)
    outside = Principal(id="y", name="y", role=Role.PUPIL)
    for message in world.heard:
        assert message.topic == f"assets/{asset.id}"
        assert may(in_it, message.audience)
        assert may(PUPIL, message.audience)
        assert not may(outside, message.audience)


async def test_only_owners_and_teachers_change_an_asset(world: World) -> None:
    lesson = await world.school.start_lesson(TEACHER, "Cells")
    asset = await world.add(lesson=lesson.id, owner=PUPIL)
    in_it = Principal(id="x", name="x", role=Role.PUPIL, lesson=lesson.id)
    edit = world.assets.access(asset, "edit")
    assert [may(who, edit) for who in (PUPIL, TEACHER, in_it)] == [True, True, False]


@pytest.mark.slow
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    role=st.sampled_from(list(Role)),
    person=st.sampled_from([None, "p", "q"]),
    lesson=st.sampled_from([None, 0, 1]),
)
def test_lists_show_exactly_what_the_rights_allow(
    tmp_path: Path, role: Role, person: str | None, lesson: int | None
) -> None:
    async def scenario() -> None:
        world = World(tmp_path)
        await world.start()
        try:
            lessons = [entry.id for entry in await world.school.running()]
            if not lessons:
                lessons = [(await world.school.start_lesson(TEACHER, "x")).id for _ in range(2)]
                for owner in ("p", "q"):
                    who = Principal(id=owner, name=owner, role=Role.PUPIL)
                    for place in (None, *lessons):
                        await world.add(owner=who, lesson=place)
            joined = None if lesson is None else sorted(lessons)[lesson]
            viewer = Principal("v", "v", role, person=person, lesson=joined)
            every = (await world.assets.list()).items
            assert len(every) == 6
            allowed = [a for a in every if may(viewer, world.assets.access(a, "view"))]
            assert (await world.assets.list(visible_to=viewer)).items == allowed
        finally:
            await world.stop()

    asyncio.run(scenario())


async def test_a_missing_or_cut_file_is_said_so(world: World) -> None:
    asset = await world.add()
    file = world.assets.content(asset)
    file.write_bytes(jpeg()[:100])
    with pytest.raises(FileDamaged):
        world.assets.content(asset)
    with pytest.raises(FileDamaged):
        await world.assets.thumbnail(asset)


async def test_the_start_finds_what_is_lost_and_what_is_missing(tmp_path: Path) -> None:
    world = World(tmp_path)
    await world.start()
    whole, cut = await world.add(jpeg(1)), await world.add(jpeg(2))
    stray = world.files.put(b"a file without a row")
    half = world.files.stage(b"half")
    world.assets.content(cut).write_bytes(b"cut")
    await world.stop()

    again = World(tmp_path)
    await again.start()
    assert again.assets.found.half_written == [half.path.name]
    assert again.assets.found.unknown == [stray.sha256]
    assert again.assets.found.missing == [cut.sha256]
    assert (again.files.root / "lost+found" / stray.sha256).exists()
    assert (await again.assets.get(cut.id)).damaged
    assert not (await again.assets.get(whole.id)).damaged
    assert again.assets.content(whole).read_bytes() == jpeg(1)
    # The content comes back, from a backup or a second capture: the asset is whole again.
    again.files.put(jpeg(2))
    await again.stop()
    healed = World(tmp_path)
    await healed.start()
    assert not (await healed.assets.get(cut.id)).damaged
    assert healed.assets.found.missing == []
    await healed.stop()


async def test_the_same_content_again_heals_a_cut_file_at_once(world: World) -> None:
    cut = await world.add()
    world.assets.content(cut).write_bytes(b"cut")
    await world.add()
    assert world.assets.content(cut).read_bytes() == jpeg()


async def test_an_asset_bears_the_name_that_its_owner_has_now(world: World) -> None:
    person = await world.school.create_person("Aizhan")
    principal = Principal("s", "Aizhan", Role.PUPIL, person=person.id, via="session")
    await world.school.erase_person(person.id)
    assert (await world.add(owner=principal)).owner_name == ""


async def test_after_the_stop_nothing_is_taken(world: World) -> None:
    await world.stop()
    with pytest.raises(StoreClosed):
        await world.add()
    assert world.kept() == []
