"""A model's way from a pupil's tablet to the printed part, in the browsers of pupil and teacher."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import APIResponse, Locator, Page, Route, expect

from tests.printing import box

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT = 60_000
PRINT = 180_000
PRINTER = "virtual-printer"


def gcode(lines: int) -> str:
    """A print that takes the virtual printer some seconds."""
    moves = [f"G1 X{20 + 60 * (n % 2)} Y{20 + n % 60} E{n * 0.1:.1f} F3000" for n in range(lines)]
    return "\n".join(["; made by hand", "G28", "M109 S190", "G1 Z0.2 F600", *moves, "M104 S0", ""])


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    (folder / "open.stl").write_bytes(box(30, 30, 20, lid=False))
    (folder / "sign.stl").write_bytes(box(8, 8, 1))
    (folder / "ring.gcode").write_text(gcode(30))
    return folder


@pytest.fixture(scope="module")
def digits(shared_classroom, album, browser) -> str:
    """The six digits by which pupils join the lesson."""
    room, (lesson, _) = shared_classroom, album
    context = browser.new_context(
        extra_http_headers={"Authorization": f"Bearer {room.token('teacher')}"}
    )
    code = context.request.get(f"{room.url}/api/v1/lessons/{lesson}").json()["code"]
    context.close()
    return code


@pytest.fixture(scope="module")
def steps(shared_classroom) -> Iterator[httpx.Client]:
    """The routes, as a teacher's program calls them."""
    bearer = {"Authorization": f"Bearer {shared_classroom.token('teacher')}"}
    with httpx.Client(
        base_url=f"{shared_classroom.url}/api/v1", headers=bearer, timeout=60
    ) as client:
        yield client


@pytest.fixture(autouse=True)
def printer_at_rest(steps: httpx.Client) -> None:
    """Nothing is printed, nothing waits, the plate is clear: whatever was left by a test that failed."""
    states = "uploaded,checking,slicing,refused,waiting,sent-back,queued,printing,paused"
    deadline = time.monotonic() + 120
    while True:
        for job in steps.get("/print-jobs", params={"state": states}).json()["items"]:
            steps.post(f"/print-jobs/{job['id']}/cancel", json={})
        printer = steps.get(f"/printers/{PRINTER}").json()
        if printer["job"] is None and printer["plate"]["clear"]:
            return
        assert time.monotonic() < deadline, printer
        if printer["job"] is None:
            steps.post(f"/printers/{PRINTER}/plate-cleared", json={})
        time.sleep(0.3)


def approved(steps: httpx.Client, job: str) -> None:
    """Approve a job as soon as it waits for that."""
    deadline = time.monotonic() + 60
    while (state := steps.get(f"/print-jobs/{job}").json()["state"]) != "waiting":
        assert time.monotonic() < deadline, state
        time.sleep(0.2)
    steps.post(f"/print-jobs/{job}/approve", json={}).raise_for_status()


@pytest.fixture
def pupil(shared_classroom, digits, visit) -> Iterator[Page]:
    """A pupil's tablet on the page where models are handed in."""
    someone = visit(
        viewport={"width": 800, "height": 1280}, has_touch=True, reduced_motion="reduce"
    )
    page = someone.page
    page.goto(f"{shared_classroom.url}/join#{digits}")
    page.get_by_label("Your name").fill("Айжан")
    page.get_by_role("button", name=re.compile("Join")).click()
    page.get_by_role("link", name="3D printing").first.click()
    page.get_by_text("Choose a file").wait_for(timeout=WAIT)
    yield page
    assert not [wrong for wrong in someone.wrong if "401" not in wrong]


@pytest.fixture
def teacher(shared_classroom, album, visit) -> Iterator[Page]:
    """A teacher's computer on the page of what waits for them."""
    someone = visit(storage_state=album[1], reduced_motion="reduce")
    someone.page.goto(f"{shared_classroom.url}/print/inbox")
    yield someone.page
    assert not [wrong for wrong in someone.wrong if "401" not in wrong]


def hand_in(page: Page, file: Path) -> None:
    page.locator("hub-print-page input[type=file]").set_input_files(file)


def has_state(page: Page, state: str, timeout: float = WAIT) -> None:
    expect(page.locator("hub-print-job .big-chip")).to_have_attribute(
        "data-state", state, timeout=timeout
    )


def waiting(page: Page, name: str) -> Locator:
    return page.locator("hub-print-inbox-page article").filter(has_text=name)


def on_queue_page(page: Page, room) -> Locator:
    page.goto(f"{room.url}/print/queue")
    section = page.locator(f"section[data-printer={PRINTER}]")
    section.wait_for(timeout=WAIT)
    return section


