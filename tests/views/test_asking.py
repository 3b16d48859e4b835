from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client

from audit.models import Event
from mitigations.models import Mitigation, Pairing
from mitigations.policies.lifecycle import Status
from mitigations.policies.rules import OnPlatform
from tests.making import NOW, make_mitigation, make_pairing, make_rule, make_rulebook
from tests.views.asking import NEW, ask, check, typed
from tests.views.facts import deeds, everything
from tests.views.pages import Page


@pytest.fixture
def dana(signed_in) -> Client:
    return signed_in("dana")


@pytest.fixture
def pairing(cast) -> Pairing:
    return make_pairing()


class TestAsking:
    def test_keeps_the_exact_terms(self, dana: Client, pairing: Pairing) -> None:
        ask(dana, pairing)
        row = Mitigation.objects.get()
        assert (row.target, row.pairing, row.minutes) == ("203.0.113.7/32", pairing, 90)
        assert (row.comment, row.reason, row.ticket) == ("UDP flood", "The shop is down since 02:50.", "INC-1")

    def test_makes_it_danas_and_pending_for_a_day(self, dana: Client, pairing: Pairing) -> None:
        ask(dana, pairing)
        row = Mitigation.objects.get()
        assert (row.requested_by.username, row.status, row.requested_at) == ("dana", Status.PENDING, NOW)
        assert row.waits_until == NOW + timedelta(hours=24)

    def test_leaves_one_event_with_where_it_came_from(self, dana: Client, pairing: Pairing) -> None:
        answer = ask(dana, pairing)
        event = Event.objects.get()
        assert (event.actor_name, event.deed, event.subject) == (
            "dana",
            "mitigation.asked",
            Mitigation.objects.get().reference,
        )
        assert event.request_id == answer.headers["X-Request-ID"]
        assert event.details["ip"] == "127.0.0.1"

    def test_shows_the_new_one_and_says_that_it_waits(self, dana: Client, pairing: Pairing) -> None:
        page = Page(dana.get(ask(dana, pairing).headers["Location"]))
        reference = Mitigation.objects.get().reference
        assert page.heading == f"203.0.113.7/32 {reference}"
        assert page.notices == [f"{reference} waits for approval. Needs 1 approval by somebody else."]

    def test_reads_a_bare_address_as_one_host(self, dana: Client, pairing: Pairing) -> None:
        ask(dana, pairing, ip_cidr=" 203.0.113.7 ")
        assert Mitigation.objects.get().target == "203.0.113.7/32"

    def test_keeps_ipv6_in_its_shortest_text(self, dana: Client, pairing: Pairing) -> None:
        ask(dana, pairing, ip_cidr="2001:0DB8:0:0::/64")
        row = Mitigation.objects.get()
        assert (row.target, row.family, row.length) == ("2001:db8::/64", 6, 64)

    def test_makes_one_line_of_the_comment(self, dana: Client, pairing: Pairing) -> None:
        ask(dana, pairing, comment="  two\r\nlines\tand a tab ")
        assert Mitigation.objects.get().comment == "two lines and a tab"

    def test_needs_the_csrf_token(self, cast, pairing: Pairing) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(cast.dana)
        assert ask(client, pairing).status_code == 403
        assert not Mitigation.objects.exists()

    @pytest.mark.parametrize("who", ["lee", "kim", "ana", "max", "eve"])
    def test_is_for_requesters_only(self, who: str, signed_in, pairing: Pairing) -> None:
        assert ask(signed_in(who), pairing).status_code == 403
        assert not Mitigation.objects.exists()


