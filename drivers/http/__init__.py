"""HTTP as drivers speak it, through the device's transports; `drivers.http.socket`: WebSocket."""

from drivers.http.authorization import Credentials
from drivers.http.client import FileBody, HttpClient, Reply
from drivers.http.exchange import Exchange, Head

__all__ = ["Credentials", "Exchange", "FileBody", "Head", "HttpClient", "Reply"]
