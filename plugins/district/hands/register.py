"""What the school has allowed, whose keys it knows, and the orders that came: on the disk.

Each step of an order is one transaction: its new state, the note in the audit log, and the reply
that waits for the district. Killed at any moment, all three are there or none is.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeVar

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hub.audit import record
from hub.clock import now, rfc3339
from hub.plugin import N_, SYSTEM, Principal, Role, Store, Translator
from plugins.district.asking import Said
from plugins.district.hands.judging import Refusal
from plugins.district.hands.order import Order, key_id
from plugins.district.outbox import Outbox, Record
from plugins.district.tables import ConsentRow, KeyRow, OrderRow

State = Literal["waiting", "doing", "done", "failed", "refused", "declined", "expired", "unknown"]
UNDER_WAY = ("waiting", "doing")
MOST_WAITING = 20
"""Orders that wait or are being done, at most."""
MOST_KEPT = 1000
MOST_RESULT = 300
_ONLY = 1
_DAY = 86400.0
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Consent:
    """What is allowed.

    Attributes:
        allowed: orders are taken, and wait for somebody of the school to agree.
        commands: those that are done without asking until `until` (seconds since the epoch).
        since: orders made before it are not taken.
    """

    allowed: bool
    commands: tuple[str, ...]
    until: float
    since: float

    def standing(self, command: str, at: float) -> bool:
        """Tell whether a command is done without asking."""
        return self.allowed and at < self.until and command in self.commands


@dataclass(frozen=True, slots=True)
class Key:
    """The public key of an engineer of the district. `added`: seconds since the epoch."""

    id: str
    name: str
    public: str
    added: float


@dataclass(frozen=True, slots=True)
class Asked:
    """An order that came, and how far it is; see `OrderRow`. Times in seconds since the epoch."""

    id: str
    command: str
    device: str
    reason: str
    key: str
    signer: str
    issued: float
    expires: float
    came: float
    changed: float
    state: str
    agreed: str
    code: str
    result: str
    result_kk: str
    result_ru: str

    def said(self, language: str) -> tuple[str, str]:
        """Return what came of it, and in which language: an older run has said it in English."""
        known = {"kk": self.result_kk, "ru": self.result_ru}.get(language)
        return (known, language) if known else (self.result, "en")

    @property
    def principal(self) -> Principal:
        """Whoever has signed it, for the audit log."""
        return district(self.key, self.signer)


class Register:
    """The register of one hub.

    Args:
        store: of the hub. outbox: takes the replies. say: says what came of orders.
    """

    def __init__(self, store: Store, outbox: Outbox, say: Translator) -> None:
        self._store = store
        self._say = say
        self._outbox = outbox

    async def start(self) -> None:
        """Take up what an earlier run has left: nobody knows the end of what was being done.

        In a database that was restored nothing is allowed: what the school has taken back since
        may be there again, and orders that it has had may be missing.
        """
        stream, at = self._outbox.now.stream, now()

        def work(session: Session) -> list[Record]:
            row = session.get(ConsentRow, _ONLY)
            if row is None:
                row = ConsentRow(
                    id=_ONLY, allowed=False, commands="", until=0.0, since=at, stream=stream
                )
                session.add(row)
            elif row.stream != stream:
                if row.allowed:
                    record(session, SYSTEM, "district.consent", detail={"allowed": False})
                row.allowed, row.commands, row.until = False, "", 0.0
                row.since, row.stream = at, stream
            found = session.scalars(select(OrderRow).where(OrderRow.state == "doing")).all()
            return [self._step(session, one, "unknown", "interrupted") for one in found]

        await self._outbox.put([], work)

    async def consent(self) -> Consent:
        """What is allowed now."""
        return await self._store.read(_consent)

    async def allow(
        self, *, allowed: bool, commands: Sequence[str], until: float, by: Principal
    ) -> Consent:
        """Change what is allowed; where nothing is any more, what waits is declined."""

        def work(session: Session) -> list[Record]:
            row = session.get_one(ConsentRow, _ONLY)
            row.allowed, row.until = allowed, until if allowed and commands else 0.0
            row.commands = ",".join(commands) if row.until else ""
            detail: dict[str, Any] = {"allowed": allowed}
            if row.until:
                detail |= {"commands": row.commands, "until": rfc3339(row.until)}
            record(session, by, "district.consent", detail=detail)
            if allowed:
                return []
            return [self._step(session, one, "declined", "no-consent") for one in _waiting(session)]

        await self._outbox.put([], work)
        return await self.consent()

    async def keys(self) -> list[Key]:
        """The keys, the oldest first."""

        def work(session: Session) -> list[Key]:
            rows = session.scalars(select(KeyRow).order_by(KeyRow.added))
            return [_value(Key, row) for row in rows]

        return await self._store.read(work)

    async def add_key(self, name: str, public: str, by: Principal) -> Key:
        """Know a key; one that is known gets the new name."""
        key = Key(key_id(public), name, public, now())

        def work(session: Session) -> None:
            session.merge(KeyRow(id=key.id, name=name, public=public, added=key.added))
            record(session, by, "district.key-add", key.id)

        await self._store.write(work)
        return key

    async def remove_key(self, id_: str, by: Principal) -> bool:
        """Forget a key, and decline what waits of it; False where there is none."""
        found: list[bool] = []

        def work(session: Session) -> list[Record]:
            row = session.get(KeyRow, id_)
            if row is None:
                return []
            found.append(True)
            session.delete(row)
            record(session, by, "district.key-remove", id_)
            return [
                self._step(session, one, "declined", "unknown-key")
                for one in _waiting(session)
                if one.key == id_
            ]

        await self._outbox.put([], work)
        return bool(found)

    async def public_of(self, key: str) -> Key | None:
        """Return a key by its id."""

        def work(session: Session) -> Key | None:
            row = session.get(KeyRow, key)
            return None if row is None else _value(Key, row)

        return await self._store.read(work)

    async def get(self, id_: str) -> tuple[Asked, str] | None:
        """Return an order and the digest of the bytes in which it came."""

        def work(session: Session) -> tuple[Asked, str] | None:
            row = session.get(OrderRow, id_)
            return None if row is None else (_value(Asked, row), row.digest)

        return await self._store.read(work)

    async def take(self, order: Order, key: Key, payload: bytes) -> Asked:
        """Note an order that came: it waits, or is begun where that is allowed beforehand.

        Raises:
            Refusal: it was had before, nothing is allowed, or too many wait.
        """
        at, taken = now(), list[Asked]()

        def work(session: Session) -> list[Record]:
            consent = _consent(session)
            if not consent.allowed:
                raise Refusal("no-consent", N_("the school takes no orders"))
            if session.get(KeyRow, key.id) is None:
                why = N_("the school does not know the key {key}")
                raise Refusal("unknown-key", why, key=key.id)
            if session.get(OrderRow, order.id) is not None:
                raise Refusal("id-used", N_("this hub has had an order of this id"))
            if _under_way(session) >= MOST_WAITING:
                raise Refusal("too-many", N_("{n} orders wait, or are being done"), n=MOST_WAITING)
            _forget_oldest(session, at)
            standing = consent.standing(order.command, at)
            row = OrderRow(
                id=order.id,
                digest=digest_of(payload),
                command=order.command,
                device=order.device,
                reason=order.reason,
                key=key.id,
                signer=key.name,
                issued=order.issued,
                expires=order.expires,
                came=at,
                changed=at,
                state="waiting",
                agreed="standing" if standing else "",
                code="",
                result="",
                result_kk="",
                result_ru="",
            )
            session.add(row)
            detail = {"command": order.command, "device": order.device, "key": key.id}
            record(session, district(key.id, key.name), "district.order", order.id, detail)
            told = self._step(session, row, "doing" if standing else "waiting")
            taken.append(_value(Asked, row))
            return [told]

        await self._outbox.put([], work)
        return taken[0]

    async def agree(self, id_: str, by: Principal) -> Asked | None:
        """Begin an order that waits and is still good: from now on it is done once, or never.

        Returns:
            It; None where it does not wait any more.
        """

        def agreed(session: Session, row: OrderRow) -> Record:
            row.agreed = "person"
            record(session, by, "district.agree", id_, {"command": row.command})
            return self._step(session, row, "doing")

        return await self._from_waiting(id_, agreed, expires_after=now())

    async def decline(self, id_: str, by: Principal) -> Asked | None:
        """Say no to an order that waits; None where it does not wait any more."""

        def declined(session: Session, row: OrderRow) -> Record:
            record(session, by, "district.decline", id_, {"command": row.command})
            return self._step(session, row, "declined", "declined")

        return await self._from_waiting(id_, declined)

    async def expire(self) -> bool:
        """End what waited too long; tell whether anything did."""
        at, ended = now(), list[str]()

        def work(session: Session) -> list[Record]:
            over = [one for one in _waiting(session) if one.expires <= at]
            ended.extend(one.id for one in over)
            return [self._step(session, one, "expired", "expired") for one in over]

        if any(one.expires <= at for one in await self.asked("waiting")):
            await self._outbox.put([], work)
        return bool(ended)

    async def end(self, id_: str, state: State, code: str, said: Said) -> None:
        """Note how what was begun has ended."""
        told = self._told(said)

        def work(session: Session) -> list[Record]:
            row = session.get_one(OrderRow, id_)
            row.result, row.result_kk, row.result_ru = told
            return [self._step(session, row, state, code)]

        await self._outbox.put([], work)

    async def asked(self, *states: str, most: int = 50) -> list[Asked]:
        """Return orders, the newest first; those in some states, or all."""
        query = select(OrderRow).order_by(OrderRow.came.desc()).limit(most)
        if states:
            query = query.where(OrderRow.state.in_(states))
        return await self._store.read(
            lambda session: [_value(Asked, row) for row in session.scalars(query)]
        )

    async def say_refused(self, order: Order | None, refusal: Refusal, by: Principal) -> None:
        """Tell the district, and note, that something is not taken."""
        id_, command, device = ("", "", "") if order is None else _said(order)
        told = self._told(refusal.said)

        def work(session: Session) -> list[Record]:
            record(session, by, "district.refuse", id_, {"code": refusal.code, "command": command})
            return [reply(id_, command, device, "refused", refusal.code, told)]

        await self._outbox.put([], work)

    async def say_again(self, asked: Asked) -> None:
        """Tell the district once more how far an order is."""
        await self._outbox.put([_reply(asked)])

    def _told(self, said: Said) -> tuple[str, str, str]:
        """Return it in English, Kazakh and Russian."""
        english, kazakh, russian = (
            said.within(self._say, language)[:MOST_RESULT] for language in ("en", "kk", "ru")
        )
        return english, kazakh, russian

    async def _from_waiting(
        self,
        id_: str,
        then: Callable[[Session, OrderRow], Record],
        expires_after: float = 0.0,
    ) -> Asked | None:
        found: list[Asked] = []

        def work(session: Session) -> list[Record]:
            row = session.get(OrderRow, id_)
            if row is None or row.state != "waiting" or row.expires <= expires_after:
                return []
            told = then(session, row)
            found.append(_value(Asked, row))
            return [told]

        await self._outbox.put([], work)
        return found[0] if found else None

    def _step(self, session: Session, row: OrderRow, state: State, code: str = "") -> Record:
        row.state, row.code, row.changed = state, code, now()
        if state not in UNDER_WAY:
            detail = {"state": state, "code": code, "command": row.command, "device": row.device}
            record(session, district(row.key, row.signer), "district.ended", row.id, detail)
        return _reply(_value(Asked, row))


def reply(
    order: str,
    command: str,
    device: str,
    state: str,
    code: str,
    result: tuple[str, str, str],
    agreed: str = "",
    key: str = "",
) -> Record:
    """Return what the district is told of an order; `result` in English, Kazakh and Russian."""
    told = {
        "time": rfc3339(now()),
        "order": order,
        "command": command,
        "device": device,
        "state": state,
        "code": code,
        "result": result[0],
        "agreed": agreed,
        "key": key,
        "result_kk": result[1],
        "result_ru": result[2],
    }
    return Record("reply", told)


def district(key: str, name: str) -> Principal:
    """Return somebody of the district, as the audit log knows them: by their key."""
    return Principal(id=f"district:{key}", name=name, role=Role.ENGINEER, via="system")


def digest_of(payload: bytes) -> str:
    """Return what tells one message from another."""
    return hashlib.sha256(payload).hexdigest()


def _reply(one: Asked) -> Record:
    told = (one.result, one.result_kk, one.result_ru)
    return reply(one.id, one.command, one.device, one.state, one.code, told, one.agreed, one.key)


def _said(order: Order) -> tuple[str, str, str]:
    return order.id, order.command, order.device


def _consent(session: Session) -> Consent:
    row = session.get_one(ConsentRow, _ONLY)
    commands = tuple(one for one in row.commands.split(",") if one)
    return Consent(row.allowed, commands, row.until, row.since)


def _waiting(session: Session) -> Sequence[OrderRow]:
    return session.scalars(select(OrderRow).where(OrderRow.state == "waiting")).all()


def _under_way(session: Session) -> int:
    count = select(func.count(OrderRow.id)).where(OrderRow.state.in_(UNDER_WAY))
    return session.scalar(count) or 0


def _forget_oldest(session: Session, at: float) -> None:
    """Keep the newest; what could still come again is never forgotten."""
    oldest = (
        select(OrderRow.id)
        .where(OrderRow.state.not_in(UNDER_WAY), OrderRow.expires < at - _DAY)
        .order_by(OrderRow.came.desc())
        .offset(MOST_KEPT)
    )
    session.execute(delete(OrderRow).where(OrderRow.id.in_(oldest)))


def _value(made: type[_Value], row: Any) -> _Value:
    return made(**{one.name: getattr(row, one.name) for one in fields(made)})  # type: ignore[arg-type]
