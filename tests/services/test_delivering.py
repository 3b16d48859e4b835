from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest

from accounts.inviting import Invitation
from accounts.models import User
from audit import sinks
from audit.models import Channel, Sink
from audit.sealing import seal
from audit.sinks import Follower, Job
from mitigations.services import approvals, delivering, events, people
from mitigations.services.delivering import MAIL, channel_job, mail_job
from mitigations.services.telling import Kind
from tests.making import NOW, make_channel, make_event, make_mitigation
from tests.people import Cast, acting
from tests.receiving import Hook, Inbox, hook, inbox, mail_goes_to


@pytest.fixture
def box(cast: Cast, settings) -> Iterator[Inbox]:
    """Everybody has an address, and mail goes to a server of ours."""
    for user in User.objects.all():
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@example.net")
    sinks.ensure(MAIL)
    with inbox() as box, mail_goes_to(box.url, settings):
        yield box


@pytest.fixture
def told() -> Iterator[Hook]:
    with hook() as told:
        yield told


def approve(cast: Cast) -> str:
    """Something of which dana is told; its reference."""
    mitigation = make_mitigation(requested_by=cast.dana)
    approvals.approve(reference=mitigation.reference, by=acting(cast.lee), note="", at=NOW)
    return mitigation.reference


def ask(cast: Cast) -> None:
    """Something of which lee and kim are told."""
    make_event(events.ASKED, make_mitigation(requested_by=cast.dana))


def serve(name: str, job: Job, *, later: timedelta = timedelta(0)) -> Sink:
    follower = Follower(name=name, job=job, me=uuid.uuid4(), now=lambda: NOW + later)
    follower.run(until=lambda: False)
    return Sink.objects.get(name=name)


def now():
    return NOW


class TestMail:
    def test_goes_to_everybody_whom_it_concerns(self, box: Inbox, cast: Cast) -> None:
        ask(cast)
        serve(MAIL, mail_job(now=now))
        assert box.readers == ["kim@example.net", "lee@example.net"]

    def test_brings_an_invitation_even_to_whoever_wants_no_messages(self, box: Inbox, cast: Cast, settings) -> None:
        settings.PORTAL_URL = "https://breakwater.example.net"
        make_channel()
        made = Invitation(username="amy", full_name="Amy", email="amy@example.net", roles=frozenset(), by_mail=True)
        people.invite(invitation=made, team_ids=(), by=acting(cast.max), at=NOW)
        User.objects.update(muted=[kind.value for kind in Kind])

        serve(MAIL, mail_job(now=now))

        assert box.readers == ["amy@example.net"]

    def test_goes_to_nobody_without_an_address(self, box: Inbox, cast: Cast) -> None:
        User.objects.filter(username="lee").update(email="")
        ask(cast)
        serve(MAIL, mail_job(now=now))
        assert box.readers == ["kim@example.net"]

    def test_goes_to_nobody_who_does_not_want_this_kind(self, box: Inbox, cast: Cast) -> None:
        User.objects.filter(username="lee").update(muted=[Kind.WAITING.value])
        User.objects.filter(username="kim").update(muted=[Kind.DECIDED.value])
        ask(cast)
        serve(MAIL, mail_job(now=now))
        assert box.readers == ["kim@example.net"]

    def test_goes_once_to_an_address_that_two_share(self, box: Inbox, cast: Cast) -> None:
        User.objects.filter(username="lee").update(email="NOC@example.net")
        User.objects.filter(username="kim").update(email="noc@example.net")
        ask(cast)
        serve(MAIL, mail_job(now=now))
        assert len(box.taken) == 1

    def test_tried_again_does_not_tell_twice_whoever_has_it(self, box: Inbox, cast: Cast) -> None:
        ask(cast)
        job = mail_job(now=now)
        box.answers = {"lee@example.net": "450 later"}
        assert serve(MAIL, job).failures == 1

        box.answers = {}
        sink = serve(MAIL, job, later=timedelta(seconds=1))

        assert box.readers == ["kim@example.net", "lee@example.net"]
        assert (sink.failures, sink.given_up) == (0, 0)

    def test_comes_in_the_order_of_the_log(self, box: Inbox, cast: Cast) -> None:
        references = [approve(cast) for _ in range(5)]
        serve(MAIL, mail_job(now=now))
        assert [subject.split()[1] for subject in box.subjects] == references

    def test_that_is_older_than_a_day_is_given_up_and_shown(self, box: Inbox, cast: Cast) -> None:
        approve(cast)
        late = timedelta(hours=24, seconds=1)

        sink = serve(MAIL, mail_job(now=lambda: NOW + late), later=late)

        assert box.taken == []
        assert (sink.given_up, sink.last_error) == (1, "It is older than a day, so nobody is told of it any more.")


class TestAChannel:
    def serve(self, channel: Channel) -> Sink:
        return serve(channel.sink, channel_job(channel.pk, now=now))

    def test_gets_what_it_wants(self, told: Hook, cast: Cast) -> None:
        channel = make_channel(address=told.address, kinds=[Kind.DECIDED])
        reference = approve(cast)
        ask(cast)

        sink = self.serve(channel)

        assert [title.split()[0] for title in told.titles] == [reference]
        assert (sink.last_ok_at, sink.cursor) == (NOW, 2)

    def test_gets_nothing_that_happened_before_it_was_there(self, told: Hook, cast: Cast) -> None:
        approve(cast)
        self.serve(make_channel(address=told.address))
        assert told.calls == []

    def test_is_tried_again_until_it_answers(self, told: Hook, cast: Cast) -> None:
        channel = make_channel(address=told.address)
        told.answers = [503]
        approve(cast)
        assert self.serve(channel).last_error == "It answered with HTTP 503."

        sinks.try_now(channel.sink)
        assert self.serve(channel).failures == 0
        assert len(told.calls) == 2

    def test_whose_address_is_of_no_use_any_more_waits_to_be_mended(self, told: Hook, cast: Cast) -> None:
        channel = make_channel()
        Channel.objects.update(sealed=seal("nope://canary-5e1f"))
        approve(cast)

        sink = self.serve(channel)

        assert sink.failures == 1
        assert "canary" not in sink.last_error


class TestTheCrew:
    def test_refuses_a_lease_that_a_message_could_outlive(self, settings) -> None:
        settings.TELLING_CALL_SECONDS = settings.TELLING_LEASE_SECONDS = 20.0
        with pytest.raises(ValueError, match="TELLING_LEASE_SECONDS must be longer"):
            delivering.crew(now=now)
