"""Exports over the API: an operation, a file that is fetched, and who may have what."""

import asyncio
import io
import shutil
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from PIL import Image

from hub.api.application import Api
from hub.app import Hub
from hub.device import Role
from hub.rights import Principal
from hub.settings import Settings

pytestmark = pytest.mark.asyncio(loop_scope="module")
TEACHER = Principal(id="t", name="Ms Serik", role=Role.TEACHER)
ORIGIN = "http://localhost:8420"
Make = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    hub = Hub(Settings(data=tmp_path_factory.mktemp("exports"), language="en"))
    await hub.start()
    assert "microscopy" in [p.name for p in hub.plugins.running], hub.plugins
    yield hub
    await hub.stop()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def client(hub: Hub) -> AsyncIterator[Make]:
    api = Api(hub)
    made: list[httpx.AsyncClient] = []

    async def make(role: str | None = None, **headers: str) -> httpx.AsyncClient:
        if role is not None:
            secret, _ = await hub.school.create_token(Role(role), f"test {role}")
            headers["Authorization"] = f"Bearer {secret}"
        transport = httpx.ASGITransport(api, raise_app_exceptions=False)
        made.append(httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers))
        return made[-1]

    yield make
    for one in made:
        await one.aclose()
    await api.stop()


def jpeg(shade: int, size: tuple[int, int] = (400, 300)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (shade, 90, 60)).save(out, "JPEG")
    return out.getvalue()


async def add(hub: Hub, shade: int, *, size: tuple[int, int] = (400, 300), **more: object):
    given = {"media_type": "image/jpeg", "title": f"Жасуша {shade}", "owner": TEACHER, **more}
    return await hub.assets.add(content=jpeg(shade, size), **given)


async def made(client: httpx.AsyncClient, **body: object) -> dict:
    answer = await client.post("/api/v1/exports", json=body)
    assert answer.status_code == 201, answer.text
    async with asyncio.timeout(30):
        while True:
            operation = (await client.get(answer.headers["Location"])).json()
            if operation["ended"]:
                return operation
            await asyncio.sleep(0.05)


async def test_an_album_is_taken_along_as_it_was_kept(hub: Hub, client: Make) -> None:
    lesson = await hub.school.start_lesson(TEACHER, "Жасуша / cell")
    pictures = [jpeg(n) for n in (10, 20, 30)]
    for n in (10, 20, 30):
        await add(hub, n, lesson=lesson.id, info={"scale": 0.5, "objective": "10x"})
    teacher = await client("teacher")
    done = await made(teacher, lesson=lesson.id, format="zip", language="kk")
    assert done["status"] == "done", done
    assert done["result"]["name"] == "Жасуша cell.zip"
    file = await teacher.get(done["result"]["file"])
    assert file.headers["content-type"] == "application/zip"
    assert file.headers["content-disposition"].startswith("attachment")
    assert len(file.content) == done["result"]["size"]
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        names = sorted(name for name in archive.namelist() if name.startswith("pictures/"))
        assert [archive.read(name) for name in names] == pictures
        assert "index.html" in archive.namelist()


@pytest.mark.parametrize(
    ("wanted", "media_type"),
    [("png", "image/png"), ("jpeg", "image/jpeg"), ("report", "text/html; charset=utf-8")],
)
async def test_one_picture_is_one_file(
    hub: Hub, client: Make, wanted: str, media_type: str
) -> None:
    kept = await add(hub, 40, info={"scale": 0.5})
    teacher = await client("teacher")
    done = await made(teacher, assets=[kept.id], format=wanted)
    file = await teacher.get(done["result"]["file"])
    assert file.headers["content-type"] == media_type
    assert "script-src" not in file.headers["content-security-policy"]
    assert "default-src 'none'" in file.headers["content-security-policy"]


