"""Figures of the hub, each beside its peer or limit, from the same run: `make bench`."""
