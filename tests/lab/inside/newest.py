"""In the machine: read a camera as the driver does, with the installed hub, and rest in between.

`newest.py /dev/video0 SECONDS` prints a line of JSON for each of four pictures: the second after a
while in which nobody asked, the third after one in which this process did nothing at all.
"""

import asyncio
import hashlib
import json
import sys
import time
from dataclasses import asdict

from hub.device.transports import Transports

node, seconds = sys.argv[1], float(sys.argv[2])


async def read() -> None:
    """Take the pictures."""
    camera = await Transports().v4l2(node)
    await camera.set_mode("MJPG", 640, 480, 10)
    await camera.start()
    for rest in ("first", "slow", "blocked", "next"):
        if rest == "slow":
            await asyncio.sleep(seconds)
        elif rest == "blocked":
            time.sleep(seconds)
        picture = await camera.picture(limit=30)
        said = {
            "rest": rest,
            "sha256": hashlib.sha256(picture.data).hexdigest(),
            "sequence": picture.sequence,
            "age": time.monotonic() - picture.time,
            **asdict(camera.counts),
        }
        print(json.dumps(said), flush=True)
    await camera.let_go()


asyncio.run(read())
