"""The page of one's own tokens."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import ApiToken
from tests.making import make_token
from tests.people import Cast
from tests.views.facts import deeds
from tests.views.pages import Page

pytestmark = pytest.mark.django_db

TERMS: dict[str, Any] = {"name": "soar", "purpose": "Playbooks.", "scopes": ["ask", "read"], "days": "30"}


def made(client: Client, **terms: Any) -> Page:
    return Page(client.post("/account/tokens/new/", {**TERMS, **terms}))


def secret_of(page: Page) -> str:
    return page.main.all("pre")[0].text


class TestMaking:
    def test_shows_the_token_once(self, signed_in: Any) -> None:
        dana = signed_in("dana")
        page = made(dana)

        assert secret_of(page).startswith("bwk_")
        assert secret_of(page) not in dana.get("/account/tokens/").content.decode()
        row = ApiToken.objects.get()
        assert (row.name, row.scopes, row.owner.username) == ("soar", ["read", "ask"], "dana")

    def test_keeps_it_out_of_every_store(self, signed_in: Any) -> None:
        assert "no-store" in signed_in("dana").post("/account/tokens/new/", TERMS).headers["Cache-Control"]

    def test_makes_none_a_second_time_when_the_page_is_loaded_anew(self, signed_in: Any) -> None:
        dana = signed_in("dana")
        made(dana)

        assert made(dana).status == 409
        assert ApiToken.objects.count() == 1

    def test_keeps_networks_in_canonical_text(self, signed_in: Any) -> None:
        made(signed_in("dana"), networks="2001:DB8:0::/32\n192.0.2.1\n192.0.2.1/32")

        assert ApiToken.objects.get().networks == ["2001:db8::/32", "192.0.2.1/32"]

    @pytest.mark.parametrize(
        ("terms", "sentence"),
        [
            ({"networks": "192.0.2.7/24"}, "Did you mean 192.0.2.0/24?"),
            ({"networks": "here"}, "“here” is no network."),
            ({"name": "x”, for kim, by “y"}, "Letters, digits, spaces, dots, hyphens and underscores"),
            ({"name": "x\u202ey"}, "Letters, digits, spaces, dots, hyphens and underscores"),
            ({"networks": "\n".join(f"192.0.2.{n}" for n in range(21))}, "At most 20 networks."),
            ({"days": "366"}, "less than or equal to 365"),
            ({"days": "0"}, "greater than or equal to 1"),
            ({"scopes": []}, "This field is required."),
            ({"scopes": ["everything"]}, "Select a valid choice."),
            ({"purpose": ""}, "This field is required."),
        ],
    )
    def test_says_what_is_wrong(self, signed_in: Any, terms: dict[str, Any], sentence: str) -> None:
        page = made(signed_in("dana"), **terms)

        assert page.status == 422
        assert sentence in page.alarms[0]
        assert not ApiToken.objects.exists()

    def test_lasts_no_longer_than_the_site_allows(self, signed_in: Any, settings: Any) -> None:
        settings.API_TOKEN_DAYS = 7
        dana = signed_in("dana")

        assert made(dana, days="8").status == 422
        assert Page(dana.get("/account/tokens/new/")).typed["days"] == "7"

    def test_is_remembered_of_somebody_who_may_not(self, signed_in: Any) -> None:
        assert made(signed_in("eve")).status == 403
        assert deeds() == [("eve", "token.made", "refused")]


class TestTheList:
    def test_revokes_with_one_click(self, signed_in: Any, cast: Cast) -> None:
        make_token(cast.dana, name="soar")
        dana = signed_in("dana")
        [form] = Page(dana.get("/account/tokens/")).main.all("form")
        dana.post(form.attributes["action"])

        page = Page(dana.get("/account/tokens/"))
        assert page.main.all("form") == []
        assert "revoked" in page.said("td", data_label="Expires")[0]
        assert page.notices == ["The token soar is revoked: what uses it is refused from now on."]

    def test_shows_nobody_else_s_but_to_administrators(self, signed_in: Any, cast: Cast) -> None:
        make_token(cast.dana, name="soar")

        assert "soar" not in Page(signed_in("lee").get("/account/tokens/")).main.text
        assert "soar of dana" in Page(signed_in("max").get("/account/tokens/")).main.text

    def test_lets_somebody_who_lost_all_roles_revoke_theirs(self, signed_in: Any, cast: Cast) -> None:
        token = make_token(cast.dana).token
        cast.dana.groups.clear()
        signed_in("dana").post(f"/account/tokens/{token.pk}/revoke/")

        assert ApiToken.objects.get().revoked_at is not None
