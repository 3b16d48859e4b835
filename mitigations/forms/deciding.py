"""Deciding on many requests at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms

from mitigations.forms.mitigation import NoteForm
from mitigations.policies.approval import Verdict


class TogetherForm(NoteForm):
    """`references` are those that were ticked. Whether each can still be decided on is for the service to say."""

    references = forms.MultipleChoiceField(
        label="Requests",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Tick those that you decide on.",
            "invalid_choice": "%(value)s was not asked for together with these.",
        },
    )
    verdict = forms.TypedChoiceField(
        label="Your decision",
        coerce=Verdict,
        widget=forms.HiddenInput,  # the button that is pressed says it
        choices=[(verdict.value, verdict.value) for verdict in Verdict],
        error_messages={"required": "Press one of the two buttons."},
    )
    field_order = ("references", "verdict", "note")

    def __init__(self, *args: Any, of: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(reference, reference) for reference in of]
        cast("forms.MultipleChoiceField", self.fields["references"]).choices = choices

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("verdict") is Verdict.REJECT and not data.get("note"):
            self.add_error("note", "Say why, so that whoever asked can do better.")
        return data
