"""The district's page over a real PostgreSQL with 7,000 schools: the worst first, and text only text."""

import contextlib
import re
import shutil
import socket
import subprocess
import sys
import time

import httpx
import pytest
from playwright.sync_api import expect

from tests import district_database
from tests.district import CONFIGS
from tests.district_database import Database
from tests.e2e.test_accessibility import violations
from tests.e2e.test_every_page import LANGUAGES, LOOKS, SIZES, said_otherwise

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        district_database.BIN is None or shutil.which("runuser") is None,
        reason="apt install postgresql",
    ),
]
HUBS = 7000
WORD = "twelve letters or more"
FILL = f"""
SET search_path = district, pg_catalog;
INSERT INTO hub (id, school, online, seen, summary)
SELECT 'hub-' || n, 'School ' || n, n % 50 > 0,
       pg_catalog.now() - CASE n % 50 WHEN 0 THEN interval '3 days' ELSE interval '90 seconds' END,
       jsonb_build_object('status', CASE WHEN n % 20 = 1 THEN 'fault' WHEN n % 10 = 2 THEN 'warning' ELSE 'ok' END,
           'devices', 9, 'devices_fault', CASE WHEN n % 20 = 1 THEN n % 7 ELSE 0 END,
           'alerts_open', n % 20 % 3, 'waiting', 0, 'dropped_samples', 0, 'dropped_alerts', 0, 'version', '1.0.0')
FROM generate_series(1, {HUBS}) AS n;
INSERT INTO hub (id, school, online, summary) VALUES
    ('evil', '<script>alert(1)</script>" onload="x', true, '{{"status": "fault", "devices_fault": 99}}'),
    ('new', '', true, NULL);
INSERT INTO stream (hub, name) VALUES ('hub-21', 's'), ('evil', 's');
INSERT INTO health_record (stream, seq, time, device, device_kind, status, presence, reachable, code)
SELECT 1, n, pg_catalog.now() - (30000 - n) * interval '1 minute', 'device-' || n % 9, 'microscope',
       CASE WHEN n % 9 = 4 THEN 'fault' ELSE 'ok' END, 'present', true, CASE WHEN n % 9 = 4 THEN 'timed-out' ELSE '' END
FROM generate_series(1, 30000) AS n;
INSERT INTO uptime_record (stream, seq, time, begin, device, device_kind, known, up, downs)
SELECT 1, 30000 + n, pg_catalog.now() - n * interval '1 hour', pg_catalog.now(), 'device-' || n % 9, 'microscope', 3600, 3240, 0
FROM generate_series(1, 900) AS n;
INSERT INTO alert_record (stream, seq, time, alert, what, state, severity, cause, fired, rules, devices, device_count, flapping, lesson, said_ru, said_kk, said_en)
VALUES (1, 40000, pg_catalog.now(), 'a1', 'fired', 'active', 'fault', 'device:x', '2026-11-29T10:00:00Z', 'device-fault', 'device-4', 1, false, false, 'Микроскоп не отвечает', 'Микроскоп жауап бермейді', 'The microscope does not answer'),
       (1, 40001, pg_catalog.now(), 'a2', 'cleared', 'cleared', 'fault', 'device:y', '2026-11-29T10:00:00Z', 'device-fault', 'device-5', 1, false, false, 'Снято', 'Снято', 'Снято'),
       (1, 40003, pg_catalog.now(), 'a4', 'fired', 'active', 'warning', 'device:z', '2026-11-29T10:00:00Z', 'lamp-old', 'device-6', 1, false, false, 'Лампа старая', '', ''),
       (1, 40004, pg_catalog.now(), 'a5', 'fired', 'active', 'warning', 'device:q', '2026-11-29T10:00:00Z', 'device-slow,usb-errors', 'device-7', 1, false, false, '', '', ''),
       (2, 1, pg_catalog.now(), 'a3', '<b>', 'active', '<i>', '', '', '<s>', '<u>', 1, false, false, '<img src=x>', '<script>', '');
INSERT INTO reply_record (stream, seq, time, "order", command, device, state, code, result, agreed, key, result_kk, result_ru)
VALUES (1, 40002, pg_catalog.now(), 'order-0001', 'check', '', 'done', '', 'works: 8, broken: 1', 'person', '00', 'істейді: 8, істемейді: 1', 'работает: 8, не работает: 1');
ANALYZE;
CREATE ROLE reader LOGIN;
GRANT USAGE ON SCHEMA district TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA district TO reader;
"""


