"""The form of a request helps: it says what will happen, what things mean, and what is one press away."""

from __future__ import annotations

import pytest
from django.test import Client

from audit.models import Event
from mitigations.models import Mitigation, Pairing
from mitigations.policies.lifecycle import Status
from mitigations.policies.meanings import MEANINGS
from mitigations.policies.rules import OnPlatform
from tests.making import make_mitigation, make_pairing, make_preset, make_protected, make_rule, make_rulebook
from tests.people import Cast, browser_of, make_person
from tests.views.asking import NEW, ask, check, typed
from tests.views.facts import everything
from tests.views.many import MANY, pasted, press
from tests.views.pages import Element, Page


@pytest.fixture
def dana(signed_in) -> Client:
    return signed_in("dana")


@pytest.fixture
def pairing(cast: Cast) -> Pairing:
    return make_pairing()


def button(page: Page) -> str:
    return page.main.all("button", name="ask")[0].text


def verdict(page: Page) -> str:
    return page.main.all("p", id="verdict")[0].text


class TestWhatWillHappen:
    def test_is_said_in_one_sentence(self, dana: Client, pairing: Pairing) -> None:
        [lead, *_] = Page(check(dana, pairing)).main.all("p", class_="lead")
        when, what = lead.text.split(", it ")
        assert when == "As soon as kim or lee has approved, and for 1 h 30 min"
        assert what == "drops all traffic to 203.0.113.7/32 (1 address)."

    def test_names_nobody_where_there_are_too_many(self, dana: Client, pairing: Pairing) -> None:
        for number in range(3):
            make_person(f"rob-{number}", ["approver"])
        assert "As soon as it has 1 approval, and" in Page(check(dana, pairing)).main.text

    def test_is_not_told_of_what_cannot_be_asked_for(self, dana: Client, cast: Cast) -> None:
        page = Page(check(dana, make_mitigation(target="203.0.113.7/32").pairing))
        assert page.main.all("p", class_="lead")[0].text == "This cannot be asked for as it stands."

    def test_by_breaking_the_glass_is_offered_only_where_it_can_be_asked_for(
        self, pairing: Pairing, cast: Cast
    ) -> None:
        rob = browser_of(make_person("rob", ["requester", "break-glass"]))
        assert "You may break the glass" in Page(check(rob, pairing)).main.text
        make_mitigation(target="203.0.113.7/32")
        assert "You may break the glass" not in Page(check(rob, pairing)).main.text

    def test_says_when_it_would_end(self, dana: Client, pairing: Pairing) -> None:
        assert "Started now, it would end at about 04:30 UTC ." in Page(check(dana, pairing)).main.text

    def test_says_that_nothing_would_end_it(self, dana: Client, cast: Cast) -> None:
        page = Page(check(dana, make_pairing(longest_minutes=None), minutes_before_auto_stop="0"))
        assert "and until somebody stops it, it drops" in page.main.text
        assert "would end" not in page.main.text


class TestTheButton:
    def test_says_what_it_does(self, dana: Client, pairing: Pairing) -> None:
        page = Page(check(dana, pairing))
        assert (button(page), verdict(page)) == ("Ask for it: needs 1 approval", "Clear")

    def test_says_that_nobody_has_to_agree(self, dana: Client, pairing: Pairing) -> None:
        make_rulebook(make_rule("it is on the edge", OnPlatform("257"), approvals=0))
        assert button(Page(check(dana, pairing))) == "Ask for it: goes out at once"

    def test_promises_nothing_before_all_is_known(self, dana: Client, pairing: Pairing) -> None:
        page = Page(dana.get(NEW))
        assert (button(page), verdict(page)) == ("Ask for it", "")

    def test_stands_beside_what_blocks_it(self, dana: Client, cast: Cast) -> None:
        other = make_mitigation(target="203.0.113.7/32")
        page = Page(check(dana, other.pairing))
        assert button(page) == "Ask for it"
        assert verdict(page).startswith(f"Blocked {other.reference} already holds 203.0.113.7/32")

    def test_stands_beside_how_much_is_to_be_weighed(self, dana: Client, pairing: Pairing, cast: Cast) -> None:
        make_protected("203.0.113.0/24", owner=cast.max, severity="review")
        assert verdict(Page(check(dana, pairing))) == "Look closely 1 finding to weigh."

    def test_says_so_live_without_being_replaced(self, dana: Client, pairing: Pairing) -> None:
        answer = dana.post(NEW, typed(pairing), headers={"HX-Request": "true"})
        fragment = Page(answer)
        assert fragment.all(id="verb", hx_swap_oob="innerHTML")[0].text == "Ask for it: needs 1 approval"
        assert fragment.all(id="verdict", hx_swap_oob="innerHTML")[0].text == "Clear"
        assert fragment.all("button", name="ask") == []


