from __future__ import annotations

import pytest

from mitigations.forms.deciding import TogetherForm
from mitigations.policies.approval import Verdict


def form(**typed: object) -> TogetherForm:
    return TogetherForm({"references": ["MIT-1"], "verdict": "approve", **typed}, of=["MIT-1", "MIT-2"])


def test_says_what_is_decided_on_and_how() -> None:
    said = {"references": ["MIT-1", "MIT-2"], "note": "Seen.", "shown": "MIT-1 a MIT-2 b"}
    decided = form(**said)
    assert decided.is_valid()
    assert decided.cleaned_data == {**said, "verdict": Verdict.APPROVE}


def test_needs_something_to_be_ticked() -> None:
    assert form(references=[]).errors == {"references": ["Tick those that you mean."]}


@pytest.mark.parametrize("reference", ["MIT-3", "MIT-01", "fish", ""])
def test_refuses_what_was_not_asked_for_together_with_these(reference: str) -> None:
    assert form(references=["MIT-1", reference]).errors == {"references": [f"{reference} is none of these."]}


@pytest.mark.parametrize("verdict", ["", "maybe", "APPROVE"])
def test_needs_one_of_the_two_buttons(verdict: str) -> None:
    assert list(form(verdict=verdict).errors) == ["verdict"]


@pytest.mark.parametrize("note", ["", "  \r\n"])
def test_rejects_only_with_a_note(note: str) -> None:
    assert form(verdict="reject", note=note).errors == {"note": ["Say why, so that whoever asked can do better."]}


def test_approves_without_a_note() -> None:
    assert form().is_valid()
