"""A display behind MDC's secured protocol: banner, TLS with a certificate of its own, PIN."""

import asyncio
import contextlib
import datetime as dt
import ssl
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from drivers.virtual.panel.table import OnALine

BANNER = b"MDCSTART<<TLS>>"
MOST_WRONG = 5


def certified() -> ssl.SSLContext:
    """Return the display's end of TLS, with a certificate that nobody else has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "display")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    kind, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "display.pem"
        file.write_bytes(key.private_bytes(pem, kind, plain) + certificate.public_bytes(pem))
        context.load_cert_chain(file)
    return context


class SecuredDoor:
    """Lets those in who say the PIN; too many wrong ones close it for all.

    Args:
        panel: what is behind it. pin: four digits.
    """

    def __init__(self, panel: OnALine, pin: str) -> None:
        self._panel = panel
        self._pin = pin.encode()
        self._context = certified()
        self.wrong = 0
        self._writers: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk with one who has connected."""
        self._writers.add(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ssl.SSLError):
            await self._talk(reader, writer)
        self._writers.discard(writer)
        writer.close()

    def close(self) -> None:
        """Hang up."""
        for writer in self._writers:
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(BANNER)
        await writer.drain()
        await writer.start_tls(self._context)
        said = await reader.readexactly(4)
        if self.wrong >= MOST_WRONG or said != self._pin:
            code = b"02" if self.wrong >= MOST_WRONG else b"01"
            self.wrong += 1
            writer.write(b"MDCAUTH<<FAIL:0x" + code + b">>")
            await writer.drain()
            return
        writer.write(b"MDCAUTH<<PASS>>")
        self._panel.on_hang_up(writer.transport.abort)
        while come := await reader.read(1024):
            self._panel.take(come, writer.write)
            await writer.drain()


@contextlib.asynccontextmanager
async def behind_a_pin(panel: OnALine, pin: str) -> AsyncIterator[str]:
    """Have a display on a port of loopback, secured; yields the address."""
    door = SecuredDoor(panel, pin)
    server = await asyncio.start_server(door.serve, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        door.close()
        await server.wait_closed()
        await asyncio.sleep(0.05)  # for TLS to be closed on both sides
