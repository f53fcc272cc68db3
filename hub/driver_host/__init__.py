"""The child process that runs drivers: `python -m hub.driver_host describe | run | virtual`.

It stays light: nothing of the hub but the device model and the wire. See `hub.processes` for the
other side.
"""
