"""Bundles of TUIO 1.1 (tuio.org/?specification) and 2.0 (tuio.org/?tuio20).

TUIO 1.1, of one profile: `source`, `alive`, a `set` of each contact, `fseq`.
  `/tuio/2Dcur set s x y X Y m`, `/tuio/2Dblb set s x y a w h f X Y A m r`.
What is only said again, once a second, has the number -1.
TUIO 2.0: `/tuio2/frm f_id time dim source`, `/tuio2/ptr s_id tu_id c_id x y angle shear radius
press` with `/tuio2/bnd s_id x y angle width height area`, `/tuio2/tok s_id tu_id c_id x y angle` of
objects, `/tuio2/alv`. The upper half of `tu_id` is the user: the number of the zone. What is only
said again has a number of its own, so that it is never older than what came before.

A frame that does not fit one packet is sent in several with the same number.
"""

import math
from collections.abc import Iterable, Iterator, Sequence

from drivers.input.values import Size
from drivers.touch_table.contract import TouchTool
from drivers.touch_table.osc import Argument, TimeTag, encode_bundle, encode_message
from plugins.touch.tuio.settings import Profile
from plugins.touch.tuio.surface import Touching

AGAIN = -1
MOST_BYTES = 1400
"""Of a bundle, beside at least one contact: it fits one packet of any network."""

_HEAD = 16
_PEN = 0x20  # TUIO 2.0, "Pointer IDs": 0 is a finger of which no more is known
_NO_PRESSURE = -1.0


def first(
    profile: Profile, frame: int, told: Sequence[Touching], alive: Sequence[int], source: str
) -> list[bytes]:
    """Return the bundles of a frame of TUIO 1.1.

    Args:
        profile: `CURSORS` or `BLOBS`.
        frame: its number, `AGAIN` where it only repeats.
        told: the contacts to tell of.
        alive: the sessions of all contacts.
        source: `name@host`.
    """
    address = f"/tuio/{profile.value}"
    say = _cursor if profile is Profile.CURSORS else _blob
    head = [
        encode_message(address, "source", source),
        encode_message(address, "alive", *alive),
    ]
    tail = [encode_message(address, "fseq", frame)]
    sets = [encode_message(address, "set", *say(one)) for one in told]
    return [encode_bundle([*head, *part, *tail]) for part in _parts(sets, [*head, *tail])]


def second(
    frame: int,
    time: float,
    told: Sequence[Touching],
    alive: Sequence[int],
    source: str,
    size: Size | None = None,
) -> list[bytes]:
    """Return the bundles of a frame of TUIO 2.0; `time` in seconds since 1970."""
    dimension = 0 if size is None else _half(size.width) << 16 | _half(size.height)
    head = [encode_message("/tuio2/frm", frame, TimeTag.of(time), dimension, source)]
    tail = [encode_message("/tuio2/alv", *alive)]
    said = [b"".join(_counted(_pointer(one))) for one in told]
    bundles = []
    for part in _parts(said, [*head, *tail]):
        opened = encode_bundle(head)
        bundles.append(b"".join((opened, *part, *_counted(tail))))
    return bundles


def _parts(said: Sequence[bytes], around: Iterable[bytes]) -> Iterator[list[bytes]]:
    room = MOST_BYTES - _HEAD - sum(len(one) + 4 for one in around)
    part: list[bytes] = []
    taken = 0
    for one in said:
        if part and taken + len(one) + 4 > room:
            yield part
            part, taken = [], 0
        part.append(one)
        taken += len(one) + 4
    yield part


def _counted(messages: Iterable[bytes]) -> Iterator[bytes]:
    for message in messages:
        yield len(message).to_bytes(4, "big")
        yield message


def _cursor(one: Touching) -> tuple[Argument, ...]:
    return one.session, one.x, one.y, one.vx, one.vy, one.acceleration


def _blob(one: Touching) -> tuple[Argument, ...]:
    looks = (one.angle, one.width, one.height, one.area)
    return one.session, one.x, one.y, *looks, one.vx, one.vy, 0.0, one.acceleration, 0.0


def _pointer(one: Touching) -> Iterator[bytes]:
    user = one.user << 16
    if one.tool is TouchTool.OBJECT:
        yield encode_message("/tuio2/tok", one.session, user, 0, one.x, one.y, one.angle)
    else:
        kind = _PEN if one.tool is TouchTool.PEN else 0
        pressure = _NO_PRESSURE if one.pressure is None else one.pressure
        radius = math.sqrt(one.area / math.pi)
        place = (one.x, one.y, one.angle, 0.0, radius, pressure)
        moving = (one.vx, one.vy, 0.0, one.acceleration)
        yield encode_message("/tuio2/ptr", one.session, user | kind, 0, *place, *moving)
    if one.area:
        bounds = (one.angle, one.width, one.height, one.area)
        yield encode_message("/tuio2/bnd", one.session, one.x, one.y, *bounds)


def _half(millimetres: float) -> int:
    return min(round(millimetres), 0x7FFF)
