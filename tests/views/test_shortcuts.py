"""Single keys that lead to pages: who has which. What they do, a browser shows."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from mitigations.views.shortcuts import SHORTCUTS
from tests.people import Cast
from tests.views.pages import Page

ALWAYS = {"/": "/search/", "g o": "/", "g m": "/mitigations/", "?": "/account/shortcuts/"}
LIST = "/account/shortcuts/"


def keys(client: Client, address: str = "/account/preferences/") -> dict[str, str]:
    """What the dialog of a page offers, by keys."""
    [dialog] = Page(client.get(address)).all("dialog")
    return {
        link.attributes["data-keys"]: link.attributes["href"]
        for link in dialog.all("a")
        if "data-keys" in link.attributes
    }


@pytest.mark.parametrize(
    ("who", "more"),
    [
        ("dana", {"n": "/mitigations/new/"}),
        ("lee", {"a": "/approvals/"}),
        ("ana", {"g l": "/audit/"}),
        ("max", {}),
    ],
)
def test_everybody_has_those_whose_page_they_may_open(who: str, more: dict[str, str], signed_in) -> None:
    client = signed_in(who)
    assert keys(client) == {**ALWAYS, **more}
    assert {client.get(address).status_code for address in keys(client).values()} == {200}


def test_who_has_no_role_has_none(signed_in) -> None:
    page = Page(signed_in("eve").get(LIST))
    assert not page.all("dialog")
    assert "there is no page for them to lead to" in page.main.text


def test_the_list_is_a_page_as_well(signed_in) -> None:
    page = Page(signed_in("dana").get(LIST))
    assert [each.text for each in page.main.all("kbd")] == ["/", "n", "g", "o", "g", "m", "?"]


def test_who_switched_them_off_has_no_key_and_no_script(signed_in, cast: Cast) -> None:
    User.objects.filter(pk=cast.dana.pk).update(shortcuts=False)
    page = Page(signed_in("dana").get("/"))
    assert not page.all("dialog")
    assert not [script for script in page.all("script") if "shortcuts" in script.attributes["src"]]


def test_the_list_says_that_they_are_off(signed_in, cast: Cast) -> None:
    User.objects.filter(pk=cast.dana.pk).update(shortcuts=False)
    assert Page(signed_in("dana").get(LIST)).notices == ["You have switched them off."]


def test_no_key_means_two_things_and_none_hides_another() -> None:
    pressed = [each.keys for each in SHORTCUTS]
    assert len(set(pressed)) == len(pressed)
    assert not [(one, other) for one in pressed for other in pressed if one != other and one == other[: len(one)]]
