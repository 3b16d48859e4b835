"""What people look for in the audit log."""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from django import forms

from audit import vocabulary, words
from audit.selectors import Filter

_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ]+(\d{2}:\d{2})(:\d{2})?)?\s*(?:Z|UTC|\+00:00)?", re.ASCII | re.IGNORECASE
)
_REFERENCE = re.compile(r"mit-\d+", re.ASCII | re.IGNORECASE)
_OUTCOMES = [("", "done or refused"), ("done", "done"), ("refused", "refused")]


class MomentField(forms.CharField):
    """A day, a minute or a second in UTC: its first moment, or with `end` the first one after it."""

    widget = forms.TextInput(attrs={"class": "mono", "autocomplete": "off", "placeholder": "2026-11-23 03:00"})

    def __init__(self, *, end: bool = False, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=40, **kwargs)
        self._end = end

    def to_python(self, value: Any) -> Any:
        text = str(super().to_python(value) or "")
        if not text:
            return None
        try:
            first, length = _moment(text)
            return first + length if self._end else first
        except (ValueError, OverflowError):
            sentence = f"“{text}” is no day and no time. Write 2026-11-23, or 2026-11-23 03:00, in UTC."
            raise forms.ValidationError(sentence, code="moment") from None

    def run_validators(self, value: Any) -> None:
        """A time was judged when it was read; the validators of text have nothing to add."""


class LogForm(forms.Form):
    words = forms.CharField(required=False, max_length=200, label="Words")
    person = forms.CharField(required=False, max_length=150, label="By whom")
    deed = forms.ChoiceField(
        required=False, label="Deed", error_messages={"invalid_choice": "“%(value)s” is no deed that the log knows."}
    )
    subject = forms.CharField(required=False, max_length=300, label="Done to")
    since = MomentField(label="From (UTC)")
    until = MomentField(label="Until (UTC)", end=True)
    ip = forms.CharField(
        required=False,
        max_length=100,
        label="From the IP address",
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off"}),
    )
    outcome = forms.ChoiceField(
        required=False,
        choices=_OUTCOMES,
        error_messages={"invalid_choice": "“%(value)s” is no outcome. A deed is done or refused."},
    )
    request = forms.CharField(
        required=False,
        max_length=64,
        label="Request ID",
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off"}),
    )
    review = forms.BooleanField(required=False, label="Needs review")
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
    after = forms.IntegerField(required=False, min_value=0, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [(group, list(deeds.items())) for group, deeds in vocabulary.grouped().items()]
        cast("forms.ChoiceField", self.fields["deed"]).choices = [("", "any"), *groups]

    def clean_words(self) -> str:
        text = str(self.cleaned_data["words"])
        if text and not words.asked(text):
            raise forms.ValidationError(f"“{text}” holds no letter and no digit to look for.", code="no-words")
        return text

    def clean_subject(self) -> str:
        """A reference however it is typed; anything else exactly."""
        text = str(self.cleaned_data["subject"])
        return text.upper() if _REFERENCE.fullmatch(text) else text

    def clean_ip(self) -> str:
        """As events have it: in its shortest form."""
        text = str(self.cleaned_data["ip"])
        try:
            return str(ipaddress.ip_address(text)) if text else ""
        except ValueError:
            raise forms.ValidationError(f"“{text}” is no IP address.", code="ip") from None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and since >= until:
            self.add_error("until", "It lies before the time that “From” has, so nothing can have happened between.")
        return data

    @property
    def filter(self) -> Filter:
        data = self.cleaned_data
        return Filter(
            words=data["words"],
            actor_name=data["person"],
            deed=data["deed"],
            subject=data["subject"],
            ip=data["ip"],
            request_id=data["request"],
            outcome=data["outcome"],
            review=data["review"],
            since=data["since"],
            until=data["until"],
        )

    @property
    def said(self) -> dict[str, str]:
        """What the list is filtered by, by the name of its field, in words."""
        data = self.cleaned_data
        said = {
            name: f"{self.fields[name].label}: {self.data[name]}"
            for name in ("words", "person", "subject", "since", "until", "ip", "request")
            if data[name]
        }
        if data["deed"]:
            said["deed"] = f"Deed: {vocabulary.label(data['deed'])}"
        if data["outcome"]:
            said["outcome"] = f"Only {data['outcome']}"
        if data["review"]:
            said["review"] = "Needs review"
        return said


def _moment(text: str) -> tuple[datetime, timedelta]:
    """The first moment of what is named, and how long that lasts. Raises ValueError."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise ValueError(text)
    day, minute, second = match.groups()
    first = datetime.fromisoformat(f"{date.fromisoformat(day)}T{minute or '00:00'}{second or ''}").replace(tzinfo=UTC)
    if minute is None:
        return first, timedelta(days=1)
    return first, timedelta(minutes=1) if second is None else timedelta(seconds=1)