def test_a_model_with_a_hole_is_refused_with_the_place_lit_up_and_mended(pupil, files):
    hand_in(pupil, files / "open.stl")
    view = pupil.locator("hub-print-model canvas")
    # It is drawn at once, from the file on the tablet.
    expect(view).to_have_attribute("data-state", "shown", timeout=WAIT)
    has_state(pupil, "refused")
    verdict = pupil.locator("hub-print-verdict")
    expect(verdict.get_by_role("heading")).to_have_text("It cannot be printed like this.")
    hole = verdict.get_by_role("button", name=re.compile("The surface has holes"))
    expect(hole).to_have_attribute("aria-pressed", "true")
    expect(view).to_have_attribute("data-marked", "yes")
    hole.click()
    expect(view).to_have_attribute("data-marked", "no")

    verdict.locator("[data-offer=repair]").click()
    expect(hole).to_have_count(0, timeout=WAIT)
    expect(verdict.get_by_role("heading")).to_have_text("The model is fine.")


def test_a_model_is_sliced_approved_printed_to_its_end_and_the_plate_cleared(
    shared_classroom, pupil, teacher, files
):
    hand_in(pupil, files / "sign.stl")
    has_state(pupil, "waiting", PRINT)
    expect(pupil.get_by_text("You are done: your teacher looks at it next.")).to_be_visible()
    # One tap; both pages tell it without being loaded again.
    waiting(teacher, "sign").get_by_role("button", name="Approve").click()
    expect(waiting(teacher, "sign")).to_have_count(0, timeout=WAIT)

    section = on_queue_page(teacher, shared_classroom)
    has_state(pupil, "printing")
    # Whatever else the page is drawn anew for, the job stays as it is now.
    pupil.locator("hub-print-page").evaluate(
        "page => { page.requestUpdate(); return page.updateComplete }"
    )
    assert pupil.locator("hub-print-job .big-chip").get_attribute("data-state") != "uploaded"
    bar = pupil.locator("hub-print-job progress")
    expect(bar).to_be_visible()
    expect(section.locator("hub-print-progress h3")).to_have_text("sign")
    has_state(pupil, "done", PRINT)

    # The next one waits until somebody has looked at the plate.
    expect(section.get_by_text("“sign” lies on the plate.")).to_be_visible(timeout=WAIT)
    clear_plate(section)


def test_several_models_are_handed_in_and_approved_at_once_and_the_pupil_is_told_anywhere(
    shared_classroom, pupil, teacher, files, steps
):
    # The printer is busy until the pupil is on another page.
    first = sent(pupil, "comb.gcode", gcode(3000))
    approved(steps, first)
    for name in ("acorn", "boat"):
        (files / f"{name}.stl").write_bytes(box(8, 8, 1))
    pupil.locator("hub-print-page input[type=file]").set_input_files(
        [files / "acorn.stl", files / "boat.stl"]
    )
    expect(pupil.get_by_text("2 models are handed in.")).to_be_visible(timeout=WAIT)
    cards = pupil.locator("hub-print-job-card")
    for name in ("acorn", "boat"):
        expect(cards.filter(has_text=name).first).to_contain_text("Waits for", timeout=PRINT)
    many = teacher.get_by_role("button", name=re.compile("Approve all that are fine"))
    many.click()
    asked = teacher.locator("hub-dialog").filter(has_text="Their models are fine")
    expect(asked.locator("li").filter(has_text="acorn").first).to_be_visible()
    asked.get_by_role("button", name=re.compile("^Approve")).click()
    expect(waiting(teacher, "acorn")).to_have_count(0, timeout=WAIT)
    expect(waiting(teacher, "boat")).to_have_count(0, timeout=WAIT)

    pupil.goto(shared_classroom.url)
    mine = pupil.locator("hub-print-card")
    expect(mine.locator("li").filter(has_text="boat")).to_contain_text("In the queue", timeout=WAIT)
    steps.post(f"/print-jobs/{first}/cancel", json={}).raise_for_status()
    clear_plate(on_queue_page(teacher, shared_classroom))
    expect(pupil.get_by_text("“acorn” is printed. Ask your teacher for it.")).to_be_visible(
        timeout=PRINT
    )
    expect(mine.locator("li").filter(has_text="acorn")).to_contain_text("Printed")
    teacher.goto(shared_classroom.url)
    theirs = teacher.locator("hub-print-card")
    expect(theirs.get_by_text("“acorn” lies on the plate.")).to_be_visible(timeout=WAIT)
    clear_plate(on_queue_page(teacher, shared_classroom))
    expect(pupil.get_by_text("“boat” is printed. Ask your teacher for it.")).to_be_visible(
        timeout=PRINT
    )
    clear_plate(on_queue_page(teacher, shared_classroom))


