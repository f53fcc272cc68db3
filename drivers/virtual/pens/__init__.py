"""Virtual pens and a virtual touch table: input events as the kernel gives them.

`python -m drivers.virtual.pens --tablets 4` plays four tablets on which pupils write, and a table.
"""
