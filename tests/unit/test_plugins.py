"""The plugin seam: what is refused at load, and that one broken plugin harms nobody."""

import json
import sys
import types
from importlib.metadata import EntryPoint
from typing import Annotated

import pytest
from fastapi import APIRouter, Request

from hub.api.application import Api
from hub.plugin import Plugin, Principal, Requires, Role, Router, public
from hub.plugins import Plugins, content_hash


class Good(Plugin):
    """A plugin as it should be."""

    id = "good"
    title = "Good"

    def __init__(self, hub):
        super().__init__(hub)
        self.calls = []
        self.router = Router(tags=["Good"])

        @self.router.get("/things", summary="Things")
        async def things(caller: Annotated[Principal, Requires(Role.TEACHER)]) -> dict:
            """Say who asks."""
            return {"caller": caller.name}

    async def start(self):
        self.calls.append("start")
        self.hub.publish("started", {"ok": True}, retained=True)

    async def stop(self):
        self.calls.append("stop")


def made(**attributes):
    """A plugin class that differs from a good one."""
    return type("Made", (Plugin,), {"id": "made", "title": "Made", **attributes})


def routed(declare, router=Router):
    def begin(self, hub):
        Plugin.__init__(self, hub)
        self.router = router()
        declare(self.router)

    return made(__init__=begin)


@pytest.fixture
async def load(hub, monkeypatch):
    """Start plugins that are given as classes, under their ids."""
    started = []

    async def begin(*classes, names=None, enabled=lambda _: True):
        module = types.ModuleType("plugins_of_the_test")
        monkeypatch.setitem(sys.modules, module.__name__, module)
        points = []
        for number, cls in enumerate(classes):
            setattr(module, f"P{number}", cls)
            name = names[number] if names else getattr(cls, "id", "made")
            points.append(EntryPoint(name, f"{module.__name__}:P{number}", "classhub.plugins"))
        plugins = Plugins(hub._for_plugin, enabled=enabled, found=points)
        await plugins.start()
        started.append(plugins)
        return plugins

    yield begin
    for plugins in started:
        await plugins.stop()


async def test_a_good_plugin_is_served_under_its_own_prefix(hub, load, client):
    hub.plugins = await load(Good)
    (loaded,) = hub.plugins.running
    assert loaded.prefix == "/api/v1/x/good"
    assert [m.payload for m in hub.bus.retained("x/good/started")] == [{"ok": True}]
    api = Api(hub)
    document = api.app.openapi()
    assert document["paths"]["/api/v1/x/good/things"]["get"]["x-role"] == "teacher"
    assert "401" in document["paths"]["/api/v1/x/good/things"]["get"]["responses"]
    await api.stop()


async def test_a_plugin_is_stopped_in_the_end(load):
    plugins = await load(Good)
    plugin = plugins.running[0].plugin
    await plugins.stop()
    assert plugin.calls == ["start", "stop"]


async def undeclared(request: Request):
    return {}


def no_role(router):
    router.get("/open")(undeclared)


def of_another_scope(router):
    @router.get("/sent")
    async def sent(caller: Annotated[Principal, Requires(Role.PUPIL, scope="other:send")]) -> dict:
        """Whoever has a token of that scope."""
        return {}


def websocket(router):
    @router.websocket("/socket")
    async def socket(ws):
        """Never served."""


@pytest.mark.parametrize(
    ("cls", "said"),
    [
        (routed(no_role), "does not say who may call it"),
        (routed(no_role, APIRouter), "does not say who may call it"),
        (routed(websocket), "no path operation"),
        (made(id="Made!"), "must be its entry point's name"),
        (made(id="other"), "must be its entry point's name"),
        (routed(of_another_scope), "names scopes that it does not have: ['other:send']"),
        (made(audited={"token.create": "made gold"}), "'token.create' means is said already"),
        (made(__init__=lambda self, hub: 1 / 0), "ZeroDivisionError"),
        (object, "no subclass"),
        ("text", "no subclass"),
    ],
)
async def test_a_wrong_plugin_is_switched_off_and_says_why(load, caplog, cls, said):
    plugins = await load(cls, Good, names=["made", "good"])
    by_name = {loaded.name: loaded for loaded in plugins.all}
    assert by_name["made"].state == "failed"
    assert said in by_name["made"].problem.detail
    assert "the plugin made is off" in caplog.text
    assert by_name["good"].state == "running", "the rest works"


async def test_a_plugin_that_fails_to_start_is_stopped_and_off(load):
    stopped = []

    async def start(self):
        raise RuntimeError("no license")

    async def stop(self):
        stopped.append(True)
        raise RuntimeError("not even that")

    plugins = await load(made(start=start, stop=stop), Good, names=["made", "good"])
    assert [loaded.name for loaded in plugins.running] == ["good"]
    assert stopped == [True]


async def test_a_plugin_that_cannot_be_imported_is_off(hub):
    points = [EntryPoint("gone", "no_such_module_here:Plugin", "classhub.plugins")]
    plugins = Plugins(hub._for_plugin, enabled=lambda _: True, found=points)
    await plugins.start()
    assert plugins.all[0].state == "failed"
    assert "no_such_module_here" in plugins.all[0].problem.detail


async def test_a_plugin_can_be_switched_off(load):
    plugins = await load(Good, enabled=lambda name: name != "good")
    assert plugins.all[0].state == "off"
    assert plugins.running == []


async def test_two_plugins_of_one_name_are_one(load):
    plugins = await load(Good, Good)
    assert sorted(loaded.state for loaded in plugins.all) == ["failed", "running"]


