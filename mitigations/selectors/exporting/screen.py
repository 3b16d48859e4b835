"""The columns of a list as cells of a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from audit.spreadsheet import Value
from mitigations.models import Mitigation
from mitigations.policies.approval import Verdict
from mitigations.policies.columns import Column


def cell(mitigation: Mitigation, column: Column) -> Value:
    """What stands in this column, in words or as a time; `mitigation` as `selectors.mitigations.shown` gives it."""
    return _CELLS[column](mitigation)


def approvers(mitigation: Mitigation) -> str:
    """Who has approved it, by name."""
    found = [each.decided_by.username for each in mitigation.decisions.all() if each.verdict == Verdict.APPROVE]
    return ", ".join(found)


def teams(mitigation: Mitigation) -> str:
    """The teams of whoever asked, as they are now."""
    return ", ".join(str(each) for each in mitigation.requested_by.teams.all())


def _observed(mitigation: Mitigation) -> str | None:
    sighting: Any = getattr(mitigation, "sighting", None)
    return sighting.label if sighting else None


_CELLS: Mapping[Column, Callable[[Mitigation], Value]] = {
    Column.REFERENCE: lambda one: one.reference,
    Column.TARGET: lambda one: one.target,
    Column.PLATFORM: lambda one: one.pairing.platform.name,
    Column.METHOD: lambda one: one.pairing.method.name,
    Column.STATUS: lambda one: one.status,
    Column.OBSERVED: _observed,
    Column.TIME: lambda one: one.closed_at or one.ends_at,
    Column.ASKED_BY: lambda one: one.requested_by.username,
    Column.ASKED_AT: lambda one: one.requested_at,
    Column.TEAM: teams,
    Column.APPROVED_BY: approvers,
    Column.TICKET: lambda one: one.ticket,
    Column.REASON: lambda one: one.reason,
    Column.COMMENT: lambda one: one.comment,
    Column.DURATION: lambda one: one.minutes,
    Column.STARTED_AT: lambda one: one.started_at,
    Column.ENDED_AT: lambda one: one.closed_at,
    Column.NOTE: lambda one: one.status_note,
}
