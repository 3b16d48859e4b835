"""Deciding on many requests at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms

from mitigations.forms.mitigation import NoteForm
from mitigations.policies.approval import Verdict


class TogetherForm(NoteForm):
    """`references` are those that the page showed: what was asked for since is not decided unseen."""

    references = forms.MultipleChoiceField(
        label="Requests",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick those that you decide on."},
    )
    verdict = forms.TypedChoiceField(
        label="Your decision",
        coerce=Verdict,
        widget=forms.RadioSelect,
        choices=[(Verdict.APPROVE.value, "Approve them"), (Verdict.REJECT.value, "Reject them")],
    )
    field_order = ("references", "verdict", "note")

    def __init__(self, *args: Any, open_ones: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(reference, reference) for reference in open_ones]
        cast("forms.MultipleChoiceField", self.fields["references"]).choices = choices

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("verdict") is Verdict.REJECT and not data.get("note"):
            self.add_error("note", "Say why, so that whoever asked can do better.")
        return data