def test_a_public_route_is_marked(hub_template):
    @public
    async def hello():
        """Say hello."""

    assert hello.__classhub_public__


WEB = {
    "pages": [{"path": "/good", "title": "Good", "module": "pages.js", "tag": "good-page"}],
    "elements": [{"tag": "good-element", "module": "elements.js"}],
}


@pytest.fixture
def web(tmp_path):
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "web.json").write_text(json.dumps(WEB))
    (folder / "pages.js").write_text("export {}")
    (folder / "pages.js.br").write_bytes(b"brotli")
    return folder


async def test_a_plugins_pages_are_served_by_the_hash_of_their_content(hub, load, client, web):
    hub.plugins = await load(type("WithWeb", (Good,), {"web": web}))
    api = Api(hub)
    (entry,) = api.pages.data()["plugins"]
    assert entry["base"] == f"/plugins/good/{content_hash(web)}/"
    assert entry["pages"][0]["tag"] == "good-page"
    anybody = await client(None)
    script = await anybody.get(entry["base"] + "pages.js", headers={"Accept-Encoding": "gzip"})
    assert script.text == "export {}"
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in script.headers["cache-control"]
    packed = await anybody.get(
        entry["base"] + "pages.js", headers={"Accept-Encoding": "br;q=1, gzip"}
    )
    assert packed.headers["content-encoding"] == "br"
    never = await anybody.get(entry["base"] + "pages.js", headers={"Accept-Encoding": "br;q=0"})
    assert "content-encoding" not in never.headers
    old = await anybody.get("/plugins/good/000000000000/pages.js")
    assert "immutable" not in old.headers["cache-control"]
    again = await anybody.get(
        entry["base"] + "pages.js",
        headers={"Accept-Encoding": "x", "If-None-Match": script.headers["etag"]},
    )
    assert again.status_code == 304
    assert (await anybody.get(entry["base"] + "pages.js.br")).status_code == 404
    await api.stop()


async def test_the_shell_is_told_which_pages_open_which_assets(hub, load, web):
    opens = {"media": ["image/jpeg", "video/*", "*/*"], "least": 2, "most": 9, "album": False}
    page = {**WEB["pages"][0], "opens": opens}
    (web / "web.json").write_text(json.dumps({"pages": [page]}))
    hub.plugins = await load(type("WithWeb", (Good,), {"web": web}))
    api = Api(hub)
    (entry,) = api.pages.data()["plugins"]
    assert entry["pages"][0]["opens"] == opens
    await api.stop()


async def test_the_shell_is_told_of_a_guide_and_serves_its_text(hub, load, client, web):
    guide = {"title": "Good in class", "languages": ["kk"], "roles": ["teacher"]}
    page = {**WEB["pages"][0], "help": "#begin"}
    (web / "web.json").write_text(json.dumps({"pages": [page], "guide": guide}))
    (web / "guide").mkdir()
    (web / "guide" / "kk.md").write_text("# Сыныпта", "utf-8")
    hub.plugins = await load(type("WithWeb", (Good,), {"web": web}))
    api = Api(hub)
    (entry,) = api.pages.data()["plugins"]
    assert entry["guide"] == guide
    assert entry["pages"][0]["help"] == "#begin"
    text = await (await client(None)).get(entry["base"] + "guide/kk.md")
    assert text.text == "# Сыныпта"
    assert text.headers["content-type"] == "text/markdown; charset=utf-8"
    await api.stop()


@pytest.mark.parametrize(
    "manifest",
    [
        "{",
        '{"pages": [{"path": "nope", "title": "x", "module": "a.js", "tag": "a-b"}]}',
        '{"pages": [{"path": "/a", "title": "x", "module": "../a.js", "tag": "a-b"}]}',
        '{"elements": [{"tag": "<script>", "module": "a.js"}]}',
        '{"elements": [{"tag": "a-b", "module": "https://evil.example/a.js"}]}',
        '{"guide": {"title": "Good", "languages": ["en"]}}',
        '{"guide": {"title": "Good", "name": "../x", "languages": ["kk"]}}',
        '{"guide": {"title": "Good", "languages": []}}',
        '{"pages": [{"path": "/a", "title": "x", "module": "a.js", "tag": "a-b", "help": "/x"}]}',
    ],
)
async def test_a_wrong_web_json_switches_the_plugin_off(load, web, manifest):
    (web / "web.json").write_text(manifest)
    plugins = await load(type("WithWeb", (Good,), {"web": web}))
    assert plugins.all[0].state == "failed"
    assert "web.json" in plugins.all[0].problem.detail


@pytest.mark.parametrize(
    ("path", "opens"),
    [
        ("/a/:id", {"media": []}),
        ("/a/:id", {"media": ["image"]}),
        ("/a", {"media": ["image/*"], "least": 2, "most": 1}),
        ("/a", {"media": ["image/*"], "most": 1_000_000}),
        ("/a/:id", {"media": ["image/*"], "most": 2}),
        ("/a/:asset", {"media": ["image/*"]}),
    ],
)
async def test_a_page_that_opens_what_cannot_be_given_switches_the_plugin_off(
    load, web, path, opens
):
    page = {**WEB["pages"][0], "path": path, "opens": opens}
    (web / "web.json").write_text(json.dumps({"pages": [page]}))
    plugins = await load(type("WithWeb", (Good,), {"web": web}))
    assert plugins.all[0].state == "failed"
    assert "web.json" in plugins.all[0].problem.detail
