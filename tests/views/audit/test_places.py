"""Where the log leads, and that whoever reads it may go there."""

from __future__ import annotations

import pytest

from accounts.authority import Actor, Role
from audit.selectors import Entry
from mitigations.views.audit import places
from tests.making import NOW, make_channel, make_mitigation, make_rulebook
from tests.people import Cast, acting


def entry(deed: str, subject: str, sentence: str = "") -> Entry:
    return Entry(
        number=1,
        at=NOW,
        deed=deed,
        actor="max",
        subject=subject,
        sentence=sentence or f"max did it to {subject}",
        refused=False,
        needs_review=False,
        note="",
    )


AUDITOR = Actor(id=1, username="ana", name="Ana", roles=frozenset({Role.AUDITOR}))
BOTH = Actor(id=1, username="ana", name="Ana", roles=frozenset({Role.AUDITOR, Role.ADMINISTRATOR}))
PLACES = [
    (entry("mitigation.approved", "MIT-1"), "/mitigations/MIT-1/"),
    (entry("alarm.settled", "MIT-1"), "/mitigations/MIT-1/"),
    (entry("rules.published", "version 1 of the rules"), "/policy/rules/1/"),
    (entry("rules.draft-edited", "the draft of the rules"), "/policy/rules/"),
    (entry("catalogue.saved", "platform “Edge”"), "/catalogue/"),
    (entry("preset.saved", "Shop"), "/presets/"),
    (
        entry("plan.saved", "192.0.2.0/24", "max saved the protected prefix 192.0.2.0/24"),
        "/policy/protected/?inside=192.0.2.0%2F24",
    ),
    (
        entry("plan.imported", "address-space", "max imported 3 rows of piece of address space"),
        "/policy/address-space/",
    ),
    (entry("plan.saved", "team “Hosting”"), "/policy/address-space/"),
    (entry("account.enrolled", "rob & co"), "/audit/?person=rob+%26+co"),
    (entry("kentik.seen-elsewhere", "192.0.2.7/32"), "/mitigations/elsewhere/"),
]


@pytest.mark.parametrize(("about", "address"), PLACES)
def test_leads_an_auditor_to_a_page_that_they_may_see(about: Entry, address: str, signed_in, db: None) -> None:
    make_mitigation(pk=1)
    make_rulebook()

    assert places.address(about, reader=AUDITOR) == address
    assert signed_in("ana").get(address).status_code == 200


@pytest.mark.parametrize(("deed", "subject"), [("channel.saved", "NOC room"), ("kentik.refused", "Kentik's V6")])
def test_leads_nowhere_where_an_auditor_may_not_go(deed: str, subject: str) -> None:
    assert places.address(entry(deed, subject), reader=AUDITOR) == ""


@pytest.mark.parametrize(
    ("deed", "address"), [("channel.saved", "/policy/channels/"), ("rules.draft-edited", "/policy/rules/draft/")]
)
def test_leads_an_administrator_further(deed: str, address: str, signed_in, db: None) -> None:
    make_channel()

    assert places.address(entry(deed, "x"), reader=BOTH) == address
    assert signed_in("max").get(address).status_code == 200


def test_links_what_stands_by_itself_and_once(cast: Cast) -> None:
    about = entry("preset.saved", "a", "max saved a matching a preset like MIT-4 and XMIT-5, max")

    told = places.told(about, reader=acting(cast.ana))

    assert [(piece.text, piece.address) for piece in told if piece.address] == [
        ("max", "/audit/?person=max"),
        ("a", "/presets/"),
        ("MIT-4", "/mitigations/MIT-4/"),
    ]
    assert "".join(piece.text for piece in told) == about.sentence
