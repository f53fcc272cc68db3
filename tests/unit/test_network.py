"""Where the hub is reached: its addresses in order, as they change; names; limits by address."""

import ipaddress
from types import SimpleNamespace

import pytest
from starlette.requests import Request

from hub.api.context import base_of
from hub.api.limits import MOST_ENDLESS_OF_ONE, NoRoom, Places, RequestRate, TooFast, TooManyFollow
from hub.api.routes.following import Followed
from hub.device import Role
from hub.network import Address, Announcement, Network, host_of, own_names, peer_of
from hub.network import _addresses as addresses
from hub.network._announce import label_of
from hub.rights import SYSTEM

HOME = Address("eth0", "192.168.1.20")
WIFI = Address("wlan0", "10.1.0.5")


def network(*found, host="0.0.0.0", **more):
    seen = list(found)
    made = Network(host, look=lambda: tuple(seen), **more)
    return made, seen


# Addresses


def adapters(*given):
    """What `ifaddr` tells: `(interface, address, …)`."""
    return [
        SimpleNamespace(
            name=name, ips=[SimpleNamespace(ip=(ip, 0, 2) if ":" in ip else ip) for ip in ips]
        )
        for name, *ips in given
    ]


def test_the_address_with_the_default_route_comes_first(monkeypatch):
    found = adapters(
        ("lo", "127.0.0.1", "::1"),
        ("docker0", "172.17.0.1"),
        ("eth1", "10.0.0.2", "fe80::1"),
        ("wlan0", "fd00::5", "192.168.1.5"),
        ("usb0", "169.254.3.4"),
    )
    monkeypatch.setattr(addresses.ifaddr, "get_adapters", lambda: found)
    monkeypatch.setattr(addresses, "default_interface", lambda: "wlan0")
    assert [one.ip for one in addresses.interfaces()] == [
        "192.168.1.5",
        "fd00::5",
        "10.0.0.2",
        "172.17.0.1",
        "169.254.3.4",
        "fe80::1",
    ]


def test_this_computers_own_addresses_are_found():
    for one in addresses.interfaces():
        assert not ipaddress.ip_address(one.ip).is_loopback


ROUTES = """Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0
tun0\t00000000\t0100000A\t0002\t0\t0\t1\t00000000\t0\t0\t0
eth0\t0000000A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
"""


def test_the_default_route_is_the_one_that_is_up_with_the_least_metric(tmp_path):
    table = tmp_path / "route"
    table.write_text(ROUTES)
    assert addresses.default_interface(table) == "eth0"
    table.write_text(ROUTES.splitlines()[0])
    assert addresses.default_interface(table) is None
    assert addresses.default_interface(tmp_path / "none") is None


def test_one_computer_counts_as_one_however_many_ipv6_addresses_it_takes():
    assert peer_of("2001:db8::1") == peer_of("2001:db8::ffff:1") != peer_of("2001:db8:0:1::1")
    assert peer_of("::ffff:10.0.0.5") == peer_of("10.0.0.5") == "10.0.0.5"
    assert peer_of("fe80::1%eth0") == "fe80::/64"
    assert peer_of("unknown") == "unknown"


# The network


def test_a_hub_for_this_computer_alone_has_no_address_for_others():
    for host in ("127.0.0.1", "localhost", "::1"):
        made, _ = network(HOME, host=host)
        assert not made.is_open
        assert made.address is None
        assert HOME.ip not in made.hosts


def test_an_open_hub_answers_to_its_addresses_and_names_and_to_no_other():
    made, _ = network(HOME, WIFI, names=["Hub.School.Local."])
    assert made.hosts == own_names() | {
        "localhost", "127.0.0.1", "::1", HOME.ip, WIFI.ip, "hub.school.local"
    }  # fmt: skip
    assert made.address == HOME
    assert made.is_own(WIFI.ip)
    assert not made.is_own("192.168.1.21")


def test_a_hub_on_one_address_tells_that_one():
    made, _ = network(HOME, WIFI, host=WIFI.ip)
    assert made.addresses == (WIFI,)
    gone, _ = network(HOME, host=WIFI.ip)
    assert gone.address is not None
    assert gone.address.ip == WIFI.ip


def test_a_new_address_is_told_once_and_the_old_one_refused():
    made, seen = network(HOME)
    told = []
    made.subscribe(lambda: told.append(made.address))
    before = made.hosts
    made.look()
    assert made.hosts is before
    seen[:] = [WIFI]
    made.look()
    made.look()
    assert told == [WIFI]
    assert WIFI.ip in made.hosts
    assert HOME.ip not in made.hosts
    seen.clear()
    made.look()
    assert told == [WIFI, None]


def test_the_host_of_a_join_address_is_one_of_the_hubs_names():
    assert host_of("http://hub.school.local:8420/") == ["hub.school.local"]
    assert host_of(None) == []


def test_the_name_in_mdns_is_one_label():
    assert label_of("Room 12", "abcdef123456") == "Room 12 (3456)"
    long = label_of("Физика кабинеті " * 9, "abcdef123456")
    assert len(long.encode()) <= 63
    assert long.endswith(" (3456)")
    assert "." not in label_of("a.b.local", "abcd1234")


