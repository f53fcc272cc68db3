"""Runs in Kivy's environment: its TUIO provider reads, and each touch is printed as a line of JSON.

    python kivy_touches.py PORT

Ends with its standard input.
"""

import json
import os
import sys
import tempfile
import threading
import time

os.environ |= {
    "KIVY_NO_ARGS": "1",
    "KIVY_NO_CONSOLELOG": "1",
    "KIVY_NO_FILELOG": "1",
    "KIVY_NO_ENV_CONFIG": "1",
    "KIVY_HOME": tempfile.mkdtemp(),
}

from kivy.input.providers.tuio import TuioMotionEventProvider


def told(kind, touch):
    """Print a touch; Kivy's y goes up."""
    line = {"kind": kind, "id": touch.id, "x": touch.sx, "y": 1 - touch.sy}
    print(json.dumps(line | {"profile": type(touch).__name__}), flush=True)


provider = TuioMotionEventProvider("tuio", f"127.0.0.1:{sys.argv[1]}")
provider.start()
print(json.dumps({"kind": "ready"}), flush=True)
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
while not ended.is_set():
    provider.update(told)
    time.sleep(0.005)
os._exit(0)
