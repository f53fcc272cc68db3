"""The queue with real printers' drivers and virtual printers: approved, printed, cancelled."""

import asyncio
import io
from unittest.mock import patch

import pytest
import pytest_asyncio
from PIL import Image

from drivers.virtual.printer.control import ask
from hub.device import Role
from hub.devices import DeviceConfig
from hub.rights import SYSTEM
from tests.peers import serving
from tests.printers import END, START, zigzag
from tests.printing import (
    JOBS,
    OVER,
    PRINTERS,
    People,
    hand_in,
    printing,
    running_hub,
    settled,
    step,
    until,
    virtual_printer,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
PLATE = f"{PRINTERS}/printer-1/plate-cleared"


def part(lines: int = 40) -> bytes:
    """A small part as G-code."""
    return ("\n".join([*START, *zigzag(lines), *END]) + "\n").encode()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("printer")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def hub(folder, tmp_path_factory):
    async with (
        virtual_printer(folder) as port,
        running_hub(tmp_path_factory.mktemp("data"), port) as hub,
    ):
        yield hub


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def people(hub):
    people = People(hub)
    yield people
    await people.close()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def aru(people):
    return await people.one("Aru", Role.PUPIL)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def teacher(people):
    return await people.one("Айгүл Серікқызы", Role.TEACHER)


@pytest_asyncio.fixture(loop_scope="module")
async def clear(teacher):
    """Say that the plate is clear, as often as a test wants."""

    async def say():
        answer = await teacher.post(PLATE)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return say


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def free(hub, teacher):
    """Each test finds a printer that is reached and idle, however the one before has ended."""
    states = {"state": "queued,printing,paused"}
    for job in (await teacher.get(JOBS, params=states)).json()["items"]:
        await teacher.post(f"{JOBS}/{job['id']}/cancel")
        await until(teacher, job, *OVER)
    async with asyncio.timeout(60):
        while True:
            printer = (await teacher.get(f"{PRINTERS}/printer-1")).json()
            if printer["reachable"] and printer["job"] is None:
                return
            await asyncio.sleep(0.05)


async def waiting(by, lines=40, name="part.gcode"):
    job = await settled(by, await hand_in(by, name, part(lines)))
    assert job["state"] == "waiting"
    return job


async def test_a_job_waits_until_somebody_says_that_the_plate_is_clear(aru, teacher, clear, hub):
    printer = (await teacher.get(f"{PRINTERS}/printer-1")).json()
    assert printer["plate"]["clear"] is False, "nobody has ever looked"
    job = await waiting(aru, 1500)
    await step(aru, job, "approve", 403)
    job = await step(teacher, job, "approve")
    assert job["state"] == "queued"
    await asyncio.sleep(1.0)
    job = (await aru.get(f"{JOBS}/{job['id']}")).json()
    assert (job["state"], job["position"]) == ("queued", 1)
    assert job["problem"]["code"] == "plate-not-clear"
    assert (await aru.post(PLATE)).status_code == 403, "her part does not lie on it"
    heard = []
    leave = hub.bus.subscribe("x/printing/#", heard.append)
    assert (await clear())["plate"]["clear"] is True
    job = await until(aru, job, *OVER)
    leave()
    assert job["state"] == "done"
    assert job["progress"]["fraction"] == 1.0
    assert job["ending"] is None
    printer = (await aru.get(f"{PRINTERS}/printer-1")).json()
    assert printer["plate"]["clear"] is False
    assert printer["plate"]["job"]["id"] == job["id"]
    topics = {one.topic for one in heard}
    assert f"x/printing/finished/{job['id']}" in topics
    public = [one for one in heard if one.topic == "x/printing/printers/printer-1"]
    assert any(one.payload["job"] and one.payload["job"]["id"] == job["id"] for one in public)
    assert not any((one.payload["job"] or {}).get("owner") for one in public)
    history = (await aru.get(f"{JOBS}/{job['id']}/history")).json()["items"]
    said = [one["what"] for one in history]
    assert said[0] == "upload"
    assert said.count("approve") == said.count("start") == said.count("done") == 1
    assert (await aru.post(PLATE)).status_code == 200, "now it is her part"


async def test_a_print_is_paused_resumed_and_cancelled(aru, teacher, clear):
    await clear()
    job = await step(teacher, await waiting(aru, 4000), "approve")
    await until(aru, job, "printing")
    await step(aru, job, "pause", 403)
    while (await aru.get(f"{JOBS}/{job['id']}")).json()["progress"]["fraction"] == 0:
        await asyncio.sleep(0.05)
    assert (await teacher.post(PLATE)).status_code == 409, "it prints"
    assert (await step(teacher, job, "pause"))["state"] == "paused"
    assert (await step(teacher, job, "resume"))["state"] == "printing"
    ended = await step(aru, job, "cancel")
    assert ended["state"] == "cancelled"
    assert ended["ending"]["code"] == "print-cancelled"
    assert ended["ending"]["line"] > 0


async def test_two_who_approve_at_once_start_one_print(aru, teacher, people, clear):
    other = await people.one("Болат", Role.TEACHER)
    job = await waiting(aru)
    answers = await asyncio.gather(
        *(one.post(f"{JOBS}/{job['id']}/approve") for one in (teacher, other, teacher, other))
    )
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409]
    await clear()
    job = await until(aru, job, *OVER)
    history = (await aru.get(f"{JOBS}/{job['id']}/history")).json()["items"]
    assert [one["what"] for one in history].count("start") == 1


