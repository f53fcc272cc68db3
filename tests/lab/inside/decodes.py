"""In the machine: read a camera as programs with OpenCV do, and print what that costs.

`decodes.py /dev/video0 WIDTH HEIGHT SECONDS` prints frames a second, and cores that were used.
"""

import sys
import time

import cv2

node, width, height, seconds = sys.argv[1], *map(int, sys.argv[2:5])
camera = cv2.VideoCapture(node, cv2.CAP_V4L2)
camera.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter_fourcc(*"MJPG"))
camera.set(cv2.CAP_PROP_FRAME_WIDTH, width)
camera.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
for _ in range(3):
    good, picture = camera.read()
    if not good or picture.shape[:2] != (height, width):
        sys.exit(f"no picture of {width}x{height}")
began, used, frames = time.monotonic(), time.process_time(), 0
while time.monotonic() < began + seconds:
    frames += camera.read()[0]
lasted = time.monotonic() - began
print(frames / lasted, (time.process_time() - used) / lasted)
