"""Drawing on pictures through the API: layers, rights, revisions, bounds, the table."""

import asyncio
import io
import json

import pytest
import pytest_asyncio
from PIL import Image

from hub.app import Hub
from hub.device import Role
from hub.rights import SYSTEM, may
from hub.settings import Settings
from tests.integration.test_captures import Callers

pytestmark = pytest.mark.asyncio(loop_scope="module")
SCALE = 0.25


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def hub(tmp_path_factory):
    hub = Hub(Settings(data=tmp_path_factory.mktemp("data"), language="en"))
    await hub.start()
    yield hub
    await hub.stop()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def callers(hub):
    callers = Callers(hub)
    yield callers
    await callers.close()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def teacher(callers):
    return await callers.token(Role.TEACHER, "Айгүл Серікқызы")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def lesson(teacher):
    return (await teacher.post("/api/v1/lessons", json={"title": "Onion skin"})).json()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def pupil(callers, lesson):
    return await callers.pupil(lesson, "Айжан")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def other(callers, lesson):
    return await callers.pupil(lesson, "Ерлан")


async def principal(client) -> dict:
    return (await client.get("/api/v1/session")).json()["principal"]


@pytest_asyncio.fixture(loop_scope="module")
async def picture(hub, teacher, lesson):
    """The teacher's picture of the lesson, 640 x 480 at a quarter of a micrometre to a pixel."""
    return await add(hub, teacher, lesson, info={"scale": SCALE})


async def add(hub, client, lesson, *, info=None, content=None, media_type="image/png") -> str:
    secret = client.headers["Authorization"].split()[1]
    owner = await hub.school.authenticate(secret)
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "#406080").save(out, "PNG")
    asset = await hub.assets.add(
        content=content or out.getvalue(),
        media_type=media_type,
        title="Cells, 40×",
        owner=owner,
        lesson=lesson["id"],
        info=info,
    )
    return asset.id


def at(asset: str, more: str = "") -> str:
    return f"/api/v1/captures/{asset}/annotations{more}"


def line(*points, kind="length", name="s1", **more) -> dict:
    return {"id": name, "kind": kind, "points": [list(p) for p in points], **more}


async def put(client, asset, shapes, revision=0, **more):
    return await client.put(at(asset), json={"revision": revision, "shapes": shapes, **more})


async def layers(client, asset) -> list[dict]:
    answer = await client.get(at(asset))
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_what_is_drawn_comes_back_measured_and_the_picture_stays_as_it_was(teacher, picture):
    before = (await teacher.get(f"/api/v1/assets/{picture}/content")).content
    triangle = line((0, 0), (300, 0), (300, 400), kind="area", name="s2")
    done = await put(teacher, picture, [line((10, 20), (310, 420), text="cell"), triangle])
    assert done.status_code == 200, done.text
    found = (await teacher.get(at(picture))).json()
    assert (found["scale"], found["width"], found["height"]) == (SCALE, 640, 480)
    (layer,) = found["items"]
    assert layer == done.json()
    assert layer["revision"] == 1
    one, two = layer["items"]
    assert (one["value"], one["unit"]) == (125, "um")
    assert (two["value"], two["unit"], two["perimeter"]) == (3750, "um2", 300)
    assert layer["statistics"][0] == {
        "kind": "length", "unit": "um", "n": 1, "mean": 125, "deviation": None,
        "least": 125, "most": 125,
    }  # fmt: skip
    assert (await teacher.get(f"/api/v1/assets/{picture}/content")).content == before


async def test_without_a_scale_everything_is_in_pixels(hub, teacher, lesson):
    for info in (None, {"scale": "0.5"}, {"scale": 0}, {"scale": -1}, {"scale": True}):
        asset = await add(hub, teacher, lesson, info=info)
        (layer,) = [(await put(teacher, asset, [line((0, 0), (30, 40))])).json()]
        assert (layer["items"][0]["value"], layer["items"][0]["unit"]) == (50, "px")
        assert (await teacher.get(at(asset))).json()["scale"] is None


async def test_each_draws_in_a_layer_of_their_own(hub, teacher, pupil, other, picture):
    assert (await put(teacher, picture, [line((0, 0), (4, 3), name="task")])).status_code == 200
    assert (await put(pupil, picture, [line((0, 0), (8, 6), name="mine")])).status_code == 200
    me = (await principal(pupil))["person"]

    mine, shown = await layers(pupil, picture)
    assert (mine["author"]["id"], mine["editable"], mine["shared"]) == (me, True, False)
    assert [s["id"] for s in shown["items"]] == ["task"]
    assert shown["editable"] is False

    empty, *rest = await layers(other, picture)
    assert (empty["revision"], empty["items"]) == (0, [])
    assert [s["id"] for layer in rest for s in layer["items"]] == ["task"], "no answers of others"

    own, pupils = await layers(teacher, picture)
    assert [s["id"] for s in own["items"]] == ["task"]
    assert pupils["author"] == {"id": me, "name": "Айжан"}
    assert pupils["editable"] is True


