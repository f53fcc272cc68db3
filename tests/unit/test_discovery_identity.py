"""Which device is which: identities survive replugs, twins stay two, nothing is guessed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.discovery import UsbFacts, identify

S = "usb:056a:0302:S"


def plugged(key, port, serial="S", product="0302"):
    return UsbFacts(key=key, vendor="056a", product=product, serial=serial, port=port)


def at(port):
    return f"usb:056a:0302@{port}"


class Room:
    """The pure functions, called again and again as discovery does."""

    def __init__(self, claimed=()):
        self.claimed, self.held, self.twins, self.unclear = set(claimed), {}, {}, frozenset()
        self.number = 0
        self.there = {}

    def plug(self, name, port, serial="S"):
        self.number += 1  # each plug is a new device of the kernel
        self.there[name] = plugged(f"{port}#{self.number}", port, serial)
        return self.look()

    def pull(self, name):
        del self.there[name]
        return self.look()

    def restart(self):
        self.held = {}
        return self.look()

    def look(self):
        found = identify(
            list(self.there.values()),
            held=self.held,
            claimed=self.claimed,
            twins=self.twins,
            unclear=self.unclear,
        )
        self.held, self.twins, self.unclear = (
            dict(found.identities),
            dict(found.twins),
            found.unclear,
        )
        return {name: found.identities[one.key] for name, one in self.there.items()}


def test_a_serial_of_its_own_is_the_identity_in_every_port():
    room = Room()
    assert room.plug("A", "p1") == {"A": S}
    room.pull("A")
    assert room.plug("A", "p7") == {"A": S}


def test_without_a_serial_the_port_is_the_identity():
    room = Room()
    assert room.plug("A", "p1", serial="") == {"A": at("p1")}
    assert room.plug("B", "p2", serial="") == {"A": at("p1"), "B": at("p2")}


def test_two_with_one_serial_are_two_and_known_by_their_ports():
    room = Room()
    room.plug("A", "p1")
    assert room.plug("B", "p2") == {"A": at("p1"), "B": at("p2")}


def test_the_one_in_use_keeps_its_identity_when_its_twin_comes():
    room = Room([S])
    room.plug("A", "p1")
    assert room.plug("B", "p2") == {"A": S, "B": at("p2")}
    assert room.pull("A") == {"B": at("p2")}, "the twin is not taken for it"
    assert room.unclear == frozenset(), "it is simply away"
    assert room.plug("A", "p1") == {"A": S, "B": at("p2")}
    assert room.restart() == {"A": S, "B": at("p2")}
    room.claimed.add(at("p2"))
    assert room.restart() == {"A": S, "B": at("p2")}


def test_a_twin_in_another_port_is_asked_for_and_not_guessed():
    room = Room([S])
    room.plug("A", "p1")
    room.plug("B", "p2")
    room.pull("A")
    room.pull("B")
    assert room.plug("A", "p9") == {"A": at("p9")}
    assert room.unclear == {S}
    assert room.plug("B", "p2") == {"A": at("p9"), "B": at("p2")}
    room.pull("A")
    assert room.plug("A", "p1")["A"] == S
    assert room.unclear == frozenset()


def test_two_with_one_serial_that_were_never_seen_together_are_asked_for():
    room = Room([S])
    room.there = {"A": plugged("a", "p1"), "B": plugged("b", "p2")}
    assert room.look() == {"A": at("p1"), "B": at("p2")}
    assert room.unclear == {S}


def test_a_port_that_is_in_use_wins_over_the_serial():
    room = Room([at("p2")])
    assert room.plug("B", "p2") == {"B": at("p2")}
    assert room.plug("A", "p1") == {"B": at("p2"), "A": at("p1")}


def test_another_product_with_the_same_serial_is_no_twin():
    found = identify(
        [plugged("a", "p1"), plugged("b", "p2", product="0303")], held={}, claimed=(), twins={}
    )
    assert set(found.identities.values()) == {S, "usb:056a:0303:S"}


DEVICES = st.lists(
    st.builds(
        UsbFacts,
        key=st.sampled_from("abcdefgh"),
        vendor=st.sampled_from(["056a", "0483"]),
        product=st.just("0302"),
        serial=st.sampled_from(["", "S", "T", "S@p1"]),
        port=st.sampled_from(["p1", "p2", "p3", "p4", "p5"]),
    ),
    max_size=5,
    unique_by=(lambda one: one.key, lambda one: one.port),
)
CLAIMS = st.sets(st.sampled_from([S, at("p1"), at("p2"), "usb:0483:0302:T"]))
TWINS = st.dictionaries(st.sampled_from([S]), st.sampled_from(["", "p1", "p2"]))


@settings(max_examples=200, deadline=None)
@given(devices=DEVICES, claimed=CLAIMS, twins=TWINS, data=st.data())
def test_identities_are_never_shared_and_do_not_depend_on_the_order(devices, claimed, twins, data):
    once = identify(devices, held={}, claimed=claimed, twins=twins)
    assert set(once.identities) == {one.key for one in devices}
    assert len(set(once.identities.values())) == len(devices)
    assert not once.unclear & set(once.identities.values())
    mixed = identify(data.draw(st.permutations(devices)), held={}, claimed=claimed, twins=twins)
    assert mixed.identities == once.identities
    again = identify(devices, held=once.identities, claimed=claimed, twins=once.twins)
    assert again.identities == once.identities, "looking twice changes nothing"


@settings(max_examples=300, deadline=None)
@given(steps=st.lists(st.sampled_from(["A", "B", "C", "restart"]), max_size=12))
def test_whatever_is_pulled_and_put_back_a_twin_is_never_taken_for_the_one_in_use(steps):
    room = Room([S])
    ports = {"A": "p1", "B": "p2", "C": "p3"}
    room.plug("A", "p1")
    room.plug("B", "p2")
    for step in steps:
        if step == "restart":
            seen = room.restart()
        elif step in room.there:
            seen = room.pull(step)
        else:
            seen = room.plug(step, ports[step])
        assert [name for name, identity in seen.items() if identity == S] in ([], ["A"])
        assert ("A" in seen) == (S in seen.values())


def test_even_ports_that_are_said_to_be_one_make_two_devices():
    twins = [plugged("a", "p1"), plugged("b", "p1")]
    assert len(set(identify(twins, held={}, claimed=(), twins={}).identities.values())) == 2


@pytest.mark.parametrize("junk", ["0" * 500, "\u202e", "a:b@c"])
def test_what_a_device_says_of_itself_stays_data(junk):
    found = identify([plugged("a", "p1", serial=junk)], held={}, claimed=(), twins={})
    assert found.identities["a"] == f"usb:056a:0302:{junk}"
