"""Print jobs by the API: handed in, checked in a worker, changed, deleted, seen by their owners."""

import asyncio
import json
import time

import pytest
import pytest_asyncio

from hub.app import Hub
from hub.device import Role
from hub.rights import Principal
from plugins.printing.jobs.looking import MOST_OF_A_PUPIL
from plugins.printing.routes import LARGEST
from tests.printing import (
    GCODE,
    JOBS,
    People,
    box,
    hand_in,
    printing,
    running_hub,
    settings,
    settled,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def hub(tmp_path_factory):
    async with running_hub(tmp_path_factory.mktemp("data")) as hub:
        yield hub


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def clients(hub):
    people = People(hub)
    yield {
        "aru": await people.one("Aru", Role.PUPIL),
        "dias": await people.one("Dias", Role.PUPIL),
        "teacher": await people.one("Айгүл Серікқызы", Role.TEACHER),
        "panel": await people.one("panel", Role.DISPLAY),
        "busy": await people.one("Busy", Role.PUPIL),
    }
    await people.close()


@pytest.fixture
def aru(clients):
    return clients["aru"]


@pytest.fixture
def teacher(clients):
    return clients["teacher"]


async def test_finished_gcode_waits_for_approval(aru):
    job = await hand_in(aru, "Кілт сақина.gcode", GCODE)
    assert job["state"] == "uploaded"
    assert job["name"] == "Кілт сақина"
    assert job["kind"] == "gcode"
    job = await settled(aru, job)
    assert job["state"] == "waiting"
    assert "approve" not in job["can"]
    assert "cancel" in job["can"]
    kept = await aru.get(f"/api/v1/assets/{job['gcode']}/content")
    assert kept.content == GCODE


async def test_a_model_is_checked_in_words_and_drawn(aru, hub):
    job = await settled(aru, await hand_in(aru, "box.stl", box(lid=False)))
    assert job["state"] == "refused"
    assert job["problem"]["code"] == "model-not-printable"
    codes = {one["code"]: one for one in job["verdict"]["findings"]}
    assert "open" in codes
    russian = await aru.get(f"{JOBS}/{job['id']}", headers={"Accept-Language": "ru"})
    said = {one["code"]: one["title"] for one in russian.json()["verdict"]["findings"]}
    assert said["open"] != codes["open"]["title"]
    picture = await aru.get(f"{JOBS}/{job['id']}/thumbnail", follow_redirects=True)
    assert picture.content.startswith(b"\x89PNG")
    shape = await aru.get(f"{JOBS}/{job['id']}/preview", follow_redirects=True)
    assert shape.content.startswith(b"glTF")
    # The workings of printing are in nobody's album.
    assert (await aru.get("/api/v1/assets")).json()["items"] == []


async def test_a_repair_is_a_new_version_and_the_first_one_stays(aru):
    job = await settled(aru, await hand_in(aru, "box.stl", box(lid=False)))
    assert "repair" in job["can"]
    mended = (await aru.post(f"{JOBS}/{job['id']}/repair")).json()
    assert [one["made"] for one in mended["versions"]] == ["upload", "repair"]
    assert mended["model"] == mended["versions"][1]["asset"]
    mended = await settled(aru, mended)
    assert mended["verdict"]["watertight"] is True
    first = await aru.get(f"/api/v1/assets/{mended['versions'][0]['asset']}/content")
    assert first.content == box(lid=False)


async def test_a_model_is_scaled_by_what_the_check_offers(aru):
    job = await settled(aru, await hand_in(aru, "inch.stl", box(0.8, 0.8, 0.4)))
    factor = job["verdict"]["units"][0]["factor"]
    changed = await aru.post(f"{JOBS}/{job['id']}/change", json={"factor": factor})
    assert changed.status_code == 200, changed.text
    changed = await settled(aru, changed.json())
    assert changed["verdict"]["size"][0] == pytest.approx(0.8 * factor, rel=1e-3)


async def test_what_is_no_model_is_refused_with_what_to_do(aru):
    job = await settled(aru, await hand_in(aru, "model.stl", b"<!doctype html><html></html>" * 9))
    assert job["state"] == "refused"
    assert job["problem"]["code"] == "model-is-web-page"
    assert job["problem"]["hint"]
    again = await aru.post(
        f"{JOBS}/{job['id']}/file", files={"file": ("part.gcode", GCODE)}, data={"name": "Part"}
    )
    assert again.status_code == 200, again.text
    job = await settled(aru, again.json())
    assert job["state"] == "waiting"
    assert job["name"] == "Part"
    assert job["kind"] == "gcode"


async def test_pupils_see_and_touch_their_own_jobs_only(clients, aru, teacher):
    job = await settled(aru, await hand_in(aru, "mine.gcode", GCODE))
    address = f"{JOBS}/{job['id']}"
    dias, panel = clients["dias"], clients["panel"]
    assert (await dias.get(address)).status_code == 403
    assert (await dias.get(JOBS)).json()["items"] == []
    for step in ("cancel", "reprint", "repair", "file", "send-back"):
        body = {"json": {"note": ""}} if step == "send-back" else {}
        assert (await dias.post(f"{address}/{step}", **body)).status_code in (403, 404)
    assert (await dias.delete(address)).status_code == 403
    assert (await dias.patch(address, json={"name": "theirs"})).status_code == 403
    assert (await dias.get(f"/api/v1/assets/{job['gcode']}/content")).status_code == 403
    assert (await panel.get(address)).status_code == 403
    assert (await panel.get(JOBS)).status_code == 403
    assert (await aru.post(f"{address}/send-back", json={"note": "x"})).status_code == 403
    seen = (await teacher.get(JOBS, params={"state": "waiting,refused"})).json()["items"]
    assert job["id"] in {one["id"] for one in seen}
    back = await teacher.post(f"{address}/send-back", json={"note": "Қабырғасын қалыңдат"})
    assert back.json()["state"] == "sent-back"
    mine = (await aru.get(address)).json()
    assert mine["note"] == "Қабырғасын қалыңдат"
    assert "file" in mine["can"]


async def test_deleting_a_job_takes_its_files_with_it(aru, hub):
    job = await settled(aru, await hand_in(aru, "gone.gcode", GCODE + b"; mine alone\n"))
    asset = await hub.assets.get(job["gcode"])
    kept = hub.assets.content(asset)
    held = await aru.delete(f"/api/v1/assets/{job['gcode']}")
    assert held.status_code == 409, "a job's file is not deleted under it"
    assert (await aru.delete(f"{JOBS}/{job['id']}")).status_code == 204
    assert (await aru.get(f"{JOBS}/{job['id']}")).status_code == 404
    assert not kept.exists()


async def test_old_jobs_go_with_their_files_where_that_is_set(aru, hub):
    old, waiting = [await settled(aru, await hand_in(aru, "old.gcode", GCODE)) for _ in range(2)]
    assert (await aru.post(f"{JOBS}/{old['id']}/cancel")).status_code == 200
    (rule,) = [one for one in hub.keeper.retention.rules if one.name == "print-jobs"]
    assert rule.days == 0, "nothing goes by itself"
    soon = time.time() + 60
    due = await rule.count(soon)
    assert due >= 1
    assert await rule.delete(soon) == due
    assert (await aru.get(f"{JOBS}/{old['id']}")).status_code == 404
    assert (await aru.get(f"{JOBS}/{waiting['id']}")).status_code == 200


async def test_settings_are_checked_before_anything_is_kept(aru):
    for wished in ('{"infill": 400}', "{", '{"colour": "red"}', '{"profile": "../etc"}'):
        answer = await aru.post(JOBS, files={"file": ("a.stl", box())}, data={"settings": wished})
        assert answer.status_code == 422, wished
    job = await hand_in(aru, "a.stl", box(), settings=json.dumps({"infill": 20, "brim": True}))
    assert job["settings"]["infill"] == 20


async def test_the_routes_of_printing_have_a_limit_of_their_own(aru, hub):
    """A model of 98 MB is taken here, though the hub's other routes stop at 64 MiB."""
    announced = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(98 << 20)}
    answer = await aru.post("/api/v1/assets", content=b"", headers=announced)
    assert answer.status_code == 413
    announced["Content-Length"] = str(LARGEST + (1 << 20))
    assert (await aru.post(JOBS, content=b"", headers=announced)).status_code == 413
    content = b"; " + b"x" * 77 + b"\n"
    job = await hand_in(aru, "long.gcode", content * (70 * 1024 * 1024 // len(content)))
    assert (await aru.get(f"/api/v1/print-jobs/{job['id']}")).status_code == 200


async def test_a_pupil_has_so_many_open_jobs_also_where_several_files_come_at_once(clients):
    busy = clients["busy"]
    mine = [await hand_in(busy, "part.gcode", GCODE) for _ in range(MOST_OF_A_PUPIL - 1)]
    file = {"file": ("part.gcode", GCODE)}
    answers = await asyncio.gather(*(busy.post(JOBS, files=file) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 429, 429, 429]
    refused = next(answer.json() for answer in answers if answer.status_code == 429)
    assert (refused["code"], refused["title"]) == (
        "too-many-jobs",
        f"You have {MOST_OF_A_PUPIL} print jobs that are not finished yet.",
    )
    (ended,) = [answer.json() for answer in answers if answer.status_code == 201]
    for job in (*mine, ended):
        await settled(busy, job)
    assert (await busy.post(f"{JOBS}/{ended['id']}/cancel")).status_code == 200
    await settled(busy, await hand_in(busy, "another.gcode", GCODE))
    # Printed once more it is a job like any other.
    again = await busy.post(f"{JOBS}/{ended['id']}/reprint")
    assert again.json()["code"] == "too-many-jobs"


async def test_the_bus_tells_owner_and_teachers(aru, hub):
    heard = []
    leave = hub.bus.subscribe("x/printing/jobs/+", heard.append)
    job = await settled(aru, await hand_in(aru, "told.gcode", GCODE))
    leave()
    mine = [one for one in heard if one.payload["id"] == job["id"]]
    assert [one.payload["state"] for one in mine][-1] == "waiting"
    other = Principal("p", "Dias", Role.PUPIL, person="someone-else")
    assert all(one.audience.private for one in mine)
    assert all(other.owner not in one.audience.persons for one in mine)


async def test_what_the_hub_was_at_when_it_ended_is_begun_anew(tmp_path):
    first = Hub(settings(tmp_path))
    await first.start()
    by = Principal("token", "Aru", Role.PUPIL)
    part = tmp_path / "part.stl"
    part.write_bytes(box(lid=False))
    job = await printing(first).jobs.receive(part, name="part.stl", by=by)
    await first.stop()
    async with running_hub(tmp_path) as second, asyncio.timeout(60):
        jobs = printing(second).jobs
        while (found := await jobs.get(job.id, by=by)).state != "refused":
            await asyncio.sleep(0.05)
    assert found.verdict is not None
