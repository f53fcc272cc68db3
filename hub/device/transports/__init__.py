"""Transports: what drivers speak to devices through.

Each connection goes through one seam, so that every device can be recorded, replayed without its
hardware, and every fault injected. See `docs/recording.md` and `docs/writing-a-driver.md`.
"""

from hub.device.transports._channel import Channel
from hub.device.transports._ends import ByteStream, PacketPort
from hub.device.transports._errors import (
    BadRecording,
    NoTls,
    NotTrusted,
    RecordingFailed,
    ReplayDiverged,
    ReplayOver,
)
from hub.device.transports._evdev import Axis, EvdevPort, InputEvent, parse_events
from hub.device.transports._faults import Faults
from hub.device.transports._format import Header, Recording, read_header
from hub.device.transports._hidraw import HidrawPort
from hub.device.transports._recorder import Recorder, RecordingEnd
from hub.device.transports._redact import Mask, Secrets, without_secrets
from hub.device.transports._replay import Pace, Replay
from hub.device.transports._serial import SerialPort
from hub.device.transports._transports import Tls, Transports
from hub.device.transports._v4l2 import (
    CameraInUse,
    CameraNotAllowed,
    V4l2Counts,
    V4l2Picture,
    V4l2Port,
)
from hub.device.transports._v4l2_values import (
    V4l2Control,
    V4l2Format,
    V4l2Identity,
    V4l2Mode,
    V4l2Size,
)

__all__ = [
    "Axis",
    "BadRecording",
    "ByteStream",
    "CameraInUse",
    "CameraNotAllowed",
    "Channel",
    "EvdevPort",
    "Faults",
    "Header",
    "HidrawPort",
    "InputEvent",
    "Mask",
    "NoTls",
    "NotTrusted",
    "Pace",
    "PacketPort",
    "Recorder",
    "Recording",
    "RecordingEnd",
    "RecordingFailed",
    "Replay",
    "ReplayDiverged",
    "ReplayOver",
    "Secrets",
    "SerialPort",
    "Tls",
    "Transports",
    "V4l2Control",
    "V4l2Counts",
    "V4l2Format",
    "V4l2Identity",
    "V4l2Mode",
    "V4l2Picture",
    "V4l2Port",
    "V4l2Size",
    "parse_events",
    "read_header",
    "without_secrets",
]
