"""Films: storyboards of what lessons have collected, and the videos made of them.

Import `routes` and `service` for the hub's side; the worker imports `assembling` alone.
"""