def test_what_is_sent_back_comes_with_the_note_and_is_sent_once_more(pupil, teacher, files):
    hand_in(pupil, files / "ring.gcode")
    has_state(pupil, "waiting")
    waiting(teacher, "ring").get_by_role("button", name="Send back").click()
    teacher.get_by_role("button", name="It is too big. Please make it smaller.").click()
    expect(waiting(teacher, "ring")).to_have_count(0, timeout=WAIT)

    has_state(pupil, "sent-back")
    expect(pupil.get_by_text("Your teacher writes: It is too big.")).to_be_visible()
    pupil.locator("hub-print-job input[type=file]").set_input_files(files / "ring.gcode")
    has_state(pupil, "waiting")
    expect(waiting(teacher, "ring")).to_have_count(1, timeout=WAIT)
    pupil.get_by_role("button", name="Do not print it").click()
    has_state(pupil, "cancelled")
    expect(waiting(teacher, "ring")).to_have_count(0, timeout=WAIT)


def test_what_a_teacher_has_not_seen_left_out_is_not_approved(
    shared_classroom, album, visit, pupil
):
    """The page says what it was looked at; other lines left out are shown, and approved anew."""
    room = shared_classroom
    teacher = visit(storage_state=album[1], reduced_motion="reduce").page
    teacher.goto(f"{room.url}/print/inbox")
    api = teacher.context.request
    origin = {"Origin": room.url}

    def policy(name: str) -> None:
        setting = {"policy": {"name": name}}
        done = api.patch(f"{room.url}/api/v1/printers/{PRINTER}", data=setting, headers=origin)
        assert done.ok, done.text()

    try:
        sent(pupil, "zeta.gcode", "M907 X900\nM500\n" + gcode(30))
        card = waiting(teacher, "zeta")
        expect(card.get_by_text("2 lines of the G-code are left out.")).to_be_visible(timeout=WAIT)
        policy("prusa")
        approve = card.get_by_role("button", name="Approve")
        with teacher.expect_request("**/approve") as asked:
            approve.click()
        assert asked.value.post_data_json.keys() == {"mark"}
        expect(
            teacher.get_by_text(
                "This printer leaves out other lines of the file than were shown."
            ).first
        ).to_be_visible(timeout=WAIT)
        expect(card.get_by_text("1 line of the G-code is left out.")).to_be_visible(timeout=WAIT)
        approve.click()
        expect(card).to_have_count(0, timeout=WAIT)
    finally:
        policy("")


LONG = {"alpha": 3000, "beta": 30, "gamma": 30}


def sent(page: Page, name: str, content: str) -> str:
    """Hand in a file as the page does; return the job's id."""
    part = {"name": name, "mimeType": "text/x.gcode", "buffer": content.encode()}
    origin = page.evaluate("location.origin")
    answer = page.context.request.post(
        f"{origin}/api/v1/print-jobs", multipart={"file": part}, headers={"Origin": origin}
    )
    assert answer.status == 201, answer.text()
    return answer.json()["id"]


def joined(visit, room, digits: str, name: str) -> Page:
    """Another pupil's tablet, on the page where models are handed in."""
    page = visit(viewport={"width": 800, "height": 1280}, reduced_motion="reduce").page
    page.goto(f"{room.url}/join#{digits}")
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name=re.compile("Join")).click()
    page.get_by_role("link", name="3D printing").first.click()
    page.get_by_text("Choose a file").wait_for(timeout=WAIT)
    return page


def clear_plate(section: Locator) -> None:
    """Say that the plate is clear, as soon as what was printed there has ended."""
    cleared = section.get_by_role("button", name="The plate is clear")
    cleared.click(timeout=WAIT)
    expect(cleared).to_have_count(0, timeout=WAIT)


