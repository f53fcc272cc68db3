"""The pages and static files: built by Vite, served with precompressed siblings.

`/static/*`, `/plugins/<id>/<hash>/*` and `/locale/…` are immutable: a new build has new addresses.
`/icons/<name>.json` is the drawing of any Lucide icon.
Any other path that is no file is the shell (`index.html`), which routes by itself.
"""

import asyncio
import base64
import hashlib
import json
import logging
import mimetypes
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hub.api.client_page import CLIENTS, client_page
from hub.api.problems import NoSuchMethod, Problems
from hub.api.security import header
from hub.assets import FOR_PEOPLE
from hub.errors import NotFound
from hub.i18n import LANGUAGES

if TYPE_CHECKING:
    from hub.app import Hub

log = logging.getLogger("classhub.pages")

WEB = Path(__file__).parents[1] / "web"
IMPORTMAP_MARK = "<!--importmap-->"
DATA_MARK = "<!--hub-data-->"
_IMMUTABLE = "public, max-age=31536000, immutable"
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_SAFE_NAME = re.compile(r"[A-Za-z0-9_@][A-Za-z0-9_@.+-]*$")
_ORIGIN = re.compile(r"https?://[a-z0-9*.-]+(:[0-9]{1,5})?")
_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Classroom hub</title>
<h1>The hub runs, but its pages were not built.</h1>
<p>Run <code>make build</code> and reload this page.</p>
<p>The API works: <a href="/api/v1/hub">/api/v1/hub</a>.</p>
"""
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
    ".map": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".ico": "image/x-icon",
}


def policy(*script_hashes: str) -> str:
    """Return the Content-Security-Policy of the pages."""
    scripts = " ".join(["'self'", *script_hashes])
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self';"
        " img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self';"
        " worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self';"
        " frame-ancestors 'self'"
    )


def safe_json(value: Any) -> str:
    """Return JSON that can stand inside a script element of a page."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for char, escape in (
        ("<", "\\u003c"),
        (">", "\\u003e"),
        ("&", "\\u0026"),
        ("\u2028", "\\u2028"),
        ("\u2029", "\\u2029"),
    ):
        text = text.replace(char, escape)
    return text


def find(root: Path, path: str) -> Path | None:
    """Return the file of a path below `root`, None where there is none or it leads elsewhere."""
    parts = path.split("/")
    if not parts or not all(_SAFE_NAME.match(part) for part in parts):
        return None
    file = root.joinpath(*parts)
    return file if file.is_file() and file.resolve().is_relative_to(root.resolve()) else None


