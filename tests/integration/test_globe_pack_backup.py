"""A content pack of the globe is in the hub's backup, and comes back with it."""

import subprocess
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from plugins.globe.packs.file import make_pack
from tests.conftest import start_hub
from tests.integration.test_globe import PACK

PRIVATE = bytes(range(1, 33))
KEY = Ed25519PrivateKey.from_private_bytes(PRIVATE).public_key().public_bytes_raw().hex()
PICTURE = b"\x89PNG" + bytes(200)
OTHERS = ("microscopy", "printing", "tablets", "touch", "whiteboard", "panel", "health")
CONFIG = "".join(f"[plugins.{name}]\nenabled = false\n" for name in OTHERS)
CONFIG += f'[plugins.globe]\npack_keys = ["{KEY}"]\n'


def cli(*words):
    command = [sys.executable, "-m", "hub.cli", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def test_a_pack_with_its_version_before_comes_back_with_a_backup(start, tmp_path):
    folder, file = tmp_path / "pack", tmp_path / "ours.globepack"
    folder.mkdir()
    (folder / "lake.png").write_bytes(PICTURE)
    hub = start(config=CONFIG)
    with hub.client("engineer") as engineer:
        for version in (1, 2):
            (folder / "pack.toml").write_text(PACK.replace("version = 1", f"version = {version}"))
            make_pack(folder, file, PRIVATE)
            form = {"file": (file.name, file.read_bytes(), "application/octet-stream")}
            answer = engineer.post("/api/v1/globe/packs", files=form)
            assert answer.status_code == 200, answer.text
        cli("backup", tmp_path / "backup.zip", "--data", hub.data)
    cli("restore", tmp_path / "backup.zip", "--data", tmp_path / "another" / "data")
    another = start_hub(tmp_path / "another", config=CONFIG)
    try:
        with another.client("engineer") as engineer:
            [pack] = engineer.get("/api/v1/globe/packs").json()["items"]
            assert (pack["id"], pack["version"], pack["before"]) == ("our-village", 2, 1)
            [card] = engineer.get("/api/v1/globe/places/KZ/cards").json()["items"]
            assert engineer.get(f"/api/v1{card['picture']}").content == PICTURE
            undone = engineer.post("/api/v1/globe/packs/our-village/undo").json()
            assert undone["version"] == 1
    finally:
        another.stop()