async def test_a_hub_with_no_network_is_not_announced():
    announcement = Announcement("Room", "abcdef", "1")
    await announcement.tell([], 8420, secure=False)
    assert not announcement.active
    await announcement.stop()


# The address for pupils


def asked(made, host, client, *, join_url=None, scheme="http"):
    hub = SimpleNamespace(network=made, settings=SimpleNamespace(join_url=join_url))
    scope = {
        "type": "http",
        "scheme": scheme,
        "path": "/",
        "query_string": b"",
        "headers": [(b"host", host.encode())],
        "client": (client, 5000),
        "server": ("127.0.0.1", 8420),
    }
    return base_of(Request(scope), hub)


@pytest.mark.parametrize(
    ("host", "client", "expected"),
    [
        ("localhost:8420", "127.0.0.1", "http://192.168.1.20:8420"),
        ("[::1]:8420", "::1", "http://192.168.1.20:8420"),
        # On the hub's own screen any of its addresses may be used; pupils have the best one.
        ("10.1.0.5:8420", "10.1.0.5", "http://192.168.1.20:8420"),
        # A teacher's laptop in the other network: its pupils are there, too.
        ("10.1.0.5:8420", "10.1.0.77", "http://10.1.0.5:8420"),
        # Tablets often do not know names that end in .local.
        ("room12.local:8420", "192.168.1.30", "http://192.168.1.20:8420"),
        ("hub.school.kz", "127.0.0.1", "http://hub.school.kz"),
    ],
)
def test_pupils_are_given_the_address_that_they_can_reach(host, client, expected):
    made, _ = network(HOME, WIFI, names=["hub.school.kz"])
    assert asked(made, host, client) == expected


def test_the_join_address_of_the_settings_wins_and_https_is_said():
    made, _ = network(HOME)
    assert asked(made, "localhost", "127.0.0.1", join_url="http://a.kz/") == "http://a.kz"
    assert asked(made, "localhost:1", "127.0.0.1", scheme="https") == "https://192.168.1.20:1"


def test_without_a_network_the_address_is_the_callers_own():
    made, _ = network(host="127.0.0.1")
    assert asked(made, "localhost:8420", "127.0.0.1") == "http://localhost:8420"


async def test_a_new_address_reaches_the_teachers_page(hub, api, monkeypatch):
    heard = []
    hub.bus.subscribe("lessons/+", lambda message: heard.append(message.payload))
    secret, _ = await hub.school.create_token(Role.TEACHER, "t")
    lesson = await hub.school.start_lesson(await hub.school.authenticate(secret), "Cells")
    heard.clear()
    monkeypatch.setattr(hub.network, "_host", "0.0.0.0")
    monkeypatch.setattr(hub.network, "_interfaces", lambda: (HOME,))
    hub.network.look()
    await api._join_address._telling
    assert [(one["change"], one["lesson"]["id"]) for one in heard] == [("edited", lesson.id)]


# Limits


def test_an_address_that_asks_too_often_waits_and_another_does_not():
    now = 0.0
    rate = RequestRate(3, 1.0, monotonic=lambda: now)
    for _ in range(3):
        rate.check({"client": ("10.0.0.5", 1)})
    with pytest.raises(TooFast):
        rate.check({"client": ("10.0.0.5", 2)})
    assert rate.refused == 1
    rate.check({"client": ("10.0.0.6", 1)})
    now = 1.0
    rate.check({"client": ("10.0.0.5", 1)})
    with pytest.raises(TooFast):
        rate.check({"client": ("10.0.0.5", 1)})


def test_programs_of_this_computer_are_not_counted():
    rate = RequestRate(1, 0.0)
    for _ in range(5):
        rate.check({"client": ("127.0.0.1", 1)})
        rate.check({"client": None})


def test_a_thousand_addresses_are_not_all_remembered():
    rate = RequestRate(1, 0.0)
    for number in range(5000):
        rate.check({"client": (f"10.0.{number // 250}.{number % 250}", 1)})
    assert len(rate._left) <= 2000


def test_who_follows_much_leaves_room_for_others(monkeypatch):
    places = Places()
    held = [places.one("a") for _ in range(MOST_ENDLESS_OF_ONE)]
    for one in held:
        one.__enter__()
    with pytest.raises(TooManyFollow), places.one("a"):
        pass
    with places.one("b"):
        assert places.taken == MOST_ENDLESS_OF_ONE + 1
    monkeypatch.setattr("hub.api.limits.MOST_ENDLESS", MOST_ENDLESS_OF_ONE)
    with pytest.raises(NoRoom), places.one("b"):
        pass
    for one in held:
        one.__exit__(None, None, None)
    assert places.taken == 0


async def test_server_sent_events_take_a_place_too(hub, monkeypatch):
    monkeypatch.setattr("hub.api.limits.MOST_ENDLESS_OF_ONE", 0)
    answer = Followed(hub, "cam/p/objective", SYSTEM)
    with pytest.raises(TooManyFollow):
        await answer({}, None, None)
