"""Work on pictures, in worker processes only: OpenCV and NumPy never enter the hub's.

Each function is given paths and plain options, writes its result to a path and syncs it, and
returns JSON-ready facts. Pictures come from people and cameras: each is looked at before it is
decoded, and refused by its place in the list (`errors`), so that a person knows which one it is.
"""
