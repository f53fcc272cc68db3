"""Shared fixtures: a hub in this process for unit tests, running hubs for everything else."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import entry_points
from pathlib import Path

import httpx
import hypothesis
import pytest

from hub.api.application import Api
from hub.app import DATABASE, Hub
from hub.bus import Bus
from hub.device import Role
from hub.plugins import GROUP
from hub.school import School
from hub.settings import PluginSettings, Settings
from hub.store import Store

# Brokers run where a test is about them; else every hub here would start one.
os.environ.setdefault("CLASSHUB_MQTT__ENABLED", "false")
# How long an example takes says something of the computer, and nothing of the code.
hypothesis.settings.register_profile("classroom", deadline=None)
hypothesis.settings.load_profile("classroom")

# The smallest picture that is a whole JPEG: 1 x 1, grey.
TINY_JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300080606070605080707070909080a0c140d0c0b0b0c19"
    "12130f141d1a1f1e1d1a1c1c20242e2720222c231c1c2837292c30313434341f27393d38323c2e333432ffc0000b08"
    "0001000101011100ffc4001f0000010501010101010100000000000000000102030405060708090a0bffc400b51000"
    "02010303020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c11552d1f0"
    "2433627282090a161718191a25262728292a3435363738393a434445464748494a535455565758595a636465666768"
    "696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3"
    "c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9faffda0008010100003f00fb"
    "d3ffd9"
)


@pytest.fixture(scope="session")
def tiny_jpeg() -> bytes:
    """A whole JPEG of one pixel."""
    return TINY_JPEG


# A hub in this process

NO_PLUGINS = {name: PluginSettings(enabled=False) for name in entry_points(group=GROUP).names}


@pytest.fixture(scope="session")
def hub_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory whose database is migrated and whose drivers are described, to copy."""
    data = tmp_path_factory.mktemp("template")

    async def fill() -> None:
        hub = Hub(
            Settings(
                data=data,
                plugins=NO_PLUGINS,
            )
        )
        await hub.start()
        # All of them: what is not described here each copy would describe in processes of its own.
        await hub.devices.described()
        await hub.stop()

    asyncio.run(fill())
    return data


@pytest.fixture
async def hub(hub_template: Path, tmp_path: Path) -> AsyncIterator[Hub]:
    """A hub without devices and plugins, in this process."""
    data = tmp_path / "data"
    shutil.copytree(hub_template, data)
    hub = Hub(
        Settings(
            data=data,
            language="en",
            plugins=NO_PLUGINS,
            allowed_hosts=["hub.school.local"],
            allowed_origins=["https://lessons.example"],
        )
    )
    await hub.start()
    yield hub
    await hub.stop()


@pytest.fixture
async def api(hub: Hub) -> AsyncIterator[Api]:
    """The web application of the hub in this process."""
    api = Api(hub)
    yield api
    await api.stop()


Client = Callable[..., httpx.AsyncClient]


@pytest.fixture
async def client(api: Api, hub: Hub) -> AsyncIterator[Callable[..., object]]:
    """Makes clients of the hub in this process: `await client("teacher")`, `await client(None)`."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(role: str | None, **headers: str) -> httpx.AsyncClient:
            if role is not None:
                secret, _ = await hub.school.create_token(Role(role), f"test {role}")
                headers.setdefault("Authorization", f"Bearer {secret}")
            transport = httpx.ASGITransport(api, raise_app_exceptions=False)
            made = httpx.AsyncClient(
                transport=transport, base_url="http://localhost:8420", headers=headers
            )
            return await stack.enter_async_context(made)

        yield make


# Hubs that run


@dataclass
class RunningHub:
    """A hub in a process of its own, as a school would run it."""

    url: str
    data: Path
    process: subprocess.Popen[str]
    out: Path
    err: Path
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    @property
    def ws(self) -> str:
        return self.url.replace("http", "ws", 1) + "/api/v1/stream"

    def token(self, role: str = "teacher", *, expires: timedelta | None = None) -> str:
        """A token of this role; without `expires` the same one each time."""
        if expires is None and role in self._tokens:
            return self._tokens[role]
        secret, _ = self.new_token(role, expires=expires)
        if expires is None:
            self._tokens[role] = secret
        return secret

    def new_token(self, role: str, *, expires: timedelta | None = None) -> tuple[str, str]:
        """A fresh token and its id, made beside the running hub as the command line does."""
        with ThreadPoolExecutor(1) as elsewhere:  # the caller may be a coroutine
            return elsewhere.submit(asyncio.run, self._make(role, expires)).result()

    async def _make(self, role: str, expires: timedelta | None) -> tuple[str, str]:
        store = Store(self.data / DATABASE)
        store.open()
        try:
            school = School(store, Bus())
            secret, token = await school.create_token(Role(role), f"test {role}", expires=expires)
            return secret, token.id
        finally:
            store.close()

    def client(self, role: str | None = "teacher", **headers: str) -> httpx.Client:
        """A client that speaks with a token of this role."""
        if role is not None:
            headers.setdefault("Authorization", f"Bearer {self.token(role)}")
        return httpx.Client(base_url=self.url, headers=headers, timeout=10)

    @contextlib.contextmanager
    def session(self, role: str = "teacher") -> Iterator[httpx.Client]:
        """A browser that is signed in: a cookie, and our own Origin."""
        command = [sys.executable, "-m", "hub.cli", "sign-in-link", "--role", role]
        link = subprocess.run(
            [*command, "--data", str(self.data)], check=True, capture_output=True, text=True
        ).stdout
        code = link.strip().split("#code=")[1]
        with httpx.Client(base_url=self.url, headers={"Origin": self.url}, timeout=10) as made:
            made.post("/api/v1/session", json={"code": code}).raise_for_status()
            yield made

    def stop(self, number: int = signal.SIGTERM, wait: float = 15) -> int:
        """End the hub with a signal and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(wait)


