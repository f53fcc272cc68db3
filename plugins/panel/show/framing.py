"""Whether a web page lets another show it: a browser that is refused says nothing.

What counts is the server's answer: `frame-ancestors` of its Content-Security-Policy (W3C CSP 3),
without one `X-Frame-Options` (RFC 7034).
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

import httpx

from hub.errors import N_, HubError

LIMIT = 8.0
"""Seconds."""
MOST_MOVES = 5


class NotListed(HubError):
    """The server is not one of those that the school has listed."""

    code = "server-not-listed"
    status = 403
    title = N_("This server is not among those that the school shows.")
    hint = N_("The lab engineer lists servers in the hub's settings.")


def is_listed(address: str, origins: Sequence[str]) -> bool:
    """Tell whether an address is of a listed server; `https://*.example.org` lists all below it."""
    try:
        parts = urlsplit(address)
        host, named = parts.netloc.lower(), parts.username or parts.password
    except ValueError:
        return False
    if named or not host:
        return False
    for origin in origins:
        scheme, _, listed = origin.partition("://")
        same = host.endswith(listed[1:]) if listed.startswith("*.") else host == listed
        if parts.scheme == scheme and same:
            return True
    return False


def may_be_framed(headers: httpx.Headers) -> bool:
    """Tell whether a page that is answered with these headers may be shown by the hub's pages."""
    named = [
        sources
        for policy in headers.get_list("content-security-policy", split_commas=True)
        for name, *sources in (directive.split() or [""] for directive in policy.split(";"))
        if name.lower() == "frame-ancestors"
    ]
    if named:
        # A server that names other pages does not mean a school's hub.
        return all("*" in sources for sources in named)
    return headers.get("x-frame-options", "").split(",")[0].strip().lower() not in (
        "deny", "sameorigin",
    )  # fmt: skip


async def look(address: str, origins: Sequence[str]) -> bool | None:
    """Ask a listed server whether a page may be shown; None where it does not answer.

    Raises:
        NotListed: it is none of the listed, or the page is elsewhere by now.
    """
    async with httpx.AsyncClient(timeout=LIMIT) as client:
        for _ in range(MOST_MOVES):
            if not is_listed(address, origins):
                raise NotListed(urlsplit(address).netloc[:100])
            try:
                async with client.stream("GET", address) as answer:
                    if answer.has_redirect_location:
                        address = str(answer.url.join(answer.headers["location"]))
                        continue
                    return may_be_framed(answer.headers) if answer.is_success else None
            except (httpx.HTTPError, httpx.InvalidURL, ValueError):
                return None
    return None
