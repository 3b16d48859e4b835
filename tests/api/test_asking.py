"""Asking by the API: what is judged, written and recorded, and what is answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.authority import Scope
from audit.models import Event
from mitigations.models import Mitigation, Pairing
from mitigations.policies.lifecycle import Status
from mitigations.policies.rules import LongerThan
from tests.api.calling import Caller, terms
from tests.making import NOW, make_mitigation, make_pairing, make_protected, make_rule, make_rulebook, make_token
from tests.people import Cast
from tests.views.facts import deeds, everything, mitigation_rows

pytestmark = pytest.mark.django_db
Calls = Callable[..., Caller]


@pytest.fixture
def pairing(cast: Cast) -> Pairing:
    return make_pairing(longest_minutes=240)


class TestAsking:
    def test_makes_a_request_and_says_where_it_is(self, calls: Calls, pairing: Pairing) -> None:
        answer = calls("dana").post("/mitigations", terms(pairing, comment=" a \n b", ticket="INC-7"))

        row = Mitigation.objects.get()
        assert (answer.status, answer.headers["Location"]) == (201, f"/api/v1/mitigations/{row.reference}")
        assert (row.target, row.minutes, row.comment, row.ticket) == ("203.0.113.7/32", 60, "a b", "INC-7")
        assert row.requested_by.username == "dana"

    def test_answers_with_the_findings_the_rule_and_who_may_approve(self, calls: Calls, pairing: Pairing) -> None:
        make_rulebook(make_rule("it runs long", when=(LongerThan(30),), approvals=1))
        pairing.widens_to_24 = True
        pairing.save()
        body = calls("dana").post("/mitigations", terms(pairing)).body

        assert [(each["code"], each["severity"]) for each in body["findings"]] == [("widened", "review")]
        assert body["rule"] == "Needs 1 approval, because it runs long (rule 1)."
        assert (body["approvals_missing"], body["may_be_approved_by"]) == (1, ["kim", "lee"])
        assert (body["status"], body["requested_at"]) == ("pending", "2026-11-23T03:00:00Z")
        assert body["may"] == ["withdraw"]

    def test_is_recorded_under_the_name_of_the_owner_and_of_the_token(
        self, calls: Calls, cast: Cast, pairing: Pairing
    ) -> None:
        reference = calls("dana").post("/mitigations", terms(pairing)).body["reference"]

        [event] = Event.objects.filter(subject=reference)
        assert event.sentence.startswith("dana, by the token “soar-")
        assert (event.actor, event.actor_name, event.deed) == (f"user:{cast.dana.pk}", "dana", "mitigation.asked")

    @pytest.mark.parametrize(
        ("values", "codes", "pointers"),
        [
            ({"target": "10.0.0.1"}, ["special-purpose", "outside-address-space"], [None, None]),
            ({"target": "203.0.113.7/24"}, ["not-canonical"], ["/target"]),
            ({"target": "somewhere"}, ["garbage"], ["/target"]),
            ({"minutes": 241}, ["too-long"], [None]),
            ({"minutes": 0}, ["no-auto-stop"], [None]),
            ({"pairing": 2**62}, ["invalid-choice"], ["/pairing"]),
            ({"reason": "  "}, ["required"], ["/reason"]),
        ],
    )
    def test_refuses_what_cannot_be_accepted_with_every_finding(
        self, calls: Calls, pairing: Pairing, values: dict[str, Any], codes: list[str], pointers: list[str | None]
    ) -> None:
        answer = calls("dana").post("/mitigations", terms(pairing, **values))

        assert (answer.status, answer.codes) == (422, codes)
        assert [each["pointer"] for each in answer.body["findings"]] == pointers
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert not Mitigation.objects.exists()

    def test_tells_the_one_that_has_the_target_already(self, calls: Calls, pairing: Pairing) -> None:
        there = make_mitigation(target="203.0.113.7/32", pairing=pairing)
        answer = calls("dana").post("/mitigations", terms(pairing))

        assert answer.codes == ["duplicate"]
        assert answer.body["findings"][0]["collides"] == there.reference

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"targt": "203.0.113.7"}, "/targt"),
            ({"minutes": "soon"}, "/minutes"),
            ({"minutes": 2**80}, "/minutes"),
            ({"minutes": 1.5}, "/minutes"),
            ({"minutes": False}, "/minutes"),
            ({"minutes": "60"}, "/minutes"),
            ({"pairing": True}, "/pairing"),
            ({"reason": "\x00"}, "/reason"),
            ({"comment": "x" * 201}, "/comment"),
            ({"target": None}, "/target"),
        ],
    )
    def test_says_where_the_shape_is_wrong(
        self, calls: Calls, pairing: Pairing, body: dict[str, Any], pointer: str
    ) -> None:
        answer = calls("dana").post("/mitigations", terms(pairing, **body))

        assert (answer.status, answer.codes) == (422, ["shape"])
        assert answer.body["findings"][0]["pointer"] == pointer

    @pytest.mark.parametrize("body", [b"", b"{", b"[[" * 100_000, b"\xff", b'{"minutes": ' + b"9" * 5000 + b"}", b"7"])
    def test_takes_nothing_that_is_no_json(self, calls: Calls, pairing: Pairing, body: bytes) -> None:
        answer = calls("dana").send("POST", "/mitigations", body)

        assert answer.status in {400, 413, 415, 422}
        assert answer.body["status"] == answer.status

    def test_takes_nothing_that_says_one_thing_twice(self, calls: Calls, pairing: Pairing) -> None:
        body = json.dumps(terms(pairing, minutes=60)).encode()
        answer = calls("dana").send("POST", "/mitigations", body[:-1] + b', "minutes": 0}')

        assert (answer.status, answer.body["detail"]) == (
            400,
            "A name stands twice in one object of the body. Say it once.",
        )
        assert not Mitigation.objects.exists()

    def test_keeps_lone_surrogates_out(self, calls: Calls, pairing: Pairing) -> None:
        answer = calls("dana").send("POST", "/mitigations", b'{"target":"\\ud800","pairing":1,"reason":"\\ud800"}')

        assert answer.status in {400, 422}

    @pytest.mark.parametrize("name", ["lee", "ana", "max"])
    def test_is_not_for_whoever_may_not_and_who_tries_is_remembered(
        self, calls: Calls, pairing: Pairing, name: str
    ) -> None:
        answer = calls(name).post("/mitigations", terms(pairing))

        assert (answer.status, answer.codes) == (403, ["role"])
        assert deeds("/api/v1/mitigations") == [(name, "mitigation.asked", "refused")]
        assert not Mitigation.objects.exists()

    def test_by_a_program_that_goes_on_trying_is_remembered_once_an_hour(
        self, calls: Calls, cast: Cast, pairing: Pairing, clock: time_machine.Traveller
    ) -> None:
        reader = Caller(make_token(cast.dana, Scope.READ).text)
        for minutes in (0, 1, 58, 60):
            clock.move_to(NOW + timedelta(minutes=minutes))
            assert reader.post("/mitigations", terms(pairing)).codes == ["scope"]
        calls("lee").post("/mitigations", terms(pairing))

        assert deeds("/api/v1/mitigations") == [
            *[("dana", "mitigation.asked", "refused")] * 2,
            ("lee", "mitigation.asked", "refused"),
        ]

    def test_is_not_for_a_token_without_the_scope(self, calls: Calls, pairing: Pairing) -> None:
        answer = calls("dana", Scope.READ, Scope.DECIDE).post("/mitigations", terms(pairing))

        assert (answer.status, answer.codes) == (403, ["scope"])
        assert not Mitigation.objects.exists()

    def test_leaves_the_same_row_and_the_same_events_as_the_page(
        self, calls: Calls, signed_in: Any, pairing: Pairing
    ) -> None:
        values = {"minutes": 30, "comment": "as agreed", "ticket": "INC-7"}
        calls("dana").post("/mitigations", terms(pairing, **values))
        form = {"ip_cidr": "203.0.113.8", "pairing": pairing.pk, "reason": terms(pairing)["reason"], "ask": ""}
        signed_in("dana").post(
            "/mitigations/new/", {**form, "minutes_before_auto_stop": 30, "comment": "as agreed", "ticket": "INC-7"}
        )

        differing = {"id", "target", "first", "last"}
        by_token, by_hand = [
            {name: value for name, value in row.items() if name not in differing} for row in mitigation_rows()
        ]
        assert by_token == by_hand
        one, other = Event.objects.filter(deed="mitigation.asked").order_by("number")
        assert {**one.facts, "target": ""} == {**other.facts, "target": ""}
        assert (one.actor, one.outcome, one.details["note"]) == (other.actor, other.outcome, other.details["note"])


class TestPreviewing:
    def test_says_what_would_happen_and_asks_for_nothing(self, calls: Calls, cast: Cast, pairing: Pairing) -> None:
        dana = calls("dana")
        dana.get("/me")
        before = everything()
        body = dana.post("/mitigations/preview", {"target": "203.0.113.7", "pairing": pairing.pk}).body

        assert body["sentence"] == (
            "As soon as kim or lee has approved, it drops all traffic to 203.0.113.7/32 (1 address)."
        )
        assert body["requirement"]["sentence"] == "Needs 1 approval by somebody else."
        assert body["kentik_request"]["ipCidr"] == "203.0.113.7/32"
        assert (body["findings"], body["obstacles"]) == ([], [])
        assert everything() == before

    def test_says_what_stands_in_the_way(self, calls: Calls, cast: Cast, pairing: Pairing) -> None:
        make_protected("203.0.113.0/24", owner=cast.max)
        body = calls("dana").post("/mitigations/preview", {"target": "203.0.113.7", "pairing": pairing.pk}).body

        assert [each["code"] for each in body["obstacles"]] == ["protected"]


class TestMany:
    def many(self, caller: Caller, pairing: Pairing, *targets: str) -> Any:
        body = terms(pairing, targets=list(targets))
        del body["target"]
        return caller.post("/mitigations/many", body)

    def test_makes_one_for_each(self, calls: Calls, pairing: Pairing) -> None:
        answer = self.many(calls("dana"), pairing, "203.0.113.7", "2001:DB8::/64")

        assert answer.status == 201
        assert [each["target"] for each in answer.body["items"]] == ["203.0.113.7/32", "2001:db8::/64"]
        lead = answer.body["items"][0]["reference"]
        assert answer.headers["Location"] == f"/api/v1/mitigations/{lead}"
        assert [each["asked_with"] for each in answer.body["items"]] == [None, lead]

    @pytest.mark.parametrize(
        ("targets", "found"),
        [
            (["203.0.113.7", "10.0.0.1"], [("special-purpose", "/targets/1"), ("outside-address-space", "/targets/1")]),
            (["203.0.113.7", "203.0.113.7/24"], [("not-canonical", "/targets/1")]),
            (["203.0.113.7", "203.0.113.7/32"], [("repeated", "/targets/1")]),
        ],
    )
    def test_makes_none_when_one_is_wrong_and_says_which(
        self, calls: Calls, pairing: Pairing, targets: list[str], found: list[tuple[str, str]]
    ) -> None:
        answer = self.many(calls("dana"), pairing, *targets)

        assert answer.status == 422
        assert [(each["code"], each["pointer"]) for each in answer.body["findings"]] == found
        assert not Mitigation.objects.exists()

    @pytest.mark.parametrize("target", ["203.0.113.7,203.0.113.8", "203.0.113.7\n", "#", ""])
    def test_takes_each_text_for_one_target(self, calls: Calls, pairing: Pairing, target: str) -> None:
        answer = self.many(calls("dana"), pairing, target)

        assert (answer.status, answer.codes) == (422, ["shape"])


class TestLooking:
    def test_shows_one_as_it_is_now(self, calls: Calls, pairing: Pairing) -> None:
        row = make_mitigation(pairing=pairing)
        body = calls("lee").get(f"/mitigations/{row.reference}").body

        assert (body["reference"], body["status"], body["may"]) == (row.reference, "pending", ["approve", "reject"])

    @pytest.mark.parametrize("reference", ["MIT-999999999999999999", "MIT-0", "mit-1", "1", "MIT-9999999999999999999"])
    def test_finds_nothing_where_nothing_is(self, calls: Calls, cast: Cast, reference: str) -> None:
        answer = calls("lee").get(f"/mitigations/{reference}")

        assert (answer.status, answer.body["type"]) == (404, "urn:breakwater:problem:not-found")

    def test_spares_the_body_of_what_has_not_changed(self, calls: Calls, pairing: Pairing) -> None:
        row, lee = make_mitigation(pairing=pairing), calls("lee")
        first = lee.get(f"/mitigations/{row.reference}")
        again = lee.get(f"/mitigations/{row.reference}", If_None_Match=first.headers["ETag"])
        Mitigation.objects.update(status=Status.WITHDRAWN, closed_at=NOW)

        assert (again.status, again.raw.content) == (304, b"")
        assert lee.get(f"/mitigations/{row.reference}", If_None_Match=first.headers["ETag"]).status == 200


class TestListing:
    def test_goes_through_all_of_them_once(self, calls: Calls, pairing: Pairing) -> None:
        made = [make_mitigation(pairing=pairing).reference for _ in range(5)]
        lee, found, cursor = calls("lee"), [], None
        for _ in range(3):
            page = lee.get("/mitigations", {"limit": 2, **({"cursor": cursor} if cursor else {})})
            found += [each["reference"] for each in page.body["items"]]
            cursor = page.body["next"]
            assert ("Link" in page.headers) is (cursor is not None)

        assert (found, cursor) == (made[::-1], None)

    def test_follows_the_link_to_the_next_page(self, calls: Calls, pairing: Pairing) -> None:
        for number in (7, 8, 9):
            make_mitigation(pairing=pairing, target=f"203.0.113.{number}/32")
        lee = calls("lee")
        first = lee.get("/mitigations", {"limit": 2, "target": "203.0.113.0/24", "how": "inside", "order": "target"})
        link = first.headers["Link"].partition(">")[0].removeprefix("</api/v1")

        assert [each["target"] for each in lee.get(link).body["items"]] == ["203.0.113.9/32"]

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ({"status": ["pending", "active"]}, 2),
            ({"status": "active"}, 1),
            ({"by": "dana"}, 3),
            ({"by": "nobody"}, 0),
            ({"target": "203.0.113.0/24"}, 3),
            ({"target": "203.0.113.1/32", "how": "exactly"}, 1),
            ({"since": "2026-11-23T03:00:00Z"}, 3),
            ({"until": "2026-11-23T04:00:00+01:00"}, 0),
            ({"approved_by": "lee"}, 1),
        ],
    )
    def test_shows_what_the_filters_let_through(
        self, calls: Calls, pairing: Pairing, query: dict[str, Any], count: int
    ) -> None:
        for number, status in enumerate((Status.PENDING, Status.ACTIVE, Status.WITHDRAWN), 1):
            make_mitigation(status, pairing=pairing, target=f"203.0.113.{number}/32")

        assert len(calls("lee").get("/mitigations", query).body["items"]) == count

    @pytest.mark.parametrize(
        "query",
        [
            {"stauts": "active"},
            {"status": "done"},
            {"limit": 0},
            {"limit": 101},
            {"limit": 2**70},
            {"cursor": "nowhere"},
            {"cursor": "ä"},
            {"cursor": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"},
            {"target": "203.0.113.7/24"},
            {"target": "\x00"},
            {"platform": 2**63},
            {"since": "yesterday"},
            {"since": "2026-11-23T03:00:00"},
            {"since": "0001-01-01T00:00:00+23:59"},
            {"since": "2026-11-23T03:00:00Z", "until": "2026-11-23T03:00:00Z"},
            {"by": "\x00"},
        ],
    )
    def test_says_what_is_wrong_with_the_address(self, calls: Calls, cast: Cast, query: dict[str, Any]) -> None:
        answer = calls("lee").get("/mitigations", query)

        assert (answer.status, answer.headers["Content-Type"]) == (422, "application/problem+json")
        assert answer.body["findings"][0]["pointer"].startswith("query:")

    def test_asks_the_database_a_constant_number_of_times(
        self, calls: Calls, pairing: Pairing, django_assert_num_queries: Any
    ) -> None:
        lee = calls("lee")
        lee.get("/me")
        for count in (2, 20):
            for number in range(count):
                make_mitigation(Status.ACTIVE, pairing=pairing, target=f"203.0.113.{count + number}/32")
            with django_assert_num_queries(QUERIES_OF_A_LIST):
                assert len(lee.get("/mitigations").body["items"]) >= count


QUERIES_OF_A_LIST = 8
