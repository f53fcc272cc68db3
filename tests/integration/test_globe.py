"""A hub with a globe whose pens speak over a serial line: touched, looked up, told, taught."""

import asyncio
import contextlib
import io
import wave
import zipfile

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from drivers.virtual.globe.control import ask
from drivers.virtual.harness import running
from hub.app import Hub
from hub.device import Role
from hub.programs import find_program
from hub.settings import Settings
from plugins.globe.packs.file import make_pack
from tests.integration.test_captures import Callers

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMIT = 30
PRIVATE = bytes(range(32))
KEY = Ed25519PrivateKey.from_private_bytes(PRIVATE).public_key().public_bytes_raw().hex()
GLOBE = "/api/v1/globe"
voice = pytest.mark.skipif(find_program("espeak-ng") is None, reason="espeak-ng is not installed")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def socket(tmp_path_factory):
    return tmp_path_factory.mktemp("globe") / "control"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def hub(tmp_path_factory, socket):
    async with running("drivers.virtual.globe", "--control", str(socket)) as line:
        globe = {
            "id": "globe",
            "driver": "globe",
            "name": "Globe",
            "settings": {"port": line, "map": "virtual"},
        }
        data = tmp_path_factory.mktemp("data")
        keys = {"globe": {"pack_keys": [KEY]}}
        hub = Hub(Settings(data=data, language="kk", devices=[globe], plugins=keys))
        await hub.start()
        await reachable(hub)
        yield hub
        await hub.stop()


async def reachable(hub, wanted=True):
    async with asyncio.timeout(LIMIT):
        while hub.devices.get("globe").state.reachable is not wanted:
            await asyncio.sleep(0.02)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def callers(hub):
    callers = Callers(hub)
    yield callers
    await callers.close()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def teacher(callers):
    return await callers.token(Role.TEACHER, "Айгүл")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def pupil(callers):
    return await callers.token(Role.PUPIL, "Дана")


@contextlib.contextmanager
def listening(hub, topic):
    heard = asyncio.Queue()
    leave = hub.bus.subscribe(topic, lambda message: heard.put_nowait(message.payload))
    while not heard.empty():  # what was retained
        heard.get_nowait()
    yield heard
    leave()


async def next_of(queue):
    async with asyncio.timeout(LIMIT):
        return await queue.get()


async def test_a_touch_of_the_pen_shows_kazakhstan_in_kazakh(hub, socket, pupil):
    with listening(hub, "x/globe/shown") as shown, listening(hub, "globe/e/tap") as taps:
        await ask(socket, say=["P2 OID 10398"])
        event, told = await next_of(taps), await next_of(shown)
    assert event["data"] == {"code": "10398", "pen": "2", "kind": "tap"}
    assert (told["place"], told["device"], told["pen"]) == ("KZ", "globe", "2")
    answer = await pupil.get(f"{GLOBE}/places/KZ", headers={"Accept-Language": "kk"})
    place = answer.json()
    facts = {fact["name"]: fact for fact in place["facts"]}
    assert place["name"] == "Қазақстан"
    assert facts["capital"]["label"] == "Астанасы"
    assert facts["capital"]["text"] == "Астана"
    assert facts["area"]["text"] == "2\u202f724\u202f900 км²"
    assert facts["population"]["year"] >= 2024
    assert [one["name"] for one in facts["neighbours"]["places"]] == [
        "Қытай", "Қырғызстан", "Ресей", "Түрікменстан", "Өзбекстан",
    ]  # fmt: skip
    assert all(fact["source"] for fact in place["facts"])
    assert {source["id"] for source in place["sources"]} >= {"cldr", "factbook", "authored"}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", ["Қазақстан.", "Астанасы — Астана.", "жиырма миллион төрт жүз мың"]),
        ("ru", ["Казахстан.", "Столица — Астана.", "двадцать миллионов четыреста тысяч"]),
        ("en", ["Kazakhstan.", "The capital is Astana.", "20,400,000"]),
    ],
)
async def test_what_the_voice_says(pupil, language, words):
    answer = await pupil.get(f"{GLOBE}/places/KZ", headers={"Accept-Language": language})
    said = " ".join(answer.json()["sentences"])
    for word in words:
        assert word in said