class TestMinutes:
    def test_are_the_pairings_usual_ones_when_none_are_typed(self, dana: Client, cast) -> None:
        ask(dana, make_pairing(default_minutes=45), minutes_before_auto_stop="")
        assert Mitigation.objects.get().minutes == 45

    def test_of_zero_run_until_stopped_where_there_is_no_limit(self, dana: Client, cast) -> None:
        ask(dana, make_pairing(longest_minutes=None), minutes_before_auto_stop="0")
        assert Mitigation.objects.get().minutes == 0

    def test_of_zero_are_blocked_where_there_is_a_limit(self, dana: Client, cast) -> None:
        page = Page(ask(dana, make_pairing(longest_minutes=240), minutes_before_auto_stop="0"))
        assert "It has no auto-stop: it runs until somebody stops it by hand." in page.alarms[0]
        assert "Give it a duration of at most 4 h." in page.alarms[0]
        assert not Mitigation.objects.exists()

    def test_beyond_the_limit_are_blocked(self, dana: Client, cast) -> None:
        page = Page(ask(dana, make_pairing(longest_minutes=240), minutes_before_auto_stop="241"))
        assert "4 h 1 min is longer than the 4 h" in page.alarms[0]
        assert not Mitigation.objects.exists()

    @pytest.mark.parametrize("minutes", ["-1", "1.5", "an hour", "525601", "9" * 30])
    def test_that_make_no_sense_are_told(self, minutes: str, dana: Client, pairing: Pairing) -> None:
        answer = ask(dana, pairing, minutes_before_auto_stop=minutes)
        assert answer.status_code == 422
        assert Page(answer).typed["minutes_before_auto_stop"] == minutes
        assert not Mitigation.objects.exists()


class TestChecking:
    def test_changes_nothing(self, dana: Client, pairing: Pairing) -> None:
        before = everything()
        assert check(dana, pairing).status_code == 200
        assert everything() == before

    def test_shows_the_exact_json_that_kentik_would_get(self, dana: Client, pairing: Pairing) -> None:
        page = Page(check(dana, pairing))
        assert json.loads(page.main.all("pre")[0].exact_text) == {
            "ipCidr": "203.0.113.7/32",
            "Comment": "[MIT-…] UDP flood",
            "platformID": "257",
            "methodId": "775",
            "minutesBeforeAutoStop": "90",
        }

    def test_says_how_many_addresses_for_how_long(self, dana: Client, pairing: Pairing) -> None:
        page = Page(check(dana, pairing, ip_cidr="203.0.113.0/28"))
        assert "203.0.113.0/28 – 16 addresses – 1 h 30 min" in page.main.text

    def test_says_who_must_approve(self, dana: Client, pairing: Pairing) -> None:
        assert "Needs 1 approval by somebody else. It waits at most 1 d." in Page(check(dana, pairing)).said("p")

    def test_says_what_the_rules_in_force_ask_for(self, dana: Client, pairing: Pairing) -> None:
        make_rulebook(make_rule("it is on the edge", OnPlatform("257")))
        said = Page(check(dana, pairing)).said("p")
        assert "Needs 2 approvals, because it is on the edge (rule 1). It waits at most 1 h." in said

    def test_keeps_everything_typed(self, dana: Client, pairing: Pairing) -> None:
        assert Page(check(dana, pairing)).typed == typed(pairing)

    def test_says_when_nothing_speaks_against_it(self, dana: Client, pairing: Pairing) -> None:
        findings = Page(check(dana, pairing)).main.all("li", class_="finding")
        assert [finding.text for finding in findings] == ["Clear No guardrail speaks against it."]

    def test_shows_every_finding_at_once(self, dana: Client, cast) -> None:
        pairing = make_pairing(widens_to_24=True, longest_minutes=60)
        page = Page(check(dana, pairing))
        severities = [finding.all("strong")[0].text for finding in page.main.all("li", class_="finding")]
        assert severities == ["Look closely", "Blocked"]


