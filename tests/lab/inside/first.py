"""In a tree with the hub installed: start it once, until its tables and its drivers' descriptions are made.

As the hub's user, in a network of its own: `setpriv --reuid=classhub … python3 first.py`.
"""

import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

DATA = Path("/var/lib/classhub")
HEALTH = "http://127.0.0.1:8420/api/v1/health"
LIMIT, QUIET = 600, 20

command = ["/opt/classhub/current/bin/classhub", "run", "--config", "/etc/classhub/classhub.toml"]
hub = subprocess.Popen(command, cwd=DATA)
end = time.monotonic() + LIMIT


def ready() -> bool:
    """Tell whether it answers."""
    try:
        with urllib.request.urlopen(HEALTH, timeout=30) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


while not ready():
    if hub.poll() is not None or time.monotonic() > end:
        sys.exit("the hub does not become ready")
    time.sleep(0.5)
described, since = 0, time.monotonic()
while time.monotonic() < min(end, since + QUIET):
    if (now := len(list(DATA.glob("cache/drivers/*.json")))) != described:
        described, since = now, time.monotonic()
    time.sleep(0.5)
hub.send_signal(signal.SIGTERM)
sys.exit(hub.wait(60))