async def test_the_younger_are_told_less(pupil):
    said = {}
    for level in ("1-4", "5-7", None):
        params = {} if level is None else {"level": level}
        place = (await pupil.get(f"{GLOBE}/places/KZ", params=params)).json()
        said[level] = place["sentences"]
        assert len(place["facts"]) == 15, "what is shown is the same for all"
    assert said["1-4"][:2] == ["Қазақстан.", "Астанасы — Астана."]
    assert any(one.startswith("Жануарлары: ") for one in said["1-4"])
    assert not any("шаршы километр" in one or "Халқы" in one for one in said["1-4"])
    assert set(said["1-4"]) < set(said["5-7"]) < set(said[None])
    assert (await pupil.get(f"{GLOBE}/places/KZ", params={"level": "9"})).status_code == 422


@voice
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_a_sentence_is_heard(hub, pupil, language):
    address = f"{GLOBE}/places/KZ/voice/0?lang={language}"
    answer = await pupil.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(answer.content)) as sound:
        assert 0.3 < sound.getnframes() / sound.getframerate() < 5
    again = await pupil.get(address)
    assert again.content == answer.content
    assert (await pupil.get(f"{GLOBE}/places/KZ/voice/90?lang={language}")).status_code == 404


async def test_a_double_touch_two_pens_and_a_key(hub, socket):
    with listening(hub, "x/globe/taps") as taps:
        await ask(socket, say=["P1 OID 10643", "P2 OID 10156", "P1 KEY 4", "BAT 55"])
        told = [await next_of(taps) for _ in range(3)]
        await asyncio.sleep(0.15)  # longer than a touch is said twice
        await ask(socket, say=["P1 OID 10643"])
        told.append(await next_of(taps))
    assert [(one["pen"], one["place"], one["kind"]) for one in told] == [
        ("1", "RU", "tap"),
        ("2", "CN", "tap"),
        ("1", None, "mode"),
        ("1", "RU", "double"),
    ]
    async with asyncio.timeout(LIMIT):
        while hub.devices.get("globe").readings["battery"].value != 55:
            await asyncio.sleep(0.02)


async def test_a_code_that_no_map_knows_is_taught(hub, socket, teacher, pupil):
    with listening(hub, "x/globe/shown") as shown:
        await ask(socket, say=["OID 777001"])
        told = await next_of(shown)
        assert (told["place"], told["code"], told["map"]) == (None, "777001", "virtual")
        address = f"{GLOBE}/maps/virtual/codes/777001"
        assert (await pupil.put(address, json={"place": "KZ"})).status_code == 403
        assert (await teacher.put(address, json={"place": "XX"})).status_code == 404
        taught = await teacher.put(address, json={"place": "KZ"})
        assert taught.json()["codes"]["777001"] == "KZ"
        other = await teacher.put(address, json={"place": "UZ"})
        assert (other.status_code, other.json()["code"]) == (409, "globe-code-taken")
        await teacher.put(address, json={"place": "UZ", "replace": True})
        beside = f"{GLOBE}/maps/virtual/codes/777003"
        await teacher.put(beside, json={"place": "TM"})
        await asyncio.sleep(0.7)  # longer than a double touch
        await ask(socket, say=["OID 777001", "OID 777002", "OID 777003"])
        told = [(await next_of(shown))["place"] for _ in range(3)]
        assert told == ["UZ", None, "TM"], "what lies between two codes is not guessed"
    await teacher.delete(address)
    await teacher.delete(beside)
    assert "777001" not in (await teacher.get(f"{GLOBE}/maps/virtual")).json()["codes"]


