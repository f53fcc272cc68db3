"""A content pack of the globe is in the hub's backup, and comes back with it."""

import asyncio
import contextlib
import subprocess
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.app import Hub
from hub.device import Role
from hub.settings import Settings
from plugins.globe.packs.file import make_pack
from tests.integration.test_captures import Callers
from tests.integration.test_globe import PACK

PRIVATE = bytes(range(1, 33))
KEY = Ed25519PrivateKey.from_private_bytes(PRIVATE).public_key().public_bytes_raw().hex()
PICTURE = b"\x89PNG" + bytes(200)
OTHERS = ("microscopy", "printing", "tablets", "touch", "whiteboard", "panel", "health")
PLUGINS = {name: {"enabled": False} for name in OTHERS} | {"globe": {"pack_keys": [KEY]}}


@contextlib.asynccontextmanager
async def hub_in(folder):
    folder.mkdir(exist_ok=True)
    hub = Hub(Settings(data=folder, language="kk", plugins=PLUGINS))
    await hub.start()
    callers = Callers(hub)
    try:
        yield await callers.token(Role.ENGINEER, "Ерлан")
    finally:
        await callers.close()
        await hub.stop()


async def cli(*words):
    command = [sys.executable, "-m", "hub.cli", *map(str, words)]
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


async def install(engineer, file):
    form = {"file": (file.name, file.read_bytes(), "application/octet-stream")}
    answer = await engineer.post("/api/v1/globe/packs", files=form)
    assert answer.status_code == 200, answer.text


async def test_a_pack_with_its_version_before_comes_back_with_a_backup(tmp_path):
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "lake.png").write_bytes(PICTURE)
    backup = tmp_path / "backup.zip"
    async with hub_in(tmp_path / "data") as engineer:
        for version in (1, 2):
            (folder / "pack.toml").write_text(PACK.replace("version = 1", f"version = {version}"))
            make_pack(folder, tmp_path / "ours.globepack", PRIVATE)
            await install(engineer, tmp_path / "ours.globepack")
        await cli("backup", backup, "--data", tmp_path / "data")
    await cli("restore", backup, "--data", tmp_path / "another")
    async with hub_in(tmp_path / "another") as engineer:
        [pack] = (await engineer.get("/api/v1/globe/packs")).json()["items"]
        assert (pack["id"], pack["version"], pack["before"]) == ("our-village", 2, 1)
        [card] = (await engineer.get("/api/v1/globe/places/KZ/cards")).json()["items"]
        assert (await engineer.get(f"/api/v1{card['picture']}")).content == PICTURE
        undone = (await engineer.post("/api/v1/globe/packs/our-village/undo")).json()
        assert undone["version"] == 1
