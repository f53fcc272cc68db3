"""An order of the district: read strictly, believed only where it is signed byte for byte."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from plugins.district.hands.judging import MOST_LIFE, SKEW, Refusal, look_at_times
from plugins.district.hands.order import (
    PURPOSE,
    Order,
    Unreadable,
    is_key,
    is_signed,
    key_id,
    read,
    sign,
)

NOW = 1_795_900_000.0
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw().hex()
ORDER = Order("order-0001", "hub-1", "restart-device", NOW, NOW + 600, "cam", "Камера не отвечает")
SENT = sign(ORDER, PRIVATE)


def changed(**fields):
    """The order with other fields in its text, and the signature that it had."""
    envelope = json.loads(SENT)
    text = {**json.loads(envelope["signed"]), **fields}
    return json.dumps({**envelope, "signed": json.dumps(text)}).encode()


def test_what_is_signed_is_read_as_it_was_meant():
    envelope, order = read(SENT)
    assert order == ORDER
    assert envelope.key == key_id(PUBLIC)
    assert is_signed(envelope, PUBLIC)
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    assert not is_signed(envelope, other)


@pytest.mark.parametrize(
    "fields",
    [{"to": "hub-2"}, {"device": "printer"}, {"expires": "2099-01-01T00:00:00.000Z"}, {}],
    ids=lambda fields: ",".join(fields) or "spaces",
)
def test_what_was_changed_is_not_signed(fields):
    envelope, _ = read(changed(**fields))
    assert not is_signed(envelope, PUBLIC)


def test_a_signature_made_for_something_else_is_none():
    envelope = json.loads(SENT)
    bare = base64.b64encode(PRIVATE.sign(envelope["signed"].encode())).decode()
    read_, _ = read(json.dumps({**envelope, "signature": bare}).encode())
    assert not is_signed(read_, PUBLIC)
    assert PURPOSE.endswith(b"\n")


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 4000,
        b"x" * 5000,
        changed(more="x"),
        changed(v=2),
        changed(id="short"),
        changed(id="x" * 64),
        changed(to="Hub 1"),
        changed(command="rm -rf"),
        changed(device="../../etc"),
        changed(issued="2026-11-29T10:00:00"),
        changed(issued="yesterday"),
        changed(expires=1e308),
        changed(reason=None),
        json.dumps({**json.loads(SENT), "more": 1}).encode(),
    ],
    ids=range(17),
)
def test_what_is_no_order_is_named(payload):
    with pytest.raises(Unreadable):
        read(payload)


def test_a_reason_is_text_without_tricks_and_not_long():
    _, order = read(changed(reason="\x1b[31mred\u202e\n" + "x" * 500))
    assert order.reason.startswith("[31mredxx")
    assert len(order.reason) == 200


@given(st.binary(max_size=600))
def test_whatever_comes_is_read_or_named(payload):
    with pytest.raises(Unreadable):
        read(payload)


@given(st.integers(0, len(SENT) - 1), st.integers(1, 255))
def test_no_changed_byte_makes_another_order_of_it(place, by):
    spoilt = bytearray(SENT)
    spoilt[place] ^= by
    try:
        envelope, order = read(bytes(spoilt))
    except Unreadable:
        return
    # A name or a space of the envelope may differ; what is asked may not.
    assert order == ORDER or not is_signed(envelope, PUBLIC)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: st.one_of(st.text(max_size=40), st.integers(), st.none(), st.floats())
            for name in ("v", "id", "to", "command", "device", "issued", "expires", "reason")
        },
    )
)
def test_no_field_of_another_sort_gets_through_signed(fields):
    try:
        envelope, _ = read(changed(**fields))
    except Unreadable:
        return
    assert not is_signed(envelope, PUBLIC) or not fields


@pytest.mark.parametrize(
    ("order", "at", "since", "wrong", "code"),
    [
        (ORDER, NOW + 5, 0, False, None),
        (ORDER, NOW - SKEW, 0, False, None),
        (ORDER, NOW - SKEW - 1, 0, False, "clocks-differ"),
        (ORDER, NOW + 600, 0, False, "expired"),
        (ORDER, NOW + 5, NOW + 1, False, "too-old"),
        (ORDER, NOW + 5, 0, True, "clock-wrong"),
        (Order("order-0002", "h", "check", NOW, NOW + MOST_LIFE + 1), NOW, 0, False, "too-long"),
        (Order("order-0002", "h", "check", NOW, NOW), NOW, 0, False, "too-long"),
    ],
)
def test_an_order_is_of_now(order, at, since, wrong, code):
    if code is None:
        look_at_times(order, at, since, clock_wrong=wrong)
        return
    with pytest.raises(Refusal) as refused:
        look_at_times(order, at, since, clock_wrong=wrong)
    assert refused.value.code == code
    assert "clock says" in refused.value.why or code in ("too-long", "too-old")


def test_a_key_is_64_hexadecimal_digits():
    assert is_key(PUBLIC)
    assert not any(
        is_key(one) for one in ("", PUBLIC[:-1], PUBLIC + "00", "g" * 64, PUBLIC.upper())
    )
