from __future__ import annotations

from mitigations.policies.alike import Piles, Said, piled
from mitigations.policies.guardrails import Finding, Severity

RULE = "Needs 1 approval by somebody else."


def protected(target: str, severity: Severity = Severity.REVIEW) -> Finding:
    return Finding(code="protected", severity=severity, sentence=f"{target} touches 192.0.2.0/24, which is protected.")


def said(target: str, *findings: Finding, rule: str = RULE, before: tuple[tuple[str, str], ...] | None = None) -> Said:
    return Said(target=target, rule=rule, findings=findings, before=before)


def pile(*each: Said) -> Piles[Said]:
    return piled(each, lambda one: one)


def targets(piles: Piles[Said]) -> dict[str, list[list[str]]]:
    return {
        name: [[each.target for each in group.members] for group in getattr(piles, name).groups]
        for name in ("blocked", "closely", "clear")
    }


def test_puts_each_where_it_belongs() -> None:
    piles = pile(said("a"), said("b", protected("b")), said("c", protected("c", Severity.BLOCK)))
    assert targets(piles) == {"blocked": [["c"]], "closely": [["b"]], "clear": [["a"]]}
    assert piles.count == 3


def test_says_once_of_several_what_differs_only_by_the_target() -> None:
    [group] = pile(said("a", protected("a")), said("b", protected("b"))).closely.groups
    assert [each.target for each in group.members] == ["a", "b"]
    assert [each.sentence for each in group.said.findings] == ["Each touches 192.0.2.0/24, which is protected."]


def test_says_of_a_single_one_what_was_found() -> None:
    [group] = pile(said("a", protected("a"))).closely.groups
    assert group.said.findings == (protected("a"),)


def test_keeps_apart_what_needs_other_people() -> None:
    piles = pile(said("a"), said("b", rule="Needs 2 approvals."), said("c"))
    assert targets(piles)["clear"] == [["a", "c"], ["b"]]
    assert piles.rules == [(RULE, 2), ("Needs 2 approvals.", 1)]


def test_keeps_apart_what_was_found_only_since_it_was_asked_for() -> None:
    new, old = (
        said("a", protected("a"), before=()),
        said("b", protected("b"), before=(("protected", "b touches 192.0.2.0/24, which is protected."),)),
    )
    assert targets(pile(new, old))["closely"] == [["a"], ["b"]]


def test_tells_once_of_several_what_has_changed() -> None:
    [group] = pile(said("a", protected("a"), before=()), said("b", protected("b"), before=())).closely.groups
    assert [each.sentence for each in group.said.change.appeared] == ["Each touches 192.0.2.0/24, which is protected."]


def test_looks_closely_at_what_no_longer_speaks_against_it() -> None:
    piles = pile(said("a", before=(("protected", "a was protected."),)))
    assert targets(piles)["closely"] == [["a"]]


def test_of_what_was_not_asked_for_nothing_has_changed() -> None:
    assert not said("a", protected("a")).change


def test_a_target_that_begins_like_another_is_not_taken_for_it() -> None:
    other = Finding(code="overlap", severity=Severity.REVIEW, sentence="203.0.113.70/32 is near.")
    assert said("203.0.113.7", other).of_each().findings == (other,)
