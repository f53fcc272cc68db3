"""Raw pictures of cameras, encoded once as JPEG. Runs in a thread of the driver's process."""

from typing import Any

import cv2
import numpy as np

from hub.device.transports import V4l2Mode

QUALITY = 90
_PACKED = {
    "YUYV": (2, cv2.COLOR_YUV2BGR_YUY2),
    "UYVY": (2, cv2.COLOR_YUV2BGR_UYVY),
    "YVYU": (2, cv2.COLOR_YUV2BGR_YVYU),
    "RGB3": (3, cv2.COLOR_RGB2BGR),
    "BGR3": (3, None),
    "GREY": (1, None),
}
_PLANES = {
    "NV12": cv2.COLOR_YUV2BGR_NV12,
    "NV21": cv2.COLOR_YUV2BGR_NV21,
    "YU12": cv2.COLOR_YUV2BGR_I420,
}


def encoded(data: bytes, mode: V4l2Mode) -> bytes | None:
    """Return a raw picture as JPEG; None where it is shorter than it must be.

    Lines may be longer than their pixels (`mode.stride`).
    """
    picture = _planar(data, mode) if mode.fourcc in _PLANES else _packed(data, mode)
    if picture is None:
        return None
    good, out = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return out.tobytes() if good else None


def _lines(data: bytes, wanted: int, lines: int, stride: int) -> Any:
    """Return `lines` lines of `wanted` bytes each, None where they are not all there."""
    stride = max(stride, wanted)
    if len(data) < stride * (lines - 1) + wanted:
        return None
    padded = np.frombuffer(data, np.uint8, count=min(len(data), stride * lines))
    if padded.size < stride * lines:
        padded = np.pad(padded, (0, stride * lines - padded.size))
    return padded.reshape(lines, stride)[:, :wanted]


def _packed(data: bytes, mode: V4l2Mode) -> Any:
    each, conversion = _PACKED[mode.fourcc]
    lines = _lines(data, mode.width * each, mode.height, mode.stride)
    if lines is None:
        return None
    pixels = np.ascontiguousarray(lines).reshape(mode.height, mode.width, each)
    return pixels if conversion is None else cv2.cvtColor(pixels, conversion)


def _planar(data: bytes, mode: V4l2Mode) -> Any:
    if mode.fourcc == "YU12":  # its smaller planes have half the stride each
        lines = _lines(data, mode.width, mode.height * 3 // 2, mode.width)
    else:
        lines = _lines(data, mode.width, mode.height * 3 // 2, mode.stride)
    return (
        None if lines is None else cv2.cvtColor(np.ascontiguousarray(lines), _PLANES[mode.fourcc])
    )
