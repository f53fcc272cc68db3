"""Requests to the hub: one httpx client, problem documents as exceptions."""

import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from classhub_client.errors import ClientError, HubUnreachable, NoAnswer, NotAHub, problem_error

API = "/api/v1"
CONNECT_SECONDS = 5.0
PAGE = 100


def path_of(*parts: str) -> str:
    """Return the path of an address of the API, each part quoted."""
    return API + "".join(f"/{quote(part, safe='')}" for part in parts)


def environment(name: str) -> str:
    """Return a variable of the environment.

    Raises:
        ClientError: it is not set.
    """
    value = os.environ.get(name, "").strip()
    if not value:
        raise ClientError(f"the environment variable {name} is not set")
    return value


class Http:
    """Speaks HTTP with the hub.

    Args:
        url: of the hub, such as `http://127.0.0.1:8420`.
        token: made by `classhub token create`.
        timeout: seconds that an answer may take.
        language: `kk`, `ru` or `en`: of titles and hints.
    """

    def __init__(self, url: str, token: str, *, timeout: float, language: str | None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f"not the address of a hub: {url!r}, say http://127.0.0.1:8420")
        if not token or not token.isascii() or not token.isprintable():
            raise ValueError("the token is empty or no token")
        self.url = f"{parts.scheme}://{parts.netloc}"
        self.headers = {"Authorization": f"Bearer {token}"}
        if language is not None:
            self.headers["Accept-Language"] = language
        # The hub is next door: proxies of the environment are not meant for it.
        self._client = httpx.AsyncClient(
            base_url=self.url,
            headers=self.headers,
            timeout=httpx.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS)),
            trust_env=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def json(self, method: str, path: str, **more: Any) -> Any:
        """Ask and return the JSON answer (None where there is none)."""
        async with self.answer(method, path, **more) as answer:
            if answer.status_code == 204:
                return None
            if not _says_json(answer):  # before reading: a camera's answer never ends
                raise NotAHub(f"{self.url} answers, but not as a classroom hub")
            try:
                return json.loads(await answer.aread())
            except ValueError:
                raise NotAHub(f"{self.url} answers, but not as a classroom hub") from None

    @asynccontextmanager
    async def answer(self, method: str, path: str, **more: Any) -> AsyncIterator[httpx.Response]:
        """Ask, and give the answer while its body comes.

        Raises:
            ProblemError: the hub says why not.
            HubUnreachable, NoAnswer, NotAHub: it does not speak to us.
        """
        try:
            async with self._client.stream(method, path, **more) as answer:
                if answer.status_code >= 300:
                    body = await answer.aread() if _says_json(answer) else b""
                    raise self._problem(answer.status_code, body)
                yield answer
        except httpx.TimeoutException as error:
            if isinstance(error, httpx.ConnectTimeout):
                raise HubUnreachable(f"nothing answers at {self.url}") from error
            raise NoAnswer(f"{self.url} did not answer in time") from error
        except httpx.ConnectError as error:
            raise HubUnreachable(f"no hub at {self.url}: is it running? ({error})") from error
        except httpx.TransportError as error:
            raise HubUnreachable(f"the connection to {self.url} broke: {error}") from error

    def _problem(self, status: int, body: bytes) -> ClientError:
        try:
            document = json.loads(body)
        except ValueError:
            document = None
        if isinstance(document, dict) and "code" in document and "title" in document:
            return problem_error(document)
        return NotAHub(f"{self.url} answers {status}, but not as a classroom hub")

    async def pages(
        self, path: str, query: Mapping[str, str | None], most: int | None = None
    ) -> AsyncIterator[Any]:
        """Yield the items of a list, page after page, at most so many."""
        wanted = {key: value for key, value in query.items() if value is not None}
        left = most
        while left is None or left > 0:
            wanted["limit"] = str(PAGE if left is None else min(PAGE, left))
            page = await self.json("GET", path, params=wanted)
            for item in page["items"]:
                yield item
            if left is not None:
                left -= len(page["items"])
            if page.get("next") is None:
                return
            wanted["cursor"] = page["next"]


def _says_json(answer: httpx.Response) -> bool:
    said: str = answer.headers.get("Content-Type", "")
    kind = said.split(";", maxsplit=1)[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")
