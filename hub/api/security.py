"""Who asks: tokens, sessions, origins; and which role a route requires.

Every route says `caller: Annotated[Principal, Requires(Role.PUPIL)]`, or is marked `public`. The
loader refuses routers with a route that says neither.

A Bearer token takes precedence; cookies are then ignored. A cookie counts only for pages of our own
origin when the method is unsafe. Pages of other origins that are listed in the settings may send a
token and have a pupil's rights at most. Programs that speak another server's protocol send a token
as `X-Api-Key`, to the routes that say `keys=True` and to no others. A token that is good for one
purpose only (`Principal.scope`) is taken by the routes that name its scope, and by nothing else.
"""

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends
from fastapi.dependencies.models import Dependant
from starlette.requests import HTTPConnection
from starlette.types import Scope

from hub.api.signing import BadLink, Signer
from hub.device import Role
from hub.errors import N_, HubError, NotSignedIn
from hub.rights import Access, Principal, check, restrict
from hub.school import School

COOKIE = "classhub"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PUBLIC = "__classhub_public__"
F = TypeVar("F", bound=Callable[..., Any])


class ForeignOrigin(HubError):
    """A page of another origin asks, and the settings do not list it."""

    code = "foreign-origin"
    status = 403
    title = N_("Pages of this address may not use the hub.")
    hint = N_("Ask the lab engineer to add the address to allowed_origins.")


class ForeignHost(HubError):
    """The request names a host that is not the hub."""

    code = "foreign-host"
    status = 421
    title = N_("The hub is not known under this name.")
    hint = N_("Use the hub's address, or ask the lab engineer to add the name to allowed_hosts.")


def public(endpoint: F) -> F:
    """Mark a route that anybody may call without signing in."""
    setattr(endpoint, PUBLIC, True)
    return endpoint


def header(scope: Scope, name: bytes) -> str | None:
    """Return a request header (name in lower case), None where it was not sent."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value).decode("latin-1")
    return None


def bearer_of(scope: Scope) -> str | None:
    """Return the Bearer token that came with a request; "" for another kind of authorization."""
    given = header(scope, b"authorization")
    if given is None:
        return None
    scheme, _, token = given.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def key_of(scope: Scope) -> str | None:
    """Return the API key that came with a request, as print servers are given one."""
    given = header(scope, b"x-api-key")
    return None if given is None else given.strip()


def cookie_of(scope: Scope) -> str | None:
    """Return the session's secret from the cookie that came with a request."""
    for key, value in scope["headers"]:
        if key == b"cookie":
            for part in bytes(value).decode("latin-1").split(";"):
                name, _, content = part.strip().partition("=")
                if name == COOKIE and content:
                    return content
    return None


def own_origin(scope: Scope, origin: str) -> bool:
    """Tell whether an Origin is this hub's own: that of the Host, which has been checked."""
    scheme, separator, rest = origin.partition("://")
    host = header(scope, b"host")
    return bool(separator) and scheme in ("http", "https") and rest.lower() == (host or "").lower()


class Gate:
    """Tells who asks.

    Args:
        school: knows tokens and sessions.
        signer: knows the hub's own signed addresses.
    """

    def __init__(self, school: School, signer: Signer) -> None:
        self._school = school
        self._signer = signer

    async def identify(self, scope: Scope) -> Principal | None:
        """Return who asks, None where nothing was sent that tells.

        Raises:
            NotSignedIn: a token came that is not (or no longer) good.
            ForeignOrigin: a cookie came with an unsafe method from elsewhere than our own pages.
        """
        origin = header(scope, b"origin")
        foreign = origin is not None and not own_origin(scope, origin)
        token = bearer_of(scope)
        if token is not None:
            principal = await self.principal(token)
            return restrict(principal) if foreign else principal
        secret = cookie_of(scope)
        if secret is None or foreign:
            return None
        unsafe = scope["type"] == "websocket" or scope["method"] not in SAFE
        if unsafe and origin is None:
            raise ForeignOrigin("a cookie with no Origin")
        return await self._school.authenticate(secret) if len(secret) <= 200 else None

    async def by_key(self, scope: Scope) -> Principal | None:
        """Return whose token came as an API key, None where none came. Raises `NotSignedIn`."""
        key = key_of(scope)
        if key is None:
            return None
        principal = await self.principal(key)
        origin = header(scope, b"origin")
        foreign = origin is not None and not own_origin(scope, origin)
        return restrict(principal) if foreign else principal

    async def principal(self, secret: str) -> Principal:
        """Return whose secret this is. Raises `NotSignedIn`."""
        found = None
        if 0 < len(secret) <= 200 and secret.isascii():
            found = await self._school.authenticate(secret)
        if found is None:
            raise NotSignedIn("the token is unknown, expired or revoked")
        return found

    async def by_link(self, scope: Scope) -> Principal | None:
        """Return who a signed address was made for, None where the address has no signature.

        Raises:
            BadLink: the signature is wrong or expired, or the principal is gone.
        """
        query = scope["query_string"]
        if b"signature=" not in query:
            return None
        try:
            given = dict(parse_qsl(bytes(query).decode("latin-1"), max_num_fields=20))
        except ValueError:
            raise BadLink("more fields than any link has") from None
        named = self._signer.check(
            scope["path"],
            given.get("expires", ""),
            given.get("by", ""),
            given.get("signature", ""),
        )
        living = await self._school.renew(named)
        if living is None:
            raise BadLink("whoever made this link is no longer signed in")
        return restrict(dataclasses.replace(living, via="link"))


class RoleCheck:
    """A dependency that lets those of a role pass and hands the route its caller."""

    def __init__(
        self, role: Role, *, links: bool = False, keys: bool = False, scope: str | None = None
    ) -> None:
        self.role = role
        self.links = links
        self.keys = keys
        self.scope = scope
        self._access = Access(role=role, scope=scope)

    async def __call__(self, connection: HTTPConnection) -> Principal:
        """Return the caller. Raises `NotSignedIn`, `Forbidden`, `BadLink`, `ForeignOrigin`."""
        scope = connection.scope
        gate: Gate = scope["app"].state.gate
        principal = await gate.by_link(scope) if self.links else None
        if principal is None and self.keys:
            principal = await gate.by_key(scope)
        if principal is None:
            principal = await gate.identify(scope)
        if principal is None:
            raise NotSignedIn
        check(principal, self._access)
        return principal


def Requires(  # noqa: N802 - reads as what it is
    role: Role, *, links: bool = False, keys: bool = False, scope: str | None = None
) -> Any:
    """Return the dependency that a route declares: the least role, and who its caller is.

    Use it as `caller: Annotated[Principal, Requires(Role.PUPIL)]`.

    Args:
        role: the least role that may call the route.
        links: a signed address may stand for the token.
        keys: the token may come as `X-Api-Key`.
        scope: tokens that are good for this only are taken, too (`Plugin.scopes`).
    """
    return Depends(RoleCheck(role, links=links, keys=keys, scope=scope))


def requirement(dependant: Dependant) -> RoleCheck | None:
    """Return what a route requires, None where it declares nothing."""
    for dependency in dependant.dependencies:
        if isinstance(dependency.call, RoleCheck):
            return dependency.call
        if (found := requirement(dependency)) is not None:
            return found
    return None
