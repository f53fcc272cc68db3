"""The commands speak to a hub elsewhere by HTTPS: trusted where its certificate is given."""

import json
import os
import subprocess
import sys

import pytest

from tests.integration.test_class_network_tls import NAME, SecureHub, make


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    certificate, key = make(folder, "good")
    running = SecureHub(folder, certificate, key)
    running.certificate = certificate
    yield running
    running.stop()


@pytest.fixture(scope="module")
def token(hub):
    made = classhub("token", "create", "--role", "teacher", "--name", "t", "--data", str(hub.data))
    return made.stdout.split()[0]


def environment(**more):
    """The test's own without what would make the commands trust or ask somebody."""
    kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    return {**kept, "LC_ALL": "C.UTF-8", "NO_PROXY": "*", **more}


def classhub(*arguments, **more):
    command = [sys.executable, "-m", "hub.cli", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, env=environment(**more), check=False
    )


def at(url, token):
    return ("devices", "--url", url, "--token", token, "--json")


@pytest.mark.parametrize("how", ["option", "variable", "SSL_CERT_FILE"])
def test_a_hub_with_the_schools_own_certificate_is_reached_where_that_is_given(hub, token, how):
    url = f"https://127.0.0.1:{hub.port}"
    more, options = {}, ()
    if how == "option":
        options = ("--certificate", str(hub.certificate))
    elif how == "variable":
        more["CLASSHUB_CERTIFICATE"] = str(hub.certificate)
    else:
        more["SSL_CERT_FILE"] = str(hub.certificate)
    done = classhub(*at(url, token), *options, **more)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == []


def test_watching_goes_by_the_same_trust(hub, token):
    url = f"https://127.0.0.1:{hub.port}"
    options = ["--url", url, "--token", token, "--certificate", str(hub.certificate)]
    done = classhub("watch", *options, "--seconds", "1")
    assert (done.returncode, done.stderr) == (0, "")


def resolving(*arguments):
    """Run a command where the hub's name leads to this computer, as a school's server says."""
    program = (
        "import socket\n"
        "real = socket.getaddrinfo\n"
        f"names = {(NAME, 'other.test')!r}\n"
        "socket.getaddrinfo = lambda host, *a, **k:"
        " real('127.0.0.1' if host in names else host, *a, **k)\n"
        "from hub.cli import main\nmain()"
    )
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(),
        check=False,
    )


@pytest.mark.parametrize("command", ["devices", "watch"])
def test_who_is_not_trusted_gets_no_token_and_it_is_said_what_to_do(hub, token, command):
    url = f"https://{NAME}:{hub.port}"
    tried = resolving(command, "--url", url, "--token", token)
    assert tried.returncode == 5
    assert "signed by nobody whom this computer trusts" in tried.stderr
    assert "--certificate FILE" in tried.stderr
    assert "CLASSHUB_CERTIFICATE" in tried.stderr
    assert "Traceback" not in tried.stderr
    given = ("--certificate", str(hub.certificate))
    assert resolving("devices", "--url", url, "--token", token, *given).returncode == 0
    other = f"https://other.test:{hub.port}"
    tried = resolving(command, "--url", other, "--token", token, *given)
    assert tried.returncode == 5
    assert "is for another name" in tried.stderr


def test_one_that_has_expired_is_said(tmp_path):
    certificate, key = make(tmp_path, "old", days=-1)
    hub = SecureHub(tmp_path, certificate, key)
    try:
        url = f"https://{NAME}:{hub.port}"
        tried = resolving("devices", "--url", url, "--token", "x", "--certificate", certificate)
        assert tried.returncode == 5
        assert "has expired" in tried.stderr
        assert "clock" in tried.stderr
    finally:
        hub.stop()


def test_http_and_https_that_are_mixed_up_are_said(hub, token, start):
    tried = classhub(*at(f"http://127.0.0.1:{hub.port}", token))
    assert tried.returncode == 5
    assert f"write https://127.0.0.1:{hub.port}" in tried.stderr
    plain = start()
    tried = classhub(*at(plain.url.replace("http:", "https:"), token))
    assert tried.returncode == 5
    assert f"try {plain.url}" in tried.stderr


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_certificate_that_is_none_is_wrong_usage(tmp_path, content):
    file = tmp_path / "a.pem"
    if content is not None:
        file.write_text(content)
    tried = classhub(*at("https://10.0.0.5:1", "x"), "--certificate", str(file))
    assert tried.returncode == 2
    assert f"--certificate {file} cannot be used" in tried.stderr
    assert "None" not in tried.stderr
    assert "Traceback" not in tried.stderr
