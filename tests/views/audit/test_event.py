from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from audit.ledger import recorded
from audit.models import Event
from tests.databases import lifted_triggers
from tests.making import NOW, make_exchange, make_mitigation, make_pairing
from tests.people import Cast, acting
from tests.views.asking import ask
from tests.views.pages import Page


@pytest.fixture
def ana(signed_in) -> Client:
    return signed_in("ana")


def write(cast: Cast, note: str = "", **facts: Any) -> int:
    with recorded("account.signed-in", subject="dana", by=acting(cast.dana).author, at=NOW) as record:
        record.facts, record.detail = facts, {"note": note} if note else {}
    return Event.objects.latest("number").number


def change(number: int, **columns: Any) -> None:
    """Past the portal, as somebody with the database's password might."""
    with lifted_triggers():
        Event.objects.filter(number=number).update(**columns)


def test_tells_all_of_it(ana: Client, cast: Cast) -> None:
    make_exchange(make_mitigation())
    number = write(cast, "By hand.", roles=["viewer"], times=3)
    event = Event.objects.get(number=number)

    page = Page(ana.get(f"/audit/{number}/"))

    rows = {row.all("th")[0].text: row.all("td")[0].text for row in page.all("tr")}
    assert "dana signed in" in page.main.text
    assert rows["When"].startswith("2026-11-23 03:00:00 UTC")
    assert rows["From where"] == "192.0.2.99 pytest"
    assert rows["times"] == "3"
    assert '"viewer"' in rows["roles"]
    assert rows["note"] == "By hand."
    assert rows["Its hash"] == event.hash
    assert rows["Newest of the exchanges then"].startswith("1 ")
    assert page.all("code")[0].exact_text == event.body
    assert "salt" not in rows


def test_leads_to_all_of_this_click_and_all_about_it(signed_in, ana: Client) -> None:
    ask(signed_in("dana"), make_pairing())
    event = Event.objects.get()

    links = Page(ana.get("/audit/1/")).links

    assert links["all of this click"] == f"/audit/?request={event.request_id}"
    assert links["all about it"] == f"/audit/?subject={event.subject}"
    assert links[event.subject] == f"/mitigations/{event.subject}/"


def test_leads_to_its_neighbours(ana: Client, cast: Cast) -> None:
    for _ in range(3):
        write(cast)

    assert {"1", "3"} <= set(Page(ana.get("/audit/2/")).links)
    assert "nothing: it is the first" in Page(ana.get("/audit/1/")).main.text
    assert "nothing: it is the newest" in Page(ana.get("/audit/3/")).main.text


@pytest.mark.parametrize("number", [1, 2])
def test_says_that_its_tie_holds(number: int, ana: Client, cast: Cast) -> None:
    write(cast, "By hand.")
    write(cast, "By hand.")

    page = Page(ana.get(f"/audit/{number}/"))

    assert "✓ It holds" in page.main.text
    assert page.alarms == []


@pytest.mark.parametrize(
    ("changed", "columns"),
    [
        (2, {"body": "{}"}),
        (2, {"body": '{"beside":7,"facts":[]}'}),
        (2, {"body": "é no JSON"}),
        (2, {"hash": "f" * 64}),
        (1, {"hash": "f" * 64}),
        (2, {"detail": '{"note":"Never said."}'}),
        (2, {"detail": "no JSON"}),
    ],
)
def test_says_loudly_that_it_was_changed(changed: int, columns: dict[str, str], ana: Client, cast: Cast) -> None:
    write(cast)
    write(cast, "By hand.")
    change(changed, **columns)

    page = Page(ana.get("/audit/2/"))

    assert page.alarms[0].startswith("CHANGED: this is not what was written")
    assert "✗ It does not hold" in page.main.text
    assert Page(ana.get("/audit/")).status == 200


def test_says_that_the_one_before_is_missing(ana: Client, cast: Cast) -> None:
    write(cast)
    write(cast)
    with lifted_triggers():
        Event.objects.filter(number=1).delete()

    assert "Event 1 is missing." in Page(ana.get("/audit/2/")).alarms[0]


def test_says_what_was_redacted_and_that_the_chain_holds(ana: Client, cast: Cast) -> None:
    number = write(cast, "A password by mistake.")
    Event.objects.filter(number=number).update(detail=None, ip="")

    page = Page(ana.get(f"/audit/{number}/"))

    assert "Redacted." in page.main.text
    assert "✓ It holds" in page.main.text
    assert "192.0.2.99" not in page.main.text


def test_says_when_it_began_if_it_waited(ana: Client, cast: Cast) -> None:
    write(cast)
    with recorded("account.signed-in", subject="dana", by=acting(cast.dana).author, at=NOW.replace(hour=2)):
        pass

    assert "it began at 2026-11-23 02:00:00 UTC" in Page(ana.get("/audit/2/")).main.text


@pytest.mark.parametrize("text", ["\x00", "\ud800", "<b>"])
def test_shows_any_text(text: str, ana: Client, cast: Cast) -> None:
    write(cast, f"[{text}]", said=f"[{text}]")

    assert Page(ana.get("/audit/1/")).status == 200


@pytest.mark.parametrize("number", ["0", "2", "9" * 40])
def test_that_does_not_exist_is_not_found(number: str, ana: Client, cast: Cast) -> None:
    write(cast)

    assert ana.get(f"/audit/{number}/").status_code == 404
