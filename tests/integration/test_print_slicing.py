"""A pupil's model is sliced by the real slicer; finished G-code is judged by the printer's policy."""

import asyncio
import shutil

import pytest
import pytest_asyncio

from hub.device import Role
from hub.workers import Workers
from plugins.printing.slicing import slicers
from tests.printing import (
    JOBS,
    OVER,
    PRINTERS,
    People,
    box,
    hand_in,
    running_hub,
    settled,
    step,
    until,
    virtual_printer,
)

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(
        shutil.which("prusa-slicer") is None, reason="prusa-slicer is not installed"
    ),
]
GOOD = b"M109 S200\nG28\nG90\nM83\n;LAYER_CHANGE\nG1 X10 Y10 Z0.2 F1200\nG1 X50 E3\nG1 Y50 E3\nM104 S0\n"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def clients(tmp_path_factory):
    async with (
        virtual_printer(tmp_path_factory.mktemp("printer"), 2000) as port,
        running_hub(tmp_path_factory.mktemp("data"), port) as hub,
    ):
        people = People(hub)
        yield {
            "aru": await people.one("Aru", Role.PUPIL),
            "dana": await people.one("Dana", Role.PUPIL),
            "teacher": await people.one("Teacher", Role.TEACHER),
        }
        await people.close()


@pytest.fixture
def aru(clients):
    return clients["aru"]


async def test_a_model_waits_for_approval_with_its_time_weight_and_layers(clients, aru):
    settings = '{"material": "PETG", "infill": 10, "profile": "draft"}'
    job = await settled(aru, await hand_in(aru, "box.stl", box(20, 20, 5), settings=settings))
    assert (job["state"], job["problem"]) == ("waiting", None)
    estimate = job["estimate"]
    assert 0.5 < estimate["grams"] < 20 * 20 * 5 / 1000 * 1.27
    assert 60 < estimate["seconds"] < 3600
    assert estimate["height"] == pytest.approx(5, abs=0.3)

    index = (await aru.get(job["layers"], follow_redirects=True)).json()
    assert index["count"] == len(index["layers"]) == estimate["layers"]
    layer = (await aru.get(f"{job['layers']}/{index['count'] // 2}")).json()
    assert {"wall", "outer", "infill"} <= {path["kind"] for path in layer["paths"]}
    x0, y0, x1, y1 = index["box"]
    assert all(
        x0 - 0.1 <= x <= x1 + 0.1 and y0 - 0.1 <= y <= y1 + 0.1
        for path in layer["paths"]
        for x, y in zip(path["points"][0::2], path["points"][1::2], strict=True)
    )
    assert (await aru.get(f"{job['layers']}/{index['count']}")).status_code == 404
    other = clients["dana"]
    assert (await other.get(f"{job['layers']}/0")).status_code == 403


async def test_ways_to_print_are_named_in_the_callers_language(aru):
    said = (await aru.get("/api/v1/print-profiles", headers={"Accept-Language": "kk"})).json()
    assert [one["id"] for one in said["items"]] == ["draft", "normal", "fine"]
    assert [one["usual"] for one in said["items"]] == [False, True, False]
    assert said["items"][1]["title"] == "Қалыпты"
    assert said["items"][0]["materials"] == ["PLA", "PETG", "TPU"]
    assert said["slicer"]["name"] == "PrusaSlicer"
    assert said["problem"] is None
    assert "prusa-mk3s" in {one["id"] for one in said["printers"]}


async def test_a_worker_has_loaded_what_a_check_needs_before_a_model_comes(aru, monkeypatch):
    loaded, run = [], Workers.run

    async def noting(self, function, *arguments, **limits):
        result = await run(self, function, *arguments, **limits)
        loaded.append(function)
        return result

    monkeypatch.setattr(Workers, "run", noting)
    # One that loads already, since somebody has just looked, is not asked again.
    async with asyncio.timeout(60):
        while not loaded:
            await aru.get("/api/v1/print-profiles")
            await asyncio.sleep(0.1)
    assert set(loaded) == {"plugins.printing.checking.work:ready"}


async def test_without_a_slicer_a_model_is_refused_until_one_is_installed_and_gcode_works(
    aru, monkeypatch
):
    there = slicers.find_program
    monkeypatch.setattr(slicers, "find_program", lambda command: None)
    job = await settled(aru, await hand_in(aru, "box.stl", box(10, 10, 2)))
    assert (job["state"], job["problem"]["code"]) == ("refused", "no-slicer")
    assert "sudo apt install prusa-slicer" in job["problem"]["hint"]
    said = (await aru.get("/api/v1/print-profiles")).json()
    assert (said["slicer"], said["problem"]["code"]) == (None, "no-slicer")
    finished = await settled(aru, await hand_in(aru, "part.gcode", GOOD))
    assert finished["state"] == "waiting"
    assert (await aru.get(f"/api/v1/print-jobs/{job['id']}")).json()["state"] == "refused"

    # Once one is installed the hub goes on by itself: at the next look, or with the next job.
    monkeypatch.setattr(slicers, "find_program", there)
    await settled(aru, await hand_in(aru, "other.gcode", GOOD))
    sliced = await until(aru, job, "waiting")
    assert (sliced["problem"], sliced["estimate"]["layers"] > 0) == (None, True)


