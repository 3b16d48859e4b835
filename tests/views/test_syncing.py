from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from mitigations.models import KentikView, Pairing, Platform
from mitigations.selectors import catalogue
from tests.making import NOW, make_pairing, make_protected, make_view, shown_row
from tests.people import Cast
from tests.views.facts import deeds, everything_but_the_log
from tests.views.pages import Page

HERE, TAKE_OVER, READ = "/catalogue/kentik/", "/catalogue/kentik/take-over/", "/catalogue/kentik/read/"


@pytest.fixture
def max_(signed_in, settings: Any) -> Client:
    settings.KENTIK_V6 = True
    return signed_in("max")


def text(client: Client) -> str:
    return Page(client.get(HERE)).main.text


def mark() -> str:
    return catalogue.comparison().difference.mark


class TestTheDifference:
    def test_is_nothing_when_both_are_the_same(self, max_: Client) -> None:
        make_pairing()
        make_view()
        assert "Nothing to take over: ours is as Kentik showed it." in text(max_)

    def test_shows_what_is_new(self, max_: Client) -> None:
        make_view()
        shown = text(max_)
        assert "New at Kentik" in shown
        assert "a new pairing, not offered until it is described" in shown
        assert "Take over 3 changes" in shown

    def test_shows_what_was_and_what_is(self, max_: Client) -> None:
        make_pairing()
        make_view(methods=[shown_row("775", name="Drop it all")])
        page = Page(max_.get(HERE))
        assert [each.text for each in (*page.all("del"), *page.all("ins"))] == ["Drop everything", "Drop it all"]

    def test_shows_what_is_gone(self, max_: Client) -> None:
        make_pairing()
        make_pairing(platform_id="900", method_id="901")
        make_view()
        assert "Gone from Kentik" in text(max_)

    def test_shows_when_it_was_read(self, max_: Client) -> None:
        make_view(catalogue_read_at=NOW - timedelta(minutes=12))
        assert "Read 12 min ago : 1 platform, 1 method." in text(max_)

    def test_shows_what_is_not_taken_over_and_why(self, max_: Client) -> None:
        make_view(platforms=[shown_row("300", name="Zapper", type="ZAP"), shown_row("257", method_ids=["775"])])
        assert "The platform “Zapper” (300) is of the type ZAP, which this portal does not know." in text(max_)

    def test_shows_what_is_not_linked(self, max_: Client) -> None:
        make_pairing(linked=False)
        make_view(platforms=[shown_row("257", name="Edge RTBH", method_ids=[])])
        assert "Nobody can use these until Kentik links them again" in text(max_)

    def test_shows_what_was_retired_here_and_is_still_there(self, max_: Client) -> None:
        Platform.objects.filter(pk=make_pairing().platform_id).update(retired_at=NOW)
        make_view()
        shown = text(max_)
        assert "Retired here, and still at Kentik" in shown
        assert "Nothing to take over" in shown

    def test_shows_names_as_text(self, max_: Client) -> None:
        make_view(platforms=[shown_row("257", name="<script>alert(1)</script>", method_ids=["775"])])
        assert "<script>alert(1)</script>" not in max_.get(HERE).content.decode()

    def test_says_so_when_it_was_never_read(self, max_: Client) -> None:
        assert "It was never read yet." in text(max_)

    def test_says_so_when_v6_is_off(self, max_: Client, settings: Any) -> None:
        settings.KENTIK_V6 = False
        assert "mitigation API (V6) is switched off here" in text(max_)

    def test_says_so_when_kentik_refuses_it(self, max_: Client) -> None:
        make_view(refused_at=NOW, refusal="Kentik refuses its mitigation API (V6) to the portal, with 403.")
        assert "Kentik refuses its mitigation API (V6) to the portal, with 403." in Page(max_.get(HERE)).alarms[0]

    def test_is_shown_anew_after_another_reading(self, max_: Client) -> None:
        make_view()
        seen = max_.get(HERE).context["comparison"].moment
        asked = {"headers": {"HX-Request": "true"}}
        assert max_.get(HERE, {"seen": seen}, **asked).status_code == 204
        make_view(catalogue_read_at=NOW + timedelta(minutes=15))
        assert max_.get(HERE, {"seen": seen}, **asked).headers["HX-Refresh"] == "true"


class TestWhatKentikExcludes:
    def test_is_shown_with_a_way_to_protect_it_here(self, max_: Client) -> None:
        make_view(methods=[shown_row("775", excluded=["192.0.2.53/32"])])
        page = Page(max_.get(HERE))
        assert "does not apply them to manual ones" in page.main.text
        [there] = [link for link in page.links.values() if "ip_cidr" in link]
        assert Page(max_.get(there)).typed["ip_cidr"] == "192.0.2.53/32"

    def test_is_marked_where_it_is_protected_already(self, max_: Client, cast: Cast) -> None:
        make_protected("192.0.2.0/24", owner=cast.max)
        make_view(methods=[shown_row("775", excluded=["192.0.2.53/32"])])
        page = Page(max_.get(HERE))
        assert "192.0.2.53/32 protected here" in " ".join(page.main.text.split())
        assert not [link for link in page.links.values() if "ip_cidr" in link]

    def test_is_shown_as_it_is_when_it_is_no_prefix(self, max_: Client) -> None:
        make_view(methods=[shown_row("775", excluded=["the office"])])
        assert "the office" in text(max_)


