"""Small pictures are made once, upright, without what the camera wrote beside the pixels."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from hub.assets import Asset, Assets, NoThumbnail
from hub.bus import Bus
from hub.errors import NotFound
from hub.rights import SYSTEM
from hub.store import Files, Store
from hub.workers import WorkBroken, Workers, WorkTimedOut


class World:
    """A hub's assets and workers without the hub."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = Store(path / "hub.db")
        self.workers = Workers()
        files = Files(path / "files")
        self.assets = Assets(self.store, files, Bus(), self.workers, thumbnails=path / "thumbnails")

    async def start(self) -> None:
        self.store.open()
        await self.workers.start()
        await self.assets.start()
        await self.assets.swept()

    async def stop(self) -> None:
        await self.assets.stop()
        await self.workers.stop()
        self.store.close()

    async def add(self, content: bytes, media_type: str = "image/jpeg") -> Asset:
        return await self.assets.add(
            content=content, media_type=media_type, title="A leaf", owner=SYSTEM
        )

    def count_jobs(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        jobs: list[str] = []
        run = self.workers.run

        async def counted(function: str, *args: object, **options: object) -> object:
            jobs.append(str(args[0]))
            return await run(function, *args, **options)

        monkeypatch.setattr(self.workers, "run", counted)
        return jobs


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path)
    await world.start()
    yield world
    await world.stop()


