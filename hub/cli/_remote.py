"""Speaking to a running hub through its public API, as any program does.

The hub on this computer is found through its data directory: who may write there may ask anything
of it, so a token is made in its database for this one command and revoked when the command ends.
A hub elsewhere is named with its address and a token.
"""

import contextlib
import json
import os
import signal
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from hub.cli._common import (
    ADDRESS_FILE,
    DEVICE,
    FAILED,
    MISSING,
    NO_HUB,
    REFUSED,
    TOKEN_NAME,
    USAGE,
    command_line,
    fail,
    settings,
    with_school,
)
from hub.cli._text import plain
from hub.cli._trust import context, why
from hub.device import Role

if TYPE_CHECKING:
    from websockets.sync.connection import Connection

    from hub.school import School
    from hub.settings import Settings

API = "/api/v1"
BRIEF = timedelta(minutes=15)
LONG = timedelta(hours=24)  # for what is watched or followed; Ctrl-C revokes it long before
_WAIT = 30.0
_POLL = 0.2
_CANCEL_WAIT = 10.0
_PAGE = 200
_ENDED = frozenset({"done", "failed", "cancelled", "interrupted"})
_LANGUAGES = ("kk", "ru", "en")


@dataclass(frozen=True, slots=True)
class Where:
    """Which hub is meant: that of a data directory, or the one at `url`, with `token`.

    Where that speaks HTTPS, `certificate` is trusted, beside what this computer trusts.
    """

    data: Path | None = None
    config: Path | None = None
    url: str | None = None
    token: str | None = None
    certificate: Path | None = None


class NoHub(Exception):
    """No hub runs there; the message says where it was looked for."""


class Refused(Exception):
    """The hub answered with a problem document.

    Attributes:
        problem: the document: code, title, hint, detail, errors.
        status: the HTTP status; 0 for the problem of an operation.
    """

    def __init__(self, problem: dict[str, Any], status: int = 0) -> None:
        super().__init__(str(problem.get("code", "")))
        self.problem = problem
        self.status = status

    @property
    def said(self) -> str:
        """One line: what happened, what to do, the detail, the fields that are wrong."""
        parts = [self.problem.get("title"), self.problem.get("hint")]
        if self.problem.get("detail"):
            parts.append(f"({self.problem['detail']})")
        parts += [f"{one['field']}: {one['message']}." for one in self.problem.get("errors") or ()]
        return " ".join(plain(part, 500) for part in parts if part)

    @property
    def exit_code(self) -> int:
        """The exit code that says it best."""
        if self.status in (401, 403) or self.problem.get("code") == "set-in-file":
            return REFUSED
        if self.status in (400, 405, 415, 422):
            return USAGE
        if self.status == 404:
            return MISSING
        return DEVICE if self.status in (502, 503, 504) else FAILED


