"""docs/rules.md is what the code answers, and leaves nothing out."""

from __future__ import annotations

import pytest

from mitigations.policies.rule_checks import Group, flaws
from mitigations.policies.rules import Condition, requirement
from tests.docs import examples, rulebook
from tests.docs.test_documents import ROOT, guardrail_codes
from tests.policies.strategies import CONDITIONS

FOUND_BY_READING = {"not-canonical"}


def test_the_page_is_what_the_code_answers() -> None:
    written = (ROOT / "docs" / "rules.md").read_text()

    assert written == rulebook.page() + "\n", "Run .venv/bin/python -m tests.docs.rulebook > docs/rules.md"


@pytest.mark.parametrize("kind", CONDITIONS)
def test_shows_what_a_condition_matches_and_what_it_does_not(kind: type[Condition]) -> None:
    shown = [(each, requests) for each, requests in examples.CONDITIONS if isinstance(each, kind)]

    assert shown
    assert all({each.holds(request) for request in requests} == {True, False} for each, requests in shown)


@pytest.mark.parametrize("code", sorted(guardrail_codes() - FOUND_BY_READING))
def test_shows_where_a_guardrail_speaks_and_where_it_is_silent(code: str) -> None:
    found = [{finding.code for finding in example.findings} for example in examples.GUARDRAILS[code]]

    assert {code in each for each in found} == {True, False}


def test_shows_every_rule_of_its_rulebook_deciding_and_none() -> None:
    places = {requirement(examples.RULES, each, examples.NAMES).rule for each in examples.REQUESTS}

    assert places == {None, *range(1, len(examples.RULES) + 1)}


def test_publishes_in_its_examples_only_rules_with_nothing_wrong() -> None:
    groups = dict.fromkeys((None, examples.NOC, examples.WEB), Group(approvers=9, askers=9))

    assert flaws(examples.RULES, groups=groups, names=examples.NAMES) == ()


@pytest.mark.parametrize("code", ["shadowed", "impossible", "group-too-small", "group-tight", "not-canonical"])
def test_shows_every_other_code(code: str) -> None:
    assert f"**{code}**" in rulebook.page() or f"`{code}`" in rulebook.page()