async def test_the_queue_is_in_the_teachers_order(aru, teacher, clear):
    first, second, third = [
        await step(teacher, await waiting(aru, name=f"{name}.gcode"), "approve")
        for name in ("first", "second", "third")
    ]
    await step(teacher, third, "move", before=first["id"])
    queued = [(await aru.get(f"{JOBS}/{one['id']}")).json() for one in (first, second, third)]
    assert [one["position"] for one in queued] == [2, 3, 1]
    await clear()
    await until(aru, third, *OVER)
    await asyncio.sleep(0.5)
    assert (await aru.get(f"{JOBS}/{first['id']}")).json()["state"] == "queued"
    for job in (first, second):
        await clear()
        await until(aru, job, *OVER)


async def test_a_reprint_is_a_new_job_that_needs_approval(aru, teacher, clear):
    job = await step(teacher, await waiting(aru), "approve")
    await clear()
    assert (await until(aru, job, *OVER))["state"] == "done"
    again = await step(aru, job, "reprint", 201)
    assert again["state"] == "waiting"
    assert again["reprint_of"] == job["id"]
    assert (await step(aru, again, "cancel"))["state"] == "cancelled"
    asked = await step(teacher, job, "reprint", 201)
    assert asked["state"] == "queued", "a teacher who asks has approved it"
    await step(teacher, asked, "cancel")


async def test_a_job_for_a_printer_that_is_gone_is_not_approved(aru, teacher):
    job = await waiting(aru)
    answer = await step(teacher, job, "approve", 404, printer="no-such-printer")
    assert answer["code"] == "not-found"
    await step(teacher, job, "cancel")


