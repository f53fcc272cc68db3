"""Content packs: made, checked, installed whole, undone; what is changed, broken or strange is refused."""

import io
import json
import warnings
import zipfile

import pytest
from click.testing import CliRunner

from hub.assets import Assets
from hub.bus import Bus
from hub.errors import Conflict, NotFound
from hub.rights import SYSTEM
from hub.store import Files, Store
from hub.workers import Workers
from plugins.globe.atlas.atlas import atlas
from plugins.globe.packs.command import globe
from plugins.globe.packs.errors import BadPack, NothingBefore, PackOlder, PackStranger, PackUnsigned
from plugins.globe.packs.file import SIGNATURE, make_pack, read_pack
from plugins.globe.packs.packs import KEEPER, Packs
from plugins.globe.tables import MIGRATIONS
from tests.stores import laid

PRIVATE = bytes(range(32))
SAYS = """
id = "our-village"
version = {version}
title = {{ kk = "Біздің ауыл", ru = "Наше село", en = "Our village" }}
licence = "CC-BY-4.0"
date = 2026-11-29

[[cards]]
place = "{place}"
kind = "landmark"
title = {{ kk = "Көл", ru = "Озеро", en = "The lake" }}
text = {{ kk = "Ауыл жанындағы көл.", ru = "Озеро у села.", en = "The lake by the village." }}
picture = "lake.png"
source = "Оқушылар, 2026"
date = 2026-11-29
"""


@pytest.fixture
def pack(tmp_path):
    def make(version=1, place="KZ-75", private=PRIVATE):
        folder = tmp_path / f"of-{version}"
        folder.mkdir(exist_ok=True)
        (folder / "pack.toml").write_text(SAYS.format(version=version, place=place))
        (folder / "lake.png").write_bytes(b"\x89PNG" + bytes(200))
        file = tmp_path / f"v{version}.globepack"
        make_pack(folder, file, private)
        return file

    return make


class House:
    """The store and the files of a hub, as the plugin has them."""

    def __init__(self, folder):
        self.store = Store(laid(folder / "hub.db", MIGRATIONS))
        self.files = Files(folder / "files")
        self.workers = Workers()
        self.assets = Assets(
            self.store, self.files, Bus(), self.workers, thumbnails=folder / "thumbnails"
        )

    async def start(self):
        self.store.open()
        self.store.migrate(MIGRATIONS)
        await self.assets.start()

    async def stop(self):
        await self.assets.stop()
        await self.workers.stop()
        self.store.close()

    async def packs(self, *keys):
        """The packs as after a start of the hub."""
        packs = Packs(self, atlas(), frozenset(keys))
        await packs.start()
        return packs

    def kept(self):
        return [one for one in self.files.root.rglob("*") if one.is_file()]


@pytest.fixture
async def house(tmp_path):
    house = House(tmp_path / "data")
    await house.start()
    yield house
    await house.stop()


@pytest.fixture
async def packs(house, pack):
    return await house.packs(read_pack(pack()).key)


def changed(file, name, content):
    """The same file with one member changed, added (it is new) or left out (None)."""
    with zipfile.ZipFile(file) as old:
        members = {one: old.read(one) for one in old.namelist()}
    members[name] = content
    with zipfile.ZipFile(file, "w") as new:
        for one, data in members.items():
            if data is not None:
                new.writestr(one, data)
    return file


async def test_a_pack_is_used_updated_and_undone(house, packs, pack):
    await packs.install(pack(1))
    assert [(one, card.title.kk) for one, card in packs.cards("KZ-75")] == [("our-village", "Көл")]
    assert packs.cards("KZ") == []
    assert (await packs.content("our-village", "lake.png")).startswith(b"\x89PNG")
    with pytest.raises(NotFound):
        await packs.content("our-village", "pack.toml")
    for version in (2, 3):
        await packs.install(pack(version))
    with pytest.raises(PackOlder, match="version 3"):
        await packs.install(pack(3))
    assert len(house.kept()) == 2, "the version that is used, and the one before"
    assert (await packs.undo("our-village")).pack.says.version == 2
    with pytest.raises(NothingBefore):
        await packs.undo("our-village")
    again = await house.packs()
    assert [one.pack.says.version for one in again.all()] == [2]
    await packs.remove("our-village")
    with pytest.raises(NotFound):
        await packs.remove("our-village")
    assert packs.cards("KZ-75") == []
    assert house.kept() == []


