"""The log: said once, kept for each device, readable by people and by programs, without secrets."""

import io
import json
import logging
import os

import pytest

from hub.logs import DeviceLogs, Latch, secrets_of
from hub.logs import _setup as setup

SCHEMA = {
    "properties": {
        "host": {"type": "string"},
        "password": {"anyOf": [{"type": "string", "format": "password", "writeOnly": True}, {}]},
    }
}


@pytest.fixture
def logs():
    made = DeviceLogs(lambda name: ["tiger-7 x"] if name == "panel-1" else [])
    made.start()
    yield made
    made.stop()


@pytest.fixture
def written():
    """What a handler on the root writes, as the hub's own does."""

    def attach(formatter):
        out = io.StringIO()
        handler = logging.StreamHandler(out)
        handler.setFormatter(formatter)
        logging.getLogger().addHandler(handler)
        attached.append(handler)
        return out

    attached = []
    yield attach
    for handler in attached:
        logging.getLogger().removeHandler(handler)


def test_a_failure_is_said_once_and_its_recovery_once(caplog):
    caplog.set_level(logging.INFO)
    latch = Latch(logging.getLogger("classhub.test"), "it fails: %s", "it works again")
    latch.worked()
    for number in range(5):
        latch.failed(OSError(f"try {number}"))
    assert latch.failing
    latch.worked()
    latch.worked()
    assert not latch.failing
    assert [(r.levelname, r.getMessage()) for r in caplog.records] == [
        ("WARNING", "it fails: try 0"),
        ("INFO", "it works again, after 5 attempts"),
    ]


def test_the_last_500_lines_of_each_device_are_kept(logs):
    log = logging.getLogger("classhub.driver.cam-1")
    for number in range(600):
        log.warning("line %d", number)
    logging.getLogger("classhub.devices").error("cam-2 is gone", extra={"device": "cam-2"})
    logging.getLogger("classhub.devices").error("about nobody")
    kept = logs.lines("cam-1")
    assert [kept[0].text, kept[-1].text, len(kept)] == ["line 100", "line 599", 500]
    assert [(line.level, line.text) for line in logs.lines("cam-2")] == [("error", "cam-2 is gone")]
    assert len(logs.lines("cam-1", "cam-2")) == 500
    logs.forget("cam-1")
    assert logs.lines("cam-1") == []


def test_a_line_without_end_is_cut(logs):
    logging.getLogger("classhub.driver.cam-1").warning("x" * 10_000)
    assert len(logs.lines("cam-1")[0].text) == 2000


def test_what_is_secret_reaches_neither_the_page_nor_the_log(logs, written):
    out = written(setup.TextFormatter(journal=False))
    log = logging.getLogger("classhub.driver.panel-1")
    log.warning("cannot sign in with %s", "tiger-7 x")
    log.warning("GET http://panel/?p=tiger-7%20x")
    try:
        raise ValueError("tiger-7 x is wrong")
    except ValueError:
        log.exception("it failed")
    logging.getLogger("classhub.driver.other").warning("tiger-7 x is a password of another")
    shown = "\n".join(line.text for line in logs.lines("panel-1"))
    text = out.getvalue().split("is a password of another")[0].rsplit("\n", 1)[0]
    for said in (shown, text):
        assert "tiger-7" not in said
        assert said.count("••••") >= 3
        assert "ValueError" in said


def test_secrets_are_what_the_driver_says_and_passwords_in_addresses():
    settings = {"host": "10.0.0.5", "password": "hunter22", "url": "rtsp://eve:s3cr3t@10.0.0.9/1"}
    assert sorted(secrets_of(settings, SCHEMA)) == ["hunter22", "s3cr3t"]
    assert secrets_of({"url": "http://[bad@", "port": 5}, {}) == []


def test_secrets_inside_of_other_settings_are_found():
    login = {"properties": {"user": {}, "password": {"format": "password"}}}
    schema = {
        "properties": {"login": {"$ref": "#/$defs/Login"}, "feeds": {}},
        "$defs": {"Login": login},
    }
    settings = {
        "login": {"user": "eve", "password": "hunter22"},
        "feeds": ["rtsp://eve:s3cr3t@10.0.0.9/1"],
    }
    assert sorted(secrets_of(settings, schema)) == ["hunter22", "s3cr3t"]


def test_json_lines_say_the_device_and_more(logs, written):
    out = written(setup.JsonFormatter(journal=False))
    logging.getLogger("classhub.driver.cam-1").warning("it said\nmore", extra={"code": "no-power"})
    try:
        raise OSError("no")
    except OSError:
        logging.getLogger("classhub").exception("failed")
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["device"], first["code"], first["level"]) == ("cam-1", "no-power", "warning")
    assert first["text"] == "it said\nmore"
    assert first["time"].endswith("Z")
    assert "OSError: no" in second["trace"]


def test_lines_for_the_journal_say_their_priority(written):
    out = written(setup.TextFormatter(journal=True))
    try:
        raise OSError("no")
    except OSError:
        logging.getLogger("classhub").exception("failed")
    lines = out.getvalue().splitlines()
    assert lines[0] == "<3>E classhub: failed"
    assert all(line.startswith("<3>") for line in lines)


def test_the_journal_is_known_by_its_own_stream(monkeypatch, tmp_path):
    with (tmp_path / "journal").open("w") as stream:
        monkeypatch.setattr("sys.stderr", stream)
        about = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{about.st_dev}:{about.st_ino}")
        assert setup.into_journal()
        monkeypatch.setenv("JOURNAL_STREAM", f"{about.st_dev}:{about.st_ino + 1}")
        assert not setup.into_journal()