async def test_what_is_approved_is_what_is_sent_whatever_policy_the_printer_gets(
    aru, teacher, clear, folder
):
    """The list is the printer's own: when its policy is another, the teacher looks again."""
    printer = f"{PRINTERS}/printer-1"

    async def policy(name):
        answer = await teacher.patch(printer, json={"policy": {"name": name}})
        assert answer.status_code == 200, answer.text
        assert answer.json()["gcode_policy"] == (name or "default")

    def left_out(job):
        return {word["word"] for kind in job["left_out"] for word in kind["words"]}

    unknown = await teacher.patch(printer, json={"policy": {"name": "school"}})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "no-such-policy")
    assert "prusa" in unknown.json()["hint"]
    mixed = ["M907 E500", "M500", "M117 part"]
    content = ("\n".join([*START, *mixed, *zigzag(40), *END]) + "\n").encode()
    job = await settled(aru, await hand_in(aru, "mixed.gcode", content))
    assert left_out(job) == {"M907", "M500"}
    await policy("prusa")
    again = await step(teacher, job, "approve", 409)
    assert again["code"] == "others-left-out"
    seen = (await teacher.get(f"{JOBS}/{job['id']}")).json()
    assert (seen["state"], left_out(seen)) == ("waiting", {"M500"})
    assert (await step(teacher, job, "approve", 409, mark=job["mark"]))["code"] == "job-moved-on"
    await step(teacher, seen, "approve", mark=seen["mark"])
    # Approved, and its printer is set back: it is not printed by rules that nobody has seen.
    await policy("")
    await clear()
    back = await until(aru, job, "waiting")
    assert (back["problem"]["code"], left_out(back)) == ("others-left-out", {"M907", "M500"})
    assert (await teacher.get(printer)).json()["plate"]["clear"], "nothing was begun"
    told = await ask(folder / "control", executed=True)
    await step(teacher, back, "approve", mark=back["mark"])
    assert (await until(aru, job, *OVER))["state"] == "done"
    executed = [text for _, text in (await ask(folder / "control", executed=True))["executed"]]
    words = {text.split()[0] for text in executed[len(told["executed"]) :]}
    assert {"G28", "M117"} <= words
    assert not {"M907", "M500"} & words
    history = (await aru.get(f"{JOBS}/{job['id']}/history")).json()["items"]
    steps = [one["what"] for one in history]
    assert steps.count("approval-taken-back") == steps.count("start") == 1


async def test_a_print_from_the_printers_own_card_is_looked_at_before_the_next_begins(
    hub, aru, teacher, clear
):
    await clear()
    said = ["M118 File opened: DRAGON~1.GCO Size: 123456", "M118 File selected"]
    for lines in (said, ["M118 Done printing file"]):
        assert (await clear())["plate"]["clear"]
        operation = hub.devices.get("printer-1").invoke("send", {"lines": lines}, by=SYSTEM)
        await hub.operations.wait(operation.id, 30)
        async with asyncio.timeout(60):
            while (await teacher.get(f"{PRINTERS}/printer-1")).json()["plate"]["clear"]:
                await asyncio.sleep(0.05)
    job = await step(teacher, await waiting(aru), "approve")
    await asyncio.sleep(0.5)
    job = (await aru.get(f"{JOBS}/{job['id']}")).json()
    assert (job["state"], job["problem"]["code"]) == ("queued", "plate-not-clear")
    plate = (await teacher.get(f"{PRINTERS}/printer-1")).json()["plate"]
    assert (plate["job"], plate["unseen_since"]) == (None, None)
    await clear()
    assert (await until(aru, job, *OVER))["state"] == "done"


async def test_a_printer_that_was_away_for_long_is_looked_at_before_the_next_print_begins(
    hub, aru, teacher, clear, folder
):
    """Its cable is out; a short while annoys nobody. The quarter of an hour is a second here."""
    await clear()
    known = printing(hub).printers
    device = hub.devices.get("printer-1")

    async def away(seconds):
        before = device.counters["connects"]
        await ask(folder / "control", faults={"unplug": seconds})
        async with asyncio.timeout(90):
            while not (device.state.reachable and device.counters["connects"] > before):
                await asyncio.sleep(0.05)

    await away(1.0)
    assert (await teacher.get(f"{PRINTERS}/printer-1")).json()["plate"]["clear"]
    job = await waiting(aru)
    with patch.object(known, "_unseen", 3.0):
        await away(6.0)
        await step(teacher, job, "approve")
        async with asyncio.timeout(60):
            while (await aru.get(f"{JOBS}/{job['id']}")).json()["problem"] is None:
                await asyncio.sleep(0.05)
        waits = (await aru.get(f"{JOBS}/{job['id']}")).json()
        assert (waits["state"], waits["problem"]["code"]) == ("queued", "plate-not-clear")
        plate = (await teacher.get(f"{PRINTERS}/printer-1")).json()["plate"]
        assert plate["unseen_since"] is not None
    await clear()
    assert (await until(aru, job, *OVER))["state"] == "done"