def test_the_teacher_orders_the_queue_and_steers_the_print_and_pupils_see_their_own(
    shared_classroom, digits, pupil, teacher, visit, steps
):
    jobs = {name: sent(pupil, f"{name}.gcode", gcode(lines)) for name, lines in LONG.items()}
    for job in jobs.values():
        approved(steps, job)
    section = on_queue_page(teacher, shared_classroom)
    expect(section.locator("hub-print-progress h3")).to_have_text("alpha", timeout=WAIT)
    queued = section.locator("ol.jobs > li strong")
    expect(queued).to_have_text(["beta", "gamma"])
    section.get_by_role("button", name="gamma: earlier").click()
    expect(queued).to_have_text(["gamma", "beta"])
    # The pupil's page is told of it, and counts only what is the pupil's.
    pupil.goto(f"{shared_classroom.url}/print/queue")
    own = pupil.locator("section.printer")
    expect(own.locator("ol.jobs > li strong")).to_have_text(["gamma", "beta"], timeout=WAIT)
    expect(own.get_by_text("2 jobs of yours wait")).to_be_visible()

    other = joined(visit, shared_classroom, digits, "Дана")
    expect(other.get_by_text("You have not handed in anything yet.")).to_be_visible()
    other.goto(f"{shared_classroom.url}/print/queue")
    theirs = other.locator("section.printer")
    expect(theirs.get_by_text("No job of yours waits for this printer.")).to_be_visible()
    expect(theirs.get_by_text("alpha")).to_have_count(0)
    other.goto(f"{shared_classroom.url}/print/jobs/{jobs['gamma']}")
    expect(other.get_by_text("You may not do this.")).to_be_visible()

    section.get_by_role("link", name="Printer", exact=True).click()
    state = teacher.locator("hub-printer-page .bar .chip")
    teacher.get_by_role("button", name="Pause").click()
    expect(state).to_have_text("Paused", timeout=WAIT)
    pupil.goto(f"{shared_classroom.url}/print/jobs/{jobs['alpha']}")
    has_state(pupil, "paused")
    teacher.get_by_role("button", name="Go on").click()
    expect(state).to_have_text("Printing", timeout=WAIT)
    has_state(pupil, "printing")
    stop = teacher.get_by_role("button", name="Stop the print").first
    stop.click()
    asked = teacher.locator("hub-print-sure")
    asked.get_by_role("button", name="Let it print").click()
    expect(asked.get_by_role("button")).to_have_count(0)
    stop.click()
    asked.get_by_role("button", name="Stop the print").click()
    has_state(pupil, "cancelled")
    # Nothing begins by itself on a plate at which nobody has looked.
    expect(state).to_have_text("Ready", timeout=WAIT)

    # By hand: warm, filament in, cool.
    figure = teacher.locator("hub-printer-temperatures .tool")
    teacher.get_by_role("button", name="Heat for PLA").click()
    expect(figure.get_by_text("shall be 205 °C")).to_be_visible(timeout=WAIT)
    load = teacher.get_by_role("button", name="Put filament in")
    expect(load).to_be_enabled(timeout=WAIT)
    load.click()
    under_way = teacher.locator("hub-printer-page .running")
    expect(under_way.get_by_text("Load filament")).to_be_visible(timeout=WAIT)
    expect(under_way).to_have_count(0, timeout=PRINT)
    expect(state).to_have_text("Ready", timeout=WAIT)
    teacher.get_by_role("button", name="Switch the heaters off").click()
    expect(figure.get_by_text("is off")).to_be_visible(timeout=WAIT)

    # A job's place is right although nothing has happened to the job itself.
    pupil.goto(f"{shared_classroom.url}/print/jobs/{jobs['beta']}")
    place = pupil.locator("hub-print-job .next")
    expect(place).to_contain_text("Place 2 in the queue.", timeout=WAIT)
    steps.post(f"/print-jobs/{jobs['gamma']}/cancel", json={}).raise_for_status()
    expect(place).to_contain_text("Place 1 in the queue.", timeout=WAIT)
    pupil.get_by_role("button", name="Do not print it").click()
    has_state(pupil, "cancelled")
    pupil.get_by_role("button", name="Delete").click()
    asked = pupil.locator("hub-print-sure")
    asked.get_by_role("button", name="Keep it").click()
    expect(asked.get_by_role("button")).to_have_count(0)
    pupil.get_by_role("button", name="Delete").click()
    asked.get_by_role("button", name="Delete").click()
    expect(pupil.get_by_text("The job is deleted.")).to_be_visible(timeout=WAIT)


def test_the_account_names_who_used_what_and_spools_and_limits_are_kept(
    shared_classroom, pupil, teacher
):
    job = sent(pupil, "bead.gcode", gcode(10))
    pupil.goto(f"{shared_classroom.url}/print/jobs/{job}")
    has_state(pupil, "waiting")
    waiting(teacher, "bead").get_by_role("button", name="Approve").click()
    expect(waiting(teacher, "bead")).to_have_count(0, timeout=WAIT)
    has_state(pupil, "done", PRINT)
    teacher.goto(f"{shared_classroom.url}/print/account")
    used = teacher.locator("hub-print-account-page tbody tr").filter(has_text="Айжан")
    expect(used.first).to_be_visible(timeout=WAIT)
    teacher.get_by_role("tab", name="What was printed").click()
    card = teacher.locator("hub-print-job-card").filter(has_text="bead").first
    expect(card.get_by_text("Printed")).to_be_visible(timeout=WAIT)
    teacher.get_by_role("tab", name="Spools").click()
    teacher.get_by_role("button", name="Add a spool").click()
    teacher.get_by_label("Name of the spool").fill("Galaxy")
    teacher.get_by_label("What is left now (g)").fill("90")
    teacher.get_by_role("button", name="Save").click()
    spool = teacher.locator("li.spool").filter(has_text="Galaxy")
    expect(spool.get_by_text("90 g of 1,000 g left")).to_be_visible(timeout=WAIT)
    expect(spool.get_by_text("Nearly empty")).to_be_visible()


