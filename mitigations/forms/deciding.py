"""A deed on many requests at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms

from mitigations.forms.listing import ListForm
from mitigations.forms.mitigation import NoteForm
from mitigations.forms.searching import named
from mitigations.policies.approval import Verdict


class ChosenForm(forms.Form):
    """`references` are those that were ticked. Whether it can still be done to each is for the service to say."""

    references = forms.MultipleChoiceField(
        label="Requests",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Tick those that you mean.",
            "invalid_choice": "%(value)s is none of these.",
        },
    )
    # The words for what stood on the page of each. The page writes them anew each time.
    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, of: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(reference, reference) for reference in of]
        cast("forms.MultipleChoiceField", self.fields["references"]).choices = choices


class TogetherForm(ChosenForm, NoteForm):
    """One of two decisions on those that were asked for at once."""

    verdict = forms.TypedChoiceField(
        label="Your decision",
        coerce=Verdict,
        widget=forms.HiddenInput,  # the button that is pressed says it
        choices=[(verdict.value, verdict.value) for verdict in Verdict],
        error_messages={"required": "Press one of the two buttons."},
    )
    field_order = ("references", "verdict", "note")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("verdict") is Verdict.REJECT and not data.get("note"):
            self.add_error("note", "Say why, so that whoever asked can do better.")
        return data


class SelectionForm(ListForm):
    """The rows of a list that somebody has ticked, and the list that they stand in."""

    references = forms.Field(required=False, widget=forms.MultipleHiddenInput)

    def clean_references(self) -> list[str]:
        """Those that are references, each once."""
        texts = self.cleaned_data["references"] or []
        return list(dict.fromkeys(found for text in texts if (found := named(text))))
