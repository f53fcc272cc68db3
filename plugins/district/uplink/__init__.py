"""The connection to the district's broker."""

from plugins.district.uplink.uplink import Uplink, UplinkState

__all__ = ["Uplink", "UplinkState"]
