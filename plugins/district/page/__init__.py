"""The district's page: which schools are silent, which are red. It runs at the district, in no hub.

    python -m plugins.district.page /etc/classhub-district-page.toml

It reads the database that the collector fills, and changes nothing. See `docs/district.md`.
"""
