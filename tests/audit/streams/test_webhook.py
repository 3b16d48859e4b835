from __future__ import annotations

import hmac
import ssl
from collections.abc import Callable, Sequence
from ipaddress import ip_network
from typing import Any

import pytest

from audit.delivery import NotDelivered
from audit.lines import line
from audit.reaching import Network
from audit.streams.webhook import BadHook, Hook, send
from tests.audit.conftest import AT
from tests.kentik.servers import closed_port, listening, trickles
from tests.receiving import silence
from tests.streaming import receiver

SECRET = "canary-secret-91d2c4"
LOOPBACK = (ip_network("127.0.0.0/8"),)


def post(event: Any, address: str, *, seconds: float = 5, named: Sequence[Network] = LOOPBACK) -> None:
    send(event, to=Hook(url=address, secret=SECRET, named=tuple(named)), seconds=seconds, now=lambda: AT)


def test_an_event_is_posted_as_its_line_and_signed(events: Callable) -> None:
    [event] = events("a")
    with receiver() as told:
        post(event, told.address)
    [posted] = told.posts
    assert posted.body.decode() == line(event)
    assert posted.path == "/hook/canary-5e1f?key=canary-77aa"
    assert posted.headers["Content-Type"] == "application/json"
    assert posted.headers["X-Breakwater-Event"] == "1"
    sent_at = posted.headers["X-Breakwater-Timestamp"]
    assert sent_at == str(int(AT.timestamp()))
    expected = hmac.new(SECRET.encode(), f"{sent_at}.".encode() + posted.body, "sha256").hexdigest()
    assert posted.headers["X-Breakwater-Signature"] == f"sha256={expected}"


@pytest.mark.usefixtures("trusted")
def test_over_tls(events: Callable, tls: ssl.SSLContext) -> None:
    with receiver(tls) as told:
        post(events("a")[0], told.address)
    assert told.numbers == [1]


def test_nothing_is_told_to_somebody_whom_nobody_vouches_for(events: Callable, tls: ssl.SSLContext) -> None:
    with receiver(tls) as told, pytest.raises(NotDelivered, match=r"^Its certificate is not trusted\.$"):
        post(events("a")[0], told.address)
    assert told.posts == []


@pytest.mark.parametrize("status", [201, 204, 299])
def test_any_2xx_takes_it(status: int, events: Callable) -> None:
    with receiver(answers=[status]) as told:
        post(events("a")[0], told.address)


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 429, 500, 503])
def test_anything_else_does_not_and_no_redirect_is_followed(status: int, events: Callable) -> None:
    with receiver() as elsewhere, receiver(answers=[status]) as told:
        told.headers = {"Location": elsewhere.address}
        with pytest.raises(NotDelivered, match=rf"^It answered with HTTP {status}\.$"):
            post(events("a")[0], told.address)
    assert elsewhere.posts == []


def test_nothing_comes_from_the_environment(events: Callable, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login canary password canary")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://{closed_port()}")
    with receiver() as told:
        post(events("a")[0], told.address)
    assert "Authorization" not in told.posts[0].headers


@pytest.mark.parametrize("where", ["nobody", "silent", "trickling", "garbage"])
def test_whatever_goes_wrong_is_told_in_time_and_without_a_secret(where: str, events: Callable) -> None:
    [event] = events("a")
    garbage = trickles(b"canary-5e1f\r\n\r\n", b"", seconds=0)
    endless = trickles(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 100, seconds=0.05)
    with silence() as port, listening(endless) as slow, listening(garbage) as odd:
        at = {"nobody": closed_port(), "silent": f"127.0.0.1:{port}", "trickling": slow.address, "garbage": odd.address}
        with pytest.raises(NotDelivered) as raised:
            post(event, f"http://{at[where]}/canary-5e1f", seconds=0.4)
    assert "canary" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_name_that_points_at_what_is_not_allowed_gets_nothing(events: Callable) -> None:
    with receiver() as told:
        address = told.address.replace("127.0.0.1", "localhost")
        with pytest.raises(NotDelivered, match="at an address that is not allowed"):
            post(events("a")[0], address, named=())
    assert told.posts == []


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://siem.example.net/canary-5e1f", "must begin with https"),
        ("https://u:canary-5e1f@siem.example.net/", "is no address of a webhook"),
        ("https://siem.example.net:canary-5e1f/", "is no address of a webhook"),
        ("https://siem.example.net/canary-5e1f\r\nX: y", "is no address of a webhook"),
        ("ftp://siem.example.net/", "is no address of a webhook"),
        ("https://10.0.0.1/canary-5e1f", "names an address that is not allowed"),
        ("http://127.0.0.1/canary-5e1f", "names an address that is not allowed"),
    ],
)
def test_an_address_that_is_of_no_use_is_told_without_it(url: str, why: str) -> None:
    with pytest.raises(BadHook, match=why) as raised:
        Hook(url=url, secret=SECRET)
    assert "canary" not in str(raised.value)


def test_it_must_be_signed() -> None:
    with pytest.raises(BadHook, match="needs AUDIT_STREAM_WEBHOOK_SECRET") as raised:
        Hook(url="https://siem.example.net/", secret="canary-5e1f")
    assert "canary" not in str(raised.value)


def test_shows_neither_its_path_nor_its_secret() -> None:
    hook = Hook(url="https://siem.example.net/canary-5e1f?canary-5e1f", secret=SECRET)
    assert hook.label == "https://siem.example.net/…"
    assert "canary" not in repr(hook)
