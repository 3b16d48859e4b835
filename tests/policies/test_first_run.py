from __future__ import annotations

from dataclasses import fields, replace

import pytest

from mitigations.policies.first_run import Known, checklist

NOBODY: frozenset[int] = frozenset()
DONE = Known(
    kentik_accepts=True,
    kentik_refuses=False,
    offers_a_pairing=True,
    has_address_space=True,
    has_rules=True,
    askers=frozenset({1}),
    approvers=frozenset({2}),
    has_an_auditor=True,
    signs_the_log=True,
    knows_its_address=True,
    tells_people=True,
)


def left(known: Known) -> list[str]:
    found = checklist(known)
    return [] if found is None else [step.title for step in found.steps if not step.done]


def test_is_gone_when_all_is_done() -> None:
    assert checklist(DONE) is None


@pytest.mark.parametrize("name", [field.name for field in fields(Known) if field.type == "bool"])
def test_each_thing_that_is_missing_is_one_step(name: str) -> None:
    if name != "kentik_refuses":
        assert len(left(replace(DONE, **{name: False}))) == 1


@pytest.mark.parametrize(
    ("askers", "approvers", "is_left"),
    [({1}, {1}, True), ({1}, NOBODY, True), (NOBODY, {1}, True), ({1, 2}, {1}, False), ({1}, {1, 2}, False)],
)
def test_it_takes_two_people(askers: set[int], approvers: set[int], is_left: bool) -> None:
    known = replace(DONE, askers=frozenset(askers), approvers=frozenset(approvers))
    assert bool(left(known)) is is_left


@pytest.mark.parametrize(
    ("missing", "usable"), [("signs_the_log", True), ("knows_its_address", True), ("has_rules", False)]
)
def test_what_had_better_be_done_does_not_keep_the_portal_from_use(missing: str, usable: bool) -> None:
    found = checklist(replace(DONE, **{missing: False}))
    assert found is not None
    assert found.is_usable is usable


def test_credentials_that_kentik_refuses_are_told_so() -> None:
    found = checklist(replace(DONE, kentik_accepts=False, kentik_refuses=True))
    assert found is not None
    assert "refused" in found.steps[0].why
