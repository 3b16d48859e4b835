"""One deed on the rows that are ticked in a list: confirmed on one page, done to each for itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mitigations.models import Decision, Mitigation, StopOrder, Team
from mitigations.policies.lifecycle import Status
from mitigations.selectors.listing import PAGE
from tests.making import NOW, make_mitigation, make_protected
from tests.people import Cast, browser_of, make_person
from tests.showing import look, make_order, make_sighting
from tests.views.facts import deeds, everything, everything_but_the_log
from tests.views.pages import Page

LIST = "/mitigations/"
THREE = ("203.0.113.1/32", "203.0.113.2/32", "198.51.100.3/32")
WHY = "The attack is over."


@pytest.fixture(autouse=True)
def _with_v6(settings) -> None:
    settings.KENTIK_V6, settings.KENTIK_BASE_URL = True, ""


@pytest.fixture
def dana(signed_in) -> Client:
    return signed_in("dana")


@pytest.fixture
def lee(signed_in) -> Client:
    return signed_in("lee")


@pytest.fixture
def waiting(cast: Cast) -> list[Mitigation]:
    return [make_mitigation(target=target, minutes=30) for target in THREE]


@pytest.fixture
def live(cast: Cast) -> list[Mitigation]:
    """Kentik shows them."""
    look()
    made = [make_mitigation(Status.ACTIVE, target=target) for target in THREE]
    for each in made:
        make_sighting(each)
    return made


def address(deed: str, made: list[Mitigation], **rest: Any) -> str:
    query = urlencode({**rest, "references": [each.reference for each in made]}, doseq=True)
    return f"{LIST}chosen/{deed}/?{query}"


def do(client: Client, deed: str, made: list[Mitigation], *, on: Any = None, note: str = WHY, **rest: Any) -> Any:
    """To all of them, or to those that are named."""
    references = [each.reference for each in made] if on is None else on
    return client.post(address(deed, made, **rest), {"references": references, "note": note, "do": "yes"})


def statuses(made: list[Mitigation]) -> list[str]:
    return [Mitigation.objects.get(pk=each.pk).status for each in made]


def ticked(answer: Any) -> list[str]:
    boxes = Page(answer).main.all("input", type="checkbox")
    return [box.attributes["value"] for box in boxes if "checked" in box.attributes]


def lead(answer: Any) -> str:
    return Page(answer).main.all("p", class_="lead")[0].text.replace(" ,", ",").replace(" .", ".").replace(" ;", ";")


class TestTheList:
    def test_has_a_box_for_each_that_this_person_may_do_something_to(self, dana: Client, lee: Client) -> None:
        own, running = make_mitigation(), make_mitigation(Status.ACTIVE)
        over = make_mitigation(Status.ENDED)
        robs = make_mitigation(requested_by=make_person("rob", ["requester"]), target="192.0.2.1/32")

        def boxes(client: Client) -> dict[str, str]:
            found = Page(client.get(LIST)).main.all("input", name="references")
            return {box.attributes["value"]: box.attributes["data-can"] for box in found}

        assert boxes(dana) == {own.reference: "withdraw", running.reference: "stop"}
        assert boxes(lee) == {
            own.reference: "approve reject",
            robs.reference: "approve reject",
            running.reference: "stop",
        }
        assert over.reference not in boxes(lee)

    def test_has_a_button_for_each_deed_that_is_possible_here(self, dana: Client, lee: Client, waiting: Any) -> None:
        assert [Page(client.get(LIST)).said("button", type="submit")[3:] for client in (dana, lee)] == [
            ["Withdraw …"],
            ["Approve …", "Reject …"],
        ]

    @pytest.mark.parametrize("who", ["ana", "max"])
    def test_has_neither_for_whoever_only_looks(self, who: str, waiting: Any, signed_in) -> None:
        page = Page(signed_in(who).get(LIST))
        assert page.main.all("input", name="references") == []
        assert page.main.all("p", class_="mends") == []

    def test_offers_no_second_stop_of_what_is_being_stopped(self, dana: Client, live: list[Mitigation]) -> None:
        make_order(live[0])
        boxes = Page(dana.get(LIST)).main.all("input", name="references")
        assert live[0].reference not in [box.attributes["value"] for box in boxes]

    def test_ticks_all_in_one_press_without_a_script(self, dana: Client, waiting: list[Mitigation]) -> None:
        page = Page(dana.get(f"{LIST}?by=dana"))
        answer = dana.get(LIST + page.links["all 3 on this page"])
        found = Page(answer).main.all("input", name="references", checked="")
        assert [box.attributes["value"] for box in found] == [each.reference for each in waiting[::-1]]

    def test_brings_its_own_address_along(self, dana: Client, waiting: Any) -> None:
        page = Page(dana.get(f"{LIST}?by=dana&status=pending"))
        form = page.main.all("form", class_="bulky")[0]
        said = {each.attributes["name"]: each.attributes["value"] for each in form.all("input", type="hidden")}
        assert said == {"by": "dana", "status": "pending"}


class TestThePage:
    def test_says_in_a_sentence_what_will_happen_to_what_for_how_long(self, lee: Client, waiting: Any) -> None:
        hour = make_mitigation(target="2001:db8::/64", minutes=60)
        assert lead(lee.get(address("approve", [*waiting, hour]))) == (
            "As soon as nobody else must agree, the worker tells Kentik to act on "
            "203.0.113.1/32, 203.0.113.2/32, 198.51.100.3/32 for 30 min on Edge RTBH · Drop everything, "
            "which drops all traffic to the target; "
            "and 2001:db8::/64 for 1 h on Edge RTBH · Drop everything, which drops all traffic to the target."
        )

    @pytest.mark.parametrize(
        ("who", "deed", "words"),
        [
            ("lee", "reject", "Nothing will be sent for 203.0.113.1/32, 203.0.113.2/32 and 198.51.100.3/32 :"),
            ("dana", "withdraw", "Nothing will be sent for 203.0.113.1/32, 203.0.113.2/32 and 198.51.100.3/32."),
        ],
    )
    def test_says_so_of_what_is_not_sent(self, who: str, deed: str, words: str, waiting: Any, signed_in) -> None:
        assert words in lead(signed_in(who).get(address(deed, waiting)))

    def test_says_so_of_what_is_stopped_and_how_long_it_would_run(self, dana: Client, live: Any) -> None:
        answer = dana.get(address("stop", live))
        assert "stop its mitigations of 203.0.113.1/32, 203.0.113.2/32 and 198.51.100.3/32;" in lead(answer)
        assert Page(answer).said("time", class_="countdown") == ["1 h left"] * 3

    def test_tells_what_speaks_against_each_and_leaves_it_unticked(self, lee: Client, waiting: Any, cast: Cast) -> None:
        make_protected("203.0.113.2/32", owner=cast.max, severity="review")
        answer = lee.get(address("approve", waiting))
        assert Page(answer).said("h2") == ["1 to look at closely", "2 clear"]
        assert ticked(answer) == [waiting[0].reference, waiting[2].reference]
        again = lee.get(address("approve", waiting, tick="all"))
        assert set(ticked(again)) == {each.reference for each in waiting}

    def test_names_those_that_cannot_be_and_why(self, lee: Client, waiting: Any, cast: Cast) -> None:
        make_protected("203.0.113.2/32", owner=cast.max)
        team = Team.objects.create(name="Core")
        others = make_mitigation(target="198.51.100.9/32", approving_team=team)
        own = make_mitigation(target="198.51.100.10/32", requested_by=cast.lee)
        decided = make_mitigation(target="198.51.100.11/32", approvals_needed=2)
        decided.decisions.create(verdict="approve", decided_by=cast.lee, decided_at=NOW)
        over = make_mitigation(Status.ENDED)
        answer = lee.get(address("approve", [*waiting, others, own, decided, over]))
        left = {item.all("a")[0].text: item.text for item in Page(answer).main.all("section")[-1].all("li")}
        assert set(left) == {each.reference for each in (waiting[1], others, own, decided, over)}
        assert "203.0.113.2/32" in left[waiting[1].reference]
        assert "Only approvals by Core count" in left[others.reference]
        assert "Nobody may approve their own request." in left[own.reference]
        assert "You have decided on this request already." in left[decided.reference]
        assert "This mitigation has ended." in left[over.reference]
        assert ticked(answer) == [waiting[0].reference, waiting[2].reference]

    def test_says_of_what_the_portal_cannot_stop_where_to_stop_it(self, dana: Client, live: Any) -> None:
        unseen = make_mitigation(Status.ACTIVE, target="198.51.100.9/32")
        make_order(live[0])
        text = Page(dana.get(address("stop", [*live, unseen]))).main.all("section")[-1].text
        assert "It is being stopped already." in text
        assert "Stop it in Kentik." in text

    def test_has_no_button_where_nothing_can_be_done(self, lee: Client) -> None:
        page = Page(lee.get(address("approve", [make_mitigation(Status.ENDED)])))
        assert page.heading == "Nothing to approve"
        assert page.main.all("form") == []

    def test_of_nothing_leads_back_to_the_list_and_says_so(self, lee: Client, cast: Cast) -> None:
        answer = lee.get(f"{LIST}chosen/approve/?by=dana&references=fish")
        assert answer.headers["Location"] == f"{LIST}?by=dana"
        assert "Tick what is to be dealt with" in Page(lee.get(LIST)).notices[0]

    def test_takes_no_more_than_a_page(self, lee: Client, cast: Cast) -> None:
        many = [make_mitigation(target=f"198.51.100.{number}/32") for number in range(PAGE + 3)]
        assert Page(lee.get(address("approve", many))).heading == f"Approve {PAGE}?"

    def test_leads_back_to_nothing_but_the_list(self, lee: Client, waiting: Any) -> None:
        page = Page(lee.get(address("approve", waiting, by="dana", next="//evil.example", target="203.0.113.0/24")))
        assert page.links["Back"] == f"{LIST}?target=203.0.113.0%2F24&how=overlapping&by=dana"
        broken = Page(lee.get(address("approve", waiting, target="//evil.example")))
        assert broken.links["Back"] == LIST

    @pytest.mark.parametrize("deed", ["approve", "reject", "withdraw", "stop"])
    def test_asks_the_database_as_often_for_many_as_for_few(self, deed: str, cast: Cast) -> None:
        look()
        both = browser_of(make_person("both", ["requester", "approver"]))

        def queries(count: int, net: int) -> int:
            status = Status.ACTIVE if deed == "stop" else Status.PENDING
            teams = [Team.objects.get_or_create(name=f"Team {number}")[0] for number in range(3)]
            made = [
                make_mitigation(status, target=f"10.{net}.0.{number}/32", approving_team=teams[number % 3])
                for number in range(count)
            ]
            for each in made if deed == "stop" else []:
                make_sighting(each)
            with CaptureQueriesContext(connection) as captured:
                both.get(address(deed, made))
            return len(captured)

        assert queries(3, 1) == queries(30, 2)


class TestDoing:
    def test_approves_each_with_the_note_and_an_event_of_its_own(self, lee: Client, waiting: Any) -> None:
        answer = do(lee, "approve", waiting, by="dana")
        assert (answer.headers["Location"], statuses(waiting)) == (f"{LIST}?by=dana", [Status.APPROVED] * 3)
        assert deeds() == [("lee", "mitigation.approved", "done")] * 3
        assert set(Decision.objects.values_list("note", flat=True)) == {WHY}
        assert Page(lee.get(LIST)).notices == ["You approved 3 of 3."]

    def test_rejects_each(self, lee: Client, waiting: Any) -> None:
        do(lee, "reject", waiting)
        assert statuses(waiting) == [Status.REJECTED] * 3
        assert Page(lee.get(LIST)).notices == ["You rejected 3 of 3."]

    def test_withdraws_each(self, dana: Client, waiting: Any) -> None:
        do(dana, "withdraw", waiting, note="")
        assert statuses(waiting) == [Status.WITHDRAWN] * 3
        assert Page(dana.get(LIST)).notices == ["You withdrew 3 of 3."]

    @pytest.mark.parametrize("who", ["dana", "lee"])
    def test_orders_each_to_stop(self, who: str, live: Any, signed_in) -> None:
        client = signed_in(who)
        do(client, "stop", live)
        assert set(StopOrder.objects.values_list("ordered_by__username", "reason")) == {(who, WHY)}
        assert StopOrder.objects.count() == 3
        assert Page(client.get(LIST)).notices == ["3 of 3 are being stopped: the worker tells Kentik now."]

    def test_leaves_those_that_are_not_ticked(self, lee: Client, waiting: Any) -> None:
        do(lee, "approve", waiting, on=[waiting[1].reference])
        assert statuses(waiting) == [Status.PENDING, Status.APPROVED, Status.PENDING]

    @pytest.mark.parametrize(("who", "deed"), [("lee", "reject"), ("dana", "stop")])
    def test_does_nothing_without_a_reason_where_one_is_asked_for(
        self, who: str, deed: str, waiting: Any, live: Any, signed_in
    ) -> None:
        before = everything()
        answer = do(signed_in(who), deed, live if deed == "stop" else waiting, note=" ")
        assert (answer.status_code, everything()) == (422, before)
        assert "This field is required." in Page(answer).main.text

    def test_does_nothing_for_the_key_that_presses_the_first_button(self, lee: Client, waiting: Any) -> None:
        before, references = everything(), [waiting[0].reference]
        answer = lee.post(address("approve", waiting), {"references": references, "note": WHY, "check": ""})
        assert (answer.status_code, everything()) == (422, before)
        assert (ticked(answer), Page(answer).typed["note"]) == (references, WHY)

    @pytest.mark.parametrize("on", [[], ["MIT-99999"], ["fish"]])
    def test_does_nothing_to_what_is_not_on_the_page(self, on: list[str], lee: Client, waiting: Any) -> None:
        before = everything()
        assert (do(lee, "approve", waiting, on=on).status_code, everything()) == (422, before)

    def test_does_what_it_can_and_says_what_not_and_why(self, lee: Client, waiting: Any, cast: Cast) -> None:
        lee.get(address("approve", waiting))
        make_protected("203.0.113.2/32", owner=cast.max)
        answer = do(lee, "approve", waiting)
        assert (answer.status_code, statuses(waiting)) == (409, [Status.APPROVED, Status.PENDING, Status.APPROVED])
        page = Page(answer)
        assert "You approved 2 of 3." in page.notices
        assert page.alarms[0].startswith(f"1 was not done {waiting[1].reference} : 203.0.113.2/32 is protected")

    @pytest.mark.parametrize(
        ("who", "deed", "words"),
        [
            ("lee", "approve", "You had decided on 3 of 3 already."),
            ("lee", "reject", "You had decided on 3 of 3 already."),
            ("dana", "withdraw", "3 of 3 were withdrawn already."),
            ("dana", "stop", "3 of 3 were being stopped already."),
        ],
    )
    def test_pressed_twice_does_nothing_twice(
        self, who: str, deed: str, words: str, request: pytest.FixtureRequest, signed_in
    ) -> None:
        client, made = signed_in(who), request.getfixturevalue("live" if deed == "stop" else "waiting")
        do(client, deed, made)
        client.get(LIST)
        before = everything_but_the_log()
        answer = do(client, deed, made)
        assert (answer.status_code, everything_but_the_log()) == (302, before)
        assert Page(client.get(LIST)).notices == [words]

    @pytest.mark.parametrize(
        ("who", "deed"),
        [("dana", "approve"), ("dana", "reject"), ("lee", "withdraw"), ("ana", "stop"), ("max", "stop")],
    )
    def test_is_not_for_whoever_may_never_do_it(self, who: str, deed: str, waiting: Any, signed_in) -> None:
        client, before = signed_in(who), everything_but_the_log()
        assert client.get(address(deed, waiting)).status_code == 403
        assert (do(client, deed, waiting).status_code, everything_but_the_log()) == (403, before)
        assert deeds()[-1][::2] == (who, "refused")

    def test_is_refused_one_by_one_to_whoever_asked(self, cast: Cast) -> None:
        both = make_person("both", ["requester", "approver"])
        own, danas = make_mitigation(requested_by=both), make_mitigation(target="192.0.2.1/32")
        answer = do(browser_of(both), "approve", [own, danas])
        assert (answer.status_code, statuses([own, danas])) == (409, [Status.PENDING, Status.APPROVED])
        assert (own.reference, "refused") in [
            (reference, outcome) for reference in (own.reference, danas.reference) for _, _, outcome in deeds(reference)
        ]


class TestWhatChangedWhileSomebodyLooked:
    def approve(self, client: Client, made: list[Mitigation], page: Any) -> Any:
        """What that page says, whatever has happened since."""
        data = {
            each.attributes["name"]: each.attributes["value"] for each in Page(page).main.all("input", name="shown")
        }
        on = [each.reference for each in made]
        return client.post(address("approve", made), {**data, "references": on, "note": "", "do": "yes"})

    def test_is_shown_as_it_is_now_and_not_approved(self, lee: Client, waiting: list[Mitigation], cast: Cast) -> None:
        page = lee.get(address("approve", waiting))
        make_protected("203.0.113.2/32", owner=cast.max, severity="review")
        answer = self.approve(lee, waiting, page)
        assert (answer.status_code, statuses(waiting)) == (409, [Status.APPROVED, Status.PENDING, Status.APPROVED])
        assert "Something about it changed while you were looking." in Page(answer).alarms[0]
        assert "203.0.113.2/32 is protected" in Page(answer).main.text
        self.approve(lee, waiting[1:2], answer)
        assert statuses(waiting) == [Status.APPROVED] * 3

    def test_is_not_what_approving_one_does_to_another(self, lee: Client, cast: Cast) -> None:
        overlapping = [make_mitigation(target=target) for target in ("203.0.113.0/28", "203.0.113.1/32")]
        assert self.approve(lee, overlapping, lee.get(address("approve", overlapping))).status_code == 302
        assert statuses(overlapping) == [Status.APPROVED] * 2


@pytest.mark.parametrize("deed", ["approve", "reject"])
def test_a_page_to_decide_has_no_field_but_the_note(deed: str, lee: Client, waiting: list[Mitigation]) -> None:
    labels = Page(lee.get(address(deed, waiting))).main.all("label")
    assert [each.attributes["for"] for each in labels if "for" in each.attributes] == ["id_note"]
