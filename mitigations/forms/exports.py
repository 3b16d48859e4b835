"""What somebody wants to take out of the portal: which kind of thing, which of them, and how it is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from django import forms
from django.http import QueryDict

from mitigations.forms.addresses import as_offered
from mitigations.forms.audit import LogForm, MomentField
from mitigations.forms.filtering import FilterForm
from mitigations.policies.budget import Purpose
from mitigations.selectors import exporting
from mitigations.selectors.exporting import ExchangeFilter, Format, Source, What

_REFERENCE = re.compile(r"\s*MIT-([1-9][0-9]{0,17})\s*", re.ASCII | re.IGNORECASE)
# As exchanges have them, whether something was to be done or to be read.
_OUTCOMES = ("accepted", "read", "refused", "throttled", "unknown", "not-sent", "absent", "failed")
# Where a list goes on from is no part of what it is filtered by.
PLACES = frozenset({"before", "after"})


class FormatForm(forms.Form):
    format = forms.TypedChoiceField(
        label="As",
        coerce=Format,
        widget=forms.RadioSelect,
        initial=Format.NDJSON,
        choices=[
            (Format.NDJSON.value, "NDJSON: for programs, and to be verified"),
            (Format.CSV.value, "CSV: for spreadsheets and for people"),
        ],
    )


class ExchangeForm(forms.Form):
    since = MomentField(label="From (UTC)", help_text="As 2026-11-23, or 2026-11-23 03:00.")
    until = MomentField(label="Until (UTC)", end=True)
    mitigation = forms.CharField(required=False, max_length=25, label="About the mitigation")
    purpose = forms.ChoiceField(
        required=False, label="To", choices=[("", "any"), *((each.value, each.value) for each in Purpose)]
    )
    outcome = forms.ChoiceField(required=False, choices=[("", "any"), *((each, each) for each in _OUTCOMES)])

    def clean_mitigation(self) -> int | None:
        text = str(self.cleaned_data["mitigation"])
        if not text:
            return None
        match = _REFERENCE.fullmatch(text)
        if match is None:
            raise forms.ValidationError(f"“{text}” is no reference. One reads MIT-42.", code="reference")
        return int(match[1])

    @property
    def filter(self) -> ExchangeFilter:
        return ExchangeFilter(**self.cleaned_data)


Wanted: TypeAlias = LogForm | ExchangeForm | FilterForm
FILTERS: Mapping[What, type[Wanted]] = {
    What.EVENTS: LogForm,
    What.EXCHANGES: ExchangeForm,
    What.MITIGATIONS: FilterForm,
}


def what(text: str) -> What:
    """The kind of thing that is named; events when nothing sensible is."""
    return What(text) if text in What.values else What.EVENTS


def source(form: Wanted) -> Source:
    """What a valid filter lets through."""
    match form:
        case LogForm():
            return exporting.Events(form.filter)
        case ExchangeForm():
            return exporting.Exchanges(form.filter)
    return exporting.Mitigations(form.filter)


def in_words(what: What, text: str) -> list[str]:
    """What a filter says, a sentence each; none where everything is wanted."""
    fields, data = FILTERS[what].base_fields, QueryDict(text)
    return [
        f"{fields[name].label or name.capitalize()}: {', '.join(as_offered(fields[name], data.getlist(name)))}"
        for name in data
    ]
