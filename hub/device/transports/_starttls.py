"""TLS that begins on an open connection, after what the device says in the clear."""

import asyncio
import contextlib
import ssl

from hub.device.transports._channel import Channel
from hub.device.transports._errors import NoTls


async def begin_tls(
    channel: Channel, host: str, port: int, context: ssl.SSLContext, banner: bytes, patience: float
) -> None:
    """Connect, hear the banner, and have the channel at the encrypted end.

    What goes over the channel, and into recordings, is what stands inside the encryption.

    Args:
        channel: the driver's side.
        host: where to.
        port: there.
        context: how it is encrypted.
        banner: what the device says first.
        patience: seconds for the banner to come.

    Raises:
        NoTls: it says something else, or nothing.
        OSError, ssl.SSLError: there is no connection, or no encryption that both speak.
    """
    loop = asyncio.get_running_loop()
    # No stream of asyncio's: its writer closes the connection when nobody holds it any more.
    transport, hearing = await loop.create_connection(lambda: _Hearing(len(banner)), host, port)
    try:
        said = await hearing.heard(patience)
        if said != banner:
            raise NoTls(f"{host}:{port} begins with {said[:60]!r}, not with {banner!r}")
        # The certificate's name is asked for where the context checks it.
        name = host if context.check_hostname else None
        secured = await loop.start_tls(transport, channel, context, server_hostname=name)
        if secured is None:
            raise ConnectionResetError("it hung up while the encryption began")
    except BaseException:
        transport.abort()
        raise
    # `start_tls` leaves this to the caller; the device speaks only when it is spoken to.
    channel.connection_made(secured)


class _Hearing(asyncio.Protocol):
    """Keeps what comes first.

    Args:
        size: bytes that are waited for.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._come = bytearray()
        self._done = asyncio.get_running_loop().create_future()

    async def heard(self, patience: float) -> bytes:
        """Return what has come once it is enough, or within `patience` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._done
        return bytes(self._come)

    def data_received(self, data: bytes) -> None:
        self._come += data
        if len(self._come) >= self._size and not self._done.done():
            self._done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._done.done():
            return
        if self._come:
            self._done.set_result(None)
        else:
            self._done.set_exception(exc or ConnectionResetError("it hung up"))