def start_hub(
    folder: Path,
    *options: str,
    config: str = "",
    environment: dict[str, str] | None = None,
    before: str = "",
) -> RunningHub:
    """Start a hub on a free loopback port and wait until it is ready.

    `before` is Python that its process runs first, to make limits small or a disk fail.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data, out, err = folder / "data", folder / "out.txt", folder / "err.txt"
    file = folder / "classhub.toml"
    file.write_text(config)
    (data / "address").unlink(missing_ok=True)
    program = ["-c", f"{before}\nfrom hub.cli import main\nmain()"] if before else ["-m", "hub.cli"]
    command = [sys.executable, *program, "run", "--port", "0", "--data", str(data)]
    with out.open("w") as stdout, err.open("w") as stderr:
        process = subprocess.Popen(
            [*command, "--config", str(file), *options],
            stdout=stdout,
            stderr=stderr,
            text=True,
            env={**os.environ, **(environment or {})},
        )
    end = time.monotonic() + 90  # a shared computer may have other things to do
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError, httpx.HTTPError):
            url = (data / "address").read_text().strip()
            httpx.get(f"{url}/api/v1/health", timeout=10).raise_for_status()
            return RunningHub(url, data, process, out, err)
        time.sleep(0.02)
    process.kill()
    process.wait()
    raise RuntimeError(f"the hub did not start: {err.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def install_foreign(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Builds the wheel of a distribution of somebody else's; returns where it was installed."""
    installed: dict[Path, Path] = {}
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    offline = ["--no-deps", "--no-index"]

    def install(sources: Path) -> Path:
        if sources in installed:
            return installed[sources]
        work = tmp_path_factory.mktemp("foreign")
        copied = shutil.copytree(sources, work / "sources")
        build = ["wheel", *offline, "--no-build-isolation", "-w", str(work / "wheels")]
        subprocess.run([*pip, *build, copied], check=True, capture_output=True, timeout=120)
        (wheel,) = (work / "wheels").glob("*.whl")
        place = ["install", *offline, "--target", str(work / "installed")]
        subprocess.run([*pip, *place, wheel], check=True, capture_output=True, timeout=120)
        installed[sources] = work / "installed"
        return installed[sources]

    return install


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., RunningHub]]:
    """Starts hubs of this test's own: `start("--virtual", config=…)`."""
    running: list[RunningHub] = []

    def make(*options: str, **more: object) -> RunningHub:
        made = start_hub(tmp_path / "hub", *options, **more)  # type: ignore[arg-type]
        running.append(made)
        return made

    yield make
    for one in running:
        one.stop()


@pytest.fixture(scope="module")
def start_shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., RunningHub]]:
    """Starts hubs that the tests of one file share, as `start` does for one test."""
    running: list[RunningHub] = []

    def make(*options: str, **more: object) -> RunningHub:
        folder = tmp_path_factory.mktemp("shared")
        made = start_hub(folder, *options, **more)  # type: ignore[arg-type]
        running.append(made)
        return made

    yield make
    for one in running:
        one.stop()


class MjpegPeer:
    """A camera that speaks MJPEG over HTTP, one small picture after the other."""

    def __init__(self, picture: bytes) -> None:
        self.picture = picture
        self.interval = 0.03
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=part")
                self.end_headers()
                with contextlib.suppress(OSError):
                    while not peer.closing.wait(peer.interval):
                        size = len(peer.picture)
                        self.wfile.write(
                            b"--part\r\nContent-Type: image/jpeg\r\n"
                            + f"Content-Length: {size}\r\n\r\n".encode()
                            + peer.picture
                            + b"\r\n"
                        )

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/stream"

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="session")
def camera() -> Iterator[MjpegPeer]:
    """A camera for the shared hub."""
    peer = MjpegPeer(TINY_JPEG)
    yield peer
    peer.close()


@pytest.fixture(scope="session")
def live_hub(camera: MjpegPeer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """One running hub with a camera (`cam`), shared by the tests that leave it as it was."""
    config = f"""
language = "en"
allowed_origins = ["https://lessons.example"]
[[devices]]
id = "cam"
driver = "stream"
name = "Camera"
settings = {{ url = {json.dumps(camera.url)} }}
"""
    running = start_hub(tmp_path_factory.mktemp("live"), config=config)
    yield running
    code = running.stop()
    text = running.err.read_text()
    assert code == 0, text[-2000:]
    assert not re.search(r"Traceback|never awaited|was destroyed", text), text[-4000:]


@pytest.fixture(scope="module")
def virtual_hub(
    hub_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningHub]:
    """A running hub with the virtual classroom, shared by the tests of one file."""
    folder = tmp_path_factory.mktemp("virtual")
    shutil.copytree(hub_template, folder / "data")
    running = start_hub(folder, "--virtual", config='language = "en"\n')
    yield running
    running.stop()