class Pages:
    """An ASGI application for all that is no API.

    Args:
        hub: whose name, plugins and catalogues are written into the page.
        problems: says problems in the caller's language.
        web: the shell's folder, with `dist` in it.
    """

    def __init__(self, hub: "Hub", problems: Problems, web: Path = WEB) -> None:
        self._hub = hub
        self._problems = problems
        self._dist = web / "dist"
        self._index: tuple[tuple[Any, ...], bytes, str] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file, the shell, or a problem document."""
        request = Request(scope, receive)
        response = await self._answer(request, scope)
        if scope["method"] == "HEAD":
            await response(scope, receive, _headless(send))
        else:
            await response(scope, receive, send)

    async def _answer(self, request: Request, scope: Scope) -> Response:
        path: str = scope["path"]
        if path.startswith("/api/"):
            return self._problems.respond(request, NotFound())
        if scope["method"] not in ("GET", "HEAD"):
            return self._problems.respond(request, NoSuchMethod(), headers={"Allow": "GET, HEAD"})
        first, _, rest = path.lstrip("/").partition("/")
        if first == "static":
            return await self._file(request, self._dist / "static", rest, cache=_IMMUTABLE)
        if first == "plugins":
            return await self._plugin_file(request, rest)
        if first == "locale":
            return await self._catalogue(request, rest)
        if first == "icons":
            return await self._icon(request, rest)
        if first == "client":
            return await self._client(request, rest)
        if first and not rest and "." in first:
            cors = first in ("elements.js", "importmap.json")
            return await self._file(request, self._dist, first, cache="no-cache", cors=cors)
        if ".." in path.split("/") or "//" in path:
            return self._problems.respond(request, NotFound())
        return await self._shell(path)

    async def _plugin_file(self, request: Request, rest: str) -> Response:
        plugin, _, inner = rest.partition("/")
        digest, _, name = inner.partition("/")
        for loaded in self._hub.plugins.running:
            if loaded.name == plugin and loaded.web is not None:
                cache = _IMMUTABLE if digest == loaded.hash else "no-cache"
                return await self._file(request, loaded.web, name, cache=cache)
        return self._problems.respond(request, NotFound())

    async def _catalogue(self, request: Request, rest: str) -> Response:
        parts = rest.split("/")
        if len(parts) == 3 and parts[2].endswith(".json"):
            found = self._hub.say.page_catalogue(parts[0], parts[2].removesuffix(".json"))
            if found is not None:
                file, digest = found
                cache = _IMMUTABLE if digest == parts[1] else "no-cache"
                return await self._file(request, file.parent, file.name, cache=cache)
        return self._problems.respond(request, NotFound())

    async def _icon(self, request: Request, name: str) -> Response:
        drawing = await asyncio.to_thread(_icon_of, self._dist / "icons.json", name)
        if drawing is None:
            return self._problems.respond(request, NotFound())
        headers = {
            "Content-Type": _TYPES[".json"],
            "Cache-Control": "public, max-age=86400",
            "Access-Control-Allow-Origin": "*",
        }
        return Response(json.dumps(drawing), headers=headers)

    async def _client(self, request: Request, name: str) -> Response:
        if name:
            return await self._file(request, CLIENTS, name, cache="no-cache", cors=False)
        page = await asyncio.to_thread(client_page, str(request.base_url))
        if page is None:
            return self._problems.respond(request, NotFound())
        headers = {"Content-Type": _TYPES[".html"], "Content-Security-Policy": policy()}
        return Response(page, headers=headers)

    async def _file(
        self, request: Request, root: Path, name: str, *, cache: str, cors: bool = True
    ) -> Response:
        served = await asyncio.to_thread(
            _read, root, name, header(request.scope, b"accept-encoding")
        )
        if served is None:
            return self._problems.respond(request, NotFound())
        body, encoding, suffix = served
        etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
        headers = {"Cache-Control": cache, "ETag": etag, "Vary": "Accept-Encoding"}
        if cors:
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        if encoding:
            headers["Content-Encoding"] = encoding
        media_type = (
            _TYPES.get(suffix) or mimetypes.types_map.get(suffix) or "application/octet-stream"
        )
        headers["Content-Type"] = media_type
        return Response(body, headers=headers)

    async def _shell(self, path: str) -> Response:
        body, csp = await asyncio.to_thread(self._page)
        if path == "/panel":
            csp += self._frames()
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": csp,
            "Cache-Control": "no-cache",
        }
        pages = (page for each in self._hub.plugins.running for page in each.manifest.pages)
        if any(page.microphone and page.is_at(path) for page in pages):
            # Of two such headers the later one counts (RFC 8941, 4.2.2).
            headers["Permissions-Policy"] = "microphone=(self)"
        return Response(body, headers=headers)

    def _frames(self) -> str:
        """Return what the class's screen may frame of other servers: what plugins name."""
        plugins = (one.plugin for one in self._hub.plugins.running)
        named = [origin for one in plugins if one is not None for origin in one.frames]
        found = sorted({origin for origin in named if _ORIGIN.fullmatch(origin)})
        return f"; frame-src {' '.join(found)}" if found else ""

    def _page(self) -> tuple[bytes, str]:
        file = self._dist / "index.html"
        if not file.is_file():
            return _NOT_BUILT.encode(), policy()
        stamp = (
            file.stat().st_mtime_ns,
            tuple((p.name, p.hash) for p in self._hub.plugins.running),
        )
        if self._index is None or self._index[0] != stamp:
            importmap_file = self._dist / "importmap.json"
            imports = json.loads(importmap_file.read_text()) if importmap_file.is_file() else {}
            importmap = safe_json(imports)
            digest = base64.b64encode(hashlib.sha256(importmap.encode()).digest()).decode()
            text = file.read_text("utf-8")
            text = text.replace(IMPORTMAP_MARK, f'<script type="importmap">{importmap}</script>')
            data = safe_json(self.data())
            text = text.replace(
                DATA_MARK, f'<script type="application/json" id="hub-data">{data}</script>'
            )
            self._index = (stamp, text.encode(), policy(f"'sha256-{digest}'"))
        return self._index[1], self._index[2]

    def data(self) -> dict[str, Any]:
        """Return what the shell knows before it asks: the hub, its plugins' pages, catalogues."""
        hub = self._hub
        return {
            "hub": {
                "id": hub.id,
                "name": hub.settings.name,
                "version": hub.version,
                "languages": list(LANGUAGES),
                "language": hub.settings.language,
                "media": FOR_PEOPLE,
            },
            "plugins": [
                {
                    "id": loaded.name,
                    "base": loaded.base,
                    **loaded.manifest.model_dump(mode="json", exclude_none=True),
                }
                for loaded in hub.plugins.running
                if loaded.web is not None
            ],
            "catalogues": hub.say.page_catalogues(),
        }


def _icon_of(file: Path, name: str) -> str | None:
    """Return the inside of an icon's SVG. The file is read anew: browsers ask once and keep it."""
    try:
        icons: dict[str, str] = json.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    return icons.get(name.removesuffix(".json")) if name.endswith(".json") else None


def _read(root: Path, name: str, accepted: str | None) -> tuple[bytes, str | None, str] | None:
    """Return a file's bytes, their encoding (of the sibling that fits best) and its suffix."""
    file = find(root, name)
    if file is None or file.suffix in (".br", ".gz"):
        return None
    for encoding, suffix in _ENCODINGS:
        if accepts(accepted, encoding):
            sibling = file.with_name(file.name + suffix)
            if sibling.is_file():
                return sibling.read_bytes(), encoding, file.suffix
    return file.read_bytes(), None, file.suffix


def accepts(accepted: str | None, encoding: str) -> bool:
    """Tell whether an `Accept-Encoding` header takes an encoding."""
    for part in (accepted or "").lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == encoding:
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _headless(send: Send) -> Send:
    async def sending(message: Any) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return sending
