"""What an administrator finds on the overview of a new portal."""

from __future__ import annotations

import pytest
from django.test import Client

from mitigations.services import events
from tests.making import (
    make_channel,
    make_checkpoint,
    make_event,
    make_exchange,
    make_mitigation,
    make_pairing,
    make_rulebook,
    make_space,
)
from tests.people import Cast
from tests.views.pages import Page


def steps(client: Client, path: str = "/") -> dict[str, str]:
    """What each step says, by its first word: Done, To or Better."""
    lists = Page(client.get(path)).all("ol", class_="todo")
    items = [item.text for each in lists for item in each.all("li")]
    return {item.partition(": ")[2].partition(". ")[0]: item.split()[1].rstrip(":") for item in items}


@pytest.fixture
def max_(signed_in) -> Client:
    return signed_in("max")


def test_nothing_is_done_but_that_there_are_people(max_: Client) -> None:
    done = [title for title, word in steps(max_).items() if word == "Done"]
    assert done == ["Somebody may ask, and somebody else approve", "Somebody audits"]


@pytest.mark.parametrize("who", ["dana", "lee", "ana"])
def test_nobody_else_sees_it(who: str, signed_in) -> None:
    assert steps(signed_in(who)) == {}


def test_a_wall_does_not_show_it(max_: Client) -> None:
    assert steps(max_, "/?wall=1") == {}


def test_what_is_done_counts_and_what_is_not_leads_to_its_page(max_: Client) -> None:
    make_pairing()
    made = steps(max_)
    assert made["A platform and a method are offered"] == "Done"
    page = Page(max_.get("/"))
    assert page.links["Rules of approval are published"] == "/policy/rules/draft/"
    assert "A platform and a method are offered" not in page.links


def test_is_gone_when_all_is_done(max_: Client, cast: Cast, settings) -> None:
    settings.PORTAL_URL = "https://breakwater.example.net"
    make_pairing()
    make_space("203.0.113.0/24")
    make_rulebook(by=cast.max)
    mitigation = make_mitigation()
    make_exchange(mitigation)
    make_event(events.ASKED, mitigation)
    make_checkpoint()
    make_channel()
    assert steps(max_) == {}


def test_credentials_that_kentik_refuses_are_not_done(max_: Client) -> None:
    make_exchange(make_mitigation())
    make_exchange(make_mitigation(), status=401, credentials_refused=True)
    assert steps(max_)["Kentik accepts the credentials"] == "To"
