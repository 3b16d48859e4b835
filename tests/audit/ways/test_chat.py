from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from audit.delivery import NotDelivered
from audit.ways import chat
from audit.ways.chat import BadAddress
from audit.ways.message import Message
from tests.receiving import Hook, free_port, hook, silence

MESSAGE = Message(key="event-7", title="MIT-7 waits", text="Look at <b>it</b>.", link="https://b.example.net/")
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"


@pytest.fixture
def told() -> Iterator[Hook]:
    with hook() as told:
        yield told


def send(address: str, *, seconds: float = 10) -> None:
    chat.send(MESSAGE, address=address, seconds=seconds)


def test_posts_title_text_and_link(told: Hook) -> None:
    send(told.address)

    [(path, body)] = told.calls
    assert path == "/hook/canary-5e1f"
    assert (body["title"], body["message"]) == ("MIT-7 waits", "Look at <b>it</b>.\n\nhttps://b.example.net/")
    assert (body["attachments"], body["type"]) == ([], "info")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("wish", ["", "?redirect=yes"])
def test_follows_no_redirect(told: Hook, status: int, wish: str) -> None:
    with hook() as elsewhere:
        told.answers, told.headers = [status], {"Location": f"http://127.0.0.1:{elsewhere.port}/"}
        with pytest.raises(NotDelivered, match=rf"^It answered with HTTP {status}\.$"):
            send(told.address + wish)
        assert elsewhere.calls == []


def test_tells_the_status_of_an_answer_that_says_no(told: Hook) -> None:
    told.answers = [503]
    with pytest.raises(NotDelivered, match=r"^It answered with HTTP 503\.$"):
        send(told.address)
    assert len(told.calls) == 1


def test_tells_that_nobody_is_there() -> None:
    with pytest.raises(NotDelivered, match=r"^It cannot be reached, or took nothing\.$"):
        send(f"json://127.0.0.1:{free_port()}/canary-5e1f")


def test_waits_no_longer_than_it_may_whatever_the_address_wishes() -> None:
    with silence() as port, pytest.raises(NotDelivered, match="did not answer within"):
        send(f"json://127.0.0.1:{port}/?rto=3600&cto=3600", seconds=0.3)


class TestAnAddress:
    @pytest.mark.parametrize(
        ("address", "shown"),
        [
            (SLACK, "slack://…"),
            ("https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "slack://…"),
            ("pagerduty://integrationkey@apikey", "pagerduty://…"),
            ("jsons://user:pass@hooks.example.net/secret?x=y", "jsons://hooks.example.net/…"),
            ("workflows://prod.example.net:443/aaaaaaaa/bbbbbbbb", "workflows://prod.example.net/…"),
        ],
    )
    def test_shows_its_kind_and_a_host_that_is_one(self, address: str, shown: str) -> None:
        assert chat.label(address) == shown

    @pytest.mark.parametrize("address", ["fish", "json://", "slack://canary-5e1f", "nope://canary-5e1f", ""])
    def test_that_is_none_is_told_without_repeating_it(self, address: str) -> None:
        with pytest.raises(BadAddress) as caught:
            chat.label(address)
        assert "canary" not in str(caught.value)

    @pytest.mark.parametrize("address", ["syslog://", "mailto://user:pass@example.net", "dbus://", "windows://"])
    def test_of_a_way_that_is_not_http_is_refused(self, address: str) -> None:
        with pytest.raises(BadAddress, match="is not offered"):
            chat.label(address)

    def test_that_would_read_a_file_is_refused(self) -> None:
        with pytest.raises(BadAddress, match="must not name a template"):
            chat.label(f"{SLACK}?template=/etc/passwd")


def test_says_nothing_of_the_address_in_any_log(told: Hook, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told.answers = [200, 404]
    send(told.address)
    with pytest.raises(NotDelivered) as caught:
        send(told.address)

    assert "canary-5e1f" not in caplog.text + str(caught.value)
