"""TLS between driver and device: who is not the one is refused and why; recordings are readable."""

import asyncio
import contextlib
import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from hub.device import Unreachable, WrongDevice
from hub.device.transports import (
    Header,
    NoTls,
    NotTrusted,
    Recording,
    Replay,
    Secrets,
    Transports,
)
from tests.peers import serving

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="openssl is not installed: apt install openssl"
)

LIMIT = 30
PASSWORD = "correct horse"
REQUEST = b"GET /picture HTTP/1.1\r\nHost: camera\r\nAuthorization: Basic bWU6Y29ycmVjdCBob3JzZQ==\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nSet-Cookie: id=4711\r\nContent-Length: 5\r\n\r\nhello"


@dataclass(frozen=True)
class Certificates:
    """An authority of a test's own, and what it has signed."""

    folder: Path

    @property
    def authority(self) -> Path:
        return self.folder / "ca.crt"

    def server(self, name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{name}.crt", self.folder / f"{name}.key")
        return context

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority))

    def make(self, name: str, names: str, *, days: int = 30, itself: bool = False) -> None:
        file = self.folder / name
        file.with_suffix(".ext").write_text(f"subjectAltName={names}\n")
        new = ["req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}"]
        run(*new, "-keyout", f"{file}.key", "-out", f"{file}.csr")
        by = ["-CA", self.authority, "-CAkey", self.folder / "ca.key", "-CAcreateserial"]
        by = ["-signkey", f"{file}.key"] if itself else by
        made = ["-in", f"{file}.csr", "-extfile", f"{file}.ext", "-out", f"{file}.crt"]
        run("x509", "-req", "-days", days, *by, *made)


def run(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory) -> Certificates:
    folder = tmp_path_factory.mktemp("tls")
    made = Certificates(folder)
    authority = ["-subj", "/CN=school", "-keyout", folder / "ca.key", "-out", folder / "ca.crt"]
    run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 30, *authority)
    made.make("good", "IP:127.0.0.1")
    made.make("named", "DNS:camera.school.test")
    made.make("old", "IP:127.0.0.1", days=-1)
    made.make("itself", "IP:127.0.0.1", itself=True)
    return made


async def answer(reader, writer):
    while await reader.readuntil(b"\r\n\r\n"):
        writer.write(ANSWER)


@contextlib.asynccontextmanager
async def device(certificates: Certificates, name: str):
    async with serving(answer, tls=certificates.server(name)) as port:
        yield port


async def asked(transports: Transports, port: int, tls: ssl.SSLContext) -> bytes:
    stream = await transports.tcp("127.0.0.1", port, tls=tls, limit=LIMIT)
    await stream.write(REQUEST)
    said = await stream.read_exactly(len(ANSWER), limit=LIMIT)
    stream.close()
    return said


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("named", "for another name or address"),
        ("old", "has expired"),
        ("itself", "nobody whom this computer trusts"),
    ],
)
async def test_who_is_not_the_one_is_refused_and_why(certificates, name, why):
    async with device(certificates, name) as port:
        with pytest.raises(NotTrusted, match=why) as told:
            await asked(Transports(), port, certificates.trusting())
        assert f"127.0.0.1:{port}" in told.value.detail
        assert isinstance(told.value, WrongDevice)
        assert "clock" in told.value.hint


async def test_the_schools_own_authority_is_unknown_to_browsers_and_to_us(certificates):
    async with device(certificates, "good") as port:
        with pytest.raises(NotTrusted, match="nobody whom"):
            await Transports().tcp("127.0.0.1", port, tls=True, limit=LIMIT)
        assert await asked(Transports(), port, certificates.trusting()) == ANSWER


