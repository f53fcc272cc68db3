"""`/metrics`: well-formed, with a help and a unit for each, true, and for engineers only."""

import re

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open
from prometheus_client.parser import text_string_to_metric_families as parse_plain

from hub.api.application import Api
from hub.device import Role
from hub.histogram import Histogram

OPEN = {"Accept": "application/openmetrics-text; version=1.0.0"}
UNITS = ("_seconds", "_bytes", "_total")


async def families(client, **headers):
    answer = await client.get("/metrics", headers={**OPEN, **headers})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    return {family.name: family for family in parse_open(answer.text)}


def value(found, family, **labels):
    (sample,) = [
        one.value
        for one in found[family].samples
        if all(one.labels.get(name) == wanted for name, wanted in labels.items())
        and not one.name.endswith("_created")
    ]
    return sample


async def test_it_is_openmetrics_that_a_parser_reads(client, hub):
    found = await families(await client("engineer"))
    assert found["classhub"].samples[0].labels["version"] == hub.version
    assert found["classhub"].samples[0].labels["hub"] == hub.id
    assert value(found, "classhub_uptime_seconds") >= 0
    assert value(found, "process_resident_memory_bytes") > 1 << 20
    assert value(found, "process_cpu_seconds") > 0
    assert value(found, "classhub_disk_free_bytes") > 0
    assert value(found, "classhub_mqtt_connected") == 0
    assert value(found, "classhub_operations", status="running") == 0


async def test_each_has_a_help_and_a_unit_in_its_name(client):
    answer = await (await client("engineer")).get("/metrics", headers=OPEN)
    assert answer.text.endswith("# EOF\n")
    found = list(parse_open(answer.text))
    assert len(found) > 25
    for family in found:
        assert len(family.documentation) > 5, family.name
        if family.name.startswith("classhub"):
            assert re.fullmatch(r"classhub[a-z_]*", family.name)
            if "memory" in family.name or "size" in family.name or "duration" in family.name:
                assert family.name.endswith(UNITS), family.name


async def test_old_scrapers_get_the_format_that_they_know(client):
    answer = await (await client("engineer")).get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert any(family.name == "classhub_websockets" for family in parse_plain(answer.text))


async def test_the_stores_writes_are_timed(client, hub):
    engineer = await client("engineer")
    before = value(await families(engineer), "classhub_store_write_duration_seconds", le="+Inf")
    await hub.school.create_sign_in_code(Role.TEACHER, "somebody")
    found = await families(engineer)
    assert value(found, "classhub_store_write_duration_seconds", le="+Inf") == before + 1


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("teacher", 403), ("engineer", 200)])
async def test_who_may_read_it(client, role, status):
    asking = await client(role)
    assert (await asking.get("/metrics")).status_code == status
    assert (await asking.head("/metrics")).status_code == status


async def test_it_can_only_be_read(client):
    answer = await (await client("admin")).post("/metrics")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"


def asking(api, address, **headers):
    transport = httpx.ASGITransport(api, client=(address, 5000))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)


async def test_this_computer_may_read_it_without_a_token_where_that_is_set(hub, monkeypatch):
    monkeypatch.setattr(hub, "settings", hub.settings.model_copy(update={"metrics": "loopback"}))
    api = Api(hub)
    for address, headers, status in (
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.0.0.5", {}, 401),
        # A proxy on this computer speaks for somebody else.
        ("127.0.0.1", {"X-Forwarded-For": "10.0.0.5"}, 401),
        ("127.0.0.1", {"Host": "evil.example"}, 421),
    ):
        async with asking(api, address, **headers) as client:
            assert (await client.get("/metrics")).status_code == status, (address, headers)
    await api.stop()


async def test_it_can_be_switched_off(hub, monkeypatch):
    monkeypatch.setattr(hub, "settings", hub.settings.model_copy(update={"metrics": "off"}))
    api = Api(hub)
    async with asking(api, "127.0.0.1") as client:
        assert (await client.get("/metrics")).status_code == 404
    await api.stop()


def test_a_histogram_counts_what_took_no_longer():
    histogram = Histogram((0.1, 1.0))
    for seconds in (0.05, 0.1, 0.5, 3.0):
        histogram.observe(seconds)
    assert histogram.buckets() == [("0.1", 2.0), ("1.0", 3.0), ("+Inf", 4.0)]
    assert histogram.total == pytest.approx(3.65)
    with pytest.raises(OSError, match="x"), histogram.timed():
        raise OSError("x")
    assert histogram.count == 5