async def test_a_map_is_made_exported_merged_and_deleted(hub, teacher):
    made = (await teacher.post(f"{GLOBE}/maps", json={"title": "Біздің «глобус» \\ 1"})).json()
    own = f"{GLOBE}/maps/{made['id']}"
    assert made["coverage"][0] == {"kind": "country", "known": 0, "of": 249}
    await teacher.put(f"{own}/codes/5001", json={"place": "KZ"})
    await teacher.put(f"{own}/codes/5002", json={"place": "KG"})
    file = (await teacher.get(f"{own}/file")).text
    other = (await teacher.post(f"{GLOBE}/maps", json={"title": "Other"})).json()
    others = f"{GLOBE}/maps/{other['id']}"
    await teacher.put(f"{others}/codes/5002", json={"place": "UZ"})
    merged = (await teacher.post(f"{others}/merge", json={"file": file})).json()
    clash = {"code": "5002", "here": "UZ", "there": "KG"}
    assert merged == {"added": 1, "same": 0, "replaced": 0, "clashes": [clash]}
    merged = (await teacher.post(f"{others}/merge", json={"file": file, "how": "replace"})).json()
    assert (merged["added"], merged["same"], merged["replaced"]) == (0, 1, 1)
    assert (await teacher.get(others)).json()["codes"] == {"5001": "KZ", "5002": "KG"}
    for bad in ("title = 1", 'title = "a"\ndate = 2026-01-01\n[codes]\n"1 2" = "KZ"', "[" * 9000):
        answer = await teacher.post(f"{others}/merge", json={"file": bad})
        assert (answer.status_code, answer.json()["code"]) == (422, "bad-globe-map"), bad
    assert (await teacher.delete(own)).status_code == 204
    assert (await teacher.delete(f"{GLOBE}/maps/virtual")).status_code == 409
    assert (await teacher.get(own)).status_code == 404


async def test_garbage_is_said_and_forgiven_and_half_a_code_is_none(hub, socket):
    globe = hub.devices.get("globe")
    with listening(hub, "x/globe/taps") as taps:
        await ask(socket, say=["OID 10"], whole=False)
        await asyncio.sleep(0.5)
        await ask(socket, say=["?!"] * 6)
        async with asyncio.timeout(LIMIT):
            while globe.state.health is None:
                await asyncio.sleep(0.02)
        assert globe.state.health.code == "pen-not-understood"
        await ask(socket, say=["OID 10398"])
        assert (await next_of(taps))["place"] == "KZ"
        async with asyncio.timeout(LIMIT):
            while globe.state.health is not None:
                await asyncio.sleep(0.02)
        assert taps.empty()


async def test_a_burst_is_told_whole(hub, socket):
    codes = [10004, 10398, 10643, 10156, 10860]
    with listening(hub, "x/globe/taps") as taps:
        await ask(socket, say=[f"OID {codes[n % 5]}" for n in range(200)])
        told = [await next_of(taps) for _ in range(200)]
    assert [one["code"] for one in told] == [str(codes[n % 5]) for n in range(200)]


async def test_a_pulled_receiver_comes_back(hub, socket):
    pulled = asyncio.create_task(ask(socket, unplug=1.0))
    await reachable(hub, wanted=False)
    await pulled
    await reachable(hub)
    with listening(hub, "x/globe/taps") as taps:
        await ask(socket, say=["OID 10398"])
        assert (await next_of(taps))["place"] == "KZ"


async def test_a_touch_on_a_page_is_shown_as_a_pens(hub, pupil):
    with listening(hub, "x/globe/shown") as shown:
        answer = await pupil.post(f"{GLOBE}/taps", json={"place": "UZ"})
        assert answer.status_code == 201
        assert (await next_of(shown)) == answer.json()
    assert (await pupil.post(f"{GLOBE}/taps", json={"place": "XX"})).status_code == 404
    assert (await pupil.get(f"{GLOBE}/places/XX")).status_code == 404


