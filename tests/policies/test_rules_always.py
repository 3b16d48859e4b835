"""What is true of the rules of approval whatever they say, and which rule covers which."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mitigations.policies import rules as policy
from mitigations.policies.approval import STANDARD
from mitigations.policies.network import known
from mitigations.policies.rules import (
    Asked,
    AskedByTeam,
    ByMethod,
    Condition,
    Inside,
    LongerThan,
    NeedsALook,
    NoAutoStop,
    OnPlatform,
    Rule,
    WiderThan,
)
from tests.policies.strategies import CONDITIONS, anything_asked, asked_under, looser, rulebooks, rules
from tests.policies.test_rules import HOST, NET_24, NOC, WEB, needed, rule


def test_draws_every_kind_of_condition() -> None:
    kinds = {each for each in vars(policy).values() if isinstance(each, type) and hasattr(each, "covers")}

    assert kinds - {Rule, Condition} == set(CONDITIONS)


@given(rulebooks, anything_asked())
def test_is_decided_by_the_first_rule_that_matches_or_by_none(book: list[Rule], request: Asked) -> None:
    places = [place for place, each in enumerate(book, start=1) if not each.unmet(request)]

    assert needed(request, *book).rule == (places[0] if places else None)


@given(st.data(), rulebooks, rules(), rulebooks)
def test_is_not_changed_by_what_comes_after_the_rule_that_matches(
    data: st.DataObject, before: list[Rule], deciding: Rule, after: list[Rule]
) -> None:
    request = data.draw(asked_under(deciding))
    assume(deciding.matches(request))
    others = data.draw(st.permutations([*after, *data.draw(rulebooks)]))

    assert needed(request, *before, deciding, *after) == needed(request, *before, deciding, *others)


@given(st.data(), rulebooks, rules())
def test_is_not_changed_by_rules_that_do_not_match(data: st.DataObject, book: list[Rule], deciding: Rule) -> None:
    request = data.draw(asked_under(deciding))
    silent = [each for each in book if not each.matches(request)]
    alone, among = needed(request, deciding), needed(request, *silent, deciding)

    assert (among.approvals, among.team, among.waits) == (alone.approvals, alone.team, alone.waits)


@given(rulebooks, anything_asked())
def test_is_one_approval_exactly_where_nothing_matches(book: list[Rule], request: Asked) -> None:
    assert (needed(request, *book) == STANDARD) is not any(each.matches(request) for each in book)


@given(rulebooks, anything_asked(), st.sampled_from(["by_their_publisher", "by_a_source"]))
def test_asks_of_their_publisher_and_of_a_source_for_one_approval_at_least_and_never_for_fewer(
    book: list[Rule], request: Asked, who: str
) -> None:
    free = replace(request, by_their_publisher=False)
    own, other = needed(replace(free, **{who: True}), *book), needed(free, *book)  # type: ignore[arg-type]

    assert own.approvals == max(other.approvals, 1)
    assert (own.rule, own.waits) == (other.rule, other.waits)


@given(rules(), anything_asked())
def test_names_in_unmet_exactly_what_keeps_it_from_matching(each: Rule, request: Asked) -> None:
    assert each.matches(request) is (each.unmet(request) == ())
    assert set(each.unmet(request)) == {condition for condition in each.when if not condition.holds(request)}


# --- Which rule covers which ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "covers"),
    [
        (Inside(known(NET_24)), Inside(known(HOST)), True),
        (Inside(known(NET_24)), Inside(known(NET_24)), True),
        (Inside(known(HOST)), Inside(known(NET_24)), False),
        (Inside(known("::/0")), Inside(known(HOST)), False),
        (WiderThan(28, 64), WiderThan(28, 64), True),
        (WiderThan(28, 64), WiderThan(24, 48), True),
        (WiderThan(28, 64), WiderThan(29, 64), False),
        (WiderThan(28, 64), WiderThan(28, 65), False),
        (LongerThan(60), LongerThan(60), True),
        (LongerThan(60), LongerThan(61), True),
        (LongerThan(60), LongerThan(59), False),
        (LongerThan(60), NoAutoStop(), True),
        (NoAutoStop(), LongerThan(60), False),
        (NoAutoStop(), NoAutoStop(), True),
        (OnPlatform("257"), OnPlatform("257"), True),
        (OnPlatform("257"), OnPlatform("258"), False),
        (OnPlatform("257"), ByMethod("257"), False),
        (ByMethod("775"), ByMethod("775"), True),
        (ByMethod("775"), ByMethod("776"), False),
        (AskedByTeam(NOC), AskedByTeam(NOC), True),
        (AskedByTeam(NOC), AskedByTeam(WEB), False),
        (NeedsALook(), NeedsALook(), True),
        (NeedsALook(), NoAutoStop(), False),
    ],
)
def test_covers_a_condition_that_never_holds_without_it(one: Condition, other: Condition, covers: bool) -> None:
    assert one.covers(other) is covers


@pytest.mark.parametrize(
    ("one", "other", "covers"),
    [
        ((), (), True),
        ((), (NoAutoStop(),), True),
        ((NoAutoStop(),), (), False),
        ((NoAutoStop(),), (NoAutoStop(), NeedsALook()), True),
        ((NoAutoStop(), NeedsALook()), (NoAutoStop(),), False),
        ((LongerThan(60), NeedsALook()), (NeedsALook(), NoAutoStop()), True),
    ],
)
def test_covers_a_rule_when_each_of_its_conditions_is_met_by_the_other(
    one: tuple[Condition, ...], other: tuple[Condition, ...], covers: bool
) -> None:
    assert rule(*one).covers(rule(*other)) is covers


@given(st.data(), rules(), rules())
def test_matches_whatever_is_matched_by_a_rule_that_it_covers(data: st.DataObject, one: Rule, other: Rule) -> None:
    loose = data.draw(looser(other).map(lambda when: replace(one, when=when)) | st.just(one))
    request = data.draw(asked_under(other))

    assert not (loose.covers(other) and other.matches(request)) or loose.matches(request)


@given(st.data(), st.sampled_from(list(CONDITIONS)), st.sampled_from(list(CONDITIONS)))
def test_holds_wherever_a_condition_holds_that_it_covers(
    data: st.DataObject, kind: type[Condition], other_kind: type[Condition]
) -> None:
    one, other = data.draw(CONDITIONS[kind]), data.draw(CONDITIONS[other_kind])
    request = data.draw(asked_under(rule(other)))

    assert not (one.covers(other) and other.holds(request)) or one.holds(request)


@given(st.data(), rules())
def test_covers_every_rule_that_is_stricter(data: st.DataObject, strict: Rule) -> None:
    assert replace(strict, when=data.draw(looser(strict))).covers(strict)


@given(rules())
def test_covers_itself(each: Rule) -> None:
    assert each.covers(each)
