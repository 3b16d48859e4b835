"""The contract: what goes over the wire, byte for byte, as a server receives it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from responses import RequestsMock

from mitigations.kentik.account import base_url
from mitigations.kentik.messages import Outcome, Spelling
from sandbox.server import Sandbox
from tests.kentik.calls import BODY, EMAIL, MESSAGE, OK, PATH, TOKEN, make_client, posts, start

SDK_BODY = (
    b'{"ipCidr":"203.0.113.7/32","comment":"[MIT-42] UDP flood","platformID":"257","methodID":"775",'
    b'"minutesBeforeAutoStop":"60"}'
)


@pytest.mark.parametrize(("spelling", "body"), [(Spelling.DOCUMENTED, BODY), (Spelling.SDK, SDK_BODY)])
def test_sends_exactly_these_bytes(spelling: Spelling, body: bytes) -> None:
    with Sandbox(spelling=spelling.value) as sandbox:
        call = start(sandbox.url, spelling=spelling)

    assert [sent["body"].encode() for sent in posts(sandbox)] == [body]
    assert call.outcome is Outcome.ACCEPTED


def test_posts_to_the_one_path(sandbox: Sandbox) -> None:
    start(sandbox.url)

    assert [(call["method"], call["path"]) for call in sandbox.journal()] == [("POST", PATH)]


def test_sends_exactly_these_headers(sandbox: Sandbox) -> None:
    start(sandbox.url)

    assert dict(posts(sandbox)[0]["headers"]) == {
        "Host": sandbox.url.removeprefix("http://"),
        "User-Agent": "Breakwater/0.1",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "X-CH-Auth-Email": EMAIL,
        "X-CH-Auth-API-Token": TOKEN,
        "Content-Type": "application/json",
        "Content-Length": str(len(BODY)),
    }


def test_does_not_try_the_other_spelling_when_one_is_refused() -> None:
    with Sandbox(spelling="sdk") as sandbox:
        call = start(sandbox.url)

    assert (call.outcome, len(posts(sandbox))) == (Outcome.REFUSED, 1)


@pytest.mark.parametrize(
    ("region", "host"), [("us", "api.kentik.com"), ("eu", "api.kentik.eu"), ("EU", "api.kentik.eu")]
)
def test_goes_to_the_region(kentik: RequestsMock, region: str, host: str) -> None:
    kentik.post(f"https://{host}{PATH}", OK)

    assert start(base_url(region)).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("comment", ["", "Ünïcode → 🛡", 'quotes " and \\', "two\nlines", "\x00", "\ud800"])
def test_carries_any_comment_as_one_ascii_string(comment: str) -> None:
    body = replace(MESSAGE, comment=comment).body(Spelling.DOCUMENTED)

    assert body.isascii()
    assert json.loads(body)["Comment"] == comment


def test_writes_no_auto_stop_as_the_string_0() -> None:
    assert json.loads(replace(MESSAGE, minutes=0).body(Spelling.DOCUMENTED))["minutesBeforeAutoStop"] == "0"


def test_describes_what_it_will_send_without_sending(kentik: RequestsMock) -> None:
    client = make_client()
    described = client.describe(MESSAGE)
    assert not kentik.calls

    kentik.post(described.url, OK)
    assert client.start(MESSAGE).sent == described