@pytest.fixture(scope="module")
def database():
    made = Database()
    made.load(FILL)
    yield made
    made.close()


@pytest.fixture(scope="module")
def page(database, tmp_path_factory):
    """The page as a program; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    text = (CONFIGS / "page.toml").read_text()
    for shipped, here in {
        "choose twelve letters or more": WORD,
        "postgresql:///district": database.url.replace("postgres@", "reader@"),
        "8090": str(port),
    }.items():
        assert shipped in text
        text = text.replace(shipped, here)
    file = tmp_path_factory.mktemp("page") / "page.toml"
    file.write_text(text)
    program = subprocess.Popen([sys.executable, "-m", "plugins.district.page", str(file)])
    url = f"http://127.0.0.1:{port}"
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert program.poll() is None
        with contextlib.suppress(httpx.TransportError):
            assert httpx.get(url).status_code == 401
            break
        time.sleep(0.1)
    yield url
    program.terminate()
    assert program.wait(20) in (0, -15)


@pytest.fixture
def ask(page):
    with httpx.Client(base_url=page, auth=("district", WORD), timeout=60) as client:
        yield client


def hubs(answer):
    assert answer.status_code == 200, answer.text
    return re.findall(r'href="/hubs/([a-z0-9-]+)', answer.text)


def test_who_does_not_know_the_word_sees_nothing(page, ask):
    assert httpx.get(page).headers["www-authenticate"].startswith("Basic")
    wrong = httpx.get(page, auth=("district", "another word"), timeout=60)
    assert (wrong.status_code, "School" in wrong.text) == (401, False)
    assert httpx.get(page, headers={"Authorization": b"Basic \xff"}, timeout=60).status_code == 401
    answer = ask.get("/")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert ask.post("/").status_code == 405


def test_the_worst_comes_first_and_what_is_asked_for_is_found(ask):
    first = hubs(ask.get("/"))
    assert len(first) == 200
    assert all(int(one.removeprefix("hub-")) % 50 == 0 for one in first[:140]), "silent for days"
    assert first[140] == "evil"
    assert all(int(one.removeprefix("hub-")) % 20 == 1 for one in first[141:])
    assert "new" in hubs(ask.get("/?state=unknown"))
    assert hubs(ask.get("/?q=school+69")) != []
    assert hubs(ask.get("/?q=hub-6999")) == ["hub-6999"]
    assert hubs(ask.get("/?q=%25")) == [], "what is asked for is text"
    assert len(hubs(ask.get("/?state=warning&page=3"))) == 100
    for odd in ("/?page=-1", "/?page=x", "/?state=x'", "/?lang=xx", "/?q=%00%ff"):
        assert ask.get(odd).status_code == 200
    assert ask.get("/hubs/nobody").status_code == 404
    assert ask.get("/hubs/Nobody'--").status_code == 404


def test_the_page_is_renewed_by_itself_only_for_who_wants_it(ask):
    assert "refresh" not in ask.get("/?lang=en").text
    text = ask.get("/?lang=en&again=1").text
    assert '<meta http-equiv="refresh" content="60">' in text
    assert re.search(r'href="/hubs/evil\?lang=en&amp;again=1"', text), "it stays so"
    assert re.search(r'href="\?lang=en">Renew no more', text)


def test_what_hubs_say_is_never_markup(ask):
    for path in ("/?q=evil", "/hubs/evil"):
        text = ask.get(path).text
        assert "&lt;script&gt;" in text
        assert not re.search(r"<(script|img|b|i|u)>", text)
        assert '" onload="' not in text


def test_a_schools_page_says_what_lacks(ask):
    text = ask.get("/hubs/hub-21?lang=en").text
    assert text.index("device-4") < text.index("device-0"), "what is broken first"
    assert "timed-out" in text
    assert "90 %" in text
    assert "Снято" not in text


@pytest.mark.parametrize(
    ("language", "alert", "result", "kind"),
    [
        ("kk", "Микроскоп жауап бермейді", "істейді: 8", "Цифрлы микроскоп"),
        ("ru", "Микроскоп не отвечает", "работает: 8", "Цифровой микроскоп"),
        ("en", "The microscope does not answer", "works: 8", "Digital microscope"),
    ],
)
def test_what_schools_say_is_said_in_the_readers_language(ask, language, alert, result, kind):
    text = ask.get(f"/hubs/hub-21?lang={language}").text
    assert alert in text
    assert result in text
    assert kind in text
    others = {"Микроскоп жауап бермейді", "Микроскоп не отвечает"} - {alert}
    assert not any(one in text for one in others), "and in no other"
    older = "Лампа старая" if language == "ru" else '<span lang="ru">Лампа старая</span>'
    assert older in text, "an older hub has said it in Russian only"
    assert "device-slow, usb-errors" in text, "a school that tells no names"


@pytest.mark.browser
def test_it_is_looked_at_on_every_screen(page, browser, tmp_path):
    wrong = []
    for language, locale in LANGUAGES.items():
        translated = [] if language == "en" else said_otherwise(language)
        context = browser.new_context(
            locale=locale, http_credentials={"username": "district", "password": WORD}
        )
        try:
            tab = context.new_page()
            for size, (width, height) in SIZES.items():
                tab.set_viewport_size({"width": width, "height": height})
                for name, path in {"all": "/", "one": "/hubs/hub-21"}.items():
                    tab.goto(page + path)
                    expect(tab.locator("tbody tr").first).to_be_visible()
                    found = tab.evaluate(LOOKS, translated)
                    wrong += [f"{language}, {size}, {name}: {one}" for one in found]
                    tab.screenshot(path=tmp_path / f"{language}-{size}-{name}.png")
        finally:
            context.close()
    for scheme in ("light", "dark"):
        someone = {"username": "district", "password": WORD}
        context = browser.new_context(
            http_credentials=someone, color_scheme=scheme, bypass_csp=True
        )
        try:
            tab = context.new_page()
            for name, path in {"all": "/", "one": "/hubs/hub-21"}.items():
                tab.goto(page + path)
                expect(tab.locator("tbody tr").first).to_be_visible()
                wrong += violations(tab, f"{name}, {scheme}")
        finally:
            context.close()
    assert not wrong, "\n".join(wrong)


def test_a_database_of_before_is_named(ask, database):
    database.load("ALTER TABLE district.alert_record RENAME said_kk TO said")
    try:
        answer = ask.get("/hubs/hub-21?lang=en")
        assert answer.status_code == 503
        assert "configs/district/postgresql/upgrade.sql" in answer.text
    finally:
        database.load("ALTER TABLE district.alert_record RENAME said TO said_kk")
    assert ask.get("/hubs/hub-21").status_code == 200


def test_it_says_so_where_the_database_is_gone_and_comes_back(ask, database):
    database.stop("immediate")
    try:
        answer = ask.get("/?lang=en")
        assert answer.status_code == 503
        assert "The database does not answer." in answer.text
    finally:
        database.start()
    end = time.monotonic() + 60
    while ask.get("/").status_code != 200:
        assert time.monotonic() < end
        time.sleep(0.2)
