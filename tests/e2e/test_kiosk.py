"""The command of the class's screen as its unit has it: cage and Chromium, in a window of Xvfb."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
UNIT = (ROOT / "systemd/classhub-kiosk.service").read_text()
needed = ("cage", "Xwayland", "Xvfb", "chromium", "ffmpeg")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(
        any(shutil.which(name) is None for name in needed), reason="see packaging/apt-test.txt"
    ),
]

LIMIT = 90
DARK = (10, 15, 14)


class Screen:
    """Xvfb, and in it what the unit's `ExecStart` says, with folders of the test's own."""

    def __init__(self, folder: Path, room) -> None:
        self.room = room
        self.folder = folder
        self.run, self.state = folder / "run", folder / "state"
        for made in (self.run, self.state):
            made.mkdir(mode=0o700)
        taken, given = os.pipe()
        self.x = subprocess.Popen(
            ["Xvfb", "-displayfd", str(given), "-screen", "0", "1024x768x24", "-nolisten", "tcp"],
            pass_fds=[given], stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(given)
        with os.fdopen(taken) as said:
            self.display = f":{said.readline().strip()}"
        self.kiosk: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """What systemd does: the link of `ExecStartPre`, then `ExecStart`."""
        asked = re.search(r"classhub (sign-in-link .*?) >", UNIT)[1]
        link = self.room._ask(*shlex.split(asked))
        (self.run / "link").write_text(re.sub(r"^http://[^/]+", self.room.url, link))
        line = re.search(r"^ExecStart=(.*)$", UNIT, re.MULTILINE)[1]
        for place, here in (("/run", self.run), ("/var/lib", self.state)):
            line = line.replace(f"{place}/classhub-kiosk", str(here))
        # A container has no room for Chromium's sandbox.
        line = line.replace("/usr/bin/chromium ", "/usr/bin/chromium --no-sandbox ")
        as_somebody: list[str] = []
        if os.geteuid() == 0:  # cage refuses to run as root
            as_somebody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
            for place in (self.run, self.state, *self.run.iterdir(), *self.state.iterdir()):
                os.chown(place, 65534, 65534)
            for above in (self.folder, *self.folder.parents):
                if above != Path("/") and above.owner() == "root":
                    above.chmod(above.stat().st_mode | 0o011)
        kept = {name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"}
        settings = {
            "DISPLAY": self.display, "WLR_BACKENDS": "x11", "WLR_RENDERER": "pixman",
            "XDG_RUNTIME_DIR": str(self.run), "HOME": str(self.state), "LANG": "C.UTF-8",
        }  # fmt: skip
        self.log = (self.folder / "log").open("ab")
        self.kiosk = subprocess.Popen(
            [*as_somebody, *shlex.split(line)], env=kept | settings, start_new_session=True,
            stdout=self.log, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def kill(self) -> None:
        """The power cut: nothing is put away."""
        if self.kiosk is not None:
            os.killpg(self.kiosk.pid, signal.SIGKILL)
            self.kiosk.wait(20)
            self.kiosk = None
            self.log.close()
        for left in self.run.glob("wayland-*"):
            left.unlink()

    def stop(self) -> None:
        self.kill()
        self.x.terminate()
        self.x.wait(20)

    def look(self, name: str = "look") -> Image.Image:
        """Everything that is on the screen."""
        file = self.folder / f"{name}.png"
        grab = ["-f", "x11grab", "-draw_mouse", "0", "-video_size", "1024x768", "-i", self.display]
        subprocess.run(
            ["ffmpeg", "-loglevel", "error", "-y", *grab, "-frames:v", "1", str(file)], check=True
        )
        return Image.open(file).convert("RGB")

    def until(self, what: str, seen) -> Image.Image:
        end = time.monotonic() + LIMIT
        while True:
            picture = self.look(what)
            if seen(picture):
                if folder := os.environ.get("CLASSHUB_TEST_SHOTS"):
                    picture.save(Path(folder) / f"kiosk-{what}.png")
                return picture
            assert time.monotonic() < end, f"{what}: {(self.folder / 'log').read_text()[-2000:]}"
            time.sleep(0.5)


def shares(picture: Image.Image) -> tuple[float, float]:
    """How much of it is the screen's dark, and how much the white of letters."""
    data = picture.resize((256, 192)).tobytes()
    pixels = list(zip(data[::3], data[1::3], data[2::3], strict=True))
    dark = sum(max(abs(a - b) for a, b in zip(one, DARK, strict=True)) < 6 for one in pixels)
    white = sum(min(one) > 225 for one in pixels)
    return dark / len(pixels), white / len(pixels)


def idle(picture: Image.Image) -> bool:
    """All of it is dark, with the hub's sign in the middle."""
    dark, white = shares(picture)
    return dark > 0.9 and 0 < white < 0.03


def message(picture: Image.Image) -> bool:
    dark, white = shares(picture)
    return 0.4 < dark < 0.97 and white > 0.03


@pytest.fixture
def screen(tmp_path: Path, classroom) -> Iterator[Screen]:
    made = Screen(tmp_path, classroom)
    yield made
    made.stop()


def test_the_units_own_command_shows_what_a_teacher_shows_whatever_is_cut_off(
    screen: Screen, classroom
) -> None:
    bearer = {"Authorization": f"Bearer {classroom.token('teacher')}"}
    panel = f"{classroom.url}/api/v1/panel"

    def show(text: str) -> None:
        wish = {"element": "hub-screen-message", "attributes": {"text": text}}
        assert httpx.put(panel, json=wish, headers=bearer, timeout=30).is_success

    screen.start()
    screen.until("idle", idle)
    show("ШШШ")
    screen.until("message", message)
    # The hub falls and comes back: what was shown stays, and what is shown next comes.
    classroom.kill()
    classroom.start()
    assert httpx.delete(panel, headers=bearer, timeout=30).is_success
    screen.until("hub-back", idle)
    # The power of the screen's computer: no bubble, no question, what is shown alone.
    show("ШШШ")
    screen.kill()
    screen.start()
    screen.until("begun-anew", message)
