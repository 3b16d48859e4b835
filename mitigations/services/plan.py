"""Editing the plan of addresses: whose they are, and which must not be touched."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from accounts import managing
from accounts.authority import Actor, Deed, demand
from audit.canonical import Fact
from audit.ledger import recorded
from audit.refusal import Conflict, Objection, Unacceptable
from mitigations.models import AddressSpace, Alarm, Mitigation, ProtectedPrefix, Team
from mitigations.models.axis import place
from mitigations.policies.lifecycle import IN_FORCE
from mitigations.policies.network import Prefix
from mitigations.policies.plan import Part
from mitigations.selectors.plan import MODELS, Range
from mitigations.services import counting, events


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A range as a form has read it. `values` are the other columns; `team_ids` only an address space has."""

    prefix: Prefix
    values: Mapping[str, Any]
    team_ids: tuple[int, ...] = ()


def save(*, part: Part, id: int | None, entry: Entry, by: Actor, at: datetime) -> Range:
    """Add a range, or change the one with this ID.

    A protected prefix raises an alarm for each live mitigation that it touches. Raises Conflict for one that is there.
    """
    with recorded(events.PLAN_SAVED, subject=entry.prefix.text, by=by.author, at=at) as record:
        record.facts = {"what": part.words, "values": _facts(entry)}
        demand(by, Deed.EDIT_PLAN)
        saved = _write(part, id, entry)
        record.facts |= {"alarms": _raise_alarms([saved], at=at)}
    return saved


def delete(*, part: Part, id: int, by: Actor, at: datetime) -> None:
    with recorded(events.PLAN_DELETED, subject=part.value, by=by.author, at=at) as record:
        record.facts = {"what": part.words}
        demand(by, Deed.EDIT_PLAN)
        going = MODELS[part]._default_manager.select_for_update().get(pk=id)
        record.subject = going.prefix
        going.delete()


def import_entries(*, part: Part, entries: Iterable[Entry], by: Actor, at: datetime) -> int:
    """Add every entry, changing those whose prefix is there already, or none; how many. What is not named stays."""
    entries = list(entries)
    with recorded(events.PLAN_IMPORTED, subject=part.value, by=by.author, at=at) as record:
        record.facts = {"what": part.words, "rows": len(entries), "values": [_facts(entry) for entry in entries]}
        demand(by, Deed.EDIT_PLAN)
        ids = dict(MODELS[part]._default_manager.values_list("prefix", "pk"))
        saved = [_write(part, ids.get(entry.prefix.text), entry) for entry in entries]
        record.facts |= {"alarms": _raise_alarms(saved, at=at)}
    return len(entries)


def save_team(*, id: int | None, name: str, member_ids: Collection[int], by: Actor, at: datetime) -> Team:
    with recorded(events.PLAN_SAVED, subject=f"team “{name}”", by=by.author, at=at) as record:
        record.facts = {"what": "approving", "alarms": 0}
        demand(by, Deed.EDIT_PLAN)
        managing.administering(by=by)
        team = Team() if id is None else Team.objects.select_for_update().get(pk=id)
        if Team.objects.filter(name=name).exclude(pk=team.pk).exists():
            raise Unacceptable([Objection(code="name", sentence=f"There is a team named {name} already.")])
        team.name = name
        team.save()
        changed = set(member_ids) ^ set(team.members.values_list("pk", flat=True))
        with counting.followed(record, changed):
            team.members.set(member_ids)
        record.facts |= {"members": sorted(team.members.values_list("username", flat=True))}
    return team


def settle_alarm(*, id: int, by: Actor, note: str, at: datetime) -> Alarm:
    """Say what was done about it, or why nothing need be."""
    with recorded(events.ALARM_SETTLED, subject="an alarm", by=by.author, at=at) as record:
        alarm = Alarm.objects.select_for_update().get(pk=id)
        record.subject = alarm.mitigation.reference
        record.facts, record.detail = {"sentence": alarm.sentence}, {"note": note}
        demand(by, Deed.SETTLE_ALARM)
        if alarm.settled_at is not None:
            raise Conflict([Objection(code="settled", sentence="Somebody has settled this alarm already.")])
        if not note:
            raise Unacceptable([Objection(code="note-needed", sentence="Say what was done, or why nothing need be.")])
        alarm.settled_by_id, alarm.settled_at, alarm.note = by.id, at, note
        alarm.save()
    return alarm


def _write(part: Part, id: int | None, entry: Entry) -> Range:
    columns = {"prefix": entry.prefix.text, **place(entry.prefix), **entry.values}
    saved = MODELS[part]() if id is None else MODELS[part]._default_manager.select_for_update().get(pk=id)
    for name, value in columns.items():
        setattr(saved, name, value)
    try:
        saved.save()
    except IntegrityError as error:
        sentence = f"{entry.prefix.text} is in the list already."
        raise Conflict([Objection(code="prefix", sentence=sentence)]) from error
    if isinstance(saved, AddressSpace):
        saved.teams.set(entry.team_ids)
    return saved


def _raise_alarms(saved: Iterable[Range], *, at: datetime) -> int:
    raised = [
        Alarm(
            mitigation=mitigation,
            sentence=f"{mitigation.target} is live and touches {each.prefix}, which is protected: {each.reason}"[:400],
            raised_at=at,
        )
        for each in saved
        if isinstance(each, ProtectedPrefix)
        for mitigation in Mitigation.objects.open().filter(status__in=IN_FORCE).overlapping(each.network)
    ]
    return len(Alarm.objects.bulk_create(raised))


def _facts(entry: Entry) -> dict[str, Fact]:
    values: dict[str, Fact] = {name: str(value) for name, value in entry.values.items()}
    return {"prefix": entry.prefix.text, **values, "teams": list(entry.team_ids)}
