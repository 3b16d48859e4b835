"""What is true of the guardrails whatever is asked for, and whatever the plan of addresses says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies import special_purpose
from mitigations.policies.guardrails import (
    Facts,
    Finding,
    Holding,
    Neighbour,
    PairingFacts,
    Protection,
    Severity,
    Terms,
    acted_on,
    blocks,
    judge,
)
from mitigations.policies.network import Prefix, known
from mitigations.policies.special_purpose import BLOCKS, touched
from tests.policies.plans import NOW, PAIRING, Plan
from tests.policies.strategies import durations, nested, part, prefixes

CODES = {
    "retired", "not-offered", "not-linked", "needs-ports", "family", "too-wide", "widened", "special-purpose",
    "outside-address-space", "protected", "duplicate", "overlap", "no-auto-stop", "too-long",
}  # fmt: skip
OF_ADDRESSES = {"too-wide", "special-purpose", "outside-address-space", "protected"}

texts = prefixes().map(lambda prefix: prefix.text)
severities = st.sampled_from((Severity.BLOCK, Severity.REVIEW))
pairings = st.builds(
    PairingFacts,
    name=st.just(PAIRING.name),
    offered=st.booleans(),
    retired=st.booleans(),
    ipv4=st.booleans(),
    ipv6=st.booleans(),
    widest_ipv4=st.integers(0, 32),
    widest_ipv6=st.integers(0, 128),
    widens_to_24=st.booleans(),
    needs_ports=st.booleans(),
    longest_minutes=st.none() | st.sampled_from((1, 30, 60)),
    linked=st.booleans(),
    modified_at=st.none() | st.integers(-5, 5).map(lambda minutes: NOW + timedelta(minutes=minutes)),
)
holdings = st.builds(Holding, prefix=texts, teams=st.just(("NOC",)), usable=st.booleans())
protections = st.builds(
    Protection, prefix=texts, severity=severities, reason=st.just("Resolvers."), owner=st.text(min_size=1)
)
neighbours = st.builds(Neighbour, reference=st.integers(1).map("MIT-{}".format), target=texts, status=st.just("active"))


def some(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=4).map(tuple)


# No two open mitigations have the same target.
several = st.lists(neighbours, max_size=4, unique_by=lambda each: each.target).map(tuple)
plans = st.builds(Plan, pairing=pairings, spaces=some(holdings), protected=some(protections), others=several)
any_facts = st.builds(
    Facts,
    pairing=pairings,
    at=st.just(NOW),
    taken_by=st.none() | st.just("MIT-7"),
    space_defined=st.booleans(),
    holdings=some(holdings),
    protections=some(protections),
    neighbours=some(neighbours),
)


def codes(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.code for finding in findings}


# --- Whatever is asked ----------------------------------------------------------------------------------------------


@given(prefixes(), durations, any_facts)
def test_judges_anything_without_raising_and_says_it_in_sentences(target: Prefix, minutes: int, facts: Facts) -> None:
    findings = judge(Terms(target=target, minutes=minutes), facts)

    assert codes(findings) <= CODES
    assert all(finding.sentence.strip() and isinstance(finding.severity, Severity) for finding in findings)
    assert all(finding.mend for finding in blocks(findings))


@given(prefixes(), durations, any_facts)
def test_judges_the_same_twice(target: Prefix, minutes: int, facts: Facts) -> None:
    terms = Terms(target=target, minutes=minutes)

    assert judge(terms, facts) == judge(replace(terms), replace(facts))


@given(prefixes(), durations, any_facts)
def test_blocks_with_all_of_its_blocks_in_order(target: Prefix, minutes: int, facts: Facts) -> None:
    findings = judge(Terms(target=target, minutes=minutes), facts)

    assert [*blocks(findings)] == [finding for finding in findings if finding.severity == "block"]


# --- A wider target -------------------------------------------------------------------------------------------------


@given(nested(), plans)
def test_loses_no_block_by_asking_for_more(pair: tuple[Prefix, Prefix], plan: Plan) -> None:
    """But `duplicate`: another exact target is another mitigation, and overlaps instead."""
    narrow, wide = pair

    lost = codes(blocks(plan.judged(narrow))) - codes(blocks(plan.judged(wide)))

    assert lost <= {"duplicate"}


@given(nested(), plans)
def test_touches_no_less_that_is_protected_by_asking_for_more(pair: tuple[Prefix, Prefix], plan: Plan) -> None:
    narrow, wide = (_protected(plan, each) for each in pair)

    assert narrow <= wide


def _protected(plan: Plan, target: Prefix) -> set[tuple[str, Severity]]:
    """By their owners, whom the mend names: the sentence names the target as well."""
    return {(finding.mend, finding.severity) for finding in plan.judged(target) if finding.code == "protected"}


@given(nested(), plans)
def test_meets_no_fewer_others_by_asking_for_more(pair: tuple[Prefix, Prefix], plan: Plan) -> None:
    narrow, wide = ({finding.collides for finding in plan.judged(each)} - {""} for each in pair)

    assert narrow <= wide


@given(prefixes(), plans)
def test_judges_a_method_that_widens_as_if_the_24_had_been_asked_for(target: Prefix, plan: Plan) -> None:
    widening = replace(plan, pairing=replace(plan.pairing, widens_to_24=True))
    plain = replace(plan, pairing=replace(plan.pairing, widens_to_24=False))
    whole = target.widened(24) if target.family == 4 else target

    assert _of_addresses(widening.judged(target)) == _of_addresses(plain.judged(whole))


def _of_addresses(findings: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in findings if finding.code in OF_ADDRESSES]


@given(prefixes(), pairings)
def test_acts_on_the_target_and_on_its_24_where_the_method_widens(target: Prefix, pairing: PairingFacts) -> None:
    wide = acted_on(target, pairing)

    assert wide.contains(target)
    assert (wide == target) is (not pairing.widens_to_24 or target.family == 6 or target.length <= 24)
    assert wide == target or wide.length == 24


@given(prefixes(), plans)
def test_says_so_wherever_it_widens(target: Prefix, plan: Plan) -> None:
    assert ("widened" in codes(plan.judged(target))) is (acted_on(target, plan.pairing) != target)


# --- One guardrail at a time ----------------------------------------------------------------------------------------


@given(nested(), severities, st.booleans())
def test_sees_a_protected_prefix_inside_the_target_and_around_it(
    pair: tuple[Prefix, Prefix], severity: Severity, around: bool
) -> None:
    target, protected = pair if around else pair[::-1]
    entry = Protection(prefix=protected.text, severity=severity, reason="Resolvers.", owner="max")

    assert ("protected", severity) in {(each.code, each.severity) for each in Plan(protected=(entry,)).judged(target)}


@given(prefixes(), prefixes())
def test_lets_a_protected_prefix_elsewhere_alone(target: Prefix, protected: Prefix) -> None:
    entry = Protection(prefix=protected.text, severity=Severity.BLOCK, reason="Resolvers.", owner="max")
    one, other = ip_network(target.text), ip_network(protected.text)
    shared = one.version == other.version and one.overlaps(other)  # type: ignore[arg-type]

    assert ("protected" in codes(Plan(protected=(entry,)).judged(target))) is shared


@given(prefixes(), plans)
def test_uses_only_what_is_linked_and_was_provisioned_three_minutes_ago(target: Prefix, plan: Plan) -> None:
    changed_at = plan.pairing.modified_at
    ready = changed_at is None or changed_at <= NOW - timedelta(minutes=3)

    assert ("not-linked" in codes(plan.judged(target))) is not (plan.pairing.linked and ready)


@given(prefixes(), plans)
def test_is_too_wide_exactly_where_what_is_acted_on_is_wider_than_the_pairing_allows(
    target: Prefix, plan: Plan
) -> None:
    widest = plan.pairing.widest_ipv4 if target.family == 4 else plan.pairing.widest_ipv6

    assert ("too-wide" in codes(plan.judged(target))) is (acted_on(target, plan.pairing).length < widest)


@given(prefixes(), plans)
def test_stays_inside_the_address_space_of_whoever_asks(target: Prefix, plan: Plan) -> None:
    wide = acted_on(target, plan.pairing)
    usable = any(each.usable and known(each.prefix).contains(wide) for each in plan.spaces)

    assert ("outside-address-space" in codes(plan.judged(target))) is (plan.spaces != () and not usable)


@given(prefixes(), plans)
def test_lets_special_addresses_pass_only_where_the_address_space_names_them(target: Prefix, plan: Plan) -> None:
    wide = acted_on(target, plan.pairing)
    usable = any(each.usable and known(each.prefix).contains(wide) for each in plan.spaces)

    assert ("special-purpose" in codes(plan.judged(target))) is (touched(wide) != () and not usable)


@given(prefixes(), st.integers(0, 2000), st.none() | st.integers(1, 1440))
def test_runs_no_longer_than_the_pairing_allows(target: Prefix, minutes: int, longest: int | None) -> None:
    plan = Plan(pairing=replace(PAIRING, longest_minutes=longest))

    stopped = {"too-long", "no-auto-stop"} & codes(blocks(plan.judged(target, minutes)))

    assert bool(stopped) is (longest is not None and not 1 <= minutes <= longest)


@given(prefixes(), plans)
def test_takes_an_exact_target_for_a_duplicate_and_any_other_for_an_overlap(target: Prefix, plan: Plan) -> None:
    wide = acted_on(target, plan.pairing)
    meeting = [each for each in plan.others if known(each.target).overlaps(wide)]
    findings = plan.judged(target)

    assert ("duplicate" in codes(findings)) is any(each.target == target.text for each in meeting)
    assert [each.collides for each in findings if each.code == "overlap"] == [
        each.reference for each in meeting if each.target != target.text
    ]


# --- Special-purpose blocks -----------------------------------------------------------------------------------------


@st.composite
def near_special(draw: st.DrawFn) -> Prefix:
    """Inside a block of the registries, around it, or itself."""
    block = draw(st.sampled_from(BLOCKS)).prefix
    return part(draw, block) if draw(st.booleans()) else block.widened(draw(st.integers(0, block.length)))


@given(near_special(), st.integers(0, 128))
def test_touches_no_less_that_is_special_by_asking_for_more(target: Prefix, length: int) -> None:
    assert set(touched(target)) <= set(touched(target.widened(length)))


@given(near_special())
def test_touches_what_the_nearest_block_around_a_single_address_says(target: Prefix) -> None:
    host = known(str(ip_network(target.text).network_address))
    around = [block for block in BLOCKS if _holds(block.prefix, host)]
    nearest = sorted(around, key=lambda block: block.prefix.length)[-1:]

    assert touched(host) == tuple(block for block in nearest if not block.reachable)


@given(near_special())
def test_touches_every_block_that_lies_inside_unless_it_is_reachable(target: Prefix) -> None:
    inside = {block for block in BLOCKS if _holds(target, block.prefix) and not block.reachable}

    assert inside <= set(touched(target))


@given(near_special())
def test_touches_nothing_that_is_reachable_or_elsewhere(target: Prefix) -> None:
    assert all(block.prefix.overlaps(target) and not block.reachable for block in touched(target))


def _holds(whole: Prefix, piece: Prefix) -> bool:
    one, other = ip_network(whole.text), ip_network(piece.text)
    return one.version == other.version and other.subnet_of(one)  # type: ignore[arg-type]


@pytest.mark.parametrize("block", special_purpose.BLOCKS, ids=lambda block: block.prefix.text)
def test_blocks_a_special_target_that_no_address_space_names(block: special_purpose.Block) -> None:
    assert ("special-purpose" in codes(Plan().judged(block.prefix))) is (touched(block.prefix) != ())
