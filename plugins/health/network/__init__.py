"""The network: is it there, and how fast is the internet."""

from plugins.health.network.routes import MEASURED, add_routes
from plugins.health.network.settings import NetworkSettings
from plugins.health.network.watch import NETWORK, Network

__all__ = ["MEASURED", "NETWORK", "Network", "NetworkSettings", "add_routes"]
