"""Boards in a backup and out of it again, and for how long they are kept."""

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import time

from lxml import etree

from tests.integration.test_board_files import TRACES, done, pdf, sent
from tests.integration.test_boards import Class, agreed

LIMIT = 120.0


def cli(*words):
    command = [sys.executable, "-m", "hub.cli", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=True)
    return json.loads(done.stdout)


async def test_a_board_comes_back_from_a_backup_with_strokes_pages_and_locks(start, tmp_path):
    hub = start(config='language = "en"\n')
    room = Class(hub)
    room.http.timeout = LIMIT
    aizhan, teacher = await room.everybody("Aizhan")
    first = room.board["pages"][0]["id"]
    kept = [aizhan.draw(page=first) for _ in range(40)]
    await agreed([aizhan, teacher])
    assert done(room, sent(room, pdf(2)))["status"] == "done"
    room.patch(locked=True, title="Жасуша")
    before = room.http.get(room.path).json()
    strokes = {key: dict(aizhan.map(aizhan.own)[key]) for key in kept}
    cli("backup", tmp_path / "board.zip", "--data", hub.data, "--json")
    # What comes after the backup is not in it.
    assert room.http.delete(room.path).status_code == 204
    token, own = hub.token("teacher"), aizhan.own
    for page in room.pages:
        await page.leave(abruptly=True)
    hub.stop(signal.SIGKILL)

    assert cli("restore", tmp_path / "board.zip", "--data", hub.data, "--json")["missing"] == 0
    again = start(config='language = "en"\n')
    again._tokens["teacher"] = token
    with again.client("teacher") as http:
        http.timeout = LIMIT
        now = http.get(room.path).json()
        for key in ("id", "title", "lesson", "locked", "page", "pages"):
            assert now[key] == before[key], key
        # Who was there and drew nothing has left nothing.
        assert [one["name"] for one in now["authors"]] == ["Aizhan"]
        for page in before["pages"][1:]:
            asset = page["background"]["asset"]
            assert http.get(f"{room.path}/assets/{asset}").status_code == 200
        ink = http.get(f"{room.path}/export", params={"format": "inkml"}).content
        assert len(etree.fromstring(ink).findall(TRACES)) == len(kept)
    room.hub = again
    back = room.teacher()
    await back.come()
    await back.until(lambda: own in back.caught_up)
    assert {key: dict(back.map(own)[key]) for key in kept} == strokes
    await back.leave()
    room.http.close()


async def test_old_boards_go_where_that_is_set_and_nothing_goes_by_itself(start):
    settings = "[plugins.whiteboard]\nboards_days = 30\n[plugins.touch]\nresults_days = 7\n"
    hub = start(config=settings)
    room = Class(hub)
    with hub.client("admin") as admin:
        rules = {one["name"]: one for one in admin.get("/api/v1/retention").json()["items"]}
        assert (rules["boards"]["days"], rules["boards"]["due"]) == (30, 0)
        assert rules["touch-results"]["days"] == 7
    room.http.close()
    hub.stop()
    # Meanwhile they have grown old.
    with contextlib.closing(sqlite3.connect(hub.data / "hub.sqlite")) as database:
        old = time.time() - 31 * 86_400
        database.execute("UPDATE whiteboard_board SET updated = ?", (old,))
        database.execute(
            "INSERT INTO touch_result (id, lesson, activity, title, teams, ended)"
            " SELECT 'r1', id, 'quiz', 'Old', '[]', ? FROM lesson LIMIT 1",
            (old,),
        )
        database.commit()
    again = start(config=settings)
    with again.client("admin") as admin:
        rules = {one["name"]: one["due"] for one in admin.get("/api/v1/retention").json()["items"]}
        assert (rules["boards"], rules["touch-results"]) == (1, 1)
        work = admin.post("/api/v1/retention").raise_for_status().json()
        until = time.monotonic() + LIMIT
        while work["ended"] is None and time.monotonic() < until:
            time.sleep(0.05)
            work = admin.get(f"/api/v1/operations/{work['id']}").json()
        assert (work["result"]["boards"], work["result"]["touch-results"]) == (1, 1), work
        assert admin.get("/api/v1/boards").json()["items"] == []
        noted = admin.get("/api/v1/audit", params={"action": "whiteboard.delete"}).json()["items"]
        assert noted[0]["subject"] == room.board["id"]
