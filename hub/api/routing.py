"""How the hub's routes are made: strict JSON, problem documents described, and who may call.

`Router` is FastAPI's with our route class. `problems(404, 409)` says in a route's declaration which
problems it answers with, beside those that every route has.
"""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from hub.api.problems import MEDIA_TYPE, ProblemDocument
from hub.api.security import PUBLIC, requirement
from hub.wire import refuse_constant

PREFIX = "/api/v1"
Responses = dict[int | str, dict[str, Any]]
_REASONS = {
    400: "The request could not be read.",
    401: "Nobody is signed in.",
    403: "The caller may not do this.",
    404: "There is no such thing.",
    405: "This address does not take the method.",
    409: "This does not fit the present state.",
    410: "It is no longer kept.",
    413: "Too much was sent.",
    416: "The file has no such part.",
    415: "This kind of content is not taken.",
    421: "The hub is not known under this name.",
    422: "Fields are missing or not allowed.",
    429: "Too many attempts.",
    502: "The device reported an error.",
    503: "The device does not answer, or the hub is busy.",
    504: "The device took too long.",
    507: "The hub's disk is full.",
}


def problems(*statuses: int) -> Responses:
    """Describe the problem documents that a route answers with, for its `responses`."""
    return {
        status: {
            "description": _REASONS[status],
            "content": {
                MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}}
            },
        }
        for status in statuses
    }


class StrictRequest(Request):
    """A request whose JSON is that of RFC 8259: no NaN, no Infinity, no doubled names."""

    async def json(self) -> Any:
        """Return the body's JSON. Raises ValueError where it is none."""
        if not hasattr(self, "_json"):
            body = await self.body()
            try:
                self._json = json.loads(
                    body.decode("utf-8"),
                    parse_constant=refuse_constant,
                    object_pairs_hook=_no_doubles,
                )
                # A lone surrogate (\ud800) is no text that could be stored or sent again.
                if b"\\u" in body:
                    json.dumps(self._json, ensure_ascii=False).encode()
            except json.JSONDecodeError:
                raise
            except (ValueError, RecursionError) as error:
                raise json.JSONDecodeError(str(error)[:100], "", 0) from None
        return self._json


class StrictRoute(APIRoute):
    """A route that reads strict JSON."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, with our request where a body is read."""
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def strict(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return strict


class Router(APIRouter):
    """A router of the hub or of a plugin."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("route_class", StrictRoute)
        super().__init__(**kwargs)

    def include_router(self, router: APIRouter, **kwargs: Any) -> None:
        """Take in the routes of another.

        As they are, where nothing is put before or around them: FastAPI would make each a second
        time, and go through a tree for every request.
        """
        if kwargs:
            super().include_router(router, **kwargs)
            return
        for route in router.routes:
            if isinstance(route, APIRoute) and not route.tags:
                route.tags = self.tags
        self.routes.extend(router.routes)


class RouteError(TypeError):
    """A router cannot be served; says which route and what to change."""


def check_routes(routes: list[BaseRoute], owner: str) -> None:
    """Refuse a router that has a route which does not say who may call it.

    Args:
        routes: the router's.
        owner: named in the message: the plugin's id or the hub.

    Raises:
        RouteError: a route requires no role and is not marked public, or is none of FastAPI's.
    """
    for context in iter_route_contexts(routes):
        route = context.original_route
        path = context.path or "?"
        if not isinstance(route, APIRoute):
            raise RouteError(
                f"{owner}: {path} is no path operation; declare it with @router.get, .post, …"
            )
        if requirement(route.dependant) is None and not getattr(route.endpoint, PUBLIC, False):
            methods = ", ".join(sorted(route.methods or ()))
            raise RouteError(
                f"{owner}: {methods} {path} does not say who may call it: give it"
                " `caller: Annotated[Principal, Requires(Role.PUPIL)]`, or mark it @public"
            )


def route_paths(routes: list[BaseRoute]) -> list[str]:
    """Return the path of each route, those of included routers among them."""
    return [context.path or "" for context in iter_route_contexts(routes)]


def route_scopes(routes: list[BaseRoute]) -> set[str]:
    """Return the scopes of tokens that routes name."""
    found = set()
    for context in iter_route_contexts(routes):
        route = context.original_route
        required = requirement(route.dependant) if isinstance(route, APIRoute) else None
        if required is not None and required.scope is not None:
            found.add(required.scope)
    return found


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in an object")
    return found