class TestHostBits:
    def test_offer_both_mends(self, dana: Client, pairing: Pairing) -> None:
        answer = ask(dana, pairing, ip_cidr="203.0.113.7/24")
        mends = Page(answer).main.all("button", name="mend")
        assert answer.status_code == 422
        assert [mend.attributes["value"] for mend in mends] == ["203.0.113.0/24", "203.0.113.7/32"]

    @pytest.mark.parametrize("mend", ["203.0.113.0/24", "203.0.113.7/32"])
    def test_are_mended_by_a_press_and_the_rest_stays_typed(self, mend: str, dana: Client, pairing: Pairing) -> None:
        page = Page(dana.post(NEW, {**typed(pairing, ip_cidr="203.0.113.7/24"), "mend": mend}))
        assert page.typed == typed(pairing, ip_cidr=mend)

    def test_ask_for_nothing_when_a_mend_is_pressed(self, dana: Client, pairing: Pairing) -> None:
        dana.post(NEW, {**typed(pairing, ip_cidr="203.0.113.7/24"), "mend": "203.0.113.7/32"})
        assert not Mitigation.objects.exists()

    def test_ask_for_nothing(self, dana: Client, pairing: Pairing) -> None:
        ask(dana, pairing, ip_cidr="2001:db8::1/64")
        assert not Mitigation.objects.exists()


class TestGarbage:
    def test_is_answered_with_a_sentence(self, dana: Client, pairing: Pairing) -> None:
        answer = ask(dana, pairing, ip_cidr="fish & chips")
        assert answer.status_code == 422
        assert "“fish & chips” is not an IP address or prefix." in Page(answer).alarms[0]

    @pytest.mark.parametrize("target", ["100%", "%s", "%(sentence)s", "{mends}", "203.0.113.7%eth0"])
    def test_with_signs_that_formats_know_is_told_as_it_was_typed(
        self, target: str, dana: Client, pairing: Pairing
    ) -> None:
        answer = ask(dana, pairing, ip_cidr=target)
        assert answer.status_code == 422
        assert f"“{target}” is not an IP address or prefix." in Page(answer).alarms[0]

    def test_keeps_every_field_as_typed(self, dana: Client, pairing: Pairing) -> None:
        page = Page(ask(dana, pairing, ip_cidr="fish & chips"))
        assert page.typed == typed(pairing, ip_cidr="fish & chips")

    def test_leads_from_the_alarm_to_the_field(self, dana: Client, pairing: Pairing) -> None:
        page = Page(ask(dana, pairing, ip_cidr="fish"))
        assert page.main.all("input", id=page.links["Target"].removeprefix("#"))

    def test_changes_nothing(self, dana: Client, pairing: Pairing) -> None:
        before = everything()
        ask(dana, pairing, ip_cidr="fish")
        assert everything() == before

    @pytest.mark.parametrize("field", ["ip_cidr", "pairing", "reason"])
    def test_a_field_that_must_be_filled_is_named(self, field: str, dana: Client, pairing: Pairing) -> None:
        answer = ask(dana, pairing, **{field: "  "})
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]

    @pytest.mark.parametrize("field", ["ip_cidr", "pairing", "comment", "reason", "ticket"])
    def test_nul_is_told_and_not_stored(self, field: str, dana: Client, pairing: Pairing) -> None:
        assert ask(dana, pairing, **{field: "a\x00b"}).status_code == 422

    def test_a_pairing_that_is_not_offered_cannot_be_chosen(self, dana: Client, cast) -> None:
        answer = ask(dana, make_pairing(offered=False))
        assert list(answer.context["form"].errors) == ["pairing"]
        assert not Mitigation.objects.exists()

    def test_a_comment_too_long_for_kentik_is_told(self, dana: Client, pairing: Pairing) -> None:
        answer = ask(dana, pairing, comment="x" * 201)
        assert list(answer.context["form"].errors) == ["comment"]


class TestDuplicates:
    def test_are_blocked_with_a_link_to_the_one_that_holds_the_target(self, dana: Client, cast) -> None:
        other = make_mitigation(Status.ACTIVE, target="203.0.113.7/32")
        answer = ask(dana, other.pairing)
        assert answer.status_code == 422
        assert Page(answer).links[other.reference] == f"/mitigations/{other.reference}/"
        assert Mitigation.objects.count() == 1

    def test_are_kept_as_refused_in_the_log(self, dana: Client, cast) -> None:
        ask(dana, make_mitigation(target="203.0.113.7/32").pairing)
        assert deeds() == [("dana", "mitigation.asked", "refused")]

    def test_keep_everything_typed(self, dana: Client, cast) -> None:
        pairing = make_mitigation(target="203.0.113.7/32").pairing
        assert Page(ask(dana, pairing)).typed == typed(pairing)

    @pytest.mark.parametrize("status", [Status.ENDED, Status.REJECTED, Status.REFUSED, Status.STOPPED])
    def test_of_one_that_is_over_are_none(self, status: Status, dana: Client, cast) -> None:
        pairing = make_mitigation(status, target="203.0.113.7/32").pairing
        ask(dana, pairing)
        assert Mitigation.objects.filter(status=Status.PENDING).count() == 1