def test_a_pupils_slicer_sends_with_a_key_until_it_is_ended(shared_classroom, pupil, teacher):
    # The first list of keys comes late, from before there was one: the new key stays on the page.
    late: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        if late or route.request.method != "GET":
            route.continue_()
        else:
            late.append((route, route.fetch()))

    pupil.route("**/api/v1/print-keys*", hold)
    pupil.goto(f"{shared_classroom.url}/print/slicers")
    make = pupil.get_by_role("button", name="Make my key")
    expect(make).to_be_visible(timeout=WAIT)
    while not late:
        pupil.wait_for_timeout(50)
    make.click()
    shown = pupil.get_by_label("The key", exact=True)
    expect(shown).to_be_visible(timeout=WAIT)
    own = pupil.locator("hub-print-slicers-page ul.keys li")
    expect(own).to_have_count(1, timeout=WAIT)
    late[0][0].fulfill(response=late[0][1])
    pupil.wait_for_timeout(300)
    expect(own).to_have_count(1)
    key = shown.input_value()
    assert key
    address = pupil.get_by_label("Address of the hub", exact=True).input_value()
    assert address == shared_classroom.url
    copy = pupil.get_by_role("button", name="Copy: The key")
    copy.click()
    expect(copy).to_have_text("Copied", timeout=WAIT)
    pupil.get_by_text("Cura", exact=True).click()
    expect(pupil.get_by_text(f"port {shared_classroom.port}")).to_be_visible(timeout=WAIT)

    def send() -> int:
        answer = httpx.post(
            f"{address}/api/files/local",
            headers={"X-Api-Key": key},
            files={"file": ("from the slicer.gcode", gcode(10))},
            data={"print": "true"},
            timeout=60,
        )
        return answer.status_code

    assert send() == 201
    pupil.goto(f"{shared_classroom.url}/print")
    card = pupil.locator("hub-print-job-card").filter(has_text="from the slicer")
    expect(card.get_by_text("Waits for the teacher")).to_be_visible(timeout=WAIT)
    # Shown once: gone with the page.
    pupil.get_by_role("link", name="Send from your slicer").click()
    expect(pupil.get_by_role("button", name="Make another key")).to_be_visible(timeout=WAIT)
    expect(pupil.get_by_label("The key", exact=True)).to_have_count(0)

    teacher.goto(f"{shared_classroom.url}/print/slicers")
    theirs = teacher.locator("hub-print-all-keys section").filter(has_text="Өсімдік жасушасы")
    keys = theirs.get_by_role("button", name=re.compile("^End the key of Айжан"))
    expect(keys.first).to_be_visible(timeout=WAIT)
    # Others of that name, of a test that was run again, may have theirs still.
    while count := keys.count():
        keys.first.click()
        expect(keys).to_have_count(count - 1, timeout=WAIT)
    expect(theirs).to_have_count(0, timeout=WAIT)
    assert send() == 401


def test_the_stop_is_at_once_and_says_what_to_do(shared_classroom, pupil, teacher):
    job = sent(pupil, "delta.gcode", gcode(3000))
    pupil.goto(f"{shared_classroom.url}/print/jobs/{job}")
    has_state(pupil, "waiting")
    waiting(teacher, "delta").get_by_role("button", name="Approve").click()
    has_state(pupil, "printing")
    teacher.goto(f"{shared_classroom.url}/printers/{PRINTER}")
    teacher.get_by_role("button", name="STOP", exact=True).click()
    has_state(pupil, "failed")
    page = teacher.locator("hub-printer-page")
    expect(page.get_by_text(re.compile("then switch it on again")).first).to_be_visible(
        timeout=WAIT
    )
    expect(teacher.get_by_role("button", name="Heat for PLA")).to_be_disabled()
    # Off and on, with all else in the virtual classroom.
    for left in (pupil, teacher):
        left.goto("about:blank")
    shared_classroom.stop()
    shared_classroom.start()
