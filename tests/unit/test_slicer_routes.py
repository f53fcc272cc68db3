"""Which routes slicers reach with an API key, and that none of them hides one of the hub's."""

import re
from functools import cache

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from hub.api.application import KERNEL
from hub.api.routing import PREFIX
from hub.api.security import requirement
from hub.device import Role
from plugins.printing.routes import make_router
from plugins.printing.routes_steps import make_steps
from plugins.printing.uploads import ROOTS, make_protocols


@cache
def protocols():
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for root, router in make_protocols(None, None).items():
        app.include_router(router, prefix=root)
    return [c for c in iter_route_contexts(app.routes) if isinstance(c.original_route, APIRoute)]


@cache
def own():
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for router in KERNEL:
        app.router.routes.extend(router.routes)
    for router in (make_router(None, None, None, None, None), make_steps(None, None, None)):
        app.include_router(router, prefix=PREFIX)
    return [c for c in iter_route_contexts(app.routes) if isinstance(c.original_route, APIRoute)]


def test_slicers_reach_these_routes_and_no_others():
    at_root = {
        (method, c.path)
        for c in protocols()
        for method in c.methods
        if not c.path.startswith("/api/to/")
    }
    assert at_root == {
        ("GET", "/api/version"),
        ("GET", "/api/server"),
        ("GET", "/api/printer"),
        ("GET", "/api/job"),
        ("POST", "/api/job"),
        ("GET", "/api/settings"),
        ("GET", "/api/printerprofiles"),
        ("GET", "/api/files"),
        ("GET", "/api/files/{place}"),
        ("POST", "/api/files/{place}"),
        ("GET", "/api/files/{place}/{job}/{name}"),
        ("POST", "/api/files/{place}/{job}/{name}"),
        ("GET", "/api/v1/info"),
        ("GET", "/api/v1/status"),
        ("GET", "/api/v1/job"),
        ("GET", "/api/v1/storage"),
        ("PUT", "/api/v1/files/{place}/{name:path}"),
    }
    assert {c.path for c in protocols()} == {
        root + path.removeprefix("/api") for root in ROOTS for _, path in at_root
    }


def test_each_of_them_wants_a_pupil_at_least_and_takes_a_key():
    for c in protocols():
        required = requirement(c.original_route.dependant)
        assert required is not None, c.path
        assert (required.role, required.keys) == (Role.PUPIL, True), c.path
        assert required.scope == "printing:send", c.path


def test_no_route_of_the_hub_itself_takes_a_key():
    for c in own():
        required = requirement(c.original_route.dependant)
        assert required is None or not required.keys, c.path
        assert required is None or required.scope is None, c.path


def test_none_of_them_stands_where_the_hub_has_a_route():
    @cache
    def pattern(path):
        return re.compile(
            re.sub(r"\{[a-z]+:path\}", ".+", re.sub(r"\{[a-z_]+\}", "[^/]+", path)) + r"\Z"
        )

    def sample(path):
        return re.sub(r"\{[^}]+\}", "abc", path)

    for theirs in protocols():
        for ours in own():
            if theirs.methods & ours.methods:
                where = (theirs.path, ours.path)
                assert not pattern(ours.path).match(sample(theirs.path)), where
                assert not pattern(theirs.path).match(sample(ours.path)), where
