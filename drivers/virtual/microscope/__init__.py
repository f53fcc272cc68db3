"""A virtual microscope: an MJPEG-over-HTTP peer that looks at a slide made of real micrographs.

`python -m drivers.virtual.microscope --port 0`. It serves GET /stream, GET /still.jpg, GET and PUT
/state, GET /truth and POST /faults (see `server`). Geometry and truth are in `optics`.
"""