async def test_teachers_may_change_a_pupils_layer_and_pupils_nobody_elses(
    hub, teacher, pupil, other, picture
):
    await put(pupil, picture, [line((0, 0), (8, 6), text="rude")])
    me = (await principal(pupil))["person"]
    refused = await put(other, picture, [], revision=1, author=me)
    assert refused.status_code == 403
    done = await put(teacher, picture, [line((0, 0), (8, 6))], revision=1, author=me)
    assert done.status_code == 200
    (mine, *_) = await layers(pupil, picture)
    assert (mine["revision"], mine["items"][0]["text"]) == (2, "")
    entries = (await hub.audit.entries()).items
    (entry,) = [e for e in entries if e.action == "annotation.change" and e.subject == picture]
    assert entry.detail == {"author": me, "revision": 2}
    nobody = await put(teacher, picture, [], author="nobody0000")
    assert nobody.status_code == 404


async def test_the_layers_of_a_pupils_own_picture_are_seen_with_it_where_pictures_are_shared(
    hub, teacher, pupil, other, lesson
):
    asset = await add(hub, pupil, lesson)
    await put(pupil, asset, [line((0, 0), (8, 6))])
    assert (await other.get(at(asset))).status_code == 403
    here = f"/api/v1/lessons/{lesson['id']}"
    assert (await teacher.patch(here, json={"shared": True})).status_code == 200
    _, shown = await layers(other, asset)
    assert shown["author"]["name"] == "Айжан"
    await teacher.patch(here, json={"shared": False})
    assert (await other.get(at(asset))).status_code == 403


async def test_who_may_not_see_the_picture_sees_nothing_of_it(callers, hub, teacher, picture):
    elsewhere = (await teacher.post("/api/v1/lessons", json={"title": "Another"})).json()
    stranger = await callers.pupil(elsewhere, "Марат")
    for answer in (
        await stranger.get(at(picture)),
        await stranger.get(at(picture, ".csv")),
        await put(stranger, picture, []),
    ):
        assert answer.status_code == 403
    nobody = callers.client(None)
    assert (await nobody.get(at(picture))).status_code == 401
    assert (await teacher.get(at("0" * 20))).status_code == 404
    display = await callers.token(Role.DISPLAY, "Panel")
    assert (await display.get(at(picture))).status_code == 403


async def test_the_second_of_two_who_change_a_layer_at_once_is_told(teacher, picture):
    assert (await put(teacher, picture, [line((0, 0), (1, 1))])).status_code == 200
    changes = [[line((0, 0), (n, 0), name=f"s{n}")] for n in (1, 2, 3)]
    answers = await asyncio.gather(*(put(teacher, picture, c, revision=1) for c in changes))
    assert sorted(a.status_code for a in answers) == [200, 409, 409]
    lost = next(a for a in answers if a.status_code == 409).json()
    assert lost["code"] == "layer-changed"
    won = next(a for a in answers if a.status_code == 200).json()
    (layer,) = await layers(teacher, picture)
    assert layer == won, "what was acknowledged is what there is"
    assert layer["revision"] == 2
    assert (await put(teacher, picture, [], revision=7)).status_code == 409


async def test_a_second_screen_hears_of_it_and_only_who_may(hub, teacher, pupil, other, picture):
    heard = []
    end = hub.bus.subscribe("x/microscopy/annotations/+", heard.append)
    await put(pupil, picture, [line((0, 0), (8, 6))])
    await put(teacher, picture, [line((0, 0), (8, 6))])
    end()
    mine, task = heard
    me = (await principal(pupil))["person"]
    assert mine.topic == f"x/microscopy/annotations/{picture}"
    assert mine.payload == {"asset": picture, "author": me, "revision": 1}
    who = {}
    for name, client in (("pupil", pupil), ("other", other), ("teacher", teacher)):
        secret = client.headers["Authorization"].split()[1]
        who[name] = await hub.school.authenticate(secret)
    assert [n for n, p in who.items() if may(p, mine.audience)] == ["pupil", "teacher"]
    assert [n for n, p in who.items() if may(p, task.audience)] == ["pupil", "other", "teacher"]


@pytest.mark.parametrize(
    "shape",
    [
        line((0, 0), (1e9, 0)),
        line((0, 0), (-161, 0)),
        line((0, 0), (0, 801)),
        line((0, 0)),
        line((0, 0), (1, 1), (2, 2)),
        line((0, 0), (1, 1), kind="angle"),
        line((0, 0), (1, 1), kind="area"),
        line((1, 1), kind="label"),
        line((1, 1), kind="label", text=" \u200e\u0007 "),
        line((1, 1), kind="label", text="a" * 201),
        line((0, 0), (1, 1), kind="circle"),
        line((0, 0), (1, 1), colour="url(#x)"),
        line((0, 0), (1, 1), name="<script>"),
        line((0, 0), (1, 1), value=5),
        line((0, "1"), (1, None)),
        line((0, 0, 0), (1, 1, 1)),
        {"id": "s1", "kind": "length", "points": "00"},
    ],
)  # fmt: skip
async def test_a_shape_that_is_none_is_refused(teacher, picture, shape):
    answer = await put(teacher, picture, [shape])
    assert answer.status_code == 422
    assert answer.json()["hint"]
    assert (await layers(teacher, picture))[0]["items"] == []


