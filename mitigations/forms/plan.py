"""What administrators type about addresses and teams."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms

from mitigations.forms.mitigation import PrefixField, RequiredNoteForm
from mitigations.forms.uploads import text_of
from mitigations.policies.guardrails import Severity
from mitigations.policies.plan import Part
from mitigations.selectors import plan
from mitigations.services.plan import Entry

SEVERITIES = [(Severity.BLOCK.value, "blocks"), (Severity.REVIEW.value, "asks to look closely")]
# Django takes no larger form; a longer list is a job for the shell.
_LARGEST = 2_000_000

AlarmForm = RequiredNoteForm


class RangeForm(forms.Form):
    ip_cidr = PrefixField(label="Prefix", max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepare(people=[], teams=[])

    def prepare(self, *, people: Iterable[Any], teams: Iterable[Any]) -> None:
        """Take the choices; a list of many rows reads them once for all."""

    @property
    def entry(self) -> Entry:
        raise NotImplementedError


class ProtectedForm(RangeForm):
    severity = forms.ChoiceField(label="What it does", choices=SEVERITIES)
    reason = forms.CharField(max_length=300, help_text="Whoever is stopped by it reads this.")
    owner = forms.TypedChoiceField(coerce=int, help_text="Who can say whether it still holds.")

    def prepare(self, *, people: Iterable[Any], teams: Iterable[Any]) -> None:
        cast(forms.ChoiceField, self.fields["owner"]).choices = [(person.pk, person.username) for person in people]

    @property
    def entry(self) -> Entry:
        data = self.cleaned_data
        values = {"severity": data["severity"], "reason": data["reason"], "owner_id": data["owner"]}
        return Entry(prefix=data["ip_cidr"], values=values)


class SpaceForm(RangeForm):
    teams = forms.TypedMultipleChoiceField(
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text="Who may ask for it. None: everybody who may ask at all.",
    )
    note = forms.CharField(max_length=200, required=False)

    def prepare(self, *, people: Iterable[Any], teams: Iterable[Any]) -> None:
        cast(forms.ChoiceField, self.fields["teams"]).choices = [(team.pk, team.name) for team in teams]

    @property
    def entry(self) -> Entry:
        data = self.cleaned_data
        return Entry(prefix=data["ip_cidr"], values={"note": data["note"]}, team_ids=tuple(data["teams"]))


class TeamForm(forms.Form):
    name = forms.CharField(max_length=60)
    members = forms.TypedMultipleChoiceField(required=False, coerce=int, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(person.pk, f"{person.username} ({person.name})") for person in plan.people()]
        cast(forms.ChoiceField, self.fields["members"]).choices = choices


class SearchForm(forms.Form):
    inside = PrefixField(required=False, max_length=100, label="Overlapping")
    after = forms.IntegerField(required=False, min_value=0, max_value=2**62, widget=forms.HiddenInput)


FORMS: dict[Part, type[RangeForm]] = {Part.PROTECTED: ProtectedForm, Part.SPACE: SpaceForm}


def range_form(part: Part, *args: Any, **kwargs: Any) -> RangeForm:
    form = FORMS[part](*args, **kwargs)
    form.prepare(people=plan.people(), teams=plan.teams())
    return form


class ImportForm(forms.Form):
    """CSV, pasted or as a file. What was pasted stays in the form when it is wrong."""

    text = forms.CharField(
        required=False,
        label="CSV",
        max_length=_LARGEST,
        widget=forms.Textarea(attrs={"rows": 10, "class": "mono", "spellcheck": "false"}),
    )
    file = forms.FileField(required=False, label="or a file", allow_empty_file=True)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        upload = data.get("file")
        if upload is not None:
            data["text"] = text_of(upload, largest=_LARGEST)
        if not data.get("text", "").strip():
            raise forms.ValidationError("Paste the rows, or choose a file.")
        return data