async def test_a_pupil_takes_what_it_may_see_and_reads_no_ones_answer(
    hub: Hub, client: Make
) -> None:
    mine = await hub.school.start_lesson(TEACHER, "Mine")
    other = await hub.school.start_lesson(TEACHER, "Other")
    await hub.school.send_task(mine.id, TEACHER, text="What is it?", picture=None)
    one = await hub.school.join(mine.code or "", "Aizhan", "10.0.0.1")
    mate = await hub.school.join(mine.code or "", "Daniyar", "10.0.0.2")
    kept = await add(hub, 50, lesson=mine.id, owner=one.principal)
    foreign = await add(hub, 60, lesson=other.id)
    await hub.assets.hand_in(kept.id, "a secret answer")
    pupil = await client(None, Cookie=f"classhub={one.secret}", Origin=ORIGIN)
    other_pupil = await client(None, Cookie=f"classhub={mate.secret}", Origin=ORIGIN)

    for body in ({"assets": [foreign.id]}, {"lesson": other.id}):
        refused = await pupil.post("/api/v1/exports", json={"format": "zip", **body})
        assert refused.status_code == 403, refused.text
    done = await made(pupil, lesson=mine.id, format="report")
    own = await pupil.get(done["result"]["file"])
    assert "a secret answer" in own.text
    assert "What is it?" in own.text
    assert (await other_pupil.get(done["result"]["file"])).status_code == 403
    asked = {"lesson": mine.id, "format": "report"}
    refused = await other_pupil.post("/api/v1/exports", json=asked)
    assert refused.json()["code"] == "nothing-to-export"
    await hub.school.share(mine.id, TEACHER, shared=True)
    done = await made(other_pupil, **asked)
    assert "a secret answer" not in (await other_pupil.get(done["result"]["file"])).text


async def test_what_was_deleted_before_it_began_does_not_matter(hub: Hub, client: Make) -> None:
    there, gone = await add(hub, 70), await add(hub, 71)
    await hub.assets.delete(gone.id)
    teacher = await client("teacher")
    done = await made(teacher, assets=[there.id, gone.id], format="zip")
    assert done["status"] == "done"
    refused = await teacher.post("/api/v1/exports", json={"assets": [gone.id], "format": "zip"})
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing-to-export")


async def test_only_what_was_handed_in(hub: Hub, client: Make) -> None:
    lesson = await hub.school.start_lesson(TEACHER, "Cells")
    kept = [await add(hub, 80 + n, lesson=lesson.id) for n in range(3)]
    await hub.assets.hand_in(kept[1].id, "")
    teacher = await client("teacher")
    done = await made(teacher, lesson=lesson.id, format="report", handed_in=True)
    text = (await teacher.get(done["result"]["file"])).text
    assert text.count("<section>") == 1
    assert "Жасуша 81" in text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"format": "zip"},
        {"format": "exe", "assets": ["a"]},
        {"format": "zip", "assets": ["a"], "lesson": "b"},
        {"format": "zip", "assets": ["../../etc/passwd"]},
        {"format": "zip", "assets": ["a"] * 1001},
        {"format": "zip", "assets": ["a"], "preset": "teams"},
        {"format": "jpeg", "assets": ["a"], "preset": "nowhere"},
    ],
)
async def test_nonsense_is_refused(client: Make, body: dict) -> None:
    answer = await (await client("teacher")).post("/api/v1/exports", json=body)
    assert answer.status_code == 422, answer.text


async def test_files_do_not_fill_the_disk(hub: Hub, client: Make) -> None:
    kept = await add(hub, 90)
    teacher = await client("teacher")
    files = [
        (await made(teacher, assets=[kept.id], format="png"))["result"]["file"] for _ in range(14)
    ]
    folder: Path = hub.settings.data / "work" / "microscopy" / "exports"
    assert len(list(folder.iterdir())) <= 12
    assert (await teacher.get(files[-1])).status_code == 200
    gone = await teacher.get(files[0])
    assert (gone.status_code, gone.json()["code"]) == (410, "export-gone")