def encoded(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def halves(width: int, height: int) -> Image.Image:
    """Red on the left, blue on the right."""
    picture = Image.new("RGB", (width, height), "red")
    picture.paste("blue", (width // 2, 0, width, height))
    return picture


@pytest.mark.parametrize(("size", "expected"), [(320, (320, 180)), (640, (640, 360))])
async def test_a_large_picture_becomes_small(
    world: World, size: int, expected: tuple[int, int]
) -> None:
    asset = await world.add(encoded(halves(1920, 1080)))
    path = await world.assets.thumbnail(asset, size)
    with Image.open(path) as small:
        assert (small.format, small.size) == ("JPEG", expected)
        red, blue = small.getpixel((10, 10)), small.getpixel((size - 10, 10))
    assert red[0] > 200 > red[2]
    assert blue[2] > 200 > blue[0]


async def test_a_small_picture_is_not_made_larger(world: World) -> None:
    asset = await world.add(encoded(halves(40, 30)))
    with Image.open(await world.assets.thumbnail(asset)) as small:
        assert small.size == (40, 30)


async def test_it_stands_upright_and_tells_nothing_of_the_camera(world: World) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate a quarter clockwise to view
    exif[0x010F] = "A maker"
    content = encoded(halves(800, 400), exif=exif, comment=b"where it was taken")
    asset = await world.add(content)
    path = await world.assets.thumbnail(asset)
    with Image.open(path) as small:
        assert small.size == (160, 320)
        assert dict(small.getexif()) == {}
        assert "comment" not in small.info
        top = small.getpixel((80, 10))
    assert top[0] > 200 > top[2]
    assert b"A maker" not in path.read_bytes()


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (Image.new("RGBA", (50, 50), (255, 0, 0, 0)), (255, 255, 255)),
        (Image.new("LA", (50, 50), (0, 255)), (0, 0, 0)),
        (Image.new("P", (50, 50), 0), (0, 0, 0)),
        (Image.new("1", (50, 50), 1), (255, 255, 255)),
        (Image.new("I;16", (50, 50), 0x8000), (128, 128, 128)),
    ],
    ids=["RGBA", "LA", "P", "1", "I;16"],
)
async def test_every_kind_of_png_is_shown_as_it_looks(
    world: World, picture: Image.Image, expected: tuple[int, int, int]
) -> None:
    asset = await world.add(encoded(picture, "PNG"), "image/png")
    with Image.open(await world.assets.thumbnail(asset)) as small:
        seen = small.convert("RGB").getpixel((25, 25))
    assert all(abs(a - b) <= 3 for a, b in zip(seen, expected, strict=True))


async def test_a_cmyk_picture_is_shown(world: World) -> None:
    asset = await world.add(encoded(Image.new("CMYK", (500, 500), (0, 0, 0, 0))))
    with Image.open(await world.assets.thumbnail(asset)) as small:
        assert small.mode == "RGB"


async def test_thirty_tablets_asking_at_once_are_one_job(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = world.count_jobs(monkeypatch)
    asset = await world.add(encoded(halves(1920, 1080)))
    paths = await asyncio.gather(*(world.assets.thumbnail(asset) for _ in range(30)))
    assert len(set(paths)) == 1
    assert len(jobs) == 1
    await world.assets.thumbnail(asset)
    assert len(jobs) == 1


async def test_a_large_album_is_queued_not_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.workers.WAITING", 2)
    assets = [await world.add(encoded(Image.new("L", (64, 64), n))) for n in range(12)]
    paths = await asyncio.gather(*(world.assets.thumbnail(asset) for asset in assets))
    assert len(set(paths)) == 12


async def test_one_who_leaves_does_not_take_it_from_the_others(world: World) -> None:
    asset = await world.add(encoded(halves(1920, 1080)))
    leaving = asyncio.create_task(world.assets.thumbnail(asset))
    staying = asyncio.create_task(world.assets.thumbnail(asset))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).exists()


async def test_a_picture_that_breaks_within_is_said_so_once_a_minute(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = world.count_jobs(monkeypatch)
    content = bytearray(encoded(halves(64, 64), "PNG"))
    at = content.index(b"IDAT")
    content[at + 6 : at + 16] = b"\x00" * 10
    asset = await world.add(bytes(content), "image/png")
    now = [0.0]
    world.assets._thumbnails._now = lambda: now[0]
    for _ in range(3):
        with pytest.raises(NoThumbnail):
            await world.assets.thumbnail(asset)
    assert len(jobs) == 1
    now[0] = 61.0
    with pytest.raises(NoThumbnail):
        await world.assets.thumbnail(asset)
    assert len(jobs) == 2
    assert not [p for p in (world.path / "thumbnails").rglob("*") if p.is_file()]
    assert world.assets.content(asset).read_bytes() == bytes(content)


async def test_a_picture_that_takes_too_long_can_be_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = await world.add(encoded(halves(1920, 1080)))
    monkeypatch.setattr("hub.assets._thumbnails._SECONDS", 0.0)
    with pytest.raises(WorkTimedOut):
        await world.assets.thumbnail(asset)
    monkeypatch.undo()
    assert (await world.assets.thumbnail(asset)).exists()


async def test_a_hub_whose_programs_are_being_changed_calls_no_picture_bad(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = await world.add(encoded(halves(640, 480)))
    monkeypatch.setattr("hub.workers.sys.executable", "/bin/false")
    with pytest.raises(WorkBroken):
        await world.assets.thumbnail(asset)
    monkeypatch.undo()
    assert (await world.assets.thumbnail(asset)).exists()


async def test_a_picture_that_needs_too_much_memory_has_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.assets._thumbnails._MEMORY", 200 << 20)
    asset = await world.add(encoded(Image.new("RGB", (9000, 9000)), "PNG"), "image/png")
    with pytest.raises(NoThumbnail):
        await world.assets.thumbnail(asset)


async def test_there_are_two_sizes(world: World) -> None:
    asset = await world.add(encoded(halves(64, 64)))
    for size in (0, -1, 321, 10**9):
        with pytest.raises(NotFound):
            await world.assets.thumbnail(asset, size)


async def test_it_is_kept_over_a_restart_and_goes_with_its_asset(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = await world.add(encoded(halves(64, 64)))
    path = await world.assets.thumbnail(asset)
    half = path.with_name(path.name + ".part-x")
    half.write_bytes(b"half")
    await world.stop()
    again = World(tmp_path)
    await again.start()
    assert not half.exists()
    jobs = again.count_jobs(monkeypatch)
    assert await again.assets.thumbnail(asset) == path
    assert jobs == []
    await again.assets.delete(asset.id)
    assert not path.exists()
    await again.stop()
