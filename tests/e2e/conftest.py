"""A virtual classroom in a process of its own, and browsers to look at it with."""

import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

# The shell draws no window around each page: less work for a small computer.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP hub.school.test 127.0.0.1",
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Classroom:
    """A hub with the virtual classroom on a port that stays the same when it is started again."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.config = folder / "classhub.toml"
        self.port, self.lesson_port, self.strange_port = (free_port() for _ in range(3))
        self.config.write_text(
            'allowed_hosts = ["hub.school.test"]\n'
            f'allowed_origins = ["http://localhost:{self.lesson_port}"]\n'
        )
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[str] | None = None
        self.printed = ""
        self.said: list[str] = []

    def start(self) -> None:
        command = [sys.executable, "-m", "hub.cli", "run", "--virtual", "--port", str(self.port)]
        command += ["--data", str(self.data), "--config", str(self.config)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        links: queue.Queue[str] = queue.Queue()
        self.reader = threading.Thread(target=self._read, args=(links,), daemon=True)
        self.reader.start()
        self.printed = links.get(timeout=90)
        assert self.printed, "\n".join(self.said)

    def _read(self, links: "queue.Queue[str]") -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.said.append(line.rstrip())
                if found := re.search(r"http://\S+/#code=\S+", line):
                    links.put(found[0])
        links.put("")

    def kill(self) -> None:
        """The power cut."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(20)
            self.reader.join(20)
            self.process = None

    @property
    def link(self) -> str:
        """A fresh sign-in link: the printed one is good once, and for ten minutes."""
        return self._ask("sign-in-link")

    def token(self, role: str) -> str:
        return self._ask("token", "create", "--role", role)

    def _ask(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "hub.cli", *arguments, "--data", str(self.data)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout.strip()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: see packaging/apt-test.txt")
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


class Visitor:
    """A person with a browser of their own; whatever goes wrong on a page is kept."""

    def __init__(self, browser: Browser, **options: object) -> None:
        options.setdefault("viewport", {"width": 1366, "height": 768})
        options.setdefault("locale", "en-US")
        self.context: BrowserContext = browser.new_context(**options)
        self.page = self.context.new_page()
        self.wrong: list[str] = []
        self.asked: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", self._console)
        self.page.on("request", lambda request: self.asked.append(request.url))

    def _console(self, message: object) -> None:
        if message.type == "error":
            self.wrong.append(message.text)


@pytest.fixture
def visit(browser: Browser) -> Iterator[type]:
    visitors: list[Visitor] = []

    def make(**options: object) -> Visitor:
        visitors.append(Visitor(browser, **options))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.context.close()


@pytest.fixture
def classroom(tmp_path: Path) -> Iterator[Classroom]:
    room = Classroom(tmp_path)
    room.start()
    yield room
    room.stop()


@pytest.fixture(scope="session")
def shared_classroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classroom]:
    room = Classroom(tmp_path_factory.mktemp("classroom"))
    room.start()
    yield room
    room.stop()


@pytest.fixture(scope="session")
def album(shared_classroom: Classroom, browser: Browser) -> tuple[str, dict]:
    """A lesson that runs, with three captures or more; returns its id and an administrator's sign-in."""
    room = shared_classroom
    context = browser.new_context()
    bearer = {"Authorization": f"Bearer {room.token('teacher')}"}
    api = context.request
    made = api.post(
        f"{room.url}/api/v1/lessons", data={"title": "Өсімдік жасушасы"}, headers=bearer
    )
    assert made.status == 201, made.text()
    identifier = made.json()["id"]
    for number in range(3):
        done = api.post(
            f"{room.url}/api/v1/microscopes/virtual-microscope/captures",
            data={"note": f"Жасуша {number + 1}", "lesson": identifier},
            headers=bearer,
        )
        assert done.status == 201, done.text()
    page = context.new_page()
    page.goto(room.link)
    page.locator("hub-home-page").wait_for()
    state = context.storage_state()
    context.close()
    return identifier, state