async def test_what_speaks_no_tls_says_so_and_one_that_hangs_up_is_not_there(certificates):
    async def plain(_, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async def silent(reader, _):
        await reader.read(10)

    async with serving(plain) as port:
        with pytest.raises(NoTls, match=r"wrong version|record layer") as told:
            await asked(Transports(), port, certificates.trusting())
        assert "http://" in told.value.hint
    async with serving(silent) as port:
        with pytest.raises(Unreachable):
            await asked(Transports(), port, certificates.trusting())


async def test_an_old_devices_tls_is_named(certificates):
    """OpenSSL's own server says why it hangs up, as devices do; asyncio's says nothing."""
    good = certificates.folder / "good"
    key = ["-cert", f"{good}.crt", "-key", f"{good}.key"]
    command = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-tls1_2", "-naccept", "1", *key]
    server = await asyncio.create_subprocess_exec(*command, stdout=-1, stderr=-3, stdin=-1)
    assert server.stdout is not None
    line = b""
    while not line.startswith(b"ACCEPT "):
        line = await asyncio.wait_for(server.stdout.readline(), LIMIT)
        assert line, "openssl ended"
    ours = certificates.trusting()
    ours.minimum_version = ssl.TLSVersion.TLSv1_3
    with pytest.raises(NoTls, match="version"):
        await asked(Transports(), int(line.rpartition(b":")[2]), ours)
    await asyncio.wait_for(server.communicate(), LIMIT)


async def test_the_conversation_is_recorded_decrypted_without_secrets_and_played(
    certificates, tmp_path: Path
):
    file = tmp_path / "a"
    transports = Transports(secrets=Secrets([PASSWORD]))
    tls = certificates.trusting()
    async with device(certificates, "good") as port:
        ended = transports.record(file, Header(driver="test"), most_bytes=1 << 20)
        assert await asked(transports, port, tls) == ANSWER
        async with device(certificates, "old") as bad:
            with pytest.raises(NotTrusted):
                await asked(transports, bad, tls)
        assert transports.recorder is not None
        transports.recorder.stop()
        assert (await asyncio.wait_for(ended, LIMIT)).problem is None
    recording = Recording(file)
    good, failed = recording.connections
    said = b"".join(recording.data(event) for event in good.events if event.kind == "tx")
    heard = b"".join(recording.data(event) for event in good.events if event.kind == "rx")
    recording.close()
    assert said.startswith(b"GET /picture HTTP/1.1\r\nHost: camera\r\nAuthorization:***")
    assert heard == ANSWER.replace(b" id=4711", b"*" * 8)
    assert failed.failed is not None
    replay = Replay(file, pace="fast")
    played = Transports(secrets=Secrets([PASSWORD]), replay=replay)
    assert await asked(played, port, tls) == heard
    with pytest.raises(NotTrusted, match="has expired"):
        await asked(played, bad, tls)
    replay.close()


async def test_recording_begins_and_ends_within_a_tls_connection(certificates, tmp_path: Path):
    transports = Transports()
    async with device(certificates, "good") as port:
        stream = await transports.tcp("127.0.0.1", port, tls=certificates.trusting(), limit=LIMIT)
        for number in range(3):
            ended = transports.record(
                tmp_path / str(number), Header(driver="t"), most_bytes=1 << 20
            )
            await stream.write(REQUEST)
            assert await stream.read_exactly(len(ANSWER), limit=LIMIT) == ANSWER
            assert transports.recorder is not None
            transports.recorder.stop()
            assert (await asyncio.wait_for(ended, LIMIT)).events == 3
            await stream.write(REQUEST)
            assert await stream.read_exactly(len(ANSWER), limit=LIMIT) == ANSWER
        stream.close()


async def test_a_library_that_speaks_plainly_reaches_a_tls_device_through_the_relay(certificates):
    tls = certificates.trusting()
    async with (
        device(certificates, "good") as port,
        Transports().relay("127.0.0.1", port, tls=tls) as (host, local),
        httpx.AsyncClient(trust_env=False, timeout=LIMIT) as client,
    ):
        assert (await client.get(f"http://{host}:{local}/picture")).text == "hello"