class TestAPlatformAndMethod:
    def cards(self, page: Page) -> list[Element]:
        return page.main.all("input", type="radio", name="pairing")

    def test_is_one_of_few_side_by_side_with_what_it_does(self, dana: Client, pairing: Pairing) -> None:
        page = Page(dana.get(NEW))
        assert len(self.cards(page)) == 1
        assert page.main.all("small", id=f"does-{pairing.pk}")[0].text == "Drops all traffic to the target"

    def test_says_what_its_kind_means(self, dana: Client, pairing: Pairing) -> None:
        assert "The target is unreachable while it runs" in Page(dana.get(NEW)).main.text

    @pytest.mark.parametrize(("count", "cards"), [(8, 8), (9, 0)])
    def test_is_one_of_a_list_where_there_are_many(self, count: int, cards: int, dana: Client) -> None:
        for number in range(count):
            make_pairing(platform_id=str(number), method_id=str(number))
        page = Page(dana.get(NEW))
        assert len(self.cards(page)) == cards
        assert len(page.main.all("option")) == (10 if count == 9 else 0)


class TestADuration:
    def test_is_one_press_away_and_asks_for_nothing(self, dana: Client, pairing: Pairing) -> None:
        before = everything()
        page = Page(dana.post(NEW, {**typed(pairing), "lasts": "15"}))
        assert page.typed == typed(pairing, minutes_before_auto_stop="15")
        assert everything() == before

    def test_is_one_press_away_for_many(self, dana: Client, pairing: Pairing) -> None:
        page = Page(press(dana, pairing, "203.0.113.1", button="lasts=240"))
        assert page.typed["minutes_before_auto_stop"] == "240"
        assert not Mitigation.objects.exists()

    @pytest.mark.parametrize(
        ("longest", "offered"),
        [(None, ["15", "30", "60", "240", "0"]), (60, ["15", "30", "60"]), (1, [])],
    )
    def test_is_offered_where_the_method_allows_it(
        self, longest: int | None, offered: list[str], dana: Client, cast: Cast
    ) -> None:
        pairing = make_pairing(longest_minutes=longest, default_minutes=1)
        buttons = Page(check(dana, pairing, minutes_before_auto_stop="1")).main.all("button", name="lasts")
        assert [each.attributes["value"] for each in buttons] == offered


class TestAThinReason:
    def test_is_noticed_and_keeps_nobody_from_asking(self, dana: Client, pairing: Pairing) -> None:
        assert "says little to whoever approves" in Page(check(dana, pairing, reason="ddos!")).main.text
        assert ask(dana, pairing, reason="ddos!").status_code == 302

    def test_of_many_is_noticed(self, dana: Client, pairing: Pairing) -> None:
        assert "says little to whoever approves" in Page(press(dana, pairing, "203.0.113.1", reason="test")).main.text

    def test_is_none_where_it_says_something(self, dana: Client, pairing: Pairing) -> None:
        assert "says little" not in Page(check(dana, pairing)).main.text


class TestPressingTwice:
    def test_leads_to_the_one_that_was_made(self, dana: Client, pairing: Pairing) -> None:
        first, second = ask(dana, pairing), ask(dana, pairing)
        assert second.headers["Location"] == first.headers["Location"]
        page = Page(dana.get(second.headers["Location"]))
        assert f"You asked for this already: it is {Mitigation.objects.get().reference}." in page.notices

    @pytest.mark.parametrize("field", ["reason", "comment", "ticket", "minutes_before_auto_stop"])
    def test_with_another_word_is_no_second_press(self, field: str, dana: Client, pairing: Pairing) -> None:
        ask(dana, pairing)
        page = Page(ask(dana, pairing, **{field: "7"}))
        assert (page.status, page.typed[field]) == (422, "7")

    def test_of_somebody_else_is_no_second_press(self, dana: Client, pairing: Pairing, cast: Cast) -> None:
        make_mitigation(Status.PENDING, pairing=pairing, requested_by=make_person("rob", ["requester"]), **ALIKE)
        assert ask(dana, pairing).status_code == 422


