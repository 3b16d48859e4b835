from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit import ledger
from audit.models import Event
from audit.refusal import Conflict, Forbidden, Unacceptable
from mitigations.models import Decision, Mitigation
from mitigations.policies.approval import Verdict
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import known
from mitigations.policies.rules import NeedsALook
from mitigations.selectors import mitigations
from mitigations.services import approvals, requests, together
from mitigations.services.requests import Wanted
from mitigations.services.together import Undone
from tests.making import NOW, make_mitigation, make_pairing, make_protected, make_rule, make_rulebook
from tests.people import Cast, acting, make_person

THREE = ("203.0.113.1/32", "203.0.113.2/32", "2001:db8::/64")


def wanted(*targets: str, **pairing: Any) -> list[Wanted]:
    chosen = make_pairing(**pairing).pk
    terms = {"pairing_id": chosen, "minutes": 60, "comment": "", "reason": "Carpet bombing since 02:50."}
    return [Wanted(target=known(target), **terms) for target in targets]


def ask(by: User, *targets: str, **pairing: Any) -> list[Mitigation]:
    return together.ask_all(wanted=wanted(*targets, **pairing), by=acting(by), at=NOW)


def decide(by: User, made: Sequence[Mitigation], verdict: Verdict = Verdict.APPROVE, note: str = "") -> list[Undone]:
    references = [each.reference for each in made]
    decide = approvals.approve if verdict is Verdict.APPROVE else approvals.reject
    return together.do_all(decide, references=references, by=acting(by), note=note, at=NOW)


def statuses(made: Sequence[Mitigation]) -> list[str]:
    return [Mitigation.objects.get(pk=each.pk).status for each in made]


def test_makes_one_request_for_each_target(cast: Cast) -> None:
    made = ask(cast.dana, *THREE)

    assert [each.target for each in made] == list(THREE)
    assert {each.status for each in made} == {Status.PENDING}
    assert [each.asked_with for each in made] == [None, made[0], made[0]]
    assert mitigations.together(made[0].reference) == made


def test_tells_of_all_of_them_and_of_each(cast: Cast) -> None:
    made = ask(cast.dana, *THREE)

    events = list(Event.objects.order_by("number").values_list("deed", "subject"))
    assert events == [
        ("mitigation.asked-together", made[0].reference),
        *(("mitigation.asked", each.reference) for each in made),
    ]


def test_gives_each_the_event_that_it_would_have_had_alone(cast: Cast) -> None:
    alone = requests.ask(wanted=wanted(THREE[0])[0], by=acting(cast.dana), at=NOW)
    requests.withdraw(reference=alone.reference, by=acting(cast.dana), note="", at=NOW)
    made = ask(cast.dana, *THREE)

    first, again = (Event.objects.get(subject=each.reference, deed="mitigation.asked") for each in (alone, made[0]))
    assert first.facts == again.facts
    assert first.details.keys() == again.details.keys()


def test_makes_none_when_one_of_them_is_blocked(cast: Cast) -> None:
    make_protected("203.0.113.2/32", owner=cast.max)

    with pytest.raises(Unacceptable, match="protected"):
        ask(cast.dana, *THREE)

    assert not Mitigation.objects.exists()
    event = Event.objects.get()
    assert (event.deed, event.outcome) == ("mitigation.asked-together", "refused")


@pytest.mark.parametrize("name", ["lee", "ana", "max", "eve"])
def test_refuses_whoever_is_no_requester(cast: Cast, name: str) -> None:
    with pytest.raises(Forbidden):
        ask(getattr(cast, name), *THREE)

    assert not Mitigation.objects.exists()


def test_judges_each_beside_the_others_of_the_list(cast: Cast) -> None:
    make_rulebook(make_rule("they overlap", NeedsALook()))

    wide, inside, apart = ask(cast.dana, "203.0.113.0/24", "203.0.113.7/32", "198.51.100.7/32")

    assert [each.approvals_needed for each in (wide, inside, apart)] == [2, 2, 1]
    assert inside.findings_when_asked[0]["sentence"] == (
        "It overlaps 203.0.113.0/24, which is asked for together with it."
    )


