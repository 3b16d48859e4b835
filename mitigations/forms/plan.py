"""What administrators type about addresses: one range at a time, or many by CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from django import forms

from mitigations.forms.mitigation import PrefixField, RequiredNoteForm
from mitigations.policies.guardrails import Severity
from mitigations.policies.plan import Part
from mitigations.selectors import plan
from mitigations.services.plan import Entry

SEVERITIES = [(Severity.BLOCK.value, "blocks"), (Severity.REVIEW.value, "asks to look closely")]
_LARGEST = 5_000_000
_MOST_ROWS = 20_000

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
COLUMNS = {Part.PROTECTED: ("prefix", "severity", "reason", "owner"), Part.SPACE: ("prefix", "teams", "note")}


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
            if upload.size > _LARGEST:
                raise forms.ValidationError("The file is larger than 5 MB.")
            try:
                data["text"] = upload.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                raise forms.ValidationError("The file is not UTF-8 text.") from None
        if not data.get("text", "").strip():
            raise forms.ValidationError("Paste the rows, or choose a file.")
        return data


@dataclass(frozen=True, kw_only=True)
class Mistake:
    line: int
    sentence: str


def read(part: Part, text: str) -> tuple[list[Entry], list[Mistake]]:
    """Every row that is right, and every mistake with its line. People and teams go by name: `dana`, `NOC; Web`."""
    people, teams = plan.people(), plan.teams()
    numbers = {
        "owner": {person.username: str(person.pk) for person in people},
        "teams": {team.name: str(team.pk) for team in teams},
    }
    reader = csv.DictReader(io.StringIO(text), strict=True, restkey="")
    entries: list[Entry] = []
    mistakes: list[Mistake] = []
    seen: dict[str, int] = {}
    try:
        if tuple(reader.fieldnames or ()) != COLUMNS[part]:
            return [], [Mistake(line=1, sentence=f"The first line must read: {','.join(COLUMNS[part])}")]
        for row in reader:
            sentences: list[str] = []
            if "" in row or None in row.values():
                sentences.append(f"There must be {len(COLUMNS[part])} values in a row.")
            form = FORMS[part](_numbered(row, numbers, sentences))
            form.prepare(people=people, teams=teams)
            if not sentences and form.is_valid():
                entry = form.entry
                first = seen.setdefault(entry.prefix.text, reader.line_num)
                if first != reader.line_num:
                    sentences.append(f"{entry.prefix.text} stands in line {first} already.")
                entries.append(entry)
            sentences += [
                f"{form.fields[name].label or name}: {error}"
                for name, errors in form.errors.items()
                for error in errors
            ]
            mistakes += [Mistake(line=reader.line_num, sentence=sentence) for sentence in sentences]
            if len(entries) > _MOST_ROWS:
                return [], [Mistake(line=reader.line_num, sentence=f"At most {_MOST_ROWS:,} rows at once.")]
    except csv.Error as error:
        mistakes.append(Mistake(line=reader.line_num, sentence=f"This is no CSV: {error}."))
    return entries, mistakes


def _numbered(row: dict[Any, Any], numbers: dict[str, dict[str, str]], sentences: list[str]) -> dict[str, Any]:
    """The row as the form reads it: names of people and teams as their numbers."""
    data: dict[str, Any] = {str(name): value or "" for name, value in row.items() if name}
    data["ip_cidr"] = data.pop("prefix", "")
    if "owner" in data:
        data["owner"] = _number(data["owner"], "person", numbers["owner"], sentences)
    if "teams" in data:
        names = [name.strip() for name in data["teams"].split(";") if name.strip()]
        data["teams"] = [_number(name, "team", numbers["teams"], sentences) for name in names]
    return data


def _number(name: str, what: str, known: dict[str, str], sentences: list[str]) -> str:
    if name.strip() not in known:
        sentences.append(f"There is no {what} named {name.strip()!r}.")
    return known.get(name.strip(), "")
