"""The district's collector: from its broker into its database. It runs at the district, in no hub.

    python -m plugins.district.collector /etc/classhub-collector.toml

See `docs/district.md`.
"""