async def test_what_a_power_cut_left_half_done_is_cleared_and_the_old_version_is_used(
    house, packs, pack
):
    await packs.install(pack(1))
    # The new file is there, and nothing says that it is used; as when the power went in between.
    new = pack(2).read_bytes()
    await house.assets.add(
        content=new, media_type="application/zip", title="2", owner=SYSTEM, keeper=KEEPER
    )
    again = await house.packs()
    assert [(one.pack.says.version, one.before) for one in again.all()] == [(1, None)]
    assert len(house.kept()) == 1


async def test_a_pack_that_is_used_is_not_deleted_as_an_asset(house, packs, pack):
    await packs.install(pack(1))
    [asset] = (await house.assets.list(keeper=KEEPER)).items
    with pytest.raises(Conflict):
        await house.assets.delete(asset.id)
    assert packs.cards("KZ-75")


async def test_a_pack_whose_file_is_broken_is_left_out_and_can_be_removed(
    house, packs, pack, caplog
):
    await packs.install(pack(1))
    [file] = house.kept()
    file.chmod(0o600)
    file.write_bytes(b"PK" + bytes(file.stat().st_size - 2))
    again = await house.packs()
    assert again.all() == []
    assert "our-village is left out" in caplog.text
    await again.remove("our-village")
    assert house.kept() == []


@pytest.mark.parametrize(
    ("name", "content", "error", "why"),
    [
        ("lake.png", b"\x89PNG another", PackUnsigned, "not those that were signed"),
        ("../../etc/cron.d/evil", b"x", BadPack, "no name for a file"),
        ("/etc/passwd", b"x", BadPack, "no name for a file"),
        ("run.sh", b"x", BadPack, "no name for a file"),
        ("more.jpg", b"\xff\xd8\xff", PackUnsigned, "not those that were signed"),
        ("lake.png", b"<svg onload=1>", BadPack, "not what its name says"),
        ("lake.png", None, PackUnsigned, "not those that were signed"),
        (SIGNATURE, None, BadPack, "pack.sig is missing"),
        (SIGNATURE, b"[1]", PackUnsigned, "makes no sense"),
        (SIGNATURE, json.dumps({"key": "00", "signature": "00"}).encode(), PackUnsigned, "sense"),
        ("pack.toml", b"id = 1", BadPack, "pack.toml"),
        ("pack.toml", b"\xff", BadPack, "pack.toml"),
    ],
)
async def test_what_was_changed_on_its_way_is_refused(packs, pack, name, content, error, why):
    with pytest.raises(error, match=why):
        await packs.install(changed(pack(), name, content))
    assert packs.all() == []


@pytest.mark.parametrize("share", [0, 0.3, 0.6, 0.99])
async def test_half_a_download_is_refused(packs, pack, share):
    file = pack()
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BadPack, match="cannot be read"):
        await packs.install(file)


async def test_a_name_that_is_there_twice_is_refused(packs, pack):
    file = pack()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(file, "a") as archive:
            archive.writestr("lake.png", b"\x89PNG the second")
    with pytest.raises(BadPack, match="twice"):
        await packs.install(file)


async def test_a_bomb_is_not_unpacked(packs, pack):
    file = pack()
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.png", bytes(129 << 20))
    with pytest.raises(BadPack, match="too large unpacked"):
        await packs.install(file)


async def test_a_stranger_is_refused_with_the_key_that_would_have_to_be_added(packs, pack):
    with pytest.raises(PackStranger) as refused:
        await packs.install(pack(private=bytes(32)))
    assert len(refused.value.params["key"]) == 64


async def test_places_have_to_be_of_the_atlas(packs, pack):
    with pytest.raises(BadPack, match="no place ZZ"):
        await packs.install(pack(place="ZZ"))


def test_the_command_makes_a_key_a_pack_and_checks_it(tmp_path, pack):
    pack()
    run = CliRunner().invoke
    key, file = str(tmp_path / "key"), str(tmp_path / "ours.globepack")
    public = run(globe, ["pack", "key", key]).output.strip()
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    made = run(globe, ["pack", "make", str(tmp_path / "of-1"), file, "--key", key])
    assert made.exit_code == 0, made.output
    checked = run(globe, ["pack", "check", file])
    assert f"signed with the key {public}" in checked.output
    assert "1 cards of 1 places" in checked.output
    assert run(globe, ["pack", "key", key]).exit_code == 1, "a key is never overwritten"
    (tmp_path / "ours.globepack").write_bytes(io.BytesIO(b"PK").getvalue())
    wrong = run(globe, ["pack", "check", file])
    assert (wrong.exit_code, "cannot be read" in wrong.output) == (1, True)
