"""The class network: by which addresses and names the hub is reached, as they change."""

from hub.network._addresses import Address, interfaces, own_names, peer_of
from hub.network._announce import Announcement
from hub.network._network import Network, host_of

__all__ = ["Address", "Announcement", "Network", "host_of", "interfaces", "own_names", "peer_of"]
