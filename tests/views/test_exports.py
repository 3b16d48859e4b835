"""The pages on which auditors take things out of the portal."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Event, Export
from mitigations.policies.lifecycle import Status
from mitigations.services import events
from tests.making import make_event, make_exchange, make_mitigation
from tests.people import Cast
from tests.services.auditing.exports import lines_of, opened
from tests.views.facts import everything
from tests.views.pages import Page

EXPORTS = "/audit/export/"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def ana(signed_in) -> Client:
    for _ in range(3):
        make_event(events.WITHDRAWN, make_mitigation())
    return signed_in("ana")


def ask(client: Client, **typed: object) -> Export:
    answer = client.post(EXPORTS, {"what": "events", "format": "ndjson", **typed})
    assert answer.status_code == 302
    export = Export.objects.latest("pk")
    assert answer.headers["Location"] == f"{EXPORTS}{export.pk}/"
    return export


def download(client: Client, export: Export) -> bytes:
    answer = client.post(f"{EXPORTS}{export.pk}/download/")
    assert isinstance(answer, StreamingHttpResponse)
    return b"".join(answer.streaming_content)  # type: ignore[arg-type]


def text(client: Client, address: str) -> str:
    return Page(client.get(address)).main.text


class TestTakingOut:
    def test_asks_and_downloads(self, ana: Client) -> None:
        export = ask(ana)
        assert [line["number"] for line in lines_of(opened(download(ana, export)))] == [1, 2, 3]

    def test_is_a_file_with_a_name(self, ana: Client) -> None:
        answer = ana.post(f"{EXPORTS}{ask(ana).pk}/download/")
        answer.close()
        assert answer.headers["Content-Type"] == "application/zip"
        assert re.fullmatch(r'attachment; filename="breakwater-events-\d+\.zip"', answer.headers["Content-Disposition"])

    def test_holds_what_is_on_screen(self, ana: Client) -> None:
        """The filter goes along from the log to the form, from there to the export, and is read there again."""
        mitigation = make_mitigation()
        make_event(events.APPROVED, mitigation, approvals=1, needed=1)
        link = re.search(
            r'href="(/audit/export/\?[^"]+)"', ana.get("/audit/?words=approved&person=worker").content.decode()
        )
        assert link is not None
        form = ana.get(html.unescape(link[1])).context["wanted"]
        export = ask(ana, **{name: form[name].value() or "" for name in form.fields})
        assert export.filter == "words=approved&person=worker"
        assert [line["number"] for line in lines_of(opened(download(ana, export)))] == [4]

    def test_holds_the_mitigations_on_screen(self, ana: Client) -> None:
        make_mitigation(Status.ACTIVE)
        page = ana.get("/mitigations/?status=active&status=unknown").content.decode()
        assert 'href="/audit/export/?what=mitigations&amp;status=active&amp;status=unknown"' in page
        export = ask(ana, what="mitigations", status=["active", "unknown"])
        assert (export.total, export.filter) == (1, "status=active&status=unknown")

    def test_holds_exchanges_about_one_mitigation(self, ana: Client) -> None:
        mitigation = make_mitigation(Status.ACTIVE)
        make_exchange(mitigation)
        make_exchange()
        export = ask(ana, what="exchanges", mitigation=f"mit-{mitigation.pk}", purpose="start")
        assert len(lines_of(opened(download(ana, export)), "exchanges.ndjson")) == 1

    @pytest.mark.parametrize(
        "typed", [{"format": "xls"}, {"deed": "box.opened"}, {"what": "exchanges", "mitigation": "7"}]
    )
    def test_refuses_what_makes_no_sense(self, typed: dict[str, str], ana: Client) -> None:
        answer = ana.post(EXPORTS, {"what": "events", "format": "ndjson", **typed})
        assert answer.status_code == 422
        assert not Export.objects.exists()

    def test_says_so_when_its_filter_means_nothing_any_more(self, ana: Client) -> None:
        export = ask(ana)
        Export.objects.update(filter="deed=box.opened")
        answer = ana.post(f"{EXPORTS}{export.pk}/download/")
        assert answer.status_code == 409
        assert "does not exist any more" in answer.content.decode()


class TestHowMany:
    def test_is_said_before_anything_is_made(self, ana: Client) -> None:
        assert "As of now: 3 rows. Nothing is made yet." in text(ana, EXPORTS)
        assert "As of now: 0 rows." in text(ana, f"{EXPORTS}?words=approved")

    def test_is_counted_again_for_what_was_typed_and_makes_nothing(self, ana: Client) -> None:
        before = Event.objects.count()
        answer = ana.post(EXPORTS, {"what": "mitigations", "format": "csv", "status": ["pending"], "count": "1"})

        page = Page(answer)
        assert (answer.status_code, Export.objects.count(), Event.objects.count()) == (200, 0, before)
        assert "As of now: 3 rows." in page.main.text
        assert "checked" in page.main.all("input", value="csv")[0].attributes


class TestThePage:
    def test_says_what_it_will_hold(self, ana: Client) -> None:
        export = ask(ana, person="worker")
        said = text(ana, f"{EXPORTS}{export.pk}/")
        assert "Rows 3" in said
        assert "By whom: worker" in said
        assert "It was not downloaded yet." in said

    def test_shows_how_far_a_download_is(self, ana: Client) -> None:
        export = ask(ana)
        moving = {"run": "0" * 32, "run_by_name": "kim", "moved_at": timezone.now()}
        Export.objects.update(rows=312_000, total=1_000_000, **moving)
        assert "kim is downloading it: 312,000 of 1,000,000" in text(ana, f"{EXPORTS}{export.pk}/")
        Export.objects.update(total=None, reached=3)
        assert "312,000 so far, at number 3 of 3" in text(ana, f"{EXPORTS}{export.pk}/")

    def test_says_that_one_broke_off(self, ana: Client) -> None:
        export = ask(ana)
        still = timezone.now() - timedelta(minutes=5)
        Export.objects.update(run="0" * 32, run_by_name="kim", moved_at=still, rows=7)
        assert "The last download broke off after 7 rows" in text(ana, f"{EXPORTS}{export.pk}/")

    def test_asks_whether_there_is_something_new_and_takes_only_that(self, ana: Client) -> None:
        export = ask(ana)
        page = ana.get(f"{EXPORTS}{export.pk}/").content.decode()
        asked = html.unescape(re.findall(r'hx-get="([^"]+)"', page)[-1])
        assert ana.get(asked, **HTMX).status_code == 204
        download(ana, export)
        fragment = ana.get(asked, **HTMX).content.decode()
        assert "<html" not in fragment
        export.refresh_from_db()
        assert export.sha256 in fragment

    def test_looking_changes_nothing(self, ana: Client) -> None:
        export = ask(ana)
        before = everything()
        for address in (EXPORTS, f"{EXPORTS}?what=exchanges", f"{EXPORTS}{export.pk}/"):
            ana.get(address)
        assert everything() == before

    def test_the_list_asks_the_same_whatever_its_length(self, ana: Client, cast: Cast) -> None:
        ask(ana)
        with CaptureQueriesContext(
            connection,
        ) as few:
            ana.get(EXPORTS)
        for _ in range(5):
            ask(ana)
        with CaptureQueriesContext(connection) as many:
            ana.get(EXPORTS)
        assert len(few) == len(many)

    def test_links_are_for_auditors(self, signed_in) -> None:
        for name in ("dana", "lee", "max"):
            assert EXPORTS not in signed_in(name).get("/mitigations/").content.decode()


def test_a_try_of_somebody_else_is_remembered(signed_in) -> None:
    assert signed_in("dana").post(EXPORTS, {"what": "events", "format": "csv"}).status_code == 403
    event = Event.objects.latest("number")
    assert (event.deed, event.outcome, event.actor_name, event.review) == (events.EXPORT_ASKED, "refused", "dana", True)