class TestTakingOver:
    def test_makes_ours_like_kentiks(self, max_: Client) -> None:
        make_view()
        answer = max_.post(TAKE_OVER, {"mark": mark()})
        assert answer.headers["Location"] == "/catalogue/"
        assert Platform.objects.get().name == "Edge RTBH"
        assert "Taken over: 3 changes." in Page(max_.get("/catalogue/")).notices

    def test_of_what_is_stale_is_refused_and_shows_what_is(self, max_: Client) -> None:
        make_view()
        stale = mark()
        make_view(methods=[shown_row("775", name="Drop it all")])
        answer = max_.post(TAKE_OVER, {"mark": stale})
        assert (answer.status_code, Platform.objects.count()) == (409, 0)
        assert "another one by now" in Page(answer).alarms[0]
        assert "Drop it all" in Page(answer).main.text

    @pytest.mark.parametrize("nonsense", ["", "x", "\x00", "0" * 64])
    def test_of_nonsense_is_refused(self, nonsense: str, max_: Client) -> None:
        make_view()
        assert max_.post(TAKE_OVER, {"mark": nonsense}).status_code == 409
        assert not Platform.objects.exists()

    @pytest.mark.parametrize("who", ["dana", "lee", "kim", "ana", "eve"])
    def test_is_for_administrators(self, who: str, signed_in) -> None:
        make_view()
        before = everything_but_the_log()
        assert signed_in(who).post(TAKE_OVER, {"mark": mark()}).status_code == 403
        assert everything_but_the_log() == before
        assert deeds() == [(who, "catalogue.saved", "refused")]


class TestReadingAgain:
    def test_asks_the_worker_and_says_so(self, max_: Client) -> None:
        make_view(catalogue_read_at=NOW - timedelta(minutes=1))
        answer = max_.post(READ)
        assert (answer.headers["Location"], KentikView.objects.get().catalogue_wanted_at) == (HERE, NOW)
        assert "The worker is asked to read it." in text(max_)

    def test_with_v6_off_is_refused(self, max_: Client, settings: Any) -> None:
        settings.KENTIK_V6 = False
        answer = max_.post(READ)
        assert (answer.status_code, "switched off" in Page(answer).alarms[0]) == (409, True)


class TestALine:
    @pytest.mark.parametrize("page", ["/", "/catalogue/"])
    def test_says_to_administrators_that_a_difference_waits(self, page: str, max_: Client) -> None:
        make_view()
        assert "Kentik’s catalogue differs from ours in 3 points." in Page(max_.get(page)).main.text

    @pytest.mark.parametrize("page", ["/", "/catalogue/"])
    @pytest.mark.parametrize("who", ["dana", "lee", "ana"])
    def test_says_it_to_nobody_else(self, who: str, page: str, signed_in) -> None:
        make_view()
        assert "differs from ours" not in Page(signed_in(who).get(page)).main.text

    @pytest.mark.parametrize("page", ["/", "/catalogue/"])
    def test_is_not_there_when_nothing_waits(self, page: str, max_: Client) -> None:
        make_pairing()
        make_view()
        assert "differs from ours" not in Page(max_.get(page)).main.text


class TestAPairingToBeReviewed:
    def test_is_marked_in_the_catalogue(self, max_: Client) -> None:
        make_pairing(review_since=NOW)
        assert "to be reviewed" in Page(max_.get("/catalogue/")).main.text

    def test_says_in_its_form_what_to_do(self, max_: Client) -> None:
        pairing = make_pairing(review_since=NOW)
        assert "Saving this form says that you have." in Page(max_.get(f"/catalogue/pairing/{pairing.pk}/")).main.text

    def test_is_reviewed_when_its_form_is_saved(self, max_: Client) -> None:
        pairing = make_pairing(review_since=NOW)
        typed = Page(max_.get(f"/catalogue/pairing/{pairing.pk}/")).typed
        max_.post(f"/catalogue/pairing/{pairing.pk}/", typed)
        assert Pairing.objects.get().review_since is None

    def test_that_nobody_has_described_cannot_be_offered(self, max_: Client) -> None:
        make_view()
        max_.post(TAKE_OVER, {"mark": mark()})
        pairing = Pairing.objects.get()
        typed = {**Page(max_.get(f"/catalogue/pairing/{pairing.pk}/")).typed, "offered": "on"}
        answer = max_.post(f"/catalogue/pairing/{pairing.pk}/", typed)
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["effect"])

    def test_says_in_the_catalogue_that_it_is_not_linked(self, max_: Client) -> None:
        make_pairing(linked=False)
        assert "no: not linked at Kentik" in Page(max_.get("/catalogue/")).main.text
