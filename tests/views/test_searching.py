"""The search that stands on every page, for each role."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from accounts.signing_in import record_sign_in
from mitigations.models import Mitigation, Preset, Team
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import known
from mitigations.policies.rules import Inside
from tests.making import (
    NOW,
    make_mitigation,
    make_pairing,
    make_preset,
    make_protected,
    make_rule,
    make_rulebook,
    make_space,
)
from tests.people import Cast, acting, make_person
from tests.showing import look, make_sighting
from tests.views.pages import Page

VIEWERS = ("dana", "lee", "ana", "max")


@pytest.fixture
def dana(signed_in) -> Client:
    return signed_in("dana")


@pytest.fixture
def ana(signed_in) -> Client:
    return signed_in("ana")


def search(client: Client, typed: str) -> Page:
    return Page(client.get("/search/", {"q": typed}))


def leads_to(client: Client, typed: str) -> str:
    """Where it leads straight away; empty when it shows what it found."""
    answer = client.get("/search/", {"q": typed})
    assert answer.status_code in {200, 303}
    return answer.headers.get("Location", "")


def page_of(mitigation: Mitigation) -> str:
    return f"/mitigations/{mitigation.reference}/"


def groups(page: Page) -> dict[str, list[str]]:
    """The references in each table, by its heading."""
    sections = [section for section in page.main.all("section") if section.all("tbody")]
    return {
        section.all("h2")[0].text: [row.all("td")[0].text for row in section.all("tbody")[0].all("tr")]
        for section in sections
    }


class TestTheBox:
    @pytest.mark.parametrize("address", ["/", "/mitigations/", "/account/preferences/", "/nowhere/"])
    def test_is_on_every_page(self, address: str, dana: Client) -> None:
        [form] = [form for form in Page(dana.get(address)).all("form") if form.attributes.get("action") == "/search/"]
        [field] = form.all("input")
        assert (form.attributes["method"], field.attributes["name"]) == ("get", "q")
        assert form.all("label")[0].attributes["for"] == field.attributes["id"]

    def test_is_not_there_for_who_may_see_nothing(self, signed_in) -> None:
        eve = signed_in("eve")
        assert not Page(eve.get("/account/preferences/")).all("form", role="search")
        assert eve.get("/search/", {"q": "MIT-1"}).status_code == 403

    def test_stands_once_on_the_page_of_what_was_found(self, dana: Client) -> None:
        page = search(dana, "fish")
        assert len(page.all("form", role="search")) == 1
        assert page.typed == {"q": "fish"}


class TestStraightThere:
    @pytest.mark.parametrize("who", VIEWERS)
    def test_a_mitigation_by_its_number(self, who: str, signed_in) -> None:
        client, mitigation = signed_in(who), make_mitigation()
        for typed in ("MIT-{}", "mit-{}", "mit {}", "{}", "  {} "):
            assert leads_to(client, typed.format(mitigation.pk)) == page_of(mitigation)

    def test_the_only_one_of_a_ticket(self, dana: Client) -> None:
        mitigation = make_mitigation(ticket="INC-481")
        make_mitigation(ticket="INC-4812")
        assert leads_to(dana, "inc-481") == page_of(mitigation)

    def test_an_event_for_whoever_reads_the_log(self, ana: Client, cast: Cast) -> None:
        record_sign_in(by=acting(cast.dana), at=NOW)
        assert leads_to(ana, "#1") == "/audit/1/"

    @pytest.mark.parametrize("who", ["dana", "lee", "max"])
    def test_no_event_for_anybody_else_and_no_word_of_it(self, who: str, signed_in, cast: Cast) -> None:
        record_sign_in(by=acting(cast.dana), at=NOW)
        client = signed_in(who)
        there, absent = (search(client, typed).main.text for typed in ("#1", "#2"))
        assert there.replace("#1", "#2") == absent
        assert "signed in" not in there

    def test_by_303(self, dana: Client) -> None:
        assert dana.get("/search/", {"q": make_mitigation().reference}).status_code == 303

    def test_not_where_a_ticket_has_the_same_number(self, dana: Client) -> None:
        mitigation = make_mitigation()
        other = make_mitigation(ticket=str(mitigation.pk))
        page = search(dana, str(mitigation.pk))
        assert page.links[mitigation.reference] == page_of(mitigation)
        assert groups(page) == {f"Of the ticket {mitigation.pk}": [other.reference]}

    def test_not_where_a_ticket_has_several(self, dana: Client) -> None:
        first, second = (make_mitigation(ticket="INC-481") for _ in range(2))
        assert groups(search(dana, "INC-481")) == {"Of the ticket INC-481": [second.reference, first.reference]}

    def test_nowhere_when_there_is_none_of_that_number(self, dana: Client) -> None:
        assert search(dana, "MIT-99").notices == ["There is no MIT-99."]


class TestAPrefix:
    def test_has_what_is_on_it_inside_it_and_around_it(self, dana: Client) -> None:
        on, inside, around = (
            make_mitigation(Status.ENDED, target=target)
            for target in ("203.0.113.0/28", "203.0.113.7/32", "203.0.113.0/24")
        )
        make_mitigation(target="198.51.100.7/32")
        assert groups(search(dana, "203.0.113.0/28")) == {
            "On this very prefix": [on.reference],
            "Inside it": [inside.reference],
            "Around it": [around.reference],
        }

    def test_leads_to_what_happened_there(self, dana: Client) -> None:
        assert search(dana, "203.0.113.7").links["What happened here before"] == "/targets/203.0.113.7/32/"

    def test_shows_a_few_and_leads_to_all(self, dana: Client) -> None:
        for _ in range(6):
            make_mitigation(Status.ENDED, target="203.0.113.7/32")
        page = search(dana, "203.0.113.7")
        assert len(groups(page)["On this very prefix"]) == 5
        assert page.links["All of them"] == "/targets/203.0.113.7/32/?only=same"
        assert dana.get(page.links["All of them"]).status_code == 200

    @pytest.mark.parametrize(("typed", "heading"), [("203.0.113.0/24", "Inside it"), ("203.0.113.7", "Around it")])
    def test_leads_to_all_that_overlaps_it(self, typed: str, heading: str, dana: Client) -> None:
        made = [make_mitigation(Status.ENDED, target="203.0.113.0/28") for _ in range(6)]
        page = search(dana, typed)
        assert groups(page) == {heading: [each.reference for each in made[:0:-1]]}
        listed = Page(dana.get(page.links["All of them"]))
        assert {each.reference for each in made} <= set(listed.links)

    def test_says_whose_it_is_and_what_is_protected(self, dana: Client, cast: Cast) -> None:
        make_space("203.0.113.0/24", Team.objects.create(name="Hosting"))
        make_protected("203.0.113.0/28", owner=cast.max)
        page = search(dana, "203.0.113.7")
        assert "203.0.113.0/24 address space of Hosting" in page.main.text
        assert "203.0.113.0/28 protected (block): Resolvers. max" in page.main.text
        assert dana.get(page.links["203.0.113.0/28"]).status_code == 200

    def test_says_when_it_is_nobodys(self, dana: Client) -> None:
        assert "No address space of ours" in search(dana, "10.0.0.1").main.text

    def test_names_the_rules_that_are_about_it(self, dana: Client) -> None:
        make_rulebook(make_rule("of the others"), make_rule("of the name servers", Inside(known("203.0.113.0/24"))))
        page = search(dana, "203.0.113.7")
        assert page.links["Rule 2"] == "/policy/rules/#rule-2"
        assert "Rule 1" not in page.links

    def test_has_what_was_started_elsewhere(self, dana: Client) -> None:
        look()
        make_sighting(target="203.0.113.7/32", comment="By hand in Kentik")
        assert "By hand in Kentik" in search(dana, "203.0.113.0/24").main.text

    def test_has_the_other_family_apart(self, dana: Client) -> None:
        mitigation = make_mitigation(target="2001:db8::7/128")
        assert groups(search(dana, "2001:db8::/32")) == {"Inside it": [mitigation.reference]}
        assert groups(search(dana, "0.0.0.0/0")) == {}

    def test_that_is_nearly_one_is_mended_by_a_link(self, dana: Client) -> None:
        page = search(dana, "203.0.113.7/24")
        assert "has bits set outside its /24" in page.notices[0]
        assert dana.get(page.links["203.0.113.0/24"]).status_code == 200


class TestATicket:
    def test_is_found_by_how_it_begins_whatever_its_case(self, dana: Client) -> None:
        made = [make_mitigation(ticket=ticket) for ticket in ("INC-481", "inc-482", "CHG-4")]
        assert groups(search(dana, "Inc-48")) == {
            "Of tickets that begin so": [made[1].reference, made[0].reference],
        }

    @pytest.mark.parametrize("ticket", ["50% off", "a_b", "Ünder-1", "x\\y"])
    def test_is_meant_to_the_letter(self, ticket: str, dana: Client) -> None:
        mitigation = make_mitigation(ticket=ticket)
        make_mitigation(ticket="50 and off")
        make_mitigation(ticket="axb")
        assert leads_to(dana, ticket) == page_of(mitigation)

    def test_leads_to_all_of_it(self, dana: Client) -> None:
        made = [make_mitigation(Status.ENDED, ticket=f"INC-{number}") for number in range(6)]
        other = make_mitigation(ticket="CHG-1")
        page = search(dana, "inc")
        assert len(groups(page)["Of tickets that begin so"]) == 5
        listed = Page(dana.get(page.links["All of them"]))
        assert {each.reference for each in made} <= set(listed.links)
        assert other.reference not in listed.links


class TestAPerson:
    def test_is_found_by_how_their_names_begin(self, dana: Client) -> None:
        User.objects.filter(username="lee").update(first_name="Robin", last_name="Harper")
        for typed in ("lee", "LE", "robin", "harp", "Robin Harper", "harper rob"):
            assert search(dana, typed).links["asked for"] == "/mitigations/?by=lee"

    def test_leads_to_what_they_asked_for_and_decided(self, dana: Client) -> None:
        links = search(dana, "lee").links
        assert links["approved"] == "/mitigations/?approved_by=lee"
        assert links["rejected"] == "/mitigations/?rejected_by=lee"

    def test_leads_auditors_into_the_log(self, ana: Client) -> None:
        assert search(ana, "lee").links["all in the log"] == "/audit/?person=lee"

    @pytest.mark.parametrize("who", ["dana", "lee", "max"])
    def test_leads_nobody_else_into_the_log(self, who: str, signed_in) -> None:
        page = search(signed_in(who), "kim")
        assert not [address for address in page.links.values() if address.startswith("/audit/")]

    def test_who_left_is_marked(self, dana: Client) -> None:
        User.objects.filter(username="lee").update(is_active=False)
        assert "no longer active" in search(dana, "lee").main.text

    def test_of_many_the_one_of_that_name_comes_first(self, dana: Client) -> None:
        for number in range(9):
            make_person(f"kima-{number}")
        page = search(dana, "kim")
        assert page.said("li")[0].startswith("Kim (kim)")
        assert "More people are called so" in page.main.text


class TestANameOfTheCatalogue:
    def test_leads_to_its_mitigations(self, dana: Client) -> None:
        pairing = make_pairing()
        mitigation = make_mitigation(pairing=pairing)
        links = search(dana, "rtbh").links
        assert links["Edge RTBH"] == f"/mitigations/?platform={pairing.platform_id}"
        assert mitigation.reference in Page(dana.get(links["Edge RTBH"])).links
        assert search(dana, "drop").links["Drop everything"] == f"/mitigations/?method={pairing.method_id}"

    def test_of_a_preset_leads_whoever_asks_to_the_form(self, dana: Client) -> None:
        make_preset()
        assert search(dana, "flood").links["Shop host under UDP flood"] == (
            f"/mitigations/new/?preset={Preset.objects.get().pk}"
        )

    @pytest.mark.parametrize("who", ["lee", "ana", "max"])
    def test_of_a_preset_leads_everybody_else_to_the_list(self, who: str, signed_in) -> None:
        make_preset()
        assert search(signed_in(who), "flood").links["Shop host under UDP flood"] == "/presets/"


@pytest.mark.parametrize("who", VIEWERS)
def test_every_link_leads_to_a_page_that_this_person_may_see(who: str, signed_in, cast: Cast) -> None:
    record_sign_in(by=acting(cast.lee), at=NOW)
    make_preset()
    make_rulebook(make_rule("so", Inside(known("203.0.113.0/24"))))
    make_protected("203.0.113.0/28", owner=cast.max)
    for _ in range(6):
        make_mitigation(Status.ENDED, target="203.0.113.7/32", ticket="INC-1")
    client = signed_in(who)
    links = {leads_to(client, "#1")} - {""}
    for typed in ("lee", "inc", "rtbh", "flood", "203.0.113.0/24", "203.0.113.9/24"):
        links |= {*search(client, typed).links.values()}
    assert {client.get(address).status_code for address in links} == {200}


class TestWhatMakesNoSense:
    def test_is_answered_by_what_could_be_typed(self, dana: Client) -> None:
        assert "Type something to look for." in search(dana, "   ").main.text

    @pytest.mark.parametrize("typed", ["/", "fish", "%", "_", "''", "#", "\\", "<b>", "٤٢", "1" * 19, "a/b", "🦈"])
    def test_is_told_that_nothing_is_called_so(self, typed: str, dana: Client) -> None:
        page = search(dana, typed)
        assert f"Nothing is called “{typed}”" in page.main.text
        assert page.typed == {"q": typed}

    def test_is_told_when_it_is_too_long_and_is_not_lost(self, dana: Client) -> None:
        page = search(dana, "x" * 201)
        assert (page.status, page.typed) == (422, {"q": "x" * 201})
        assert "too long to look for" in page.alarms[0]

    def test_is_told_when_it_holds_what_no_text_holds(self, dana: Client) -> None:
        page = search(dana, "a\x00b")
        assert page.status == 422
        assert "Null characters are not allowed." in page.alarms[0]
