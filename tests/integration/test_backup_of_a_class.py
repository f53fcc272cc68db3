"""A backup while a class works, made by the API and by the command line, and brought back."""

import contextlib
import hashlib
import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import httpx
import pytest

from tests.schemas import earlier

LIMIT = 60.0


def cli(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hub.cli", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        stdin=subprocess.DEVNULL,
        check=check,
    )


class Class:
    """Pupils who keep pictures all the time, and now and then delete one."""

    def __init__(self, hub, picture: bytes) -> None:
        self.kept: dict[str, str] = {}
        self.deleting: set[str] = set()
        self._hub, self._picture = hub, picture
        self._token = hub.token("teacher")
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(n,)) for n in range(3)]

    def _work(self, number: int) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        with httpx.Client(base_url=self._hub.url, headers=headers, timeout=LIMIT) as client:
            count = 0
            while not self._ended.is_set():
                count += 1
                mark = f"{number}-{count}".encode() * 3000
                picture = self._picture[:-2] + mark + self._picture[-2:]
                files = {"file": ("a.jpg", picture, "image/jpeg")}
                asset = client.post("/api/v1/assets", files=files).raise_for_status().json()["id"]
                self.kept[asset] = hashlib.sha256(picture).hexdigest()
                if count % 4 == 0:
                    self.deleting.add(asset)
                    client.delete(f"/api/v1/assets/{asset}").raise_for_status()

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def wait(self, count: int) -> None:
        end = time.monotonic() + LIMIT
        while len(self.kept) < count and time.monotonic() < end:
            time.sleep(0.01)
        assert len(self.kept) >= count

    def acknowledged(self) -> dict[str, str]:
        """What was kept until now and is not meant to go."""
        known = dict(self.kept)
        return {asset: sha for asset, sha in known.items() if asset not in self.deleting}

    def __exit__(self, *_):
        self._ended.set()
        for thread in self._threads:
            thread.join(LIMIT)


def test_a_backup_under_load_has_all_that_was_acknowledged_before_it_began(
    start, tmp_path, tiny_jpeg
):
    out = tmp_path / "out"
    hub = start(config=f"[keeping]\nbackup_to = {json.dumps(str(out))}\nbackups_kept = 2\n")
    backups: list[tuple[str, dict[str, str]]] = []
    with hub.client("admin") as admin, Class(hub, tiny_jpeg) as pupils:
        for turn in range(3):
            pupils.wait(15 * (turn + 1))
            before = pupils.acknowledged()
            operation = admin.post("/api/v1/backups").raise_for_status().json()
            end = time.monotonic() + LIMIT
            while operation["ended"] is None and time.monotonic() < end:
                time.sleep(0.02)
                operation = admin.get(f"/api/v1/operations/{operation['id']}").json()
            assert operation["status"] == "done", operation
            assert operation["result"]["missing"] == 0
            backups.append((operation["result"]["name"], before))
        # One more by the command line, beside the running hub.
        before = pupils.acknowledged()
        done = json.loads(cli("backup", tmp_path / "mine.zip", "--data", hub.data, "--json").stdout)
        assert done["missing"] == 0
        listed = admin.get("/api/v1/backups").json()["items"]
        assert [one["name"] for one in listed] == [name for name, _ in backups[:0:-1]]
        notes = admin.get("/api/v1/audit", params={"action": "backup.make"}).json()["items"]
        assert [note["subject"] for note in notes] == [name for name, _ in backups[::-1]]
    token = hub.token("teacher")
    hub.stop(signal.SIGKILL)
    for archive, kept in [(out / backups[-1][0], backups[-1][1]), (tmp_path / "mine.zip", before)]:
        restored = cli("restore", archive, "--data", hub.data, "--json")
        assert json.loads(restored.stdout)["missing"] == 0
        again = start()
        with httpx.Client(
            base_url=again.url, headers={"Authorization": f"Bearer {token}"}, timeout=LIMIT
        ) as teacher:
            for asset, sha256 in kept.items():
                content = teacher.get(f"/api/v1/assets/{asset}/content").raise_for_status().content
                assert hashlib.sha256(content).hexdigest() == sha256
        again.stop()
        assert "lost+found" not in again.err.read_text()
        assert "missing or cut" not in again.err.read_text()


def test_a_backup_of_an_earlier_schema_is_migrated_at_the_next_start(start, tmp_path):
    hub = start()
    hub.stop()
    database = hub.data / "hub.sqlite"
    for file in hub.data.glob("hub.sqlite*"):
        file.unlink()
    earlier(database, "0002")
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute(
            "INSERT INTO person (id, name, role, created) VALUES ('p1', 'Aizhan', 'pupil', 1.0)"
        )
        connection.commit()
    cli("backup", tmp_path / "old.zip", "--data", hub.data)
    cli("restore", tmp_path / "old.zip", "--data", hub.data)
    token = hub.token("teacher")
    again = start()
    again._tokens["teacher"] = token
    with again.client("teacher") as teacher:
        assert teacher.get("/api/v1/people/p1").json()["name"] == "Aizhan"


def test_browsers_must_sign_in_again_and_tokens_work_on(start, tmp_path):
    hub = start()
    token = hub.token("teacher")
    with hub.session("teacher") as browser:
        assert browser.get("/api/v1/session").status_code == 200
        cookie = dict(browser.cookies)
        cli("backup", tmp_path / "a.zip", "--data", hub.data)
    running = cli("restore", tmp_path / "a.zip", "--data", hub.data, check=False)
    assert running.returncode == 4
    hub.stop()
    cli("restore", tmp_path / "a.zip", "--data", hub.data)
    again = start()
    with httpx.Client(base_url=again.url, cookies=cookie) as browser:
        assert browser.get("/api/v1/session").status_code == 401
    again._tokens["teacher"] = token
    with again.client("teacher") as teacher:
        assert teacher.get("/api/v1/session").status_code == 200


@pytest.mark.parametrize("what", ["nothing.zip", "text.zip"])
def test_what_is_no_backup_is_refused_in_words(tmp_path, what):
    (tmp_path / "text.zip").write_text("not a zip")
    (tmp_path / "data").mkdir()
    done = cli("restore", tmp_path / what, "--data", tmp_path / "data", check=False)
    assert done.returncode in (1, 2, 3)
    assert "Traceback" not in done.stderr
    assert [p for p in (tmp_path / "data").iterdir() if p.name != "lock"] == []
