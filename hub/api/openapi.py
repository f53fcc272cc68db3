"""The OpenAPI document: FastAPI's, made truthful about who may call and what goes wrong."""

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts

from hub.api.problems import ProblemDocument
from hub.api.routing import problems
from hub.api.security import COOKIE, requirement

METHODS = ("get", "post", "put", "patch", "delete")
DESCRIPTION = """
The local API of a classroom device hub.

Programs send `Authorization: Bearer <token>` (`classhub token create`); browsers have a session.
Errors are problem documents (RFC 9457) with a stable `code` and a `hint` in the caller's language.
Lists come in pages: pass `next` as `cursor`. Times are RFC 3339 in UTC. Live data comes over the
WebSocket at `/api/v1/stream`.
""".strip()

_LANGUAGE: dict[str, Any] = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "description": "Of titles and hints: kk, ru or en.",
    "schema": {"type": "string"},
}


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of an application."""
    document = get_openapi(
        title="Classroom device hub",
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        tags=app.openapi_tags,
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas[ProblemDocument.__name__] = problem
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "A token, `chub_…`."},
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
    }
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and context.include_in_schema:
            path = document["paths"].get(context.path_format, {})
            for method in (m.lower() for m in context.methods or ()):
                if method in path:
                    _complete(path[method], route, method)
    return document


def _complete(operation: dict[str, Any], route: APIRoute, method: str) -> None:
    required = requirement(route.dependant)
    responses: dict[str, Any] = operation.setdefault("responses", {})
    responses.pop("422", None)
    usual = [400, 421, 429]
    if required is not None:
        usual += [401]
        operation["security"] = [{"bearer": []}, {"session": []}]
        operation["x-role"] = str(required.role)
    else:
        operation["security"] = []
    usual += [403]
    if "{" in route.path_format:
        usual += [404]
    if operation.get("parameters") or operation.get("requestBody"):
        usual += [422]
    if operation.get("requestBody") or method in ("post", "put", "patch"):
        usual += [413, 415]
    _add(responses, usual)
    operation["responses"] = dict(sorted(responses.items()))
    operation.setdefault("parameters", []).append(dict(_LANGUAGE))


def _add(responses: dict[str, Any], statuses: Iterable[int]) -> None:
    for status, described in problems(*statuses).items():
        responses.setdefault(str(status), described)