async def test_no_room_is_said_before_anything_is_written(
    hub: Hub, client: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await add(hub, 91)
    monkeypatch.setattr("plugins.microscopy.exporting.service._RESERVE", 1 << 60)
    teacher = await client("teacher")
    refused = await teacher.post("/api/v1/exports", json={"assets": [kept.id], "format": "zip"})
    assert (refused.status_code, refused.json()["code"]) == (507, "storage-full")


async def test_a_picture_whose_file_goes_meanwhile_is_told(hub: Hub, client: Make) -> None:
    there, gone = await add(hub, 92), await add(hub, 93)
    hub.files.path(gone.sha256).unlink()
    teacher = await client("teacher")
    done = await made(teacher, assets=[there.id, gone.id], format="zip")
    assert done["result"]["missing"] == [gone.id]
    file = await teacher.get(done["result"]["file"])
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert archive.testzip() is None


async def test_what_is_deleted_while_it_is_made_is_in_it_or_told(hub: Hub, client: Make) -> None:
    kept = [await add(hub, 100 + n, size=(1600, 1200)) for n in range(12)]
    teacher = await client("teacher")
    body = {"assets": [one.id for one in kept], "format": "png"}
    begun = (await teacher.post("/api/v1/exports", json=body)).headers["Location"]
    async with asyncio.timeout(30):
        while not (now := (await teacher.get(begun)).json())["fraction"]:
            assert not now["ended"], now
            await asyncio.sleep(0.005)
    gone = [one.id for one in kept[6:]]
    for one in gone:
        assert (await teacher.delete(f"/api/v1/assets/{one}")).status_code == 204
    async with asyncio.timeout(30):
        while not (now := (await teacher.get(begun)).json())["ended"]:
            await asyncio.sleep(0.05)
    assert now["status"] == "done", now
    missing = now["result"]["missing"]
    assert set(missing) <= set(gone)
    file = await teacher.get(now["result"]["file"])
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert archive.testzip() is None
        shown = [name.rsplit(" ", 1)[1] for name in archive.namelist()]
    there = [f"{100 + n}.png" for n, one in enumerate(kept) if one.id not in missing]
    assert shown == there, "each picture is in it or named, and the rest is where it belongs"


async def test_platforms_are_listed_with_their_sources(client: Make) -> None:
    shown = (await (await client("pupil")).get("/api/v1/exports/presets")).json()["items"]
    assert {"bilimland", "daryn", "topiq", "teams"} <= set(shown)
    assert all(one["source"] for one in shown.values())


async def test_the_screen_sees_what_is_shown_and_no_more(hub: Hub, client: Make) -> None:
    kept, other = await add(hub, 94, note="private"), await add(hub, 95)
    teacher, screen, pupil = await client("teacher"), await client("display"), await client("pupil")
    here = "/api/v1/panel"
    assert (await screen.get(here)).json()["element"] is None
    assert (await pupil.put(here, json={"asset": kept.id})).status_code == 403
    assert (await teacher.put(here, json={"asset": kept.id})).status_code == 200
    shown = (await screen.get(here)).json()
    assert shown["attributes"] == {"asset": kept.id}
    [message] = hub.bus.retained("x/hub/show")
    assert "private" not in str(message.payload)
    assert "Serik" not in str(message.payload)
    content = await screen.get(f"{here}/content", params={"asset": kept.id})
    assert content.content == jpeg(94)
    assert (await screen.get(f"{here}/content", params={"asset": other.id})).status_code == 404
    assert (await screen.get(f"/api/v1/assets/{kept.id}/content")).status_code == 403
    await teacher.delete(here)
    assert (await screen.get(f"{here}/content", params={"asset": kept.id})).status_code == 404


async def test_files_of_an_earlier_run_are_forgotten(tmp_path: Path) -> None:
    left = tmp_path / "work" / "microscopy" / "exports" / "old"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"x")
    (left.parent / "old-work").mkdir()
    hub = Hub(Settings(data=tmp_path, language="en"))
    await hub.start()
    assert list(left.parent.iterdir()) == []
    await hub.stop()
    assert not left.parent.exists()
    shutil.rmtree(tmp_path / "work", ignore_errors=True)
