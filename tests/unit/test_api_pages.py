"""The shell's page: what is written into it, and its policy."""

import base64
import hashlib
import json
import re

import pytest

from hub.api.pages import Pages, accepts, find, safe_json

INDEX = """<!doctype html><html><head><!--importmap--><!--hub-data-->
<script type="module" src="/static/main.js"></script></head></html>"""


@pytest.fixture
def web(tmp_path):
    dist = tmp_path / "web" / "dist"
    (dist / "static").mkdir(parents=True)
    (dist / "index.html").write_text(INDEX)
    (dist / "importmap.json").write_text('{"imports": {"lit": "/static/lit.js"}}')
    (dist / "static" / "lit.js").write_text("export {}")
    (dist / "elements.js").write_text("export {}")
    return tmp_path / "web"


@pytest.fixture
async def shell(api, hub, web, client):
    api.pages = Pages(hub, api.problems, web)
    return await client(None)


async def test_the_import_map_is_inline_and_its_hash_is_in_the_policy(shell):
    page = await shell.get("/")
    text = re.search(r'<script type="importmap">(.*?)</script>', page.text)[1]
    assert json.loads(text) == {"imports": {"lit": "/static/lit.js"}}
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-cache"


async def test_names_cannot_break_out_of_the_page(shell, hub, monkeypatch):
    evil = "</script><script>alert(1)</script>&\u2028"
    object.__setattr__(hub.settings, "name", evil)
    page = await shell.get("/")
    assert "<script>alert" not in page.text
    data = re.search(r'id="hub-data">(.*?)</script>', page.text)[1]
    assert json.loads(data)["hub"]["name"] == evil


async def test_elements_may_be_used_by_any_page_without_credentials(shell):
    answer = await shell.get("/elements.js", headers={"Origin": "https://anywhere.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["cache-control"] == "no-cache"


async def test_kinds_from_elsewhere_have_any_lucide_icon(shell, web):
    (web / "dist" / "icons.json").write_text('{"scale": "<path d=\\"M1 1\\"/>"}')
    answer = await shell.get("/icons/scale.json")
    assert answer.json() == '<path d="M1 1"/>'
    assert answer.headers["content-type"] == "application/json"
    for unknown in ("/icons/none.json", "/icons/scale", "/icons/", "/icons/../scale.json"):
        assert (await shell.get(unknown)).status_code == 404, unknown


async def test_static_files_are_kept_for_ever(shell):
    answer = await shell.get("/static/lit.js")
    assert "immutable" in answer.headers["cache-control"]
    assert (await shell.get("/static/none.js")).status_code == 404
    assert (await shell.get("/static/")).status_code == 404
    assert (await shell.get("/none.js")).status_code == 404


async def test_head_has_no_body_and_other_methods_are_refused(shell):
    answer = await shell.head("/")
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await shell.post("/")).status_code == 405


async def test_where_the_pages_were_not_built_it_says_so(api, hub, tmp_path, client):
    api.pages = Pages(hub, api.problems, tmp_path)
    page = await (await client(None)).get("/")
    assert page.status_code == 200
    assert "make build" in page.text


def test_no_name_leads_out(tmp_path):
    (tmp_path / "root").mkdir()
    (tmp_path / "secret.js").write_text("x")
    (tmp_path / "root" / "link.js").symlink_to(tmp_path / "secret.js")
    (tmp_path / "root" / "a.js").write_text("x")
    root = tmp_path / "root"
    assert find(root, "a.js") == root / "a.js"
    for name in ("../secret.js", "link.js", "", ".", "a.js/", "/a.js", "a\0.js", "..", "a.js/.."):
        assert find(root, name) is None, name


@pytest.mark.parametrize(
    ("header", "taken"),
    [("br", True), ("gzip, br", True), ("BR", True), ("br;q=0", False), ("gzip", False),
     (None, False), ("br; q=0.0", False), ("br;q=0.5", True), ("brotli", False)],
)  # fmt: skip
def test_brotli_is_sent_only_where_it_is_taken(header, taken):
    assert accepts(header, "br") is taken


def test_json_in_a_page_is_still_the_same_json():
    value = {"a": "<b>&</b>\u2028", "ключ": [1, None]}
    assert json.loads(safe_json(value)) == value
    assert "<" not in safe_json(value)
