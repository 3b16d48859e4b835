"""What a list of mitigations shows, and for which time a report speaks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from django import forms
from django.utils import timezone

from mitigations.forms.addresses import as_offered
from mitigations.forms.searching import RELATIONS, SAID, Relation, SoughtField
from mitigations.policies.durations import BUCKETS, Step, Took, took
from mitigations.policies.lifecycle import Status
from mitigations.policies.periods import Kind, Period, containing, parse
from mitigations.selectors import catalogue, plan
from mitigations.selectors.filtering import NO_TEAM, Filter

# Looked for by reckoning with each one that was asked for in the time, so the time is bounded.
_LONGEST_TIME = timedelta(days=31)
_FIRST_DAY, _LAST_DAY = date(2000, 1, 3), date(2999, 12, 29)


class UtcField(forms.DateTimeField):
    """A time of UTC, whatever the time zone of the site: "2026-11-25T03:00", or a day alone for its beginning."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"})

    def to_python(self, value: Any) -> datetime | None:
        with timezone.override(UTC):
            return super().to_python(value)


class FilterForm(forms.Form):
    status = forms.TypedMultipleChoiceField(
        required=False, coerce=Status, choices=[(status.value, status.value) for status in Status]
    )
    target = SoughtField(required=False, max_length=100, label="Address or prefix")
    how = forms.TypedChoiceField(
        required=False,
        label="Show",
        coerce=Relation,
        empty_value=Relation.OVERLAPPING,
        choices=[(relation.value, words) for relation, words in RELATIONS.items()],
    )
    platform = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    method = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    by = forms.CharField(required=False, max_length=150, label="Asked by")
    ticket = forms.CharField(required=False, max_length=100, label="Ticket begins with")
    team = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, label="Asked by somebody of")
    since = UtcField(required=False, label="Asked for since (UTC)")
    until = UtcField(required=False, label="Asked for before (UTC)")
    approved_by = forms.CharField(required=False, max_length=150)
    rejected_by = forms.CharField(required=False, max_length=150)
    took = forms.TypedChoiceField(required=False, coerce=took, empty_value=None, label="A step took")
    live_at = UtcField(required=False, label="In force at (UTC)")
    glass = forms.BooleanField(required=False, label="Only with broken glass")

    FIRST = ("platform", "method", "by")
    MORE = ("ticket", "team", "since", "until", "approved_by", "rejected_by", "took", "live_at", "glass")

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(_outspoken(data), **kwargs)
        self._offer("platform", [(each.pk, each.name) for each in catalogue.platforms()])
        self._offer("method", [(each.pk, each.name) for each in catalogue.methods()])
        self._offer("team", [*plan.team_names().items(), (NO_TEAM, "no team")])
        self._offer("took", _steps())

    def _offer(self, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = [("", "any"), *choices]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and since >= until:
            self.add_error("until", "It must lie after the beginning.")
        if data.get("took") and not (since and until and until - since <= _LONGEST_TIME):
            self.add_error("took", f"Say since when and before when as well, {_LONGEST_TIME.days} days at most.")
        return data

    @property
    def shown(self) -> list[forms.BoundField]:
        """The fields that are seen first."""
        return [self[name] for name in self.FIRST]

    @property
    def more(self) -> list[forms.BoundField]:
        """The fields that are wanted now and then."""
        return [self[name] for name in self.MORE]

    @property
    def uses_more(self) -> bool:
        return any(self[name].data or self[name].errors for name in self.MORE)

    @property
    def has_wrong_filters(self) -> bool:
        """Whether something is wrong with anything but the prefix."""
        return any(self[name].errors for name in ("status", *self.FIRST, *self.MORE))

    @property
    def said(self) -> dict[str, str]:
        """What is looked for, by the name of its field, in words."""
        said = {name: self._words(name) for name in ("status", *self.FIRST, *self.MORE) if self[name].data}
        if self[name := "target"].data:
            return {name: SAID[Relation(self["how"].data)].format(self[name].data), **said}
        return said

    def _words(self, name: str) -> str:
        field, values = self.fields[name], self[name].data
        if isinstance(field, forms.BooleanField):
            return str(self[name].label)
        told = as_offered(field, values if isinstance(values, list) else [values])
        return f"{self[name].label}: {', '.join(told)}"

    @property
    def filter(self) -> Filter:
        data = self.cleaned_data
        return Filter(
            statuses=tuple(data["status"]),
            platform_id=data["platform"],
            method_id=data["method"],
            requester=data["by"],
            ticket=data["ticket"],
            team_id=data["team"],
            approved_by=data["approved_by"],
            rejected_by=data["rejected_by"],
            **{data["how"]: data["target"] or None},
            since=data["since"],
            until=data["until"],
            glass=data["glass"],
            took=data["took"],
            live_at=data["live_at"],
        )


def _outspoken(data: Any) -> Any:
    """Which relation is meant, where the address does not say: links from before it was asked mean what overlaps.

    Without a prefix there is none.
    """
    if data is None or bool(data.get("target")) == bool(data.get("how")):
        return data
    said = data.copy()
    if data.get("target"):
        said["how"] = Relation.OVERLAPPING.value
    else:
        del said["how"]
    return said


def _steps() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every length of every step, under the name of the step."""
    return [(step.words, [(str(Took(step=step, bucket=bucket)), bucket.words) for bucket in BUCKETS]) for step in Step]


class PeriodForm(forms.Form):
    """A period by its name, or the one of a kind that holds a day; this month when neither is said."""

    period = forms.CharField(required=False, max_length=10)
    kind = forms.TypedChoiceField(required=False, coerce=Kind, choices=[(kind.value, kind.value) for kind in Kind])
    on = forms.DateField(required=False, label="Go to a day (UTC)", widget=forms.DateInput(attrs={"type": "date"}))

    def clean_period(self) -> Period | None:
        text = self.cleaned_data["period"]
        if not text:
            return None
        if (found := parse(text)) is None:
            sentence = f"“{text}” names no period. A day reads 2026-11-25, a week 2026-W48, a month 2026-11."
            raise forms.ValidationError(sentence)
        return found

    def clean_on(self) -> date | None:
        day: date | None = self.cleaned_data["on"]
        if day is not None and not _FIRST_DAY <= day <= _LAST_DAY:
            raise forms.ValidationError("Choose a day between 2000 and 2999.")
        return day

    def chosen(self, *, at: datetime) -> Period:
        """The period that is meant; while something is wrong, this month."""
        data = self.cleaned_data if self.is_valid() else {}
        if data.get("period"):
            return cast("Period", data["period"])
        kind = data.get("kind") or Kind.MONTH
        day: date | None = data.get("on")
        return containing(kind, datetime(day.year, day.month, day.day, tzinfo=UTC) if day else at)
