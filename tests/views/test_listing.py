"""The list as people look at it: what they search, choose, order, group and take with them."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from mitigations.models import Team
from mitigations.policies.columns import USUAL, Column
from mitigations.policies.lifecycle import Status
from tests.making import NOW, make_mitigation, make_pairing
from tests.people import Cast, make_person
from tests.showing import make_order, make_sighting
from tests.views.pages import Element, Page
from tests.views.test_mitigations import LIST, shown

WIDE, NET, HOST, APART = "203.0.112.0/23", "203.0.113.0/24", "203.0.113.7/32", "198.51.100.7/32"


@pytest.fixture
def ana(signed_in) -> Client:
    """Sees everything and decides nothing."""
    return signed_in("ana")


def heads(answer: Any) -> dict[str, Element]:
    return {head.text.rstrip(" ↑↓"): head for head in Page(answer).all("thead")[0].all("th")}


def cells(answer: Any) -> list[dict[str, str]]:
    rows = [row for body in Page(answer).all("tbody") for row in body.all("tr") if row.all("td")]
    return [{cell.attributes["data-label"]: cell.text for cell in row.all("td")} for row in rows]


class TestSearchingByPrefix:
    @pytest.fixture
    def four(self, cast: Cast) -> dict[str, str]:
        return {make_mitigation(Status.ENDED, target=text).reference: text for text in (WIDE, NET, HOST, APART)}

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            (f"target={NET}&how=inside", [HOST, NET]),
            (f"target={NET}&how=overlapping", [HOST, NET, WIDE]),
            (f"target={NET}&how=exactly", [NET]),
            (f"target={NET}&how=covering", [NET, WIDE]),
            ("target=203.0.113.7&how=inside", [HOST]),
            ("target=203.0.113.7&how=covering", [HOST, NET, WIDE]),
            ("how=inside", [APART, HOST, NET, WIDE]),
        ],
    )
    def test_knows_what_lies_in_what(self, query: str, found: list[str], four: dict[str, str], ana: Client) -> None:
        assert [four[reference] for reference in shown(ana.get(f"{LIST}?{query}"))] == found

    def test_means_what_overlaps_in_a_link_from_before_it_was_asked(self, four: dict[str, str], ana: Client) -> None:
        answer = ana.get(LIST, {"target": NET})
        assert [four[reference] for reference in shown(answer)] == [HOST, NET, WIDE]
        assert Page(answer).typed["how"] == "overlapping"

    def test_offers_what_is_inside_first(self, ana: Client) -> None:
        options = Page(ana.get(LIST)).main.all("select", name="how")[0].all("option")
        assert [option.attributes["value"] for option in options] == ["inside", "overlapping", "exactly", "covering"]

    def test_stands_outside_the_folded_filter(self, ana: Client) -> None:
        page = Page(ana.get(LIST))
        assert not any(box.all("input", name="target") for box in page.all("details"))

    @pytest.mark.parametrize("typed", ["{}", " {} ", "{lower}"])
    def test_leads_to_the_mitigation_whose_reference_is_typed(self, typed: str, ana: Client) -> None:
        reference = make_mitigation().reference
        answer = ana.get(LIST, {"target": typed.format(reference, lower=reference.lower()), "how": "inside"})
        assert answer.headers["Location"] == f"{LIST}{reference}/"

    def test_says_that_no_mitigation_has_the_reference(self, ana: Client) -> None:
        answer = ana.get(LIST, {"target": "mit-99999"})
        assert (answer.status_code, "There is no MIT-99999." in Page(answer).main.text) == (422, True)

    def test_offers_both_mends_of_host_bits(self, four: dict[str, str], ana: Client) -> None:
        page = Page(ana.get(LIST, {"target": "203.0.113.7/24", "how": "inside", "status": "ended"}))
        assert "has bits set outside its /24" in page.main.text
        mended = ana.get(page.links[NET])
        assert [four[reference] for reference in shown(mended)] == [HOST, NET]
        assert HOST in page.links

    def test_says_what_is_looked_for_and_leads_to_the_list_without_it(self, four: dict[str, str], ana: Client) -> None:
        links = Page(ana.get(LIST, {"target": NET, "how": "inside", "by": "dana"})).links
        assert shown(ana.get(links[f"Remove {NET} and everything in it ×"])) == list(four)[::-1]
        assert "how=inside" in links["Remove Asked by: dana ×"]


class TestColumns:
    def test_are_the_usual_ones_where_none_is_chosen(self, ana: Client) -> None:
        make_mitigation()
        assert list(heads(ana.get(LIST))) == [column.words for column in USUAL]

    def test_are_those_that_are_chosen_in_their_order_with_the_reference_always(self, ana: Client) -> None:
        make_mitigation()
        answer = ana.get(f"{LIST}?column=reason&column=target")
        assert list(heads(answer)) == ["Mitigation", "Target", "Reason"]

    def test_each_tell_what_they_are_called(self, ana: Client, cast: Cast) -> None:
        Team.objects.create(name="Hosting").members.set([cast.dana])
        facts = {"ticket": "INC-7", "reason": "The shop is down.", "comment": "Shop", "status_note": "Kentik said OK."}
        active = make_mitigation(Status.ACTIVE, target=HOST, minutes=90, **facts)
        make_sighting(active)
        [row] = cells(ana.get(LIST, {"column": [column.value for column in Column if column is not Column.REFERENCE]}))
        assert row == {
            "Mitigation": active.reference,
            "Target": HOST,
            "Platform": "Edge RTBH",
            "Method": "Drop everything",
            "Status": "active",
            "At Kentik": "Active just now",
            "Time": "1 h 30 min left",
            "Asked by": "dana",
            "Asked": "just now",
            "Team": "Hosting",
            "Approved by": "lee",
            "Ticket": "INC-7",
            "Reason": "The shop is down.",
            "Comment": "Shop",
            "Asked for": "1 h 30 min",
            "Started": "just now",
            "Closed": "–",
            "What became of it": "Kentik said OK.",
        }

    def test_say_that_one_is_being_stopped_rather_than_what_it_has_left(self, ana: Client) -> None:
        make_order(make_mitigation(Status.ACTIVE))
        [row] = cells(ana.get(LIST))
        assert (row["Status"], row["Time"]) == ("active ordered to stop", "–")


class TestOrder:
    @pytest.fixture
    def three(self, cast: Cast) -> list[str]:
        """By number; by target they are the second, the third, the first; the third ends before the first."""
        made = [
            make_mitigation(Status.ACTIVE, target=HOST, minutes=60),
            make_mitigation(Status.ENDED, target=APART),
            make_mitigation(Status.ACTIVE, target=NET, minutes=30),
        ]
        return [each.reference for each in made]

    @pytest.mark.parametrize(
        ("sort", "order"), [("", [2, 1, 0]), ("oldest", [0, 1, 2]), ("target", [1, 2, 0]), ("ends", [2, 0, 1])]
    )
    def test_is_as_chosen(self, sort: str, order: list[int], three: list[str], ana: Client) -> None:
        assert shown(ana.get(LIST, {"sort": sort})) == [three[place] for place in order]

    @pytest.mark.parametrize(
        ("sort", "head", "said"),
        [
            ("newest", "Asked", "descending"),
            ("oldest", "Asked", "ascending"),
            ("target", "Target", "ascending"),
            ("ends", "Time", "ascending"),
        ],
    )
    def test_is_told_by_one_heading(self, sort: str, head: str, said: str, three: list[str], ana: Client) -> None:
        told = {name: found.attributes.get("aria-sort") for name, found in heads(ana.get(LIST, {"sort": sort})).items()}
        assert {name: order for name, order in told.items() if order} == {head: said}

    def test_goes_on_with_each_press_of_a_heading_and_keeps_the_filter(self, three: list[str], ana: Client) -> None:
        answer, seen = ana.get(f"{LIST}?by=dana"), []
        for _ in range(2):
            [link] = heads(answer)["Asked"].all("a")
            answer = ana.get(link.attributes["href"])
            seen.append(shown(answer))
            assert "by=dana" in link.attributes["href"]
        assert seen == [three, three[::-1]]

    def test_of_a_page_further_down_begins_anew(self, three: list[str], ana: Client) -> None:
        [link] = heads(ana.get(f"{LIST}?below=999999999"))["Target"].all("a")
        assert link.attributes["href"] == f"{LIST}?sort=target"


class TestHeadings:
    @pytest.fixture
    def some(self, cast: Cast) -> None:
        other = make_pairing(platform_id="258", method_id="780")
        other.platform.name, other.method.name = "Aegis", "Zap"
        other.platform.save()
        other.method.save()
        make_mitigation(Status.ACTIVE, target=HOST)
        make_mitigation(Status.PENDING, target=APART, at=NOW - timedelta(days=1))
        make_mitigation(Status.ENDED, target=HOST, pairing=other, at=NOW - timedelta(hours=1))
        make_mitigation(Status.ENDED, target=NET, pairing=other, requested_by=make_person("rob", ["requester"]))

    @pytest.mark.usefixtures("some")
    @pytest.mark.parametrize(
        ("group", "told"),
        [
            ("status", ["pending 1", "active 1", "ended 2"]),
            ("platform", ["Aegis 2", "Edge RTBH 2"]),
            ("method", ["Drop everything 2", "Zap 2"]),
            ("target", [f"{APART} 1", f"{NET} 1", f"{HOST} 2"]),
            ("day", ["2026-11-23 3", "2026-11-22 1"]),
        ],
    )
    def test_lead_to_exactly_what_they_count(self, group: str, told: list[str], ana: Client) -> None:
        """Within what the list is filtered by."""
        for query in ("", "&by=dana", "&since=2026-11-22T12:00&until=2026-11-23T02:30"):
            links = Page(ana.get(f"{LIST}?group={group}{query}")).all("tr", class_="group")
            said = [link.text.replace(" : show all", "") for link in links]
            assert query or said == told
            for link, words in zip(links, said, strict=True):
                answer = ana.get(link.all("a")[0].attributes["href"])
                assert len(shown(answer)) == int(words.rpartition(" ")[2])

    @pytest.mark.usefixtures("some")
    def test_stay_on_the_next_page(self, ana: Client) -> None:
        for _ in range(60):
            make_mitigation(Status.ENDED)
        onward = Page(ana.get(f"{LIST}?group=status")).all("a", rel="next")[0].attributes["href"]
        assert [link.all("a")[0].text for link in Page(ana.get(LIST + onward)).all("tr", class_="group")] == [
            "ended : show all"
        ]


class TestChips:
    def test_show_what_is_in_force_in_one_press(self, ana: Client) -> None:
        live = make_mitigation(Status.ACTIVE).reference
        make_mitigation(Status.ENDED)
        answer = ana.get(Page(ana.get(LIST)).links["In force"])
        assert shown(answer) == [live]
        assert [chip.text for chip in Page(answer).main.all("a", aria_current="page")] == ["In force"]

    def test_know_the_list_however_it_was_come_by(self, ana: Client) -> None:
        """A form sends all its fields."""
        columns = "".join(f"&column={column}" for column in USUAL[1:])
        answer = ana.get(f"{LIST}?target=&how=inside&status=pending&status=approved&by=&sort=newest&group={columns}")
        assert [chip.text for chip in Page(answer).main.all("a", aria_current="page")] == ["Waiting"]


def table(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


class TestTheFile:
    def test_holds_the_rows_and_columns_of_the_screen_in_their_order(self, ana: Client) -> None:
        make_mitigation(Status.ENDED, target=HOST, ticket="INC-7")
        make_mitigation(Status.ENDED, target=NET, ticket="INC-8")
        make_mitigation(Status.PENDING, target=APART)
        page = Page(ana.get(f"{LIST}?status=ended&sort=target&column=ticket&column=target"))
        answer = ana.get(page.links["CSV of this page"])
        assert [row[1:] for row in table(answer)] == [["Target", "Ticket"], [NET, "INC-8"], [HOST, "INC-7"]]

    def test_holds_the_page_that_is_looked_at(self, ana: Client) -> None:
        for _ in range(52):
            make_mitigation(Status.ENDED)
        onward = Page(ana.get(LIST)).all("a", rel="next")[0].attributes["href"]
        page = Page(ana.get(LIST + onward))
        assert [row[0] for row in table(ana.get(page.links["CSV of this page"]))][1:] == shown(ana.get(LIST + onward))

    def test_is_named_for_the_day(self, ana: Client) -> None:
        disposition = ana.get("/mitigations/csv/").headers["Content-Disposition"]
        assert disposition == 'attachment; filename="mitigations-2026-11-23.csv"'

    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
    def test_holds_no_formula(self, text: str, ana: Client) -> None:
        make_mitigation(reason=text)
        assert table(ana.get("/mitigations/csv/?column=reason"))[1][1] == f"'{text}"

    def test_has_every_column(self, ana: Client) -> None:
        make_mitigation(Status.ACTIVE)
        columns = "&".join(f"column={column}" for column in Column if column is not Column.REFERENCE)
        head, row = table(ana.get(f"/mitigations/csv/?{columns}"))
        words = [column.words for column in Column]
        assert head == [head for each in words for head in (("Ends", "Ended") if each == "Time" else (each,))]
        assert row[head.index("Approved by")] == "lee"
        assert row[head.index("Ends")] == "2026-11-23T04:00:00+00:00"

    @pytest.mark.parametrize(
        ("status", "ends", "ended"),
        [
            (Status.ACTIVE, "2026-11-23T04:00:00+00:00", ""),
            (Status.STOPPED, "", "2026-11-23T03:20:00+00:00"),
            (Status.REJECTED, "", ""),
        ],
    )
    def test_tells_when_one_ends_from_when_it_ended(self, status: Status, ends: str, ended: str, ana: Client) -> None:
        closed_at = {} if status is Status.ACTIVE else {"closed_at": NOW + timedelta(minutes=20, microseconds=7)}
        make_mitigation(status, **closed_at)
        head, row = table(ana.get("/mitigations/csv/"))
        assert (row[head.index("Ends")], row[head.index("Ended")]) == (ends, ended)

    def test_says_under_which_heading_each_row_stands(self, ana: Client) -> None:
        make_mitigation(Status.ACTIVE)
        assert [row[:1] for row in table(ana.get("/mitigations/csv/?group=status"))] == [["Group"], ["active"]]

    def test_of_a_list_that_makes_no_sense_leads_to_what_is_wrong(self, ana: Client) -> None:
        assert ana.get("/mitigations/csv/?target=fish").headers["Location"] == f"{LIST}?target=fish"
