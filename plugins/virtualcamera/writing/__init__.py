"""The program that writes pictures to a video node: a process of its own for each camera.

Decoding strangers' JPEG and calls that may block reach neither the hub nor its devices.
"""

import sys

PROGRAM = (sys.executable, "-m", "plugins.virtualcamera.writing")