async def test_two_places_have_a_distance(pupil):
    far = await pupil.get(f"{GLOBE}/distance", params={"start": "KZ", "end": "JP"})
    # By the sphere from 48° N 68° E to 36° N 138° E: 5735 km.
    assert far.json() == {"start": "KZ", "end": "JP", "kilometres": pytest.approx(5735, rel=0.004)}
    for end in ("Ori", "XX"):
        assert (
            await pupil.get(f"{GLOBE}/distance", params={"start": "KZ", "end": end})
        ).status_code in (404, 422)


async def test_the_sky_stands_above_the_school_this_evening(pupil):
    sky = (await pupil.get(f"{GLOBE}/sky")).json()
    stands = {one["id"]: one for one in sky["items"]}
    assert sky["assumed"] is True
    assert stands["UMi"]["altitude"] > 20, "it never sets"
    assert stands["Cru"]["altitude"] < 0, "it never rises"
    star = (await pupil.get(f"{GLOBE}/places/HIP11767", headers={"Accept-Language": "kk"})).json()
    tonight = next(fact for fact in star["facts"] if fact["name"] == "tonight")
    assert star["name"] == "Темірқазық"
    assert tonight["text"].startswith("солтүстікте, көкжиектен 5")
    assert "skyfield" in {source["id"] for source in star["sources"]}


PACK = """
id = "our-village"
version = 1
title = { kk = "Біздің ауыл", ru = "Наше село", en = "Our village" }
licence = "CC-BY-4.0"
date = 2026-11-29

[[cards]]
place = "KZ"
kind = "landmark"
title = { kk = "Көл", ru = "Озеро", en = "The lake" }
text = { kk = "Ауыл жанындағы көл.", ru = "Озеро у села.", en = "The lake by the village." }
picture = "lake.png"
source = "Оқушылар, 2026"
date = 2026-11-29
"""


async def test_a_pack_of_the_school_brings_cards_and_a_changed_one_does_not(
    callers, pupil, tmp_path
):
    engineer = await callers.token(Role.ENGINEER, "Ерлан")
    folder, file = tmp_path / "pack", tmp_path / "ours.globepack"
    folder.mkdir()
    (folder / "pack.toml").write_text(PACK)
    (folder / "lake.png").write_bytes(b"\x89PNG" + bytes(200))
    make_pack(folder, file, PRIVATE)
    whole = file.read_bytes()

    async def install(content, by):
        form = {"file": ("ours.globepack", content, "application/octet-stream")}
        return await by.post(f"{GLOBE}/packs", files=form)

    half = await install(whole[: len(whole) // 2], engineer)
    assert (half.status_code, half.json()["code"]) == (422, "globe-pack-bad")
    changed = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"\x89PNG another" if name == "lake.png" else old.read(name))
    other = await install(changed.getvalue(), engineer)
    assert (other.status_code, other.json()["code"]) == (422, "globe-pack-signature")
    assert (await install(whole, pupil)).status_code == 403
    taken = await install(whole, engineer)
    assert (taken.status_code, taken.json()["title"]) == (200, "Біздің ауыл")
    cards = (await pupil.get(f"{GLOBE}/places/KZ/cards")).json()["items"]
    assert [(one["title"], one["kind"]) for one in cards] == [("Көл", "landmark")]
    picture = await pupil.get(f"/api/v1{cards[0]['picture']}")
    assert picture.headers["content-type"] == "image/png"
    assert (await install(whole, engineer)).json()["code"] == "globe-pack-older"
    gone = {"url": "http://127.0.0.1:9/ours.globepack"}
    answer = await engineer.post(f"{GLOBE}/packs/fetch", json=gone)
    assert (answer.status_code, answer.json()["code"]) == (502, "globe-pack-not-fetched")
    assert (await engineer.delete(f"{GLOBE}/packs/our-village")).status_code == 204
