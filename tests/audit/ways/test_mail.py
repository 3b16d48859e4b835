from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from audit.delivery import NotDelivered, Undeliverable
from audit.ways import mail
from audit.ways.message import Message
from tests.receiving import Inbox, free_port, inbox, mail_goes_to, silence

MESSAGE = Message(key="event-7", title="MIT-7\nwaits", text="Look.", link="https://breakwater.example.net/mitigations/")
LEE, KIM = "lee@example.net", "kim@example.net"


@pytest.fixture
def box(settings) -> Iterator[Inbox]:
    with inbox() as box, mail_goes_to(box.url, settings):
        yield box


def send(*to: str, seconds: float = 10) -> list[str]:
    """Who is done with."""
    accepted: list[str] = []
    mail.send(MESSAGE, to=to, accepted=accepted.append, seconds=seconds)
    return accepted


def test_brings_each_person_a_mail_of_their_own(box: Inbox) -> None:
    assert send(LEE, KIM) == [LEE, KIM]

    assert box.readers == [KIM, LEE]
    assert all(mail["To"] == address for address, mail in box.taken)


def test_has_the_title_the_text_and_the_link(box: Inbox) -> None:
    send(LEE)

    [(_, taken)] = box.taken
    assert taken["Subject"] == "[Breakwater] MIT-7 waits"
    assert taken.get_content().splitlines() == ["Look.", "", MESSAGE.link]
    assert taken["Auto-Submitted"] == "auto-generated"


def test_sent_again_is_the_same_mail(box: Inbox) -> None:
    send(LEE)
    send(LEE, KIM)

    identities = {(address, taken["Message-ID"]) for address, taken in box.taken}
    assert len(identities) == 2
    assert all(re.fullmatch(r"<[0-9a-f]{32}@localhost>", identity) for _, identity in identities)


def test_that_one_address_is_refused_for_good_keeps_nobody_else_from_theirs(box: Inbox) -> None:
    box.answers = {LEE: "550 no such user canary-5e1f"}
    accepted: list[str] = []

    with pytest.raises(Undeliverable, match=r"^The mail server takes nothing for 1 of the addresses\.$"):
        mail.send(MESSAGE, to=[LEE, KIM], accepted=accepted.append, seconds=10)

    assert (box.readers, accepted) == ([KIM], [LEE, KIM])


def test_an_address_that_is_busy_is_left_for_the_next_try(box: Inbox) -> None:
    box.answers = {LEE: "450 greylisted"}
    accepted: list[str] = []

    with pytest.raises(NotDelivered, match="1 addresses for now"):
        mail.send(MESSAGE, to=[LEE, KIM], accepted=accepted.append, seconds=10)

    assert accepted == [KIM]


def test_an_answer_that_says_no_is_told_by_its_number_alone(box: Inbox) -> None:
    box.data_answer = "451 canary-5e1f"

    with pytest.raises(NotDelivered, match=r"^The mail server answered 451\.$"):
        send(LEE)


def test_a_server_that_is_not_there_is_told(settings) -> None:
    with (
        mail_goes_to(f"smtp://127.0.0.1:{free_port()}", settings),
        pytest.raises(NotDelivered, match=r"^The mail server cannot be reached: Connection refused\.$"),
    ):
        send(LEE)


def test_a_server_that_says_nothing_is_left_in_time(settings) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    with silence() as port, mail_goes_to(f"smtp://127.0.0.1:{port}", settings):
        began = time.monotonic()
        with pytest.raises(NotDelivered, match="said nothing in time"):
            send(LEE)
    assert time.monotonic() - began < 5


def test_a_server_that_is_slow_leaves_the_rest_for_the_next_try(box: Inbox) -> None:
    box.pause = 0.3
    accepted: list[str] = []

    with pytest.raises(NotDelivered, match="the rest follows"):
        mail.send(MESSAGE, to=[LEE, KIM], accepted=accepted.append, seconds=0.5)

    assert accepted == box.readers == [LEE]
