"""The example of a lesson page, served from an origin that is not the hub's."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EXAMPLE = Path(__file__).resolve().parents[2] / "docs/examples/lesson.html"


@contextlib.contextmanager
def served(page: str, port: int) -> Iterator[str]:
    """Serve one page under http://localhost:port, another origin than http://127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = page.encode()
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body) if self.path == "/" else 0))
            self.end_headers()
            if self.path == "/":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://localhost:{port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def drawn(page) -> bool:
    return page.evaluate(
        """() => {
          const canvas = document.querySelector("hub-live-view")?.shadowRoot?.querySelector("canvas");
          if (!canvas?.width) return false;
          const [r, g, b] = canvas.getContext("2d").getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data;
          return r + g + b > 0;
        }"""
    )


def lesson_page(classroom, token: str) -> str:
    text = EXAMPLE.read_text()
    return text.replace("http://127.0.0.1:8420", classroom.url).replace(
        'token="TOKEN"', f'token="{token}"'
    )


def test_the_copied_example_shows_the_slide_and_keeps_a_picture(shared_classroom, visit):
    room = shared_classroom
    token = room.token("pupil")
    with served(lesson_page(room, token), room.lesson_port) as address:
        reader = visit()
        reader.page.goto(address)
        reader.page.wait_for_function(
            """() => document.querySelector("hub-live-view")?.shadowRoot?.querySelector("canvas")?.width > 0"""
        )
        for _ in range(100):
            if drawn(reader.page):
                break
            reader.page.wait_for_timeout(50)
        assert drawn(reader.page)
        with reader.page.expect_response(lambda r: r.url.endswith("/captures")) as answer:
            reader.page.locator("hub-capture-button").get_by_role("button").click()
        assert answer.value.status == 201, answer.value.text()
        expect(reader.page.locator("hub-live-view")).to_be_visible()
        reader.context.close()


def test_a_page_of_an_origin_that_is_not_listed_is_refused(shared_classroom, visit):
    room = shared_classroom

    with served(lesson_page(room, room.token("pupil")), room.strange_port) as address:
        stranger = visit()
        stranger.page.goto(address)
        stranger.page.wait_for_timeout(1500)
        assert not drawn(stranger.page)
        assert any("WebSocket" in wrong and "403" in wrong for wrong in stranger.wrong)
        stranger.context.close()