class TestAgain:
    def test_fills_the_form_with_the_earlier_terms(self, dana: Client, cast) -> None:
        earlier = make_mitigation(
            Status.ENDED, target="203.0.113.7/32", minutes=30, comment="flood", reason="Down.", ticket="INC-7"
        )
        assert Page(dana.get(NEW, {"again": earlier.reference})).typed == {
            "ip_cidr": "203.0.113.7/32",
            "pairing": str(earlier.pairing_id),
            "minutes_before_auto_stop": "30",
            "comment": "flood",
            "reason": "Down.",
            "ticket": "INC-7",
        }

    @pytest.mark.parametrize("reference", ["MIT-99", "fish", "", "MIT-" + "9" * 40])
    def test_of_nothing_is_not_found(self, reference: str, dana: Client) -> None:
        assert dana.get(NEW, {"again": reference}).status_code == 404


MARKUP = "\"'><img src=x onerror=alert(1)></textarea><script>alert(2)</script>"


class TestMarkup:
    """What people type is shown as they typed it, and never becomes part of the page."""

    def pages(self, signed_in, reference: str) -> dict[str, str]:
        dana, lee, ana = signed_in("dana"), signed_in("lee"), signed_in("ana")
        return {
            "detail": dana.get(f"/mitigations/{reference}/").content.decode(),
            "list": dana.get("/mitigations/").content.decode(),
            "again": dana.get(NEW, {"again": reference}).content.decode(),
            "withdraw": dana.get(f"/mitigations/{reference}/withdraw/").content.decode(),
            "approve": lee.get(f"/mitigations/{reference}/approve/").content.decode(),
            "approvals": lee.get("/approvals/").content.decode(),
            "audit": ana.get("/audit/").content.decode(),
            "overview": lee.get("/").content.decode(),
        }

    def test_in_a_request_is_escaped_on_every_page(self, signed_in, pairing: Pairing) -> None:
        ask(signed_in("dana"), pairing, comment=MARKUP, reason=MARKUP, ticket=MARKUP)
        pages = self.pages(signed_in, Mitigation.objects.get().reference)
        assert [name for name, text in pages.items() if "<img src=x" in text or "<script>alert" in text] == []

    def test_in_a_request_breaks_out_of_no_attribute(self, dana: Client, pairing: Pairing) -> None:
        page = Page(check(dana, pairing, comment=MARKUP, ticket=MARKUP, ip_cidr=MARKUP))
        assert [page.typed[name] for name in ("comment", "ticket", "ip_cidr")] == [MARKUP] * 3
        assert not any(name.startswith("on") for element in page.all() for name in element.attributes)

    def test_in_a_request_reads_as_it_was_typed(self, dana: Client, pairing: Pairing) -> None:
        ask(dana, pairing, reason=MARKUP)
        page = Page(dana.get(f"/mitigations/{Mitigation.objects.get().reference}/"))
        assert MARKUP in page.main.text

    def test_in_a_preview_stays_text(self, dana: Client, pairing: Pairing) -> None:
        page = Page(check(dana, pairing, comment=MARKUP))
        assert json.loads(page.main.all("pre")[0].exact_text)["Comment"] == f"[MIT-…] {MARKUP}"

    def test_in_the_catalogue_is_escaped(self, dana: Client, cast) -> None:
        make_pairing(effect=MARKUP)
        text = dana.get(NEW).content.decode() + dana.get("/catalogue/").content.decode()
        assert "<img src=x" not in text
