"""HTTPS: the certificate is read, looked at, and read again when its file changes."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hub.clock import now
from hub.logs import Latch
from hub.network.settings import TlsSettings

log = logging.getLogger("classhub.network")

LOOK_SECONDS = 10.0
_SOON = 14 * 86400.0


class TlsUnusable(Exception):
    """Certificate or key cannot be used; the message names the setting and says what to do."""


class Tls:
    """The context that the server's connections are made with.

    Args:
        certificate, key: files in PEM; the certificate's has the key too where none is named.

    Raises:
        TlsUnusable: they cannot be read or do not belong together.
    """

    def __init__(self, certificate: Path, key: Path | None = None) -> None:
        self._certificate = certificate
        self._key = key
        self._latch = Latch(
            log,
            "the changed certificate is not used, the former one is: %s",
            "the certificate is read again",
            level=logging.ERROR,
        )
        self._seen = self._stamps()
        self.context = _make(certificate, key)
        self.expires = self._look()

    @classmethod
    def of(cls, settings: TlsSettings) -> "Tls | None":
        """Return what the settings say, None where HTTPS is off. Raises `TlsUnusable`."""
        return None if settings.certificate is None else cls(settings.certificate, settings.key)

    async def follow(self) -> None:
        """Read the files again when they change, until cancelled.

        Connections that are open stay as they are; a file that cannot be used is said and the
        former certificate serves on.
        """
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await asyncio.to_thread(self.look)

    def look(self) -> None:
        """Read the files again if they have changed."""
        stamps = self._stamps()
        if stamps == self._seen:
            return
        self._seen = stamps
        try:
            # Tried apart: a context that failed half-way would have one's certificate and the
            # other's key.
            _make(self._certificate, self._key)
            self.context.load_cert_chain(self._certificate, self._key, password=_no_password)
        except (TlsUnusable, OSError) as error:
            self._latch.failed(error)
            return
        self._latch.worked()
        self.expires = self._look()
        log.info("the certificate has changed and is used from now on")

    def _look(self) -> float | None:
        """Say what is wrong with the certificate's time; return when it expires, if it is known."""
        about, trouble = _inspect(self.context, self._certificate)
        until = about.get("notAfter", "?")
        if trouble in (_EXPIRED, _NOT_YET):
            what = "has expired" if trouble == _EXPIRED else "is not valid yet"
            log.error(
                "tls.certificate: %s %s; browsers will refuse it. Renew it, or set the clock",
                self._certificate,
                what,
            )
        elif about:
            expires = ssl.cert_time_to_seconds(until)
            if expires - now() < _SOON:
                log.warning("tls.certificate: %s expires on %s", self._certificate, until)
            return expires
        return None

    def _stamps(self) -> list[tuple[int, int] | None]:
        found: list[tuple[int, int] | None] = []
        for file in (self._certificate, self._key or self._certificate):
            try:
                about = file.stat()
                found.append((about.st_mtime_ns, about.st_size))
            except OSError:
                found.append(None)
        return found


def _no_password() -> str:
    # Without this OpenSSL would ask for one at the terminal and wait.
    return ""


def _make(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """Return a server's context.

    Raises:
        TlsUnusable: certificate or key cannot be read, or they do not belong together.
    """
    for name, file in (("tls.certificate", certificate), ("tls.key", key)):
        if file is not None:
            _readable(name, file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError as error:
        raise TlsUnusable(_why(error, certificate, key)) from None
    except (OSError, ValueError) as error:
        raise TlsUnusable(f"tls.certificate: {certificate} cannot be used: {error}") from None
    return context


def _readable(name: str, file: Path) -> None:
    try:
        with file.open("rb") as stream:
            stream.read(1)
    except OSError as error:
        raise TlsUnusable(
            f"{name}: {file} cannot be read: {error.strerror}."
            " The user that the hub runs as must be able to read it."
        ) from None


def _why(error: ssl.SSLError, certificate: Path, key: Path | None) -> str:
    """Find out which of the two is wrong; OpenSSL does not say."""
    setting, file = ("tls.certificate", certificate) if key is None else ("tls.key", key)
    if error.reason == "KEY_VALUES_MISMATCH":
        return f"{setting}: {file} is not the key of {certificate}."
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=certificate)
    except ssl.SSLError:
        return f"tls.certificate: {certificate} is no certificate in PEM."
    text = file.read_bytes()
    if b"ENCRYPTED" in text:
        return f"{setting}: the key in {file} has a password. Keep it without one."
    if key is None and b"PRIVATE KEY" not in text:
        return f"tls.certificate: {certificate} has no key in it. Name the key's file in tls.key."
    return f"{setting}: {file} has no usable private key in PEM."


_EXPIRED, _NOT_YET = 10, 9  # X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID


def _inspect(server: ssl.SSLContext, certificate: Path) -> tuple[dict[str, Any], int]:
    """Shake hands with ourselves, in memory: what the certificate says, and OpenSSL's verdict.

    The certificate itself is what is trusted, so that only its time is judged.
    """
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    client.load_verify_locations(cafile=certificate)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = server.wrap_bio(to_server, to_client, server_side=True)
    theirs = client.wrap_bio(to_client, to_server)
    try:
        for _ in range(4):
            for step in (theirs.do_handshake, ours.do_handshake):
                _advance(step)
        return dict(theirs.getpeercert() or {}), 0
    except ssl.SSLCertVerificationError as error:
        return {}, error.verify_code
    except ssl.SSLError:
        return {}, 0


def _advance(step: Callable[[], None]) -> None:
    try:
        step()
    except ssl.SSLWantReadError:
        return
