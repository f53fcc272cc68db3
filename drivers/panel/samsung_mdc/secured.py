"""MDC's secured protocol: a banner in the clear, TLS, the PIN, then MDC as ever.

Source: `samsung_mdc/connection.py` of python-samsung-mdc, which has it from displays. The PIN goes
as four digits; the display says `MDCAUTH<<PASS>>`, or `MDCAUTH<<FAIL:0x01>>` (wrong),
`MDCAUTH<<FAIL:0x02>>` (too many wrong ones).
"""

import re
import ssl
from typing import Final

from hub.device import N_, AccessRefused, WrongDevice
from hub.device.transports import ByteStream, NoTls, Transports

BANNER: Final = b"MDCSTART<<TLS>>"
PASSED: Final = b"MDCAUTH<<PASS>>"
_MOST: Final = 64
_REFUSED: Final = re.compile(rb"MDCAUTH<<FAIL:(?:0[xX])?([0-9A-Fa-f]{2})>>")
_BLOCKED: Final = 2


class Secured(WrongDevice):
    """The display speaks MDC with a PIN and TLS only, and no PIN is set here."""

    code = "mdc-secured"
    title = N_("The display wants its secured protocol: a PIN.")
    hint = N_("Set the PIN here that stands in the display's menu, under network.")


class NotSecured(WrongDevice):
    """A PIN is set here, and the display does not begin its secured protocol."""

    code = "mdc-not-secured"
    title = N_("The display does not speak its secured protocol, and a PIN is set here.")
    hint = N_("Switch the secured protocol on in the display's menu, or take the PIN away here.")


class WrongPin(AccessRefused):
    """The display refuses the PIN."""

    code = "mdc-pin"
    title = N_("The display refuses the PIN.")
    hint = N_("Set the PIN here that stands in the display's menu, under network.")


class PinBlocked(AccessRefused):
    """The display takes no PIN any more: too many wrong ones came."""

    code = "mdc-pin-blocked"
    title = N_("The display takes no PIN any more, because too many wrong ones came.")
    hint = N_("Set a new PIN in the display's menu, under network, and the same one here.")


def context() -> ssl.SSLContext:
    """Return how it is encrypted: as displays can, whose certificates nobody has signed.

    Whoever stands between the hub and the display could therefore read the PIN.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made


async def open_secured(transports: Transports, host: str, port: int, pin: str) -> ByteStream:
    """Connect and sign in.

    Raises:
        NotSecured, WrongPin, PinBlocked: it says so. Unreachable, TimedOut: it does not answer.
        WrongDevice: what it answers is no MDC.
    """
    try:
        line = await transports.tcp(host, port, tls=context(), banner=BANNER)
    except NoTls as error:
        raise NotSecured(error.detail) from None
    try:
        await line.write(pin.encode("ascii"))
        answer = await line.read_until(b">>")
        if answer != PASSED:
            raise _refusal(answer)
    except BaseException:
        line.close()
        raise
    return line


def _refusal(answer: bytes) -> Exception:
    match = _REFUSED.fullmatch(answer)
    if match is None:
        return WrongDevice(f"to the PIN it answers {answer[:_MOST]!r}")
    code = int(match[1], 16)
    if code == _BLOCKED:
        return PinBlocked("it says that it is blocked (0x02)")
    return WrongPin(f"it says 0x{code:02X}")
