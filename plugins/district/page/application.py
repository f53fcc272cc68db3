"""The page's server: two addresses, read only, for whoever knows the word."""

import asyncio
import base64
import binascii
import hmac
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from hub.i18n import LANGUAGES, Translator, driver_locales, negotiate
from plugins.district.page.queries import STATES, Queries
from plugins.district.page.showing import (
    Words,
    failed_page,
    list_page,
    missing_page,
    outdated_page,
    school_page,
)

log = logging.getLogger("classhub.district-page")

WRONG_PAUSE = 1.0
_NUMBER = re.compile(r"[0-9]{1,4}")
_HUB = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
Next = Callable[[Request], Awaitable[Response]]


class PageSettings(BaseModel):
    """The settings file: TOML.

    Attributes:
        word: whoever knows it may look; the browser asks for it (any name).
        database: `postgresql://…`; a role that may only read is enough.
        host, port: where it listens. By another address than this computer's own a proxy with TLS
            belongs before it: the word is not encrypted by this program.
        language: of whoever's browser names none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    word: SecretStr = Field(min_length=12, max_length=200)
    database: str = Field("postgresql:///district", pattern="^postgres(ql)?://")
    host: str = "127.0.0.1"
    port: int = Field(8090, ge=0, le=65535)
    language: str = Field("kk", pattern="^(kk|ru|en)$")


class Page:
    """The pages.

    Args:
        settings: of the server.
    """

    def __init__(self, settings: PageSettings) -> None:
        self._settings = settings
        self._queries = Queries(settings.database)
        self._say = Translator(settings.language)
        here = Path(__file__).parent
        self._say.add("district", here.parent / "locale")
        for name, folder in driver_locales():
            self._say.add(name, folder)
        self._style = _style(here)

    async def schools(self, request: Request) -> Response:
        """All hubs, the worst first."""
        asked = request.query_params
        state = asked.get("state", "")
        state = state if state in STATES else ""
        text = asked.get("q", "")[:80].replace("\0", "")
        page = asked.get("page", "0")
        number = int(page) if _NUMBER.fullmatch(page) else 0
        counts, found = await asyncio.gather(
            self._queries.counts(), self._queries.schools(state, text, number)
        )
        return HTMLResponse(list_page(self._words(request), counts, found, state, text, number))

    async def school(self, request: Request) -> Response:
        """One hub."""
        hub = request.path_params["hub"]
        found = await self._queries.school(hub) if _HUB.fullmatch(hub) else None
        if found is None:
            return HTMLResponse(missing_page(self._words(request)), 404)
        devices, alerts, replies = await asyncio.gather(
            self._queries.devices(hub), self._queries.alerts(hub), self._queries.replies(hub)
        )
        return HTMLResponse(school_page(self._words(request), found, devices, alerts, replies))

    async def style(self, _request: Request) -> Response:
        """How it looks."""
        return Response(self._style, media_type="text/css")

    async def guard(self, request: Request, following: Next) -> Response:
        """Let those in who know the word, and say so where the database does not answer."""
        given = request.headers.get("authorization", "")
        if not _knows(given, self._settings.word):
            if given:
                await asyncio.sleep(WRONG_PAUSE)
            challenge = {"WWW-Authenticate": 'Basic realm="district", charset="UTF-8"'}
            return PlainTextResponse("the word is wanted\n", 401, {**_HEADERS, **challenge})
        try:
            answer = await following(request)
        except (asyncpg.UndefinedColumnError, asyncpg.UndefinedTableError) as error:
            log.warning("the database is older than this page: %s", error)
            answer = HTMLResponse(outdated_page(self._words(request)), 503)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("the database: %s", error)
            answer = HTMLResponse(failed_page(self._words(request)), 503)
        answer.headers.update(_HEADERS)
        return answer

    @asynccontextmanager
    async def living(self, _app: Starlette) -> AsyncIterator[None]:
        """Let the database go at the end."""
        yield
        await self._queries.close()

    def _words(self, request: Request) -> Words:
        language = request.query_params.get("lang", "")
        if language not in LANGUAGES:
            accepted = request.headers.get("accept-language", "")
            language = negotiate(accepted, self._settings.language)
        return Words(self._say, language, again="again" in request.query_params)


def application(settings: PageSettings) -> Starlette:
    """Return the application."""
    page = Page(settings)
    routes = [
        Route("/", page.schools),
        Route("/hubs/{hub}", page.school),
        Route("/style.css", page.style),
    ]
    app = Starlette(routes=routes, lifespan=page.living)
    app.add_middleware(BaseHTTPMiddleware, dispatch=page.guard)
    return app


def _knows(header: str, word: SecretStr) -> bool:
    scheme, _, given = header.partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        said = base64.b64decode(given, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(said, word.get_secret_value().encode())


def _style(here: Path) -> bytes:
    """Return the hub's own colours and type, and what this page adds. Blocking."""
    built = here.parents[2] / "hub" / "web" / "dist" / "static"
    base = [one.read_bytes() for one in sorted(built.glob("base-*.css"))]
    return b"\n".join([*base, (here / "page.css").read_bytes()])
