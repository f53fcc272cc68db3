"""Drivers for what only `ffmpeg` understands: cameras that speak RTSP, and files."""