async def test_gcode_is_judged_and_measured(aru):
    good = (
        b"; estimated printing time (normal mode) = 2m 5s\n; total filament used [g] = 1.5\n" + GOOD
    )
    job = await settled(aru, await hand_in(aru, "part.gcode", good))
    assert job["state"] == "waiting"
    assert (job["estimate"]["seconds"], job["estimate"]["grams"]) == (125, 1.5)
    assert job["estimate"]["millimetres"] == 6
    assert (await aru.get(job["layers"], follow_redirects=True)).json()["count"] == 1


@pytest.mark.parametrize(
    ("bad", "title"),
    [
        (GOOD + b"M997\n", "This file would replace the printer's own program."),
        (GOOD.replace(b"S200", b"S600"), "This file heats more than the printer may."),
        (b"START_PRINT\n" + GOOD, "This file was made for another printer."),
        (GOOD + b"G1 X900 E1\n", "This file moves to where the printer cannot reach."),
    ],
    ids=["firmware", "too hot", "other printer", "outside"],
)
async def test_gcode_that_a_printer_must_not_get_is_refused_in_words(aru, bad, title):
    job = await settled(aru, await hand_in(aru, "part.gcode", bad))
    assert (job["state"], job["problem"]["code"]) == ("refused", "gcode-refused")
    assert job["problem"]["title"] == title
    again = await aru.get(f"{JOBS}/{job['id']}", headers={"Accept-Language": "ru"})
    assert again.json()["problem"]["title"] not in ("", title)


async def test_what_the_policy_leaves_out_is_told_before_anybody_approves(clients, aru):
    left = b"M500\nM105\nM92 E100\nG33\nM92 E101\n@OCTO on\n"
    job = await settled(aru, await hand_in(aru, "part.gcode", left + GOOD))
    assert job["state"] == "waiting"
    teacher = clients["teacher"]
    seen = (await teacher.get(f"{JOBS}/{job['id']}")).json()
    assert "approve" in seen["can"]
    told = {one["reason"]: one for one in seen["left_out"]}
    assert set(told) == {"stored-settings", "talk", "calibration", "host"}
    assert (told["calibration"]["count"], told["calibration"]["line"]) == (3, 3)
    words = told["calibration"]["words"]
    assert {(one["word"], one["count"], one["line"]) for one in words} == {
        ("M92", 2, 3),
        ("G33", 1, 4),
    }
    assert told["calibration"]["title"] == "It would change how the printer is calibrated."
    assert seen["left_out_lines"] == sum(one["count"] for one in seen["left_out"]) == 6
    kazakh = await teacher.get(f"{JOBS}/{job['id']}", headers={"Accept-Language": "kk"})
    said = {one["reason"]: one["title"] for one in kazakh.json()["left_out"]}
    assert said["calibration"] not in ("", told["calibration"]["title"])
    listed = (await teacher.get(JOBS, params={"state": "waiting"})).json()["items"]
    item = next(one for one in listed if one["id"] == job["id"])
    assert item["left_out_lines"] == 6
    clean = await settled(aru, await hand_in(aru, "part.gcode", GOOD))
    assert (clean["left_out"], clean["left_out_lines"]) == ([], 0)


async def test_lists_have_jobs_in_short_and_the_single_job_has_its_whole_verdict(aru):
    job = await settled(aru, await hand_in(aru, "thin.stl", box(20, 20, 0.3)))
    assert job["verdict"]["findings"]
    listed = (await aru.get(JOBS, params={"limit": 1})).json()["items"]
    item = listed[0]
    assert item["id"] == job["id"]
    assert not {"verdict", "versions", "pictures", "left_out"} & set(item)
    assert item == {name: job[name] for name in item}
    check = item["check"]
    assert (check["printable"], check["findings"]) == (
        job["verdict"]["printable"],
        len(job["verdict"]["findings"]),
    )
    assert check["tone"] in ("warn", "bad")
    assert check["title"] in [one["title"] for one in job["verdict"]["findings"]]


async def test_what_is_thinner_than_a_line_of_plastic_is_refused_in_words(aru):
    job = await settled(aru, await hand_in(aru, "hair.stl", box(0.03, 0.03, 8)))
    assert (job["state"], job["problem"]["code"]) == ("refused", "nothing-to-slice")


async def test_from_a_pupils_model_to_a_finished_part(clients, aru):
    """Handed in, sliced for the printer as it is set up, approved, printed line by line to its end."""
    teacher = clients["teacher"]
    printer = f"{PRINTERS}/printer-1"
    assert (await teacher.patch(printer, json={"profile": "virtual"})).status_code == 200
    settings = '{"infill": 0, "profile": "draft"}'
    job = await settled(aru, await hand_in(aru, "tile.stl", box(8, 8, 1), settings=settings))
    assert job["state"] == "waiting"
    assert "Virtual printer" in (await aru.get(job_file(job))).text
    await step(teacher, job, "approve")
    assert (await teacher.post(f"{printer}/plate-cleared")).status_code == 200
    done = await until(aru, job, *OVER, limit=120)
    assert (done["state"], done["ending"]) == ("done", None)
    assert done["progress"]["layers"] == job["estimate"]["layers"]
    # The printer tells it of itself, a moment later.
    async with asyncio.timeout(30):
        while True:
            at = "/api/v1/devices/printer-1/properties/temperatures"
            cold = (await teacher.get(at)).json()["value"]
            if [one["target"] for one in (*cold["tools"], cold["bed"])] == [0, 0]:
                break
            await asyncio.sleep(0.1)


def job_file(job):
    return f"/api/v1/assets/{job['gcode']}/content"
