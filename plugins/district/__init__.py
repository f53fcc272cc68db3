"""District: what a hub tells its school district, over an uplink of its own."""

from plugins.district.plugin import DistrictPlugin

__all__ = ["DistrictPlugin"]
