"""A virtual globe: its pens say codes over a serial line.

`python -m drivers.virtual.globe --control SOCKET` plays one; `ask` in `control` has it touched.
"""