@pytest.mark.parametrize("fault", [{"reset": True}, {"unplug": 1.0}], ids=["reset", "pulled out"])
async def test_a_printer_that_is_lost_in_mid_print_ends_the_job_as_interrupted(
    aru, teacher, clear, folder, fault
):
    job = await step(teacher, await waiting(aru, 20000), "approve")
    await clear()
    await until(aru, job, "printing")
    while (await aru.get(f"{JOBS}/{job['id']}")).json()["progress"]["fraction"] == 0:
        await asyncio.sleep(0.05)
    await ask(folder / "control", faults=fault)
    job = await until(aru, job, *OVER)
    assert job["state"] == "failed"
    assert job["ending"]["code"] == "interrupted"
    assert job["ending"]["line"] > 0
    assert job["ending"]["hint"]
    # Reached again, it is idle, and nothing begins or goes on: the part lies on its plate.
    async with asyncio.timeout(60):
        while (now := (await teacher.get(f"{PRINTERS}/printer-1")).json())["state"] != "idle":
            await asyncio.sleep(0.05)
    assert (now["ready"], now["job"], now["plate"]["clear"]) == (False, None, False)
    assert now["plate"]["job"]["id"] == job["id"]
    where = job["ending"]["line"], job["ending"]["height"]
    again = (await aru.get(f"{JOBS}/{job['id']}")).json()
    assert (again["state"], again["ending"]["line"], again["ending"]["height"]) == (
        "failed",
        *where,
    )


async def test_what_was_printed_is_in_the_account_and_counts_for_the_class(
    hub, people, teacher, clear
):
    group = await hub.school.create_group("7 «Ә»")
    pupil = await people.one("Ермек", Role.PUPIL, group=group.id)
    spool = {"name": "Ақ PLA", "material": "PLA", "grams": 750}
    spool = (await teacher.post("/api/v1/spools", json=spool)).json()
    assert spool["left"] == 750
    set_up = await teacher.patch(f"{PRINTERS}/printer-1", json={"spool": spool["id"]})
    assert set_up.json()["spool"] == spool["id"]
    job = await step(teacher, await waiting(pupil, 400), "approve")
    assert job["group"] == group.id
    await clear()
    job = await until(pupil, job, *OVER)
    # 100 mm of 1.75 mm PLA, 1.24 g/cm³.
    lines = (await teacher.get("/api/v1/filament-account", params={"by": "group"})).json()["items"]
    mine = next(line for line in lines if line["id"] == group.id)
    assert (mine["name"], mine["jobs"]) == ("7 «Ә»", 1)
    assert mine["grams"] == pytest.approx(0.3, abs=0.05)
    spools = (await teacher.get("/api/v1/spools")).json()["items"]
    assert spools[0]["left"] == pytest.approx(749.7, abs=0.05)
    assert spools[0]["printer"] == "printer-1"
    assert (await teacher.delete(f"/api/v1/spools/{spool['id']}")).status_code == 409

    limit = f"/api/v1/print-quotas/{group.id}"
    answer = await teacher.put(limit, json={"grams": 0.1})
    assert answer.json()["used"]["grams"] == pytest.approx(0.3, abs=0.05)
    again = await waiting(pupil)
    refused = await step(teacher, again, "approve", 409)
    assert refused["code"] == "quota-grams"
    assert refused["title"].startswith("This class has used its filament: 0 of 0 g")
    russian = {"Accept-Language": "ru"}
    said = await teacher.post(f"{JOBS}/{again['id']}/approve", headers=russian)
    assert said.json()["title"].startswith("Этот класс израсходовал свой филамент")
    assert (await teacher.put(limit, json={"grams": 500})).status_code == 200
    assert (await step(teacher, again, "approve"))["state"] == "queued"
    await step(teacher, again, "cancel")
    for address in ("/api/v1/spools", "/api/v1/filament-account", "/api/v1/print-quotas"):
        assert (await pupil.get(address)).status_code == 403


