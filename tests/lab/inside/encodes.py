"""In the machine: take a raw picture as the driver does, with the installed hub, and print its JPEG.

`encodes.py /dev/video0 NV12 640 360` prints the format that the camera gave, and the JPEG in base64.
"""

import asyncio
import base64
import sys

from drivers.microscope.v4l2.raw import encoded
from hub.device.transports import Transports

node, fourcc, width, height = sys.argv[1:]


async def take() -> None:
    """Take the picture."""
    camera = await Transports().v4l2(node)
    mode = await camera.set_mode(fourcc, int(width), int(height))
    await camera.start()
    picture = await camera.picture(limit=30)
    await camera.let_go()
    print(mode.fourcc, base64.b64encode(encoded(picture.data, mode) or b"").decode())


asyncio.run(take())