def test_finds_what_overlaps_only_once_it_is_widened(cast: Cast) -> None:
    first, second = ask(cast.dana, "203.0.113.1/32", "203.0.113.2/32", ipv6=False, widens_to_24=True)

    for each in (first, second):
        assert "overlap" in [finding["code"] for finding in each.findings_when_asked]


def test_refuses_what_nobody_could_ever_agree_to(cast: Cast) -> None:
    make_rulebook(make_rule("it is huge", approvals=3))
    rob = make_person("rob", ["requester"])

    with pytest.raises(Unacceptable) as refusal:
        ask(rob, *THREE)

    assert [objection.code for objection in refusal.value.objections] == ["beyond-reach"]


def test_makes_none_when_one_was_asked_for_in_the_same_moment(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    many = wanted(*THREE)
    judged = together.judge_all(many, by=acting(cast.dana), at=NOW)
    make_mitigation(target=THREE[1])

    def as_judged_before(wanted: Sequence[Wanted], **values: Any) -> object:
        return judged

    monkeypatch.setattr(together, "judge_all", as_judged_before)
    with pytest.raises(Conflict, match="in the same moment"):
        together.ask_all(wanted=many, by=acting(cast.dana), at=NOW)

    assert Mitigation.objects.count() == 1


def test_makes_none_when_an_event_cannot_be_written(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    append, written = ledger._append, []

    def fail_at_the_third(record: ledger.Record, *rest: Any, **values: Any) -> object:
        written.append(record)
        if len(written) == 3:
            raise OSError("the log is full")
        return append(record, *rest, **values)

    monkeypatch.setattr(ledger, "_append", fail_at_the_third)
    with pytest.raises(OSError, match="full"):
        ask(cast.dana, *THREE)

    assert not Mitigation.objects.exists()
    assert not Event.objects.exists()


def test_judges_many_in_as_many_queries_as_few(cast: Cast) -> None:
    def queries(count: int) -> int:
        many = wanted(*(f"203.0.113.{number}/32" for number in range(count)))
        with CaptureQueriesContext(connection) as captured:
            together.judge_all(many, by=acting(cast.dana), at=NOW)
        return len(captured)

    assert queries(3) == queries(200)


def test_decides_on_each_with_a_decision_and_an_event_of_its_own(cast: Cast) -> None:
    made = ask(cast.dana, *THREE)

    assert decide(cast.lee, made) == []

    assert statuses(made) == [Status.APPROVED] * 3
    assert Decision.objects.filter(decided_by=cast.lee).count() == 3
    assert Event.objects.filter(deed="mitigation.approved").count() == 3


def test_decides_on_single_ones(cast: Cast) -> None:
    made = ask(cast.dana, *THREE)

    decide(cast.lee, made[1:2], Verdict.REJECT, note="Not this one.")

    assert statuses(made) == [Status.PENDING, Status.REJECTED, Status.PENDING]


def test_tells_which_a_decision_did_not_reach_and_decides_on_the_others(cast: Cast) -> None:
    made = ask(cast.dana, *THREE)
    requests.withdraw(reference=made[1].reference, by=acting(cast.dana), note="", at=NOW)

    [missed] = decide(cast.lee, made)

    assert (missed.reference, [each.code for each in missed.objections]) == (made[1].reference, ["not-now"])
    assert statuses(made) == [Status.APPROVED, Status.WITHDRAWN, Status.APPROVED]


def test_nobody_decides_on_their_own_by_way_of_many(cast: Cast) -> None:
    both = make_person("pat", ["requester", "approver"])
    made = ask(both, *THREE)

    assert len(decide(both, made)) == 3

    assert statuses(made) == [Status.PENDING] * 3
