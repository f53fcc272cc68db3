"""Cameras' passwords: the answers of the RFCs, and nothing before the camera asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.http import Credentials, authorization

# RFC 7616, section 3.9.1.
CHALLENGE = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm},'
    ' nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",'
    ' opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_digest_answers_as_the_rfc_does(
    algorithm: str, response: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authorization.secrets, "token_hex", lambda _: CNONCE)
    credentials = Credentials("Mufasa", "Circle of Life")
    assert credentials.take(CHALLENGE.format(algorithm=algorithm))
    answer = credentials.answer("GET", "/dir/index.html")
    assert f'response="{response}"' in answer
    assert 'username="Mufasa"' in answer
    assert "qop=auth, nc=00000001" in answer


def test_nothing_is_said_before_the_camera_asks() -> None:
    assert Credentials("u", "p").answer("GET", "/") == ""


def test_basic_is_answered_in_utf_8() -> None:
    credentials = Credentials("мұғалім", "құпия")
    assert credentials.take('Basic realm="camera"')
    assert credentials.answer("GET", "/").startswith("Basic 0LzSsdKT")


@pytest.mark.parametrize("challenge", ["", "Negotiate", 'Digest realm="x"', "Bearer"])
def test_what_cannot_be_answered_is_refused(challenge: str) -> None:
    assert not Credentials("u", "p").take(challenge)


@given(st.text())
def test_any_challenge_is_survived_and_breaks_no_header(challenge: str) -> None:
    credentials = Credentials("u", "p")
    credentials.take(challenge)
    answer = credentials.answer("GET", "/")
    assert "\r" not in answer
    assert "\n" not in answer
