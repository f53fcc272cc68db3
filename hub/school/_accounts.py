"""What a broker needs to know of tokens, so that programs sign in there with them."""

import base64
import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.device import Role
from hub.school._part import Part
from hub.store.tables import TokenRow

# A token is 256 random bits: nobody guesses it, however cheap one guess is.
_ROUNDS = 101
_SALT = 12


@dataclass(frozen=True, slots=True)
class BrokerAccount:
    """A token as an account at the MQTT broker.

    Attributes:
        id: the token's, the user name. hash: of its secret, the password (see `broker_hash`).
        expires: seconds since the epoch; None until it is revoked.
    """

    id: str
    hash: str
    expires: float | None


def broker_hash(secret: str) -> str:
    """Return the hash of a secret as mosquitto's password file has it.

    `$7$<rounds>$<salt>$<hash>`: PBKDF2 with SHA-512, base64 (mosquitto 2.0, password_mosq.c).
    """
    salt = secrets.token_bytes(_SALT)
    found = hashlib.pbkdf2_hmac("sha512", secret.encode(), salt, _ROUNDS)
    return f"$7${_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(found).decode()}"


class Accounts(Part):
    """The accounts of programs at the broker."""

    async def broker_accounts(self) -> list[BrokerAccount]:
        """Return the tokens that are not revoked and may read what the hub publishes.

        Those of the role `display` may not, and those made before the hub kept a broker's hash
        cannot.
        """

        def work(session: Session) -> list[BrokerAccount]:
            query = select(TokenRow.id, TokenRow.broker, TokenRow.expires)
            query = query.where(TokenRow.revoked.is_(None), TokenRow.broker.is_not(None))
            rows = session.execute(query.where(TokenRow.role != Role.DISPLAY.value)).all()
            return [BrokerAccount(row[0], row[1] or "", row[2]) for row in rows]

        return await self._store.read(work)