async def test_temperatures_are_kept_for_the_plot(teacher, people):
    panel = await people.one("panel", Role.DISPLAY)
    rows = (await panel.get(f"{PRINTERS}/printer-1/temperatures")).json()["items"]
    assert max(row[1] for row in rows) > 150
    assert all(len(row) == 5 for row in rows)
    assert (await panel.get(f"{PRINTERS}/printer-1")).status_code == 200
    assert (await panel.post(PLATE)).status_code == 403
    assert (await panel.get(JOBS)).status_code == 403


class Stills:
    """A camera that sends one small picture after the other."""

    def __init__(self, picture: bytes) -> None:
        self._picture = picture

    async def serve(self, reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        head = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"
        writer.write(head)
        while True:
            about = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(self._picture)}"
            writer.write(about.encode() + b"\r\n\r\n" + self._picture + b"\r\n")
            await writer.drain()
            await asyncio.sleep(0.02)


async def test_a_camera_takes_a_picture_of_each_layer_and_of_the_part(hub, aru, teacher, clear):
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (90, 120, 30)).save(out, "JPEG")
    async with serving(Stills(out.getvalue()).serve) as port:
        url = {"url": f"http://127.0.0.1:{port}"}
        hub.devices.add(DeviceConfig(id="camera-1", driver="stream", settings=url))
        async with asyncio.timeout(60):
            while not hub.devices.get("camera-1").state.reachable:
                await asyncio.sleep(0.05)
        set_up = {"camera": "camera-1", "time_lapse": "layer"}
        answer = await teacher.patch(f"{PRINTERS}/printer-1", json=set_up)
        assert answer.json()["camera"] == "camera-1"
        layers = ("\n".join([*START, *zigzag(4000, layers=20), *END]) + "\n").encode()
        job = await settled(aru, await hand_in(aru, "film.gcode", layers))
        await step(teacher, job, "approve")
        await clear()
        await until(aru, job, *OVER)
        async with asyncio.timeout(60):
            while len((job := (await aru.get(f"{JOBS}/{job['id']}")).json())["pictures"]) < 2:
                await asyncio.sleep(0.1)
    kept = {one["role"]: one for one in job["pictures"]}
    assert (await aru.get(kept["end"]["content"])).content == out.getvalue()
    film = await aru.get(kept["time-lapse"]["content"])
    assert film.content[4:8] == b"ftyp"
    mine = {one["id"] for one in (await aru.get("/api/v1/assets")).json()["items"]}
    assert {one["asset"] for one in job["pictures"]} <= mine, "they are hers, in her album"


async def test_a_video_that_the_hub_was_ended_over_is_made_at_the_next_start(hub, aru, teacher):
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (90, 120, 30)).save(out, "JPEG")
    job = await settled(aru, await hand_in(aru, "film.gcode", part(50)))
    await step(teacher, job, "cancel")
    pictures = printing(hub)._pictures
    # The first were numbered already; one folder is of a job that was deleted.
    names = [f"n{number:05d}.jpg" for number in range(3)]
    names += [f"{layer:05d}.jpg" for layer in range(7, 40, 3)]
    for folder in (job["id"], "gone"):
        (pictures._folder / folder).mkdir(parents=True)
        for name in names:
            (pictures._folder / folder / name).write_bytes(out.getvalue())
    await pictures.stop()
    pictures.start()
    async with asyncio.timeout(60):
        while any(pictures._folder.iterdir()):
            await asyncio.sleep(0.1)
    (film,) = (await aru.get(f"{JOBS}/{job['id']}")).json()["pictures"]
    assert film["role"] == "time-lapse"
    kept = (await aru.get(film["content"])).content
    assert kept[4:8] == b"ftyp"


async def test_heaters_that_nobody_uses_are_switched_off(hub, teacher, folder):
    await teacher.patch(f"{PRINTERS}/printer-1", json={"heaters_off_after": 0.001})
    printer = hub.devices.get("printer-1")
    printer.invoke("heat", {"bed": 50}, by=SYSTEM)
    plugin = printing(hub)
    async with asyncio.timeout(60):
        while not await plugin._cooling.look():
            await asyncio.sleep(0.1)
        while (await ask(folder / "control"))["bed"][1]:
            await asyncio.sleep(0.1)
