"""HTTPS with certificates made by openssl: served, renewed, and refused where they are wrong."""

import json
import socket
import ssl
import subprocess
import sys
import time

import httpx
import pytest
from websockets.sync.client import connect

from hub.network.tls import Tls, TlsUnusable

NAME = "hub.school.test"


def make(folder, name, *, days=30, common=NAME):
    """A certificate that signs itself, and its key."""
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    request = folder / f"{name}.csr"
    names = folder / f"{name}.ext"
    names.write_text(f"subjectAltName=DNS:{common},IP:127.0.0.1\n")
    new = ["req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={common}"]
    sign = ["x509", "-req", "-days", str(days), "-extfile", names]
    for command in (
        [*new, "-keyout", key, "-out", request],
        [*sign, "-in", request, "-signkey", key, "-out", certificate],
    ):
        subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True)
    return certificate, key


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return make(tmp_path_factory.mktemp("tls"), "good")


class SecureHub:
    """A hub that speaks HTTPS, in a process of its own."""

    def __init__(self, folder, certificate, key, before=""):
        self.data = folder / "data"
        self.err = folder / "err.txt"
        config = folder / "hub.toml"
        config.write_text(
            f'language = "en"\nallowed_hosts = ["{NAME}"]\n'
            f"[tls]\ncertificate = {json.dumps(str(certificate))}\nkey = {json.dumps(str(key))}\n"
        )
        program = f"{before}\nfrom hub.cli import main\nmain()"
        command = [sys.executable, "-c", program, "run", "--port", "0", "--data", str(self.data)]
        with self.err.open("w") as stderr:
            self.process = subprocess.Popen(
                [*command, "--config", str(config)], stdout=subprocess.DEVNULL, stderr=stderr
            )
        end = time.monotonic() + 30
        address = self.data / "address"
        while not address.is_file() or not address.read_text().strip():
            assert self.process.poll() is None, self.err.read_text()
            assert time.monotonic() < end
            time.sleep(0.02)
        self.url = address.read_text().strip()
        self.port = int(self.url.rsplit(":", 1)[1])

    def stop(self):
        self.process.terminate()
        assert self.process.wait(20) == 0
        assert "Traceback" not in self.err.read_text()


@pytest.fixture
def secure(tmp_path):
    running = []

    def make_hub(certificate, key, before=""):
        running.append(SecureHub(tmp_path, certificate, key, before))
        return running[-1]

    yield make_hub
    for one in running:
        one.stop()


def trusting(certificate):
    return ssl.create_default_context(cafile=str(certificate))


def sign_in_link(hub):
    command = [sys.executable, "-m", "hub.cli", "sign-in-link", "--role", "teacher"]
    done = subprocess.run(
        [*command, "--data", str(hub.data)], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_pages_sessions_and_the_stream_over_https(secure, good):
    certificate, key = good
    hub = secure(certificate, key)
    assert hub.url.startswith("https://127.0.0.1:")
    context = trusting(certificate)
    link = sign_in_link(hub)
    with httpx.Client(base_url=hub.url, verify=context, headers={"Origin": hub.url}) as client:
        assert client.get("/").status_code == 200
        signed_in = client.post("/api/v1/session", json={"code": link.split("#code=")[1]})
        assert signed_in.status_code == 200
        cookie = signed_in.headers["set-cookie"]
        assert "; secure" in cookie.lower()
        lesson = client.post("/api/v1/lessons", json={"title": "Cells"}).json()
        assert lesson["join_url"].startswith(f"{hub.url}/join#")
        shown = client.get("/api/v1/network").json()
        assert shown["secure"]
        assert shown["url"] == hub.url
        headers = {"Cookie": cookie.split(";")[0], "Origin": hub.url}
        wss = hub.url.replace("https", "wss") + "/api/v1/stream"
        with connect(wss, ssl=context, additional_headers=headers, proxy=None) as stream:
            assert json.loads(stream.recv(10))["principal"]["role"] == "teacher"


def test_plain_http_to_the_port_of_https_ends_at_once(secure, good):
    hub = secure(*good)
    for sent in (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x00" * 100):
        with socket.create_connection(("127.0.0.1", hub.port), 10) as raw:
            raw.sendall(sent)
            answered = b""
            try:
                while part := raw.recv(4096):
                    answered += part
            except ConnectionResetError:
                pass
            assert b"HTTP" not in answered
    answer = httpx.get(f"{hub.url}/api/v1/health", verify=trusting(good[0]))
    assert answer.status_code == 200


def served(hub):
    return ssl.get_server_certificate(("127.0.0.1", hub.port), timeout=10)


def test_a_renewed_certificate_is_served_without_a_restart(secure, tmp_path):
    first, key = make(tmp_path, "first")
    hub = secure(first, key, "from hub.network import tls\ntls.LOOK_SECONDS = 0.1")
    assert served(hub) == first.read_text()
    first.write_text("half of a certif")
    end = time.monotonic() + 30
    while "the changed certificate is not used" not in hub.err.read_text():
        assert time.monotonic() < end
        time.sleep(0.05)
    second, second_key = make(tmp_path, "second")
    assert served(hub) != second.read_text()
    key.write_bytes(second_key.read_bytes())
    first.write_bytes(second.read_bytes())
    while served(hub) != second.read_text():
        assert time.monotonic() < end
        time.sleep(0.05)
    text = hub.err.read_text()
    assert text.count("the changed certificate is not used") == 1
    assert "the certificate is read again" in text


def test_what_cannot_be_used_is_named_with_its_setting(good, tmp_path):
    certificate, key = good
    _, other_key = make(tmp_path, "other")
    locked = tmp_path / "locked.key"
    command = ["openssl", "rsa", "-in", key, "-aes256", "-passout", "pass:abcd", "-out", locked]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    both = tmp_path / "both.pem"
    both.write_text(certificate.read_text() + key.read_text())
    assert Tls(both).expires
    for wrong, said in (
        ((certificate, other_key), r"tls\.key: .*is not the key of"),
        ((certificate, None), r"tls\.certificate: .*has no key in it. Name"),
        ((key, key), r"tls\.certificate: .*no certificate"),
        ((certificate, certificate), r"tls\.key: .*no usable private key"),
        ((certificate, locked), r"tls\.key: .*has a password"),
        ((tmp_path / "none", key), r"tls\.certificate: .*cannot be read: No such file"),
        ((tmp_path, key), r"tls\.certificate: .*cannot be read"),
    ):
        with pytest.raises(TlsUnusable, match=said):
            Tls(*wrong)


def test_the_hub_says_what_is_wrong_and_leaves(good, tmp_path):
    config = tmp_path / "hub.toml"
    config.write_text(f'[tls]\ncertificate = "{good[0]}"\nkey = "{tmp_path}/none"\n')
    command = [sys.executable, "-m", "hub.cli", "run", "--port", "0"]
    done = subprocess.run(
        [*command, "--data", str(tmp_path / "data"), "--config", str(config)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "tls.key" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_certificate_that_has_expired_is_said_and_the_lesson_goes_on(tmp_path, caplog):
    made = Tls(*make(tmp_path, "old", days=-1))
    assert made.expires is None
    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith("tls.certificate: ")
    assert "has expired" in said


def test_a_certificate_that_expires_soon_is_said(tmp_path, caplog):
    made = Tls(*make(tmp_path, "soon", days=3))
    assert made.expires is not None
    assert "expires on" in caplog.records[0].getMessage()
