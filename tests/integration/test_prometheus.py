"""A real Prometheus scrapes a hub; the rules and the dashboard that ship are true of it."""

import json
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests.conftest import start_hub

ROOT = Path(__file__).resolve().parents[2] / "configs"
RULES, DASHBOARD = ROOT / "prometheus", ROOT / "grafana" / "classhub.json"
TEXT = {"Accept": "text/plain;version=0.0.4"}
LIMIT = 90


@pytest.fixture(scope="module", autouse=True)
def promtool():
    if shutil.which("promtool") is None:
        pytest.skip("prometheus is not installed: see packaging/apt-test.txt")


@pytest.fixture(scope="module")
def hub(hub_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scraped")
    shutil.copytree(hub_template, folder / "data")
    running = start_hub(folder, "--virtual", config='metrics = "loopback"\n')
    yield running
    running.stop()


@pytest.fixture(scope="module")
def prometheus(hub, tmp_path_factory):
    """The address of a Prometheus that scrapes the hub every second, with the rules that ship."""
    folder = tmp_path_factory.mktemp("prometheus")
    target = hub.url.removeprefix("http://")
    (folder / "prometheus.yml").write_text(
        "global: { scrape_interval: 1s, evaluation_interval: 1s }\n"
        f"rule_files: [{RULES / 'classhub.rules.yml'}]\n"
        f"scrape_configs: [{{ job_name: classhub, static_configs: [{{ targets: ['{target}'] }}] }}]\n"
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    command = ["prometheus", f"--config.file={folder / 'prometheus.yml'}"]
    command += [f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address={address}"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield f"http://{address}/api/v1"
    finally:
        process.terminate()
        process.wait(30)


def asked(address, expression):
    """What Prometheus answers to an expression, None while it is not ready."""
    try:
        answer = httpx.get(f"{address}/query", params={"query": expression}, timeout=10).json()
    except (httpx.HTTPError, ValueError):
        return None
    assert answer["status"] == "success", answer
    return answer["data"]["result"]


def until(what, told):
    end = time.monotonic() + LIMIT
    while not (found := told()):
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.3)
    return found


def expressions():
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


def test_what_the_hub_says_passes_promtool(hub):
    text = httpx.get(f"{hub.url}/metrics", headers=TEXT, timeout=20).text
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=60
    )
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "classhub" in line]
    assert ours == []


def test_the_rules_are_rules_and_ring_when_they_should():
    for command, file in (("check", "classhub.rules.yml"), ("test", "classhub.tests.yml")):
        done = subprocess.run(
            ["promtool", command, "rules", file],
            cwd=RULES, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


def test_each_metric_of_the_rules_and_the_dashboard_is_one_of_the_hub(hub):
    text = httpx.get(f"{hub.url}/metrics", headers=TEXT, timeout=20).text
    known = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    known |= {
        f"{name}_bucket" for name in re.findall(r"^# TYPE (\S+) histogram", text, re.MULTILINE)
    }
    used = set()
    for source in (*expressions(), (RULES / "classhub.rules.yml").read_text()):
        used |= set(re.findall(r"\bclasshub_[a-z_]+(?=[\s{\[\),]|$)", source))
    assert len(used) > 10
    assert used - known == set()


def test_prometheus_scrapes_it_and_answers_what_the_dashboard_asks(prometheus):
    until("the scrape", lambda: asked(prometheus, 'up{job="classhub"} == 1'))
    until("the microscope", lambda: asked(prometheus, "classhub_device_reachable == 1"))
    for expression in expressions():
        assert asked(prometheus, expression) is not None, expression
    rules = httpx.get(f"{prometheus}/rules", timeout=10).json()["data"]["groups"][0]["rules"]
    assert {rule["health"] for rule in rules} <= {"ok", "unknown"}
    assert len(rules) == 7
