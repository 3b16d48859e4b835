"""Messages to oneself, and the channels, through the pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit import sinks
from audit.models import Channel, Event, Sink
from mitigations.services.telling import Kind
from tests.making import NOW, make_channel
from tests.people import Cast
from tests.receiving import Hook, hook
from tests.views.facts import deeds, everything_but_the_log
from tests.views.pages import Page

OWN, CHANNELS = "/account/messages/", "/policy/channels/"
TOKEN = "canary-5e1f"
ADDRESS = f"jsons://user:{TOKEN}@hooks.example.net/{TOKEN}"


@pytest.fixture
def max_(signed_in) -> Client:
    return signed_in("max")


@pytest.fixture
def told(settings) -> Iterator[Hook]:
    settings.PORTAL_URL = "https://breakwater.example.net"
    with hook() as told:
        yield told


class TestMyMessages:
    def test_are_all_wanted_at_first(self, signed_in) -> None:
        page = Page(signed_in("dana").get(OWN))
        boxes = page.main.all("input", type="checkbox")
        assert len(boxes) == len(Kind)
        assert all("checked" in box.attributes for box in boxes)

    @pytest.mark.parametrize("name", ["dana", "lee", "ana", "max", "eve"])
    def test_are_for_everybody_with_an_account(self, name: str, signed_in) -> None:
        person = signed_in(name)
        person.post(OWN, {"email": "me@example.net", "kinds": ["waiting"]})
        page = Page(person.get(OWN))
        assert page.typed == {"email": "me@example.net", "kinds": "waiting"}

    def test_keep_what_was_typed_when_it_is_no_address(self, signed_in, cast: Cast) -> None:
        answer = signed_in("dana").post(OWN, {"email": "fish", "kinds": ["waiting"]})
        assert answer.status_code == 422
        assert Page(answer).typed == {"email": "fish", "kinds": "waiting"}
        cast.dana.refresh_from_db()
        assert cast.dana.email == ""

    def test_are_found_by_ones_own_name(self, signed_in) -> None:
        page = Page(signed_in("eve").get(OWN))
        [link] = [each for each in page.all("a") if each.text.startswith("Eve")]
        assert link.attributes["href"] == "/account/"
        assert Page(signed_in("eve").get("/account/preferences/")).links["Messages"] == OWN

    def test_say_when_mail_is_off(self, signed_in, settings) -> None:
        assert "Mail is off" in Page(signed_in("dana").get(OWN)).main.text
        settings.MAIL_IS_ON = True
        assert "Mail is off" not in Page(signed_in("dana").get(OWN)).main.text

    def test_leave_an_event_without_the_address(self, signed_in) -> None:
        signed_in("dana").post(OWN, {"email": "me@example.net"})
        event = Event.objects.get()
        assert deeds() == [("dana", "account.messages-chosen", "done")]
        assert "me@example.net" not in event.body + str(event.detail)


class TestTheChannels:
    def add(self, max_: Client, **values: object) -> Page:
        fields = {"name": "NOC room", "address": ADDRESS, "kinds": ["waiting", "glass"], **values}
        return Page(max_.post(CHANNELS + "new/", fields))

    def test_can_be_added(self, max_: Client) -> None:
        self.add(max_)
        channel = Channel.objects.get()
        assert (channel.name, channel.address, channel.kinds) == ("NOC room", ADDRESS, ["waiting", "glass"])

    def test_can_be_changed_without_typing_the_address_again(self, max_: Client) -> None:
        self.add(max_)
        channel = Channel.objects.get()
        max_.post(f"{CHANNELS}{channel.pk}/", {"name": "NOC", "address": "", "kinds": ["ending"]})
        channel.refresh_from_db()
        assert (channel.name, channel.address, channel.kinds) == ("NOC", ADDRESS, ["ending"])

    def test_can_be_deleted(self, max_: Client) -> None:
        self.add(max_)
        max_.post(f"{CHANNELS}{Channel.objects.get().pk}/delete/")
        assert not Channel.objects.exists()

    def test_never_show_their_address_again(self, max_: Client, signed_in) -> None:
        self.add(max_)
        channel = Channel.objects.get()
        pages = [max_.get(CHANNELS + place) for place in ("", f"{channel.pk}/", f"{channel.pk}/delete/")]
        pages.append(max_.post(f"{CHANNELS}{channel.pk}/", {"name": "", "address": ADDRESS}))
        pages.append(max_.post(CHANNELS + "new/", {"name": "Other", "address": f"nope://{TOKEN}"}))
        pages.append(max_.post(CHANNELS + "new/", {"name": "NOC room", "address": ADDRESS}))
        pages.append(signed_in("ana").get("/audit/"))
        assert [page.status_code for page in pages] == [200, 200, 200, 422, 422, 422, 200]
        assert all(TOKEN not in page.content.decode() for page in pages)
        assert "jsons://hooks.example.net/…" in Page(pages[0]).main.text

    def test_show_how_far_they_are_and_what_went_wrong(self, max_: Client) -> None:
        self.add(max_)
        Sink.objects.update(failures=2, last_error="It answered with HTTP 503.", last_error_at=NOW, given_up=3)
        text = Page(max_.get(CHANNELS)).main.text
        assert "1 event behind , the oldest from just now ; tried 2 times" in text
        assert "just now : It answered with HTTP 503." in text
        assert "Given up 3 messages" in text

    def test_show_that_all_is_well(self, max_: Client) -> None:
        self.add(max_)
        Sink.objects.update(cursor=1, last_ok_at=NOW)
        assert "How far up to date Last success just now" in Page(max_.get(CHANNELS)).main.text

    def test_say_whether_mail_is_on(self, max_: Client, settings) -> None:
        assert "Set EMAIL_URL to switch it on." in Page(max_.get(CHANNELS)).main.text
        settings.MAIL_IS_ON = True
        assert "does a worker run?" in Page(max_.get(CHANNELS)).main.text

    def test_are_a_tab_of_the_policy_for_administrators_alone(self, max_: Client, signed_in) -> None:
        assert Page(max_.get("/policy/protected/")).links["Channels"] == CHANNELS
        assert "Channels" not in Page(signed_in("lee").get("/policy/protected/")).links

    @pytest.mark.parametrize("name", ["dana", "lee", "ana", "eve"])
    def test_are_for_administrators(self, name: str, signed_in, told: Hook) -> None:
        channel = make_channel(address=told.address)
        person = signed_in(name)
        before = everything_but_the_log()
        for place in ("new/", f"{channel.pk}/", f"{channel.pk}/delete/", f"{channel.pk}/test/"):
            assert person.post(CHANNELS + place, {"name": "Mine", "address": ADDRESS}).status_code == 403
        assert everything_but_the_log() == before
        assert told.calls == []
        assert deeds() == [(name, "channel.saved", "refused")] * 4

    def test_take_as_many_queries_for_many_as_for_few(self, max_: Client) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                max_.get(CHANNELS)
            return len(captured)

        make_channel()
        few = queries()
        for number in range(20):
            make_channel(f"Room {number}")
        assert queries() == few


class TestTheStreams:
    URL = f"https://siem.example.net/{TOKEN}?key={TOKEN}"

    @pytest.fixture(autouse=True)
    def _switched_on(self, settings) -> None:
        settings.AUDIT_STREAM_WEBHOOK, settings.AUDIT_STREAM_WEBHOOK_SECRET = self.URL, f"{TOKEN}-{TOKEN}"

    def test_show_how_far_they_are_and_nothing_secret(self, max_: Client, cast: Cast) -> None:
        make_channel()
        max_.post(f"{CHANNELS}{Channel.objects.get().pk}/delete/")
        sinks.ensure("stream-webhook", whole=True)
        Sink.objects.update(failures=2, last_error="It answered with HTTP 503.", last_error_at=NOW)
        answer = max_.get(CHANNELS)
        text = Page(answer).main.text
        assert "Webhook https://siem.example.net/… How far 1 event behind" in text
        assert "It answered with HTTP 503." in text
        assert TOKEN not in answer.content.decode()

    def test_that_no_worker_has_served_yet_are_shown(self, max_: Client) -> None:
        assert "Webhook https://siem.example.net/… How far not served yet" in Page(max_.get(CHANNELS)).main.text

    def test_that_were_switched_off_are_shown_until_they_are_let_go(self, max_: Client) -> None:
        sinks.ensure("stream-syslog")
        assert "manage.py forget_stream stream-syslog lets it go" in Page(max_.get(CHANNELS)).main.text

    def test_say_what_is_wrong_with_the_settings(self, max_: Client, settings) -> None:
        settings.AUDIT_STREAM_WEBHOOK_SECRET = TOKEN
        answer = max_.get(CHANNELS)
        assert "AUDIT_STREAM_WEBHOOK needs AUDIT_STREAM_WEBHOOK_SECRET" in Page(answer).main.text
        assert TOKEN not in answer.content.decode()


class TestATestMessage:
    def test_that_arrives_is_told(self, max_: Client, told: Hook) -> None:
        channel = make_channel(address=told.address)
        page = Page(max_.post(f"{CHANNELS}{channel.pk}/test/", follow=True))
        assert page.notices == ["The test message to NOC room was taken. Look whether it is there."]
        assert len(told.calls) == 1

    def test_that_does_not_arrive_is_told_with_the_reason(self, max_: Client, told: Hook) -> None:
        told.answers = [403]
        channel = make_channel(address=told.address)
        page = Page(max_.post(f"{CHANNELS}{channel.pk}/test/", follow=True))
        assert page.notices == ["The test message did not reach NOC room. It answered with HTTP 403."]
