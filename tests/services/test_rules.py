from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from audit import ledger
from audit.models import Event
from audit.refusal import Conflict, Forbidden, Unacceptable
from mitigations.models import Draft, Rulebook, Team
from mitigations.policies.network import known
from mitigations.policies.rules import Condition, Inside, NoAutoStop, Rule, as_json
from mitigations.selectors import rules as reading
from mitigations.services import rules
from tests.making import NOW, make_rule, make_rulebook
from tests.people import Cast, acting

NET = Inside(known("203.0.113.0/24"))


def drafted(cast: Cast, *because: str) -> Draft:
    """A draft with a rule for each reason, none of which covers another."""
    for place, reason in enumerate(because):
        add(cast.max, make_rule(reason, Inside(known(f"198.51.100.{place}/32"))))
    return reading.draft()


def add(by: User, rule: Rule, revision: int | None = None) -> Draft:
    seen = reading.draft().revision if revision is None else revision
    return rules.add(rule=rule, revision=seen, by=acting(by), at=NOW)


def publish(by: User, *, note: str = "As agreed on Monday.", revision: int | None = None) -> Rulebook:
    seen = reading.draft().revision if revision is None else revision
    return rules.publish(revision=seen, note=note, by=acting(by), at=NOW)


def order() -> list[str]:
    return [rule.because for rule in reading.draft().parsed]


def test_begins_with_the_rules_in_force(cast: Cast) -> None:
    make_rulebook(make_rule("it is big"))

    assert order() == ["it is big"]


def test_adds_a_rule_at_the_end(cast: Cast) -> None:
    drafted(cast, "first")

    add(cast.max, make_rule("second", NoAutoStop()))

    assert order() == ["first", "second"]
    assert reading.draft().edited_by == cast.max


@pytest.mark.parametrize(
    ("place", "to", "expected"), [(1, 3, "bca"), (3, 1, "cab"), (2, 1, "bac"), (2, 3, "acb"), (2, 2, "abc")]
)
def test_moves_a_rule_and_keeps_the_order_of_the_others(cast: Cast, place: int, to: int, expected: str) -> None:
    draft = drafted(cast, *"abc")

    rules.move(place=place, to=to, revision=draft.revision, by=acting(cast.max), at=NOW)

    assert "".join(order()) == expected


def test_replaces_a_rule_in_its_place(cast: Cast) -> None:
    draft = drafted(cast, *"abc")

    rules.replace(place=2, rule=make_rule("x", NET), revision=draft.revision, by=acting(cast.max), at=NOW)

    assert order() == ["a", "x", "c"]


def test_removes_a_rule(cast: Cast) -> None:
    draft = drafted(cast, *"abc")

    rules.remove(place=2, revision=draft.revision, by=acting(cast.max), at=NOW)

    assert order() == ["a", "c"]


def test_starts_over_from_what_is_in_force(cast: Cast) -> None:
    make_rulebook(make_rule("it is big"))
    draft = drafted(cast, "a")

    rules.start_over(revision=draft.revision, by=acting(cast.max), at=NOW)

    assert order() == ["it is big"]


EDITS: list[Callable[[dict[str, Any]], object]] = [
    lambda seen: rules.add(rule=make_rule("x"), **seen),
    lambda seen: rules.replace(place=1, rule=make_rule("x"), **seen),
    lambda seen: rules.remove(place=1, **seen),
    lambda seen: rules.move(place=1, to=2, **seen),
    lambda seen: rules.start_over(**seen),
    lambda seen: rules.publish(note="Because.", **seen),
]


@pytest.mark.parametrize("edit", EDITS)
def test_refuses_an_edit_of_a_draft_that_somebody_has_edited_since(cast: Cast, edit: Callable[..., object]) -> None:
    draft = drafted(cast, *"ab")

    with pytest.raises(Conflict, match="edited the draft since"):
        edit({"revision": draft.revision - 1, "by": acting(cast.max), "at": NOW})

    assert order() == ["a", "b"]
    assert not Rulebook.objects.exists()


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("name", ["dana", "lee", "ana", "eve"])
def test_refuses_whoever_is_no_administrator(cast: Cast, name: str, edit: Callable[..., object]) -> None:
    draft = drafted(cast, *"ab")

    with pytest.raises(Forbidden):
        edit({"revision": draft.revision, "by": acting(getattr(cast, name)), "at": NOW})

    assert order() == ["a", "b"]
    assert Event.objects.filter(actor_name=name, outcome="refused").count() == 1


def test_takes_no_more_rules_than_a_person_can_survey(cast: Cast) -> None:
    Draft.objects.create(rules=as_json([make_rule("x")] * 50))

    with pytest.raises(Unacceptable, match="50 rules"):
        add(cast.max, make_rule("one more"))


def test_publishes_versions_that_are_numbered(cast: Cast) -> None:
    drafted(cast, "a")
    publish(cast.max)
    add(cast.max, make_rule("b", NET))
    publish(cast.max)

    assert [(book.number, len(book.parsed)) for book in reading.versions()] == [(2, 2), (1, 1)]


def test_records_what_was_published_and_what_was_before(cast: Cast) -> None:
    drafted(cast, "a")
    publish(cast.max, note="As agreed.")

    event = Event.objects.get(deed="rules.published")
    assert (event.subject, event.facts["count"], event.facts["before"]) == ("version 1 of the rules", 1, [])
    assert [rule["because"] for rule in event.facts["rules"]] == ["a"]
    assert event.details["note"] == "As agreed."


@pytest.mark.parametrize(
    ("conditions", "sentence"),
    [
        ([(), (NET,)], "Rule 2 never decides"),
        ([(NoAutoStop(),), (NoAutoStop(), NET)], "Rule 2 never decides"),
    ],
)
def test_publishes_no_rule_that_an_earlier_one_shadows(
    cast: Cast, conditions: list[tuple[Condition, ...]], sentence: str
) -> None:
    for when in conditions:
        add(cast.max, make_rule("x", *when))

    with pytest.raises(Unacceptable, match=sentence):
        publish(cast.max)

    assert not Rulebook.objects.exists()


def test_publishes_no_rule_that_nobody_could_ever_meet(cast: Cast) -> None:
    security = Team.objects.create(name="Security")
    security.members.set([cast.lee, cast.dana])
    add(cast.max, make_rule("x", team=security.pk))

    with pytest.raises(Unacceptable, match="there is 1 active approver in Security"):
        publish(cast.max)


def test_publishes_what_has_flaws_that_are_not_fatal(cast: Cast) -> None:
    cast.lee.groups.add(*cast.dana.groups.all())
    add(cast.max, make_rule("x", approvals=2))

    assert publish(cast.max).number == 1


def test_publishes_nothing_that_is_in_force_already(cast: Cast) -> None:
    drafted(cast, "a")
    publish(cast.max)

    with pytest.raises(Conflict, match="in force already"):
        publish(cast.max)


def test_publishes_nothing_without_a_reason(cast: Cast) -> None:
    drafted(cast, "a")

    with pytest.raises(Unacceptable, match="Say what changes"):
        publish(cast.max, note="")


def test_publishes_nothing_when_the_event_cannot_be_written(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    drafted(cast, "a")

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError("the log is full")

    monkeypatch.setattr(ledger, "append", fail)
    with pytest.raises(OSError, match="full"):
        publish(cast.max)

    assert not Rulebook.objects.exists()
