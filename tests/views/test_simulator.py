"""What would happen if: the simulator answers, and changes nothing."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from mitigations.models import Mitigation, Pairing
from mitigations.policies.network import known
from mitigations.policies.rules import AskedByTeam, Inside, NoAutoStop, WiderThan
from tests.making import make_mitigation, make_pairing, make_protected, make_rule, make_rulebook
from tests.people import Cast, make_person
from tests.views.facts import everything
from tests.views.pages import Page
from tests.views.rulebook import make_draft

SIMULATOR = "/policy/simulator/"
NET = Inside(known("203.0.113.0/24"))


@pytest.fixture
def pairing(cast: Cast) -> Pairing:
    return make_pairing()


@pytest.fixture
def ana(signed_in) -> Client:
    return signed_in("ana")


def tried(client: Client, cast: Cast, pairing: Pairing, /, **changes: object) -> Any:
    asked = {"who": cast.dana.pk, "ip_cidr": "203.0.113.7", "pairing": pairing.pk, "minutes": 60, **changes}
    return client.get(f"{SIMULATOR}?{urlencode(asked)}")


def steps(page: Page) -> list[str]:
    return [step.all("p")[0].text for step in page.all("ol", class_="steps")[0].all("li")]


class TestTheAnswer:
    def test_is_what_the_rules_in_force_say(self, ana: Client, cast: Cast, pairing: Pairing) -> None:
        make_rulebook(make_rule("it is ours", NET), by=cast.max)
        text = Page(tried(ana, cast, pairing)).main.text
        assert "Needs 2 approvals, because it is ours (rule 1). It waits at most 1 h." in text
        assert "203.0.113.7/32 – 1 address" in text

    def test_goes_through_the_rules_one_by_one(self, ana: Client, cast: Cast, pairing: Pairing) -> None:
        make_rulebook(make_rule("a", WiderThan(28, 0)), make_rule("b", NET), make_rule("c", NoAutoStop()), by=cast.max)
        assert steps(Page(tried(ana, cast, pairing))) == [
            "If it is wider than an IPv4 /28: it is not wider than an IPv4 /28.",
            "If it is inside 203.0.113.0/24: it is, so this rule decides.",
            "If it is without an auto-stop: not asked any more.",
        ]

    def test_says_when_no_rule_matches(self, ana: Client, cast: Cast, pairing: Pairing) -> None:
        make_rulebook(make_rule("a", NoAutoStop()), by=cast.max)
        assert steps(Page(tried(ana, cast, pairing)))[-1] == "Otherwise: no rule matches, so 1 approval is needed."

    def test_depends_on_who_asks(self, ana: Client, cast: Cast, pairing: Pairing) -> None:
        make_rulebook(make_rule("a", AskedByTeam(404)), by=cast.max)
        assert "it is not asked for by a team that is gone" in steps(Page(tried(ana, cast, pairing)))[0]

    def test_names_what_the_guardrails_say(self, ana: Client, cast: Cast, pairing: Pairing) -> None:
        make_protected("203.0.113.0/28", owner=cast.max)
        page = Page(tried(ana, cast, pairing))
        assert "which is protected: Resolvers." in page.all("li", class_="finding-block")[0].text
        assert "What is blocked cannot be asked for. If it could: Needs 1 approval" in page.main.text

    def test_leads_to_what_it_collides_with(self, ana: Client, cast: Cast, pairing: Pairing) -> None:
        there = make_mitigation(target="203.0.113.7/32").reference
        assert Page(tried(ana, cast, pairing)).links[there] == f"/mitigations/{there}/"

    def test_asks_for_nothing_and_changes_nothing(self, ana: Client, cast: Cast, pairing: Pairing) -> None:
        before = everything()
        tried(ana, cast, pairing)
        assert everything() == before
        assert not Mitigation.objects.exists()


class TestTheDraft:
    def test_is_tried_by_administrators(self, signed_in, cast: Cast, pairing: Pairing) -> None:
        make_draft(make_rule("the draft says so", NET))
        text = Page(tried(signed_in("max"), cast, pairing, against="draft")).main.text
        assert "Needs 2 approvals, because the draft says so (rule 1)." in text

    @pytest.mark.parametrize("who", ["dana", "lee", "ana"])
    def test_is_shown_to_nobody_else(self, who: str, signed_in, cast: Cast, pairing: Pairing) -> None:
        make_draft(make_rule("the draft says so", NET))
        page = Page(tried(signed_in(who), cast, pairing, against="draft"))
        assert "the draft says so" not in page.text
        assert "against" not in page.typed


class TestTheForm:
    def test_is_empty_at_first_but_for_the_usual(self, signed_in, cast: Cast, pairing: Pairing) -> None:
        page = Page(signed_in("dana").get(SIMULATOR))
        assert page.typed["who"] == str(cast.dana.pk)
        assert page.typed["minutes"] == "60"
        assert page.alarms == []

    def test_offers_those_who_may_ask(self, ana: Client, cast: Cast) -> None:
        gone = make_person("gone", ["requester"])
        gone.is_active = False
        gone.save()
        choices = Page(ana.get(SIMULATOR)).all("select", name="who")[0].all("option")
        assert [choice.text for choice in choices] == ["dana (Dana)"]

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("who", "", "This field is required."),
            ("who", "999999", "Select a valid choice."),
            ("who", "x", "Select a valid choice."),
            ("ip_cidr", "", "This field is required."),
            ("ip_cidr", "fish 🌊", "“fish 🌊” is not an IP address or prefix."),
            ("ip_cidr", "203.0.113.7/24", "has bits set outside its /24"),
            ("ip_cidr", "a\0b", "is not an IP address or prefix."),
            ("pairing", "999999", "Select a valid choice."),
            ("pairing", "9" * 30, "Select a valid choice."),
            ("minutes", "", "This field is required."),
            ("minutes", "-1", "greater than or equal to 0"),
            ("minutes", "9" * 30, "less than or equal to"),
            ("minutes", "soon", "Enter a whole number."),
        ],
    )
    def test_tells_what_is_wrong_beside_its_field(
        self, field: str, value: str, sentence: str, ana: Client, cast: Cast, pairing: Pairing
    ) -> None:
        answer = tried(ana, cast, pairing, **{field: value})
        wrong = Page(answer).all(class_="wrong")
        assert (answer.status_code, len(wrong)) == (422, 1)
        assert sentence in wrong[0].all("p", class_="error")[0].text
        assert wrong[0].all(name=field)

    def test_keeps_what_was_typed(self, ana: Client, cast: Cast, pairing: Pairing) -> None:
        page = Page(tried(ana, cast, pairing, ip_cidr="203.0.113.7/24", minutes=5))
        assert page.typed == {
            "who": str(cast.dana.pk),
            "ip_cidr": "203.0.113.7/24",
            "pairing": str(pairing.pk),
            "minutes": "5",
        }

    def test_takes_no_unknown_rulebook(self, signed_in, cast: Cast, pairing: Pairing) -> None:
        assert tried(signed_in("max"), cast, pairing, against="version 3").status_code == 422
