"""Puts the API together: routes, problems, the guard, the stream and the pages."""

import json
import logging
import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.api.guard import UPLOAD, UPLOAD_LIMIT, Guard, UploadRoute, upload_limits
from hub.api.limits import RequestRate
from hub.api.openapi import describe
from hub.api.pages import Pages
from hub.api.plugin_sockets import SocketServer
from hub.api.problems import Problems
from hub.api.routes import (
    adoption,
    albums,
    assets,
    audit,
    backups,
    devices,
    discoveries,
    following,
    lesson_tasks,
    lessons,
    logs,
    media,
    network,
    operations,
    panel,
    people,
    recordings,
    seats,
    session,
    support,
    things,
    tokens,
)
from hub.api.routes import hub as hub_routes
from hub.api.routing import PREFIX, check_routes
from hub.api.security import public
from hub.api.stream import PATH, StreamServer
from hub.errors import HubError
from hub.metrics import PATH as METRICS
from hub.metrics import MetricsPage
from hub.mqtt import routes as mqtt_routes

if TYPE_CHECKING:
    from hub.app import Hub

log = logging.getLogger("classhub.api")

_FILES = frozenset({"multipart/form-data", "application/octet-stream"})
# The routes that are asked most come first: they are found by going through the list.
KERNEL = (
    devices.router,
    session.router,
    hub_routes.router,
    media.router,
    albums.router,
    assets.router,
    lessons.router,
    lesson_tasks.router,
    seats.router,
    logs.router,
    network.router,
    operations.router,
    panel.router,
    people.router,
    tokens.router,
    recordings.router,
    adoption.router,
    discoveries.router,
    audit.router,
    backups.router,
    things.router,
    following.router,
    support.router,
    mqtt_routes.router,
)


class Api:
    """The web application of a hub, an ASGI application.

    Args:
        hub: running; its plugins are loaded.
    """

    def __init__(self, hub: "Hub") -> None:
        self.problems = Problems(hub.say)
        self.stream = StreamServer(hub, self.problems)
        self.sockets = SocketServer(hub, self.problems)
        self.pages = Pages(hub, self.problems)
        self.device_list = devices.DeviceList(hub)
        self.rate = RequestRate()
        self.metrics = MetricsPage(
            hub,
            self.problems,
            connections=lambda: self.stream.connections,
            refused=lambda: self.rate.refused,
        )
        self._join_address = lessons.JoinAddress(hub)
        hub.make_bundle = partial(_make_bundle, hub)
        self.app = self._make(hub)
        self.problems.methods_of = _methods_of(self.app)
        self._asgi: ASGIApp = Guard(
            self._dispatch,
            problems=self.problems,
            hosts=lambda: hub.network.hosts,
            origins=hub.settings.allowed_origins,
            upload_limit=upload_limits(_uploads(self.app)),
            rate=self.rate,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or a WebSocket."""
        await self._asgi(scope, receive, send)

    async def stop(self) -> None:
        """Close the connections of the stream and of plugins."""
        self.device_list.stop()
        await self._join_address.stop()
        await self.stream.stop()
        await self.sockets.stop()

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if scope["type"] == "websocket":
            if path == PATH:
                scope["app"] = self.app
                await self.stream(scope, receive, send)
            elif (found := self.sockets.find(path)) is not None:
                scope["app"] = self.app
                await self.sockets.serve(scope, receive, send, found)
            else:
                await send({"type": "websocket.close", "code": 1008})
        elif path.startswith("/api/"):
            await self.app(scope, receive, send)
        elif path == METRICS:
            await self.metrics(scope, receive, send)
        else:
            await self.pages(scope, receive, send)

    def _make(self, hub: "Hub") -> FastAPI:
        app = FastAPI(
            title="Classroom device hub",
            version=hub.version,
            docs_url=None,
            redoc_url=None,
            openapi_url=None,
            redirect_slashes=False,
            exception_handlers={
                HubError: self.problems.on_hub_error,
                HTTPException: self.problems.on_http,
                RequestValidationError: self.problems.on_validation,
                Exception: self.problems.on_anything,
            },
        )
        app.state.hub = hub
        app.state.gate = hub.gate
        app.state.uploads = hub.uploads
        app.state.device_list = self.device_list
        # As they are: FastAPI would make each route of a router that it includes a second time.
        for router in KERNEL:
            check_routes(router.routes, "the hub")
            app.router.routes.extend(router.routes)
        for loaded in hub.plugins.running:
            if loaded.plugin is not None and loaded.plugin.router is not None:
                app.include_router(loaded.plugin.router, prefix=loaded.prefix)
        # Last: where an address is the hub's own as well, it stays the hub's.
        for loaded in hub.plugins.running:
            for root, protocol in loaded.plugin.protocols.items() if loaded.plugin else ():
                app.include_router(protocol, prefix=root, include_in_schema=False)
        _serve_description(app)
        return app


async def _make_bundle(hub: "Hub", file: BinaryIO) -> int:
    from hub.support import make_bundle  # noqa: PLC0415 - the doctor's libraries are seldom wanted

    return await make_bundle(hub, file)


def _serve_description(app: FastAPI) -> None:
    known: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not known:
            known.update(describe(app))
        return known

    app.openapi = openapi  # type: ignore[method-assign]

    @app.get(f"{PREFIX}/openapi.json", include_in_schema=False)
    @public
    async def document() -> Response:
        return Response(json.dumps(openapi(), ensure_ascii=False), media_type="application/json")


def _addresses(app: FastAPI) -> list[tuple[re.Pattern[str], APIRoute, set[str]]]:
    """Return each route with a pattern of its addresses and its methods."""
    found = []
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and context.path:
            pattern = re.compile("^" + re.sub(r"\{[^}]+\}", "[^/]+", context.path) + "$")
            found.append((pattern, route, set(context.methods or ())))
    return found


def _methods_of(app: FastAPI) -> Callable[[str], list[str]]:
    """Return the function that names the methods that an address takes."""
    known = _addresses(app)

    def methods_of(path: str) -> list[str]:
        return sorted({m for pattern, _, methods in known if pattern.match(path) for m in methods})

    return methods_of


def _uploads(app: FastAPI) -> list[UploadRoute]:
    """Return every route that says it takes a form with files, or a file as it is."""
    found = []
    for pattern, route, methods in _addresses(app):
        said = route.openapi_extra or {}
        kinds = frozenset((said.get("requestBody") or {}).get("content", {}))
        kinds = kinds - {"application/json"} if UPLOAD in said else kinds & _FILES
        limit = int(said.get(UPLOAD, UPLOAD_LIMIT))
        found += [UploadRoute(method, pattern, kinds, limit) for method in methods if kinds]
    return found
