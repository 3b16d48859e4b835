"""The page that says whether the log is sound, the word of it on every page, and redactions."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.authority import WORKER
from audit import proofs
from audit.models import Event, Redaction
from audit.signing import new_key
from mitigations.services import events
from mitigations.services.auditing import keeping, proving
from tests.audit.logbook import behind_its_back
from tests.making import NOW, make_event, make_exchange, make_mitigation, make_redaction
from tests.people import Cast
from tests.views.pages import Page

PROOFS = "/audit/verify/"


@pytest.fixture(autouse=True)
def _written(cast: Cast, settings) -> None:
    settings.AUDIT_SIGNING_KEY = new_key("portal")
    for _ in range(3):
        make_event(events.WITHDRAWN, make_mitigation())


@pytest.fixture
def ana(signed_in) -> Client:
    return signed_in("ana")


def foot(client: Client) -> str:
    return Page(client.get("/")).all("footer")[0].text


class TestVerification:
    def test_is_asked_for_here_and_done_by_the_worker(self, ana: Client) -> None:
        assert "not been verified yet" in Page(ana.get(PROOFS)).main.text
        ana.post(f"{PROOFS}ask/", {"whole": "1"})
        assert "ana asked" in Page(ana.get(PROOFS)).main.text

        keeping.turn(at=NOW)

        text = Page(ana.get(PROOFS)).main.text
        assert "It is Events 1 to 5 are as they were written." in text
        assert "The worker is at it" not in text

    def test_of_what_is_new_says_all_that_is_covered(self, ana: Client) -> None:
        proving.checkpoint(by=WORKER, at=NOW)
        make_event(events.WITHDRAWN, make_mitigation())
        proving.check(whole=False, by=WORKER, at=NOW)

        text = Page(ana.get(PROOFS)).main.text
        assert "Events 1 to 5 are as they were written. 4 to 5 were read " in text
        assert "1 to 3 were so when they were read before" in text
        assert "not verified yet" not in text

    def test_says_how_many_are_newer(self, ana: Client) -> None:
        proving.check(whole=True, by=WORKER, at=NOW)
        for _ in range(2):
            make_event(events.WITHDRAWN, make_mitigation())

        assert "It is 2 newer ones are not verified yet." in Page(ana.get(PROOFS)).main.text

    def test_loads_anew_when_the_worker_is_done(self, ana: Client) -> None:
        seen = Event.objects.count()
        asks = {"HTTP_HX_REQUEST": "true"}
        assert ana.get(f"{PROOFS}?seen={seen}", **asks).status_code == 204

        proving.check(whole=True, by=WORKER, at=NOW)

        assert ana.get(f"{PROOFS}?seen={seen}", **asks).headers["HX-Refresh"] == "true"

    def test_says_loudly_what_is_wrong(self, ana: Client, signed_in) -> None:
        behind_its_back("UPDATE audit_event SET actor_name = 'eve' WHERE number = 2")
        proving.check(whole=True, by=WORKER, at=NOW)

        sentence = "Event 2 is labelled with another actor_name than it was written with."
        assert sentence in Page(ana.get(PROOFS)).alarms[0]
        assert sentence in Page(signed_in("dana").get("/")).alarms[0]
        assert "log broken" in foot(signed_in("lee"))

    def test_stands_at_the_foot_of_every_page(self, signed_in, ana: Client) -> None:
        assert "log not verified yet" in foot(ana)
        proving.check(whole=True, by=WORKER, at=NOW)
        assert "log verified up to event 3" in foot(signed_in("dana"))


class TestCheckpoints:
    def test_are_asked_for_and_taken_away(self, ana: Client) -> None:
        ana.post(f"{PROOFS}sign/")
        keeping.turn(at=NOW)

        (link,) = [a for a in Page(ana.get(PROOFS)).all("a") if a.attributes["href"].startswith("/audit/checkpoints/")]
        answer = ana.get(link.attributes["href"])
        made = proofs.newest()
        assert made is not None
        assert answer.content.decode() == made.note
        assert answer.headers["Content-Disposition"] == 'attachment; filename="breakwater-checkpoint-4.txt"'

    def test_say_why_there_is_none(self, ana: Client, settings) -> None:
        settings.AUDIT_SIGNING_KEY = ""
        ana.post(f"{PROOFS}sign/")
        keeping.turn(at=NOW)

        assert "There is no key to sign with." in Page(ana.get(PROOFS)).main.text


class TestRedactions:
    def test_go_from_one_to_the_other(self, ana: Client, signed_in) -> None:
        exchange, max_ = make_exchange(error="hunter2"), signed_in("max")
        ana.post(f"/audit/redactions/exchanges/{exchange.number}/", {"reason": "A password."})
        redaction = Redaction.objects.get()
        assert "A password." in Page(max_.get("/audit/redactions/")).main.text

        max_.post(f"/audit/redactions/{redaction.pk}/", {"redact": "1"})

        exchange.refresh_from_db()
        assert exchange.is_redacted
        assert "redacted by max" in Page(ana.get("/audit/redactions/")).main.text

    def test_keep_what_was_typed_when_something_is_missing(self, ana: Client) -> None:
        answer = ana.post(f"/audit/redactions/exchanges/{make_exchange().number}/", {"reason": " "})
        assert answer.status_code == 422
        assert "Say why" in Page(answer).main.text
        assert not Redaction.objects.exists()

    def test_can_be_declined(self, signed_in) -> None:
        redaction = make_redaction()
        signed_in("max").post(f"/audit/redactions/{redaction.pk}/", {"decline": "1"})
        redaction.refresh_from_db()
        assert (redaction.decided_by_name, redaction.carried_out) == ("max", False)

    def test_are_shown_to_whoever_asked_without_a_button(self, ana: Client, cast: Cast) -> None:
        cast.ana.groups.set([*cast.ana.groups.all(), *cast.max.groups.all()])
        ana.post(f"/audit/redactions/exchanges/{make_exchange().number}/", {"reason": "A password."})
        page = Page(ana.get("/audit/redactions/"))
        assert "Waits for another administrator" in page.main.text
        assert "Decide …" not in page.main.text


def test_an_exchange_that_was_redacted_says_so(ana: Client) -> None:
    mitigation = make_mitigation()
    make_exchange(mitigation)
    behind_its_back("UPDATE mitigations_exchange SET detail = NULL")
    assert "redacted" in Page(ana.get(f"/mitigations/{mitigation.reference}/")).all("details")[0].text
