"""What auditors type about the log, and what whoever they ask answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms

from audit import vocabulary
from mitigations.policies.reviewing import Step
from mitigations.selectors.reviews import Shown

_WORDS = {
    Shown.OPEN: "to review",
    Shown.MINE: "mine",
    Shown.ASKED: "asked",
    Shown.FOLLOW_UP: "to follow up",
    Shown.CLOSED: "closed",
}
_CONCERN = "concern"
_VERDICTS = [("ok", "It is in order"), (_CONCERN, "It is a concern")]
_MOST = 2**62


def _text(label: str, missing: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": missing},
        help_text=help_text,
    )


class InboxForm(forms.Form):
    show = forms.TypedChoiceField(
        required=False, coerce=Shown, empty_value=Shown.OPEN, choices=[(each.value, _WORDS[each]) for each in Shown]
    )
    kind = forms.ChoiceField(label="What happened", required=False)
    after = forms.IntegerField(required=False, min_value=1, max_value=_MOST)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(concern.code, concern.words) for concern in vocabulary.concerns()]
        cast("forms.ChoiceField", self.fields["kind"]).choices = [("", "anything"), *kinds]


class TakeForm(forms.Form):
    """`held_by` is whoever had it when the page was looked at: two who press at once do not take it from each other."""

    held_by = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)


class GiveBackForm(forms.Form):
    pass


class NoteForm(forms.Form):
    note = _text("A note", "Write what is to be noted.")


class AskForm(forms.Form):
    of = forms.TypedChoiceField(label="Whom", coerce=int, error_messages={"required": "Say whom you ask."})
    note = _text("What you want to know", "Write what you want to know.", "They are told by mail, and answer here.")

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "choose somebody"), *people]
        cast("forms.TypedChoiceField", self.fields["of"]).choices = choices


class CloseForm(forms.Form):
    concern = forms.TypedChoiceField(
        label="What you found",
        coerce=lambda verdict: verdict == _CONCERN,
        choices=_VERDICTS,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it is in order."},
    )
    note = _text("In your words", "Write what you looked at, and what you found.")
    follow_up_on = forms.DateField(
        label="Look again on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="For a concern: the day (UTC) by which somebody looks whether it was mended.",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("concern") is False and data.get("follow_up_on"):
            self.add_error("follow_up_on", "Only a concern is looked at again.")
        return data


class FollowUpForm(forms.Form):
    note = _text("What has become of it", "Write what has become of it.")


class AnswerForm(forms.Form):
    note = _text("Your answer", "Write your answer.")


class SignOffForm(forms.Form):
    """`head` is the hash of the last event of the period, as it was when the page was looked at."""

    head = forms.CharField(max_length=64, widget=forms.HiddenInput)
    statement = _text("What you sign, in your words", "Say in words what you sign.")
    name_open = forms.BooleanField(label="Name what is still to be reviewed in the sign-off", required=False)


class CountersignForm(forms.Form):
    note = _text("What you looked at", "Say what you looked at.")


FORMS: Mapping[Step, type[forms.Form]] = {
    Step.TAKE: TakeForm,
    Step.GIVE_BACK: GiveBackForm,
    Step.NOTE: NoteForm,
    Step.ASK: AskForm,
    Step.CLOSE: CloseForm,
    Step.FOLLOW_UP: FollowUpForm,
}