ALIKE = {"target": "203.0.113.7/32", "minutes": 90, "comment": "UDP flood", "ticket": "INC-1"} | {
    "reason": "The shop is down since 02:50."
}


class TestAPresetForMany:
    def test_fills_the_terms_and_keeps_the_targets(self, dana: Client, pairing: Pairing) -> None:
        preset = make_preset(pairing=pairing, minutes=45, reason="Since …")
        page = Page(press(dana, pairing, "203.0.113.1", button=f"choose={preset.pk}", reason=""))
        assert (page.typed["targets"], page.typed["minutes_before_auto_stop"]) == ("203.0.113.1", "45")
        assert page.typed["reason"] == "Since …"
        assert not Mitigation.objects.exists()

    def test_is_told_at_each_line_that_it_is_not_made_for(self, dana: Client, pairing: Pairing) -> None:
        preset = make_preset(pairing=pairing)
        answer = press(
            dana, pairing, "203.0.113.1", "198.51.100.7", "203.0.113.0/28", button="ask", preset=str(preset.pk)
        )
        page = Page(answer)
        assert (page.status, Mitigation.objects.count()) == (422, 0)
        assert "The preset does not fit. It is for targets inside 203.0.113.0/24" in page.main.text
        assert "3 targets: 1 clear, 2 cannot be asked for" in page.main.text

    def test_leaves_its_name_with_each_request(self, dana: Client, pairing: Pairing) -> None:
        preset = make_preset(pairing=pairing)
        press(dana, pairing, "203.0.113.1", "203.0.113.2", button="ask", preset=str(preset.pk))
        named = [event.facts["preset"] for event in Event.objects.filter(deed="mitigation.asked")]
        assert named == [preset.name] * 2

    @pytest.mark.parametrize("id", ["999", "fish", "\x00"])
    def test_that_is_gone_is_told_and_nothing_is_lost(self, id: str, dana: Client, pairing: Pairing) -> None:
        page = Page(press(dana, pairing, "203.0.113.1", button=f"choose={id}"))
        assert (page.status, page.typed) == (422, {**pasted(pairing, "203.0.113.1"), "file": ""})


class TestHelp:
    def test_says_what_a_finding_means_and_what_one_can_do(self, dana: Client, cast: Cast) -> None:
        page = Page(check(dana, make_pairing(widens_to_24=True)))
        unfolded = page.main.all("li", class_="finding-review")[0].all("details")[0].text
        assert MEANINGS["widened"].means in unfolded
        assert MEANINGS["widened"].remedy in unfolded

    def test_asks_three_questions_about_the_reason(self, dana: Client, pairing: Pairing) -> None:
        text = Page(dana.get(NEW)).main.text
        assert "What do you see? Since when? What does it hurt?" in text


class TestErrors:
    def test_get_the_focus(self, dana: Client, pairing: Pairing) -> None:
        page = Page(ask(dana, pairing, ip_cidr="fish"))
        first = next(each for each in page.main.all() if "autofocus" in each.attributes)
        assert (first.classes, first.attributes["tabindex"]) == (["alarm"], "-1")

    def test_leave_it_to_the_first_field_where_there_are_none(self, dana: Client, pairing: Pairing) -> None:
        [first] = [each for each in Page(dana.get(NEW)).main.all() if "autofocus" in each.attributes]
        assert first.attributes["name"] == "ip_cidr"

    @pytest.mark.parametrize("path", [NEW, MANY])
    def test_lead_to_each_field_also_to_one_of_several(self, path: str, dana: Client, pairing: Pairing) -> None:
        page = Page(dana.post(path, {"ask": "1"}))
        ids = {each.attributes.get("id") for each in page.main.all()}
        links = {words: to.removeprefix("#") for words, to in page.links.items() if to.startswith("#")}
        assert {"Platform and method", "Reason"} <= set(links)
        assert set(links.values()) <= ids

    def test_are_tied_to_their_field(self, dana: Client, pairing: Pairing) -> None:
        page = Page(ask(dana, pairing, ip_cidr="fish"))
        [target] = page.main.all("input", name="ip_cidr")
        assert target.attributes["aria-invalid"] == "true"
        said = [page.main.all(id=each)[0].text for each in target.attributes["aria-describedby"].split()]
        assert "“fish” is not an IP address or prefix." in said[-1]