def language() -> str:
    """Return the language of the environment where the hub speaks it, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        said = os.environ.get(name)
        if said:
            found = said.split("_")[0].split(".")[0].lower()
            return found if found in _LANGUAGES else "en"
    return "en"


class Remote:
    """A running hub, spoken to over HTTP and its WebSocket. Refusals are raised as `Refused`."""

    def __init__(self, url: str, token: str | None = None, certificate: Path | None = None) -> None:
        self.url = url.rstrip("/")
        self._headers = {"Accept-Language": language()}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        # On this computer no proxy is asked. Its certificate, if it has one, is made for the name
        # that the class network knows, and nobody stands between us and ourselves.
        self._here = (urlsplit(self.url).hostname or "") in ("127.0.0.1", "::1", "localhost")
        self._tls: ssl.SSLContext | None = None
        if self.url.startswith("https:"):
            checks = certificate is not None or not self._here
            self._tls = context(certificate) if checks else _unchecked()
        self._http = httpx.Client(
            base_url=self.url + API,
            headers=self._headers,
            timeout=_WAIT,
            trust_env=not self._here,
            verify=True if self._tls is None else self._tls,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        """Send a request and return the JSON of the answer, None where it has none.

        Raises:
            NoHub: nobody answers.
            Refused: the hub answered with a problem.
        """
        given = {name: value for name, value in params.items() if value is not None}
        more = {} if body is None else {"json": body}
        with self._reached():
            answer = self._http.request(method, path, params=given, **more)
        self._check(answer)
        return answer.json() if answer.content else None

    def get(self, path: str, **params: Any) -> Any:
        """Return what is at a path."""
        return self.send("GET", path, **params)

    def all(self, path: str, *, most: int | None = None, **params: Any) -> list[dict[str, Any]]:
        """Return all items of a list, page after page; with `most` no more than so many."""
        found: list[dict[str, Any]] = []
        cursor = None
        while True:
            limit = _PAGE if most is None else min(_PAGE, most - len(found))
            page = self.get(path, cursor=cursor, limit=limit, **params)
            found += page["items"]
            cursor = page.get("next")
            if cursor is None or (most is not None and len(found) >= most):
                return found

    def download(self, path: str, to: Path) -> int:
        """Write what is at a path into a file that is whole or not there; return its bytes."""
        unfinished = to.with_name(to.name + ".part")
        try:
            with self._reached(), self._http.stream("GET", path) as answer:
                if answer.status_code >= 400:
                    answer.read()
                self._check(answer)
                with unfinished.open("wb") as file:
                    for part in answer.iter_bytes():
                        file.write(part)
            size = unfinished.stat().st_size
            unfinished.replace(to)
        finally:
            unfinished.unlink(missing_ok=True)
        return size

    def follow(
        self, operation: dict[str, Any], tell: Callable[[dict[str, Any]], None]
    ) -> dict[str, Any]:
        """Wait until an operation has ended and return it; Ctrl-C cancels it first.

        Args:
            operation: as it was started.
            tell: is told of each change.

        Raises:
            Refused: it failed; carries its problem.
            KeyboardInterrupt: it was cancelled from here.
        """
        path = f"/operations/{operation['id']}"
        try:
            while operation["status"] not in _ENDED:
                tell(operation)
                time.sleep(_POLL)
                operation = self.get(path)
        except KeyboardInterrupt:
            self._cancel(path)
            raise
        tell(operation)
        if operation["status"] != "done":
            problem = operation["problem"] or {"title": f"It was {operation['status']}."}
            raise Refused(problem, 502 if operation["device"] and operation["problem"] else 0)
        return operation

    def _cancel(self, path: str) -> None:
        end = time.monotonic() + _CANCEL_WAIT
        operation = self.send("DELETE", path)
        while operation["status"] not in _ENDED and time.monotonic() < end:
            time.sleep(_POLL)
            operation = self.get(path)

    @contextlib.contextmanager
    def stream(self) -> "Iterator[Connection]":
        """Open the hub's WebSocket, signed in."""
        from websockets.exceptions import InvalidStatus, WebSocketException  # noqa: PLC0415
        from websockets.sync.client import connect  # noqa: PLC0415

        address = self.url.replace("http", "ws", 1) + API + "/stream"
        more: dict[str, Any] = {"proxy": None} if self._here else {}
        if self._tls is not None:
            more["ssl"] = self._tls
        try:
            socket = connect(
                address,
                additional_headers=self._headers,
                close_timeout=2,
                max_size=16 << 20,
                **more,
            )
        except InvalidStatus as error:
            raise Refused(_document(error.response.body), error.response.status_code) from None
        except (OSError, WebSocketException) as error:
            raise NoHub(self._silence(error)) from None
        with socket:
            yield socket

    @contextlib.contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException:
            raise NoHub(f"{self.url} does not answer in time") from None
        except httpx.TransportError as error:
            raise NoHub(self._silence(error)) from None

    def _silence(self, error: Exception) -> str:
        """Return why nobody answers, and what to do where that is known."""
        text = why(error, self.url) or f"{self.url} does not answer: {error}"
        if self._tls is None and isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
            text += f"; if it speaks HTTPS, write https{self.url.removeprefix('http')}"
        return text

    def _check(self, answer: httpx.Response) -> None:
        if answer.is_success:
            return
        problem = _document(answer.content)
        if not problem:
            raise NoHub(f"{self.url} answers with {answer.status_code}, and is no hub")
        raise Refused(problem, answer.status_code)