async def test_too_much_and_twice_the_same_are_refused(teacher, picture):
    many = [(n % 640, n % 480) for n in range(10_000)]
    for shapes in (
        [line(*many, kind="count")],
        [line(*many[:1900], kind="count", name=f"c{n}") for n in range(3)],
        [line((0, 0), (1, 1), name=f"s{n}") for n in range(301)],
        [line((0, 0), (1, 1)), line((0, 0), (2, 2))],
    ):
        answer = await put(teacher, picture, shapes)
        assert answer.status_code == 422, answer.text
    enough = [line(*many[:1900], kind="count", name=f"c{n}") for n in range(2)]
    assert (await put(teacher, picture, enough)).status_code == 200


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
async def test_numbers_that_are_none_are_refused(teacher, picture, number):
    body = '{"revision": 0, "shapes": [{"id": "a", "kind": "length", "points": [[0, 0], [%s, 1]]}]}'
    answer = await teacher.put(
        at(picture), content=body % number, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (400, 422)


async def test_hostile_text_is_kept_as_text(teacher, picture):
    text = "</text><script>alert(1)</script> \u202eқаңү\x00\n=1+1"
    done = await put(teacher, picture, [line((1, 1), kind="label", text=text)])
    assert done.json()["items"][0]["text"] == "</text><script>alert(1)</script> қаңү =1+1"


async def test_points_are_kept_to_a_hundredth_of_a_pixel(teacher, picture):
    done = await put(teacher, picture, [line((0.123456, 1 / 3), (10, 10))])
    assert done.json()["items"][0]["points"][0] == [0.12, 0.33]


async def test_only_pictures_can_be_drawn_on(hub, teacher, lesson):
    asset = await add(hub, teacher, lesson, content=b"a table", media_type="text/csv")
    assert (await teacher.get(at(asset))).status_code == 415
    assert (await put(teacher, asset, [])).status_code == 415


async def test_the_table_in_three_languages(teacher, picture):
    await put(
        teacher, picture, [line((0, 0), (30, 40), text="=cmd"), line((0, 0), (60, 80), name="b")]
    )
    answer = await teacher.get(at(picture, ".csv"), params={"decimal": "comma", "lang": "kk"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "Cells%2C%2040%C3%97.csv" in answer.headers["content-disposition"]
    lines = answer.content.decode("utf-8-sig").split("\r\n")
    assert lines[1] == "1;Ұзындық;'=cmd;12,5;мкм;;;Айгүл Серікқызы"
    assert lines[5] == "Ұзындық;2;18,75;8,838835;12,5;25;мкм"
    plain = await teacher.get(at(picture, ".csv"), headers={"Accept-Language": "ru"})
    assert plain.text.startswith("№,Вид,")
    assert (await teacher.get(at(picture, ".csv"), params={"author": "nobody00"})).text.count(
        "12"
    ) == 0
    wrong = await teacher.get(at(picture, ".csv"), params={"decimal": "dot"})
    assert wrong.status_code == 422


async def test_what_is_drawn_goes_with_the_picture_and_an_erased_name_with_the_person(
    hub, teacher, pupil, picture
):
    await put(pupil, picture, [line((0, 0), (8, 6))])
    me = (await principal(pupil))["person"]
    await hub.school.erase_person(me, by=SYSTEM)
    _, shown = await layers(teacher, picture)
    assert shown["author"] == {"id": me, "name": ""}
    assert (await teacher.delete(f"/api/v1/assets/{picture}")).status_code == 204
    assert (await teacher.get(at(picture))).status_code == 404
    assert (await put(teacher, picture, [])).status_code == 404


async def test_a_layer_outlives_the_hub(tmp_path):
    settings = Settings(data=tmp_path, language="en")
    shapes = [line((0, 0), (3, 4), text="қ")]
    for again in (False, True):
        hub = Hub(settings)
        await hub.start()
        callers = Callers(hub)
        teacher = await callers.token(Role.TEACHER, "Т")
        if not again:
            lesson = (await teacher.post("/api/v1/lessons", json={"title": "x"})).json()
            asset = await add(hub, teacher, lesson)
            await put(teacher, asset, shapes)
        found = (await layers(teacher, asset))[-1]["items"][0]
        assert json.loads(json.dumps(shapes[0])).items() <= found.items()
        await callers.close()
        await hub.stop()
