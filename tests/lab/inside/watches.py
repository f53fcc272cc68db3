"""A program of the machine that uses a camera, as a browser would: `watches.py caps NODE` prints what the node is
to whoever opens it; `watches.py pictures NODE WIDTH HEIGHT` reads for as long as its input is open, and answers each
line with the newest picture as it came."""

import base64
import json
import os
import sys
import threading

import cv2

from hub import v4l2


def caps(node):
    said = v4l2.Capability()
    fd = os.open(node, os.O_RDWR | os.O_NONBLOCK)
    v4l2.ask(fd, v4l2.QUERYCAP, said)
    os.close(fd)
    has = said.device_caps
    names = {"capture": v4l2.CAP_VIDEO_CAPTURE, "output": v4l2.CAP_VIDEO_OUTPUT}
    print(
        json.dumps({"card": said.card.decode(), "is": [n for n, bit in names.items() if has & bit]})
    )


def pictures(node, width, height):
    camera = cv2.VideoCapture(node, cv2.CAP_V4L2)
    camera.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"YUYV"))
    camera.set(cv2.CAP_PROP_FRAME_WIDTH, int(width))
    camera.set(cv2.CAP_PROP_FRAME_HEIGHT, int(height))
    camera.set(cv2.CAP_PROP_CONVERT_RGB, 0)
    newest = {}

    def read():
        while True:
            good, picture = camera.read()
            if not good:
                newest["ended"] = True
                return
            newest["count"] = newest.get("count", 0) + 1
            newest["picture"] = picture

    threading.Thread(target=read, daemon=True).start()
    for _ in sys.stdin:
        said = {
            "open": camera.isOpened(),
            "size": [
                int(camera.get(one))
                for one in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
            ],
            "count": newest.get("count", 0),
            "ended": newest.get("ended", False),
        }
        if "picture" in newest:
            said["picture"] = base64.b64encode(newest["picture"].tobytes()).decode()
        print(json.dumps(said), flush=True)
    os._exit(0)


{"caps": caps, "pictures": pictures}[sys.argv[1]](*sys.argv[2:])
