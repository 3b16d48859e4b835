"""The columns of a list as cells of a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from audit.spreadsheet import Value
from mitigations.models import Mitigation
from mitigations.policies.approval import Verdict
from mitigations.policies.columns import Column
from mitigations.policies.lifecycle import Status


def heads(column: Column) -> tuple[str, ...]:
    """What stands over the cells of this column."""
    return tuple(_columns(column))


def cells(mitigation: Mitigation, column: Column) -> tuple[Value, ...]:
    """What stands in this column, in words or as a time; `mitigation` as `selectors.mitigations.shown` gives it."""
    return tuple(_shown(cell(mitigation)) for cell in _columns(column).values())


def _columns(column: Column) -> Mapping[str, Callable[[Mitigation], Value]]:
    return _APART.get(column) or {column.words: _CELLS[column]}


def _shown(value: Value) -> Value:
    """Times in UTC, to the second."""
    return value.astimezone(UTC).isoformat(timespec="seconds") if isinstance(value, datetime) else value


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


def _ends(mitigation: Mitigation) -> datetime | None:
    """The auto-stop that lies ahead."""
    return None if mitigation.closed_at else mitigation.ends_at


def _ended(mitigation: Mitigation) -> datetime | None:
    """When what had been in force was over: what was rejected, say, never ended."""
    return mitigation.closed_at if mitigation.status in _ENDED else None


_ENDED = frozenset({Status.ENDED, Status.STOPPED})
_CELLS: Mapping[Column, Callable[[Mitigation], Value]] = {
    Column.REFERENCE: lambda one: one.reference,
    Column.TARGET: lambda one: one.target,
    Column.PLATFORM: lambda one: one.pairing.platform.name,
    Column.METHOD: lambda one: one.pairing.method.name,
    Column.STATUS: lambda one: one.status,
    Column.OBSERVED: _observed,
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
# On the screen one word tells which time it is; a file has a column for each.
_APART: Mapping[Column, Mapping[str, Callable[[Mitigation], Value]]] = {Column.TIME: {"Ends": _ends, "Ended": _ended}}