def _unchecked() -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made


def _document(body: bytes | bytearray | None) -> dict[str, Any]:
    try:
        found = json.loads(body or b"")
    except ValueError:
        return {}
    return found if isinstance(found, dict) and "code" in found else {}


def address_in(data: Path) -> str:
    """Return the address of the hub that runs on a data directory.

    Raises:
        NoHub: none does, or another program answers at its address.
        PermissionError: the directory belongs to somebody else.
    """
    try:
        url = (data / ADDRESS_FILE).read_text("ascii").strip()
        identity = (data / "hub.id").read_text("ascii").strip()
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
        raise NoHub(f"no hub is running on {data}; start it with `classhub run`") from None
    remote = Remote(url)
    try:
        described = remote.get("/hub")
    except (NoHub, Refused):
        raise NoHub(f"no hub is running on {data}: nobody answers at {plain(url)}") from None
    finally:
        remote.close()
    # A hub that was killed leaves its address; whoever took its port gets no token of ours.
    if not isinstance(described, dict) or described.get("id") != identity:
        raise NoHub(f"no hub is running on {data}: another one answers at {plain(url)}")
    return url


@contextlib.contextmanager
def reach(where: Where, span: timedelta = BRIEF) -> Iterator[Remote]:
    """Reach the hub that is meant; what goes wrong is said on standard error and ends the command.

    Args:
        where: which hub.
        span: how long the token that is made for it is good, should nobody revoke it.
    """
    try:
        with _ending_on_signals(), _remote(where, span) as remote:
            yield remote
    except NoHub as error:
        fail(plain(error, 500), NO_HUB)
    except Refused as error:
        fail(error.said, error.exit_code)


@contextlib.contextmanager
def _remote(where: Where, span: timedelta) -> Iterator[Remote]:
    if where.url is not None:
        if urlsplit(where.url).scheme not in ("http", "https") or not urlsplit(where.url).hostname:
            fail(f"--url {plain(where.url)}: write it as http://10.0.0.5:8420", USAGE)
        if not where.token:
            fail("--url needs a token: give --token, or set CLASSHUB_TOKEN", USAGE)
        try:
            elsewhere = Remote(where.url, where.token, where.certificate)
        except OSError as error:
            fail(f"--certificate {where.certificate} cannot be used: {error.strerror}", USAGE)
        with contextlib.closing(elsewhere) as remote:
            yield remote
        return
    chosen = settings(where.config, data=where.data)
    try:
        url = address_in(chosen.data)
    except PermissionError:
        fail(
            f"{chosen.data} belongs to somebody else: run this as its owner"
            f" (sudo -u {_owner(chosen.data)} classhub …), or name the hub with --url and --token",
            MISSING,
        )
    if where.token:
        with contextlib.closing(Remote(url, where.token)) as remote:
            yield remote
        return
    secret, identity = _make_token(where, span)
    with contextlib.closing(Remote(url, secret)) as remote:
        try:
            yield remote
        finally:
            _revoke_token(where, remote, identity)


def _make_token(where: Where, span: timedelta) -> tuple[str, str]:
    async def work(school: "School", _: "Settings") -> tuple[str, str]:
        by = command_line()
        name = f"{TOKEN_NAME} ({plain(by.name)})"
        secret, token = await school.create_token(Role.ADMIN, name, expires=span, by=by)
        return secret, token.id

    return with_school(where.data, where.config, work)


def _revoke_token(where: Where, remote: Remote, identity: str) -> None:
    async def work(school: "School", _: "Settings") -> None:
        await school.revoke_token(identity, by=command_line())

    try:
        remote.send("DELETE", f"/tokens/{identity}")
    except (NoHub, Refused):  # it has ended meanwhile
        with_school(where.data, where.config, work)


@contextlib.contextmanager
def _ending_on_signals() -> Iterator[None]:
    """Let what ends a command from outside go through its `finally`s, so that its token ends."""

    def end(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _owner(data: Path) -> str:
    try:
        return data.owner()
    except (KeyError, OSError):
        return "classhub"
