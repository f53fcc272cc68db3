"""Whether a hub elsewhere that speaks HTTPS is the one that is meant."""

import ssl
from pathlib import Path

_SELF_SIGNED = (18, 19, 20, 21)
_OTHER_NAME = (62, 64)
_EXPIRED, _NOT_YET = 10, 9
"""OpenSSL's verdicts (x509_vfy.h, X509_V_ERR_...)."""

HOW = (
    "have its certificate, or that of the authority that signed it, as a file (PEM) and give"
    " --certificate FILE, or set CLASSHUB_CERTIFICATE"
)


def context(certificate: Path | None) -> ssl.SSLContext:
    """Return what the hub's certificate is checked with.

    What this computer trusts is trusted (also by `SSL_CERT_FILE`), and `certificate`: that of an
    authority, or the hub's own.

    Raises:
        OSError: the file cannot be read, or is no certificate (`ssl.SSLError`).
    """
    made = ssl.create_default_context()
    if certificate is not None:
        made.load_verify_locations(cafile=certificate)
        made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return made


def why(error: BaseException, url: str) -> str | None:
    """Return what is wrong with the encryption and what to do; None where it is something else."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, ssl.SSLError):
        found = found.__cause__ or found.__context__
    if found is None:
        return None
    if not isinstance(found, ssl.SSLCertVerificationError):
        plain = "http" + url.removeprefix("https")
        reason = (found.reason or "no TLS").lower().replace("_", " ")
        return f"{url} does not speak HTTPS ({reason}); try {plain}"
    if found.verify_code in _SELF_SIGNED:
        return f"the certificate of {url} is signed by nobody whom this computer trusts; {HOW}"
    if found.verify_code in _OTHER_NAME:
        return f"the certificate of {url} is for another name: write the name that it is made for"
    if found.verify_code in (_EXPIRED, _NOT_YET):
        when = "has expired" if found.verify_code == _EXPIRED else "is not valid yet"
        return f"the certificate of {url} {when}; renew it, or look at this computer's clock"
    return f"the certificate of {url} is not good: {found.verify_message}; {HOW}"
