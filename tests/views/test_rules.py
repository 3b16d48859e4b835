"""The rules of approval, through the pages: who reads them, and how max edits, compares and publishes them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from mitigations.models import Draft, Method, Mitigation, Platform, Rulebook, Team
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import known
from mitigations.policies.rules import (
    AskedByTeam,
    ByMethod,
    Inside,
    LongerThan,
    NeedsALook,
    NoAutoStop,
    OnPlatform,
    Rule,
    WiderThan,
    as_json,
)
from mitigations.selectors import rules as reading
from tests.making import make_mitigation, make_pairing, make_rule, make_rulebook
from tests.people import Cast, make_person
from tests.views.asking import ask, check
from tests.views.facts import deeds, everything, everything_but_the_log
from tests.views.pages import Element, Page
from tests.views.rulebook import (
    DRAFT,
    NEW,
    PUBLISH,
    RULES,
    START_OVER,
    carried_revision,
    drafted,
    keep,
    make_draft,
    order,
    press,
    publish,
    revision,
    typed,
)

NET = Inside(known("203.0.113.0/24"))


@pytest.fixture
def max_(signed_in) -> Client:
    return signed_in("max")


def the_rule() -> Rule:
    (rule,) = reading.draft().parsed
    return rule


def shown(page: Element) -> list[str]:
    """Each rule in its words, and how it ends."""
    return [rule.all("p")[0].text for rule in page.all("li", class_="rule")]


class TestTheRulesInForce:
    def test_are_one_approval_when_none_were_ever_published(self, signed_in) -> None:
        page = Page(signed_in("ana").get(RULES))
        assert "No rules are published yet" in page.main.text
        assert shown(page) == ["Whatever is asked for: 1 approval by somebody else within 1 d."]

    def test_read_as_sentences_in_their_order(self, signed_in, cast: Cast) -> None:
        make_rulebook(make_rule("it is ours", NET), make_rule("x", NoAutoStop(), approvals=0), by=cast.max)
        assert shown(Page(signed_in("dana").get(RULES))) == [
            "If it is inside 203.0.113.0/24 : 2 approvals within 1 h. Because it is ours.",
            "If it is without an auto-stop : no approval , it is sent at once. Because x.",
            "Otherwise: 1 approval by somebody else within 1 d.",
        ]

    def test_call_platform_method_and_team_by_name(self, signed_in, cast: Cast) -> None:
        make_pairing()
        team = Team.objects.create(name="Security")
        make_rulebook(make_rule("x", OnPlatform("257"), ByMethod("775"), AskedByTeam(team.pk), team=team.pk))
        sentence = shown(Page(signed_in("dana").get(RULES)))[0]
        assert "on Edge RTBH and by the method Drop everything and asked for by Security" in sentence
        assert "2 approvals by Security" in sentence

    def test_can_still_be_read_when_what_they_name_is_gone(self, signed_in, cast: Cast) -> None:
        make_rulebook(make_rule("x", OnPlatform("404"), ByMethod("405"), AskedByTeam(406), team=407))
        sentence = shown(Page(signed_in("dana").get(RULES)))[0]
        assert "on platform 404 and by the method 405 and asked for by a team that is gone" in sentence
        assert "2 approvals by a team that is gone" in sentence

    def test_say_a_reason_once(self, signed_in, cast: Cast) -> None:
        make_rulebook(make_rule("it is without an auto-stop", NoAutoStop()))
        assert "Because" not in shown(Page(signed_in("dana").get(RULES)))[0]

    def test_say_who_published_them_and_why(self, signed_in, cast: Cast) -> None:
        make_rulebook(by=cast.max)
        assert "Version 1 is in force, published by max just now : Test." in Page(signed_in("ana").get(RULES)).main.text

    def test_offer_the_draft_to_administrators_only(self, signed_in, cast: Cast) -> None:
        offers = {who: Page(signed_in(who).get(RULES)).buttons for who in ("dana", "lee", "ana", "max")}
        assert offers == {"dana": [], "lee": [], "ana": [], "max": ["Work on the draft"]}

    def test_list_every_version(self, signed_in, cast: Cast) -> None:
        for _ in range(3):
            make_rulebook(by=cast.max)
        page = Page(signed_in("ana").get(RULES))
        assert [row.all("a")[0].text for row in page.all("tbody")[0].all("tr")] == [
            "Version 3",
            "Version 2",
            "Version 1",
        ]


class TestAVersion:
    def test_stands_as_it_was_published(self, signed_in, cast: Cast) -> None:
        make_rulebook(make_rule("it is old", NET), by=cast.max)
        make_rulebook(make_rule("it is new", NET), by=cast.max)
        page = Page(signed_in("ana").get(f"{RULES}1/"))
        assert page.heading == "Version 1"
        assert "Because it is old." in shown(page)[0]

    @pytest.mark.parametrize("number", ["0", "2", "9" * 30])
    def test_that_was_never_published_is_not_found(self, number: str, signed_in, cast: Cast) -> None:
        make_rulebook(by=cast.max)
        assert signed_in("ana").get(f"{RULES}{number}/").status_code == 404


def told(client: Client) -> str:
    """The log as a person reads it: links in a sentence leave no gaps."""
    return " ".join(Page(client.get("/audit/")).main.exact_text.split())


class TestKeepingANewRule:
    def test_puts_it_at_the_end_of_the_draft(self, max_: Client) -> None:
        drafted("first")
        answer = keep(max_, because="second")
        assert order() == ["first", "second"]
        assert answer.headers["Location"] == f"{DRAFT}#rule-2"

    def test_leaves_one_event_that_tells_the_rule(self, max_: Client, signed_in) -> None:
        keep(max_)
        assert deeds() == [("max", "rules.draft-edited", "done")]
        sentence = "max edited the draft of the rules: added rule 1, if it is inside 203.0.113.0/28: 2 approvals"
        assert sentence in told(signed_in("ana"))

    @pytest.mark.parametrize(
        ("field", "value", "condition"),
        [
            ("inside", "203.0.113.7", Inside(known("203.0.113.7/32"))),
            ("wider_than_ipv4", "28", WiderThan(28, 0)),
            ("wider_than_ipv6", "64", WiderThan(0, 64)),
            ("longer_than", "60", LongerThan(60)),
            ("no_auto_stop", "on", NoAutoStop()),
            ("platform", "257", OnPlatform("257")),
            ("method", "775", ByMethod("775")),
            ("needs_a_look", "on", NeedsALook()),
        ],
    )
    def test_keeps_the_condition_of_each_field(self, field: str, value: str, condition: object, max_: Client) -> None:
        make_pairing()
        keep(max_, **{"inside": "", field: value})
        assert the_rule().when == (condition,)

    def test_keeps_the_teams_that_ask_and_that_approve(self, max_: Client) -> None:
        hosting, security = (Team.objects.create(name=name).pk for name in ("Hosting", "Security"))
        keep(max_, inside="", team=hosting, approving_team=security)
        assert (the_rule().when, the_rule().team) == ((AskedByTeam(hosting),), security)

    def test_keeps_how_many_must_agree_how_long_it_waits_and_why(self, max_: Client) -> None:
        keep(max_, approvals="5", waits="90", because="  the resolvers\r\nlive there. ")
        rule = the_rule()
        assert (rule.approvals, rule.waits, rule.because) == (
            5,
            timedelta(minutes=90),
            "the resolvers live there",
        )

    @pytest.mark.parametrize(
        ("changes", "because"),
        [
            ({"inside": "", "no_auto_stop": "on"}, "it is without an auto-stop"),
            ({"inside": ""}, "every request does"),
            ({"because": " ... "}, "it is inside 203.0.113.0/28"),
            ({"because": "größer als 🌊"}, "größer als 🌊"),
        ],
    )
    def test_has_a_reason_in_any_case(self, changes: dict[str, str], because: str, max_: Client) -> None:
        keep(max_, **changes)
        assert the_rule().because == because

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("inside", "fish", "“fish” is not an IP address or prefix."),
            ("inside", "203.0.113.7/28", "has bits set outside its /28"),
            ("inside", "203.0.113.0/28\0", "is not an IP address or prefix."),
            ("wider_than_ipv4", "33", "less than or equal to 32"),
            ("wider_than_ipv4", "0", "greater than or equal to 1"),
            ("wider_than_ipv6", "129", "less than or equal to 128"),
            ("wider_than_ipv6", "9" * 5000, "Enter a whole number."),
            ("longer_than", "-1", "greater than or equal to 1"),
            ("longer_than", "9" * 30, "less than or equal to"),
            ("platform", "404", "Select a valid choice."),
            ("method", "a\0b", "Select a valid choice."),
            ("team", "404", "Select a valid choice."),
            ("team", "x", "Select a valid choice."),
            ("approvals", "", "This field is required."),
            ("approvals", "6", "less than or equal to 5"),
            ("approvals", "1.5", "Enter a whole number."),
            ("approving_team", "404", "Select a valid choice."),
            ("waits", "", "This field is required."),
            ("waits", "0", "greater than or equal to 1"),
            ("waits", "10081", "less than or equal to 10080"),
            ("because", "x" * 151, "at most 150 characters"),
            ("because", "a\0b", "Null characters are not allowed."),
        ],
    )
    def test_tells_what_is_wrong_beside_its_field(self, field: str, value: str, sentence: str, max_: Client) -> None:
        answer = keep(max_, **{field: value})
        wrong = Page(answer).all(class_="wrong")
        assert (answer.status_code, len(wrong), Draft.objects.exists()) == (422, 1, False)
        assert sentence in wrong[0].all("p", class_="error")[0].text
        assert wrong[0].all(name=field)

    def test_keeps_what_was_typed_when_something_is_wrong(self, max_: Client) -> None:
        page = Page(keep(max_, approvals="6", because="Ünï 🌊", no_auto_stop="on", wider_than_ipv4="28"))
        kept = {name: value for name, value in page.typed.items() if value}
        assert kept == typed(approvals="6", because="Ünï 🌊", no_auto_stop="on", wider_than_ipv4="28")

    def test_wants_own_words_where_the_conditions_are_too_many_for_a_sentence(self, max_: Client) -> None:
        make_pairing()
        Platform.objects.update(name="P" * 100)
        Method.objects.update(name="M" * 100)
        many = {"platform": "257", "method": "775", "no_auto_stop": "on", "needs_a_look": "on", "wider_than_ipv4": "28"}
        assert "Say in your own words why." in Page(keep(max_, **many)).alarms[0]
        assert keep(max_, **many, because="they are many").status_code == 302

    def test_takes_no_more_than_fifty(self, max_: Client) -> None:
        make_draft(*[make_rule("x")] * 50)
        answer = keep(max_, because="one more")
        assert (answer.status_code, len(order())) == (422, 50)
        assert "There are 50 rules already." in Page(answer).alarms[0]
        assert Page(answer).typed["because"] == "one more"


class TestChangingARule:
    def test_replaces_it_in_its_place(self, max_: Client) -> None:
        drafted(*"abc")
        answer = keep(max_, 2, because="x")
        assert order() == ["a", "x", "c"]
        assert answer.headers["Location"] == f"{DRAFT}#rule-2"

    def test_begins_with_what_it_says(self, max_: Client) -> None:
        make_pairing()
        security = Team.objects.create(name="Security").pk
        when = [NET, WiderThan(28, 64), LongerThan(60), NoAutoStop(), OnPlatform("257"), ByMethod("775")]
        make_draft(make_rule("so", *when, AskedByTeam(security), NeedsALook(), team=security))
        assert Page(max_.get(f"{DRAFT}1/")).typed == {
            "inside": "203.0.113.0/24",
            "wider_than_ipv4": "28",
            "wider_than_ipv6": "64",
            "longer_than": "60",
            "no_auto_stop": "on",
            "platform": "257",
            "method": "775",
            "team": str(security),
            "needs_a_look": "on",
            "approvals": "2",
            "approving_team": str(security),
            "waits": "60",
            "because": "so",
        }

    def test_kept_as_it_is_is_the_same_rule(self, max_: Client) -> None:
        make_draft(make_rule("it is inside 203.0.113.0/24 and wider than an IPv6 /64", NET, WiderThan(0, 64)))
        before = reading.draft().rules
        page = Page(max_.get(f"{DRAFT}1/"))
        max_.post(f"{DRAFT}1/", {**page.typed, "revision": revision()})
        assert reading.draft().rules == before

    def test_a_reason_that_only_said_the_conditions_changes_with_them(self, max_: Client) -> None:
        make_draft(make_rule("it is inside 203.0.113.0/24", NET))
        assert Page(max_.get(f"{DRAFT}1/")).typed["because"] == ""

    def test_keeps_what_is_gone_until_somebody_chooses_otherwise(self, max_: Client) -> None:
        gone = (OnPlatform("404"), ByMethod("405"), AskedByTeam(406))
        make_draft(make_rule("so", *gone, team=407))
        page = Page(max_.get(f"{DRAFT}1/"))
        assert [page.typed[name] for name in ("platform", "method", "team", "approving_team")] == [
            "404",
            "405",
            "406",
            "407",
        ]
        max_.post(f"{DRAFT}1/", {**page.typed, "waits": "30", "revision": revision()})
        assert (the_rule().when, the_rule().team, the_rule().waits) == (gone, 407, timedelta(minutes=30))

    @pytest.mark.parametrize("place", ["0", "3", "9" * 30])
    def test_is_not_found_where_there_is_none(self, place: str, max_: Client) -> None:
        drafted(*"ab")
        address = f"{DRAFT}{place}/"
        assert max_.get(address).status_code == 404
        assert max_.post(address, typed(revision=revision())).status_code == 404
        assert order() == ["a", "b"]


class TestTheSecondOfTwoEditors:
    """Both open a draft of three rules; then the other one removes the second."""

    @pytest.fixture
    def seen(self, max_: Client) -> int:
        """The revision that max saw."""
        seen = drafted(*"abc").revision
        mia = Client()
        mia.force_login(make_person("mia", ["administrator"]))
        press(mia, remove=2)
        return seen

    @pytest.mark.parametrize("place", [None, 1, 3])
    def test_is_told_and_loses_nothing(self, place: int | None, max_: Client, seen: int) -> None:
        answer = keep(max_, place, seen=seen, because="mine", approvals="4")
        page = Page(answer)
        assert (answer.status_code, order()) == (409, ["a", "c"])
        assert "Somebody has edited the draft since you opened it." in page.alarms[0]
        assert (page.typed["because"], page.typed["approvals"]) == ("mine", "4")

    def test_sees_the_draft_as_it_is_now(self, max_: Client, seen: int) -> None:
        page = Page(keep(max_, 1, seen=seen))
        assert ["Because a." in shown(page)[0], "Because c." in shown(page)[1]] == [True, True]
        assert "Yours would take the place of rule 1 above." in page.main.text

    def test_may_keep_it_all_the_same_once_told(self, max_: Client, seen: int) -> None:
        told = keep(max_, 1, seen=seen)
        keep(max_, 1, seen=carried_revision(told), because="mine")
        assert order() == ["mine", "c"]

    def test_whose_rule_is_gone_keeps_it_as_a_new_one(self, max_: Client, seen: int) -> None:
        told = Page(keep(max_, 3, seen=seen, because="mine"))
        assert "Yours would be added at the end." in told.main.text
        assert told.main.all("form")[0].attributes["action"] == NEW

    def test_is_told_also_after_mending_a_wrong_field(self, max_: Client, seen: int) -> None:
        wrong = keep(max_, 1, seen=seen, approvals="6")
        assert wrong.status_code == 422
        assert keep(max_, 1, seen=carried_revision(wrong), approvals="3").status_code == 409
        assert order() == ["a", "c"]

    @pytest.mark.parametrize("button", [{"up": "3"}, {"down": "2"}, {"remove": "3"}])
    def test_who_presses_a_button_sees_the_draft_as_it_is_now(
        self, button: dict[str, str], max_: Client, seen: int
    ) -> None:
        answer = press(max_, seen=seen, **button)
        assert (answer.status_code, order()) == (409, ["a", "c"])
        assert "Somebody has edited the draft since you opened it." in Page(answer).alarms[0]
        assert (Page(answer).heading, carried_revision(answer)) == ("Draft", seen + 1)

    def test_does_not_throw_away_what_they_have_not_seen(self, max_: Client, seen: int) -> None:
        assert max_.post(START_OVER, {"revision": seen}).status_code == 409
        assert order() == ["a", "c"]

    def test_does_not_publish_what_they_have_not_seen(self, max_: Client, seen: int) -> None:
        answer = publish(max_, seen=seen, note="As agreed.")
        assert (answer.status_code, Rulebook.objects.exists()) == (409, False)
        assert Page(answer).typed == {"note": "As agreed."}

    def test_is_told_at_publishing_also_after_a_missing_note(self, max_: Client, seen: int) -> None:
        wrong = publish(max_, seen=seen, note="")
        assert wrong.status_code == 422
        assert publish(max_, seen=carried_revision(wrong)).status_code == 409


class TestTheButtonsOfTheDraft:
    @pytest.mark.parametrize(
        ("button", "expected", "lands"),
        [({"up": "3"}, "acb", "#rule-2"), ({"down": "1"}, "bac", "#rule-2"), ({"remove": "2"}, "ac", "")],
    )
    def test_move_a_rule_or_take_it_out(self, button: dict[str, str], expected: str, lands: str, max_: Client) -> None:
        drafted(*"abc")
        answer = press(max_, **button)
        assert "".join(order()) == expected
        assert answer.headers["Location"] == DRAFT + lands

    @pytest.mark.parametrize(
        ("button", "words"),
        [
            ({"up": "3"}, "made rule 3 rule 2, if it is inside 198.51.100.2/32: 2 approvals"),
            ({"remove": "2"}, "removed rule 2, if it is inside 198.51.100.1/32: 2 approvals"),
        ],
    )
    def test_leave_one_event_that_tells_the_rule(
        self, button: dict[str, str], words: str, max_: Client, signed_in
    ) -> None:
        drafted(*"abc")
        press(max_, **button)
        assert deeds() == [("max", "rules.draft-edited", "done")]
        assert f"max edited the draft of the rules: {words}" in told(signed_in("ana"))

    @pytest.mark.parametrize(
        "nonsense",
        [
            {},
            {"up": "1"},
            {"up": "4"},
            {"down": "3"},
            {"down": "0"},
            {"down": "50"},
            {"remove": "4"},
            {"remove": "-1"},
            {"up": "x"},
            {"up": "2", "remove": "1"},
            {"up": "9" * 30},
            {"remove": "1\0"},
        ],
    )
    def test_that_send_nonsense_make_no_sense(self, nonsense: dict[str, str], max_: Client) -> None:
        drafted(*"abc")
        before = everything()
        answer = press(max_, **nonsense)
        assert (answer.status_code, order()) == (400, ["a", "b", "c"])
        assert everything() == before

    @pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 30])
    @pytest.mark.parametrize("address", [NEW, f"{DRAFT}1/", f"{DRAFT}arrange/", START_OVER, PUBLISH])
    def test_make_no_sense_without_the_draft_that_was_seen(self, address: str, seen: str, max_: Client) -> None:
        drafted(*"ab")
        values = typed(note="Because.", remove="1", revision=seen)
        assert max_.post(address, values).status_code == 400
        assert (order(), Rulebook.objects.exists()) == (["a", "b"], False)

    def test_are_off_where_there_is_no_further(self, max_: Client) -> None:
        drafted(*"ab")
        buttons = Page(max_.get(DRAFT)).main.all("button")
        off = [button.attributes["name"] for button in buttons if "disabled" in button.attributes]
        assert off == ["up", "down"]


class TestTheDraft:
    def test_begins_as_what_is_in_force(self, max_: Client, cast: Cast) -> None:
        make_rulebook(make_rule("it is ours", NET), by=cast.max)
        page = Page(max_.get(DRAFT))
        assert "This is what is in force." in page.main.text
        assert "Because it is ours." in shown(page)[0]

    def test_says_who_edited_it(self, max_: Client) -> None:
        keep(max_)
        assert "Not in force; last edited by max just now" in Page(max_.get(DRAFT)).main.text

    def test_shows_what_is_wrong_beside_the_rule(self, max_: Client) -> None:
        make_draft(make_rule("a"), make_rule("b", NET))
        rule = Page(max_.get(DRAFT)).all("li", id="rule-2")[0]
        assert "Rule 2 never decides: rule 1 comes first" in rule.all("p", class_="finding-block")[0].text

    def test_can_be_thrown_away(self, max_: Client, cast: Cast) -> None:
        make_rulebook(make_rule("it is ours", NET), by=cast.max)
        drafted(*"ab")
        max_.post(START_OVER, {"revision": revision()})
        assert order() == ["it is ours"]


class TestComparing:
    def compare(self, client: Client) -> list[str]:
        page = Page(client.get(PUBLISH))
        return [change.all("h3")[0].text for change in page.all("li", class_="change")]

    def test_says_what_becomes_of_each_rule(self, max_: Client, cast: Cast) -> None:
        a, b, c = (make_rule(each, Inside(known(f"198.51.100.{place}/32"))) for place, each in enumerate("abc"))
        make_rulebook(a, b, c, make_rule("d", NoAutoStop()), by=cast.max)
        make_draft(c, a, make_rule("b", *b.when, approvals=3), make_rule("e", NET))
        assert self.compare(max_) == [
            "Rule 3 becomes rule 1",
            "Rule 2 changes and becomes rule 3",
            "Rule 4 changes",
        ]

    def test_shows_what_was_and_what_becomes(self, max_: Client, cast: Cast) -> None:
        make_rulebook(make_rule("a", NET), by=cast.max)
        make_draft(make_rule("a", NET, approvals=1))
        change = Page(max_.get(PUBLISH)).all("li", class_="change")[0]
        assert [each.text for each in change.all("p")] == [
            "Was: If it is inside 203.0.113.0/24 : 2 approvals within 1 h. Because a.",
            "Becomes: If it is inside 203.0.113.0/24 : 1 approval within 1 h. Because a.",
        ]

    def test_against_nothing_shows_every_rule_as_new(self, max_: Client) -> None:
        drafted(*"ab")
        assert self.compare(max_) == ["Rule 1 is new", "Rule 2 is new"]

    def test_says_which_rules_go(self, max_: Client, cast: Cast) -> None:
        make_rulebook(make_rule("a", NET), make_rule("b", NoAutoStop()), by=cast.max)
        make_draft(make_rule("b", NoAutoStop()))
        assert self.compare(max_) == ["Rule 1 goes"]

    def test_offers_nothing_when_nothing_changes(self, max_: Client, cast: Cast) -> None:
        make_rulebook(by=cast.max)
        page = Page(max_.get(PUBLISH))
        assert "Nothing: the draft is what is in force already." in page.main.text
        assert "disabled" in page.main.all("button")[0].attributes

    def test_offers_nothing_while_a_rule_is_wrong(self, max_: Client) -> None:
        make_draft(make_rule("a"), make_rule("b", NET))
        page = Page(max_.get(PUBLISH))
        assert page.links["See rule 2"] == f"{DRAFT}#rule-2"
        assert "disabled" in page.main.all("button")[0].attributes

    def test_replays_what_was_really_asked_for(self, max_: Client, cast: Cast) -> None:
        wide = make_mitigation(Status.ENDED, target="203.0.113.0/25", requested_by=cast.dana)
        make_mitigation(Status.ENDED, target="203.0.113.7/32", requested_by=cast.dana)
        make_draft(make_rule("it is wide", WiderThan(28, 0)))
        page = Page(max_.get(PUBLISH))
        assert "Of 2 requests, 1 would have needed more approvals, 0 would have needed fewer" in page.main.text
        assert [row.all("a")[0].text for row in page.all("tbody")[0].all("tr")] == [wide.reference]

    def test_says_when_nothing_was_asked_for(self, max_: Client) -> None:
        drafted("a")
        assert "Nothing was asked for in the last 90 days." in Page(max_.get(PUBLISH)).main.text


class TestPublishing:
    def test_puts_the_draft_in_force(self, max_: Client, cast: Cast) -> None:
        drafted(*"ab")
        publish(max_, note="As agreed – Zoë 🌊")
        book = Rulebook.objects.get()
        assert (book.number, book.note, book.published_by) == (1, "As agreed – Zoë 🌊", cast.max)
        assert [rule.because for rule in book.parsed] == ["a", "b"]

    def test_leaves_one_event(self, max_: Client, signed_in) -> None:
        drafted(*"ab")
        publish(max_)
        assert deeds() == [("max", "rules.published", "done")]
        assert "max published version 1 of the rules, 2 in all" in told(signed_in("ana"))

    def test_decides_on_the_next_request_and_says_so_before_it_is_made(self, max_: Client, signed_in) -> None:
        pairing, dana = make_pairing(), signed_in("dana")
        make_draft(make_rule("it is ours", NET))
        publish(max_)
        sentence = "Needs 2 approvals, because it is ours (rule 1)."
        assert sentence in Page(check(dana, pairing)).main.text
        ask(dana, pairing)
        mitigation = Mitigation.objects.get()
        assert (mitigation.rule, mitigation.approvals_needed, mitigation.rulebook) == (sentence, 2, 1)

    def test_changes_nothing_about_what_is_under_way(self, max_: Client, cast: Cast) -> None:
        mitigation = make_mitigation()
        make_draft(make_rule("everything does", approvals=2))
        publish(max_)
        mitigation.refresh_from_db()
        assert mitigation.approvals_needed == 1

    @pytest.mark.parametrize(
        ("note", "sentence"),
        [("", "required"), ("  ", "required"), ("x" * 2001, "at most 2000"), ("a\0b", "Null characters")],
    )
    def test_says_why(self, note: str, sentence: str, max_: Client) -> None:
        drafted("a")
        answer = publish(max_, note=note)
        assert (answer.status_code, Rulebook.objects.exists()) == (422, False)
        assert sentence in Page(answer).alarms[0]

    def test_of_a_rule_that_could_never_be_met_is_refused(self, max_: Client) -> None:
        drafted("a", approvals=5)
        answer = publish(max_, note="Please.")
        assert (answer.status_code, Rulebook.objects.exists()) == (422, False)
        assert "it could never be met" in Page(answer).alarms[0]
        assert Page(answer).typed == {"note": "Please."}

    def test_twice_is_told(self, max_: Client) -> None:
        drafted("a")
        publish(max_)
        answer = publish(max_)
        assert (answer.status_code, Rulebook.objects.count()) == (409, 1)
        assert "The draft is what is in force already." in Page(answer).alarms[0]

    def test_needs_the_csrf_token(self, cast: Cast) -> None:
        drafted("a")
        client = Client(enforce_csrf_checks=True)
        client.force_login(cast.max)
        assert publish(client).status_code == 403
        assert not Rulebook.objects.exists()


class TestAVeryLongAndOddRulebook:
    def test_is_shown_on_every_page(self, max_: Client, cast: Cast) -> None:
        odd = "<b>ünï</b> 🌊 &amp; ‮" + "x" * 100
        rules = [make_rule(odd, Inside(known(f"2001:db8::{place}/128"))) for place in range(50)]
        make_rulebook(*rules, by=cast.max)
        Draft.objects.create(rules=as_json(rules[1:]))
        for address in (RULES, f"{RULES}1/", DRAFT, f"{DRAFT}49/", PUBLISH):
            answer = max_.get(address)
            assert (answer.status_code, "<b>ünï" in answer.content.decode()) == (200, False)


PLACES = [NEW, f"{DRAFT}1/", f"{DRAFT}arrange/", START_OVER, PUBLISH]


@pytest.mark.parametrize("address", PLACES)
@pytest.mark.parametrize("who", ["dana", "lee", "kim", "ana", "eve"])
class TestWhoeverIsNoAdministrator:
    def test_changes_nothing_by_trying_and_is_remembered(self, who: str, address: str, signed_in) -> None:
        drafted(*"ab")
        before = everything_but_the_log()
        answer = signed_in(who).post(address, typed(note="Mine.", remove="1", revision=revision()))
        assert (answer.status_code, everything_but_the_log()) == (403, before)
        assert deeds() == [(who, "rules.draft-edited", "refused")]
