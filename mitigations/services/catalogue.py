"""Editing what people may choose. Each change is one event that names the fields and their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import F

from accounts.authority import Actor, Deed, demand
from audit.canonical import Fact
from audit.ledger import recorded
from audit.refusal import Conflict, Objection, Unacceptable
from mitigations.models import Method, Pairing, Platform
from mitigations.policies import catalogue
from mitigations.policies.catalogue import Kind, What
from mitigations.selectors import kentik
from mitigations.selectors.catalogue import MODELS, Thing
from mitigations.services import events

Values: TypeAlias = Mapping[str, Any]

# What a thing is, set when it is created and never after.
_IDENTITY = frozenset({"kentik_id", "platform_id", "method_id"})


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of an import: a pairing, with its platform and method as Kentik knows them."""

    line: int
    platform: Values
    method: Values
    pairing: Values


def save(*, what: What, id: int | None, values: Values, by: Actor, at: datetime) -> Thing:
    """Create a platform, method or pairing, or change the one with this ID.

    Raises Unacceptable with what is wrong with the values, and Conflict when somebody else was faster. What
    something is (Kentik's ID; a pairing's platform and method) is set when it is created and never after.
    """
    with recorded(events.CATALOGUE_SAVED, subject=what.value, by=by.author, at=at) as record:
        demand(by, Deed.EDIT_CATALOGUE)
        thing = MODELS[what]() if id is None else _locked(what, id)
        before = {} if id is None else _values(thing)
        _assign(thing, values)
        _settle(thing)
        record.subject = _subject(thing)
        record.facts = {"values": _values(thing), "before": before}
        _store(thing)
        if wrong := _mismatches():
            raise Unacceptable(wrong)
    return thing


def retire(*, what: What, id: int, by: Actor, at: datetime) -> Thing:
    """Offer it no more. Mitigations that used it keep naming it."""
    return _set_retired(what, id, at, deed=events.CATALOGUE_RETIRED, by=by, at=at)


def restore(*, what: What, id: int, by: Actor, at: datetime) -> Thing:
    return _set_retired(what, id, None, deed=events.CATALOGUE_RESTORED, by=by, at=at)


def import_rows(*, rows: Iterable[Row], by: Actor, at: datetime) -> int:
    """Create or update every row, or none; how many there were. Pairings that no row names stay as they are.

    Raises Unacceptable with every line that is wrong.
    """
    rows = list(rows)
    with recorded(events.CATALOGUE_IMPORTED, subject="catalogue", by=by.author, at=at) as record:
        record.facts = {"rows": len(rows)}
        demand(by, Deed.EDIT_CATALOGUE)
        wrong: list[Objection] = []
        pairings: list[Fact] = []
        for row in rows:
            try:
                pairings.append(_values(_import(row)))
            except Unacceptable as refusal:
                wrong += [Objection(code=str(row.line), sentence=each.sentence) for each in refusal.objections]
        wrong += [Objection(code="0", sentence=each.sentence) for each in _mismatches()]
        if wrong:
            raise Unacceptable(wrong)
        record.facts |= {"pairings": pairings}
    return len(rows)


def _import(row: Row) -> Pairing:
    platform = Platform.objects.filter(kentik_id=row.platform["kentik_id"]).first() or Platform()
    method = Method.objects.filter(kentik_id=row.method["kentik_id"]).first() or Method()
    for thing, values in ((platform, row.platform), (method, row.method)):
        _assign(thing, values)
        _store(thing)
    pairing = Pairing.objects.filter(platform=platform, method=method).first() or Pairing()
    _assign(pairing, {**row.pairing, "platform_id": platform.pk, "method_id": method.pk})
    _store(pairing)
    return pairing


def _assign(thing: Thing, values: Values) -> None:
    """Set the values and let the model judge them. Raises Unacceptable."""
    for name, value in values.items():
        if thing.pk and name in _IDENTITY and getattr(thing, name) != value:
            sentence = "It cannot be changed. Retire this one and add another."
            raise Unacceptable([Objection(code=name, sentence=sentence)])
        setattr(thing, name, value)
    try:
        thing.full_clean()
    except ValidationError as error:
        raise Unacceptable(list(_objections(error))) from error


def _store(thing: Thing) -> None:
    """Raises Conflict when somebody else was faster with the same; the model has judged everything else before."""
    try:
        thing.save()
    except IntegrityError as error:
        sentence = f"Somebody added {_subject(thing)} in the same moment."
        raise Conflict([Objection(code="same-moment", sentence=sentence)]) from error


def _settle(thing: Thing) -> None:
    """Whoever saves a pairing has looked at it. Raises Unacceptable when it is offered and nobody has said for what."""
    if isinstance(thing, Pairing):
        if wrong := catalogue.offer(offered=thing.offered, effect=thing.effect):
            raise Unacceptable(wrong)
        thing.review_since = None
        # Without V6 nobody reads what Kentik links, so the word of whoever looked there counts.
        thing.linked = thing.linked or not kentik.is_on()


def _mismatches() -> list[Objection]:
    """Pairings, any at all, whose platform and method are not of one type: Kentik links no such thing."""
    linked = Pairing.objects.select_related("platform", "method").filter(linked=True)
    pairings = linked.exclude(platform__kind=F("method__kind"))
    return [
        objection
        for pairing in pairings
        for objection in catalogue.match(Kind(pairing.platform.kind), Kind(pairing.method.kind))
    ]


def _objections(error: ValidationError) -> Iterable[Objection]:
    for field, sentences in error.message_dict.items():
        for sentence in sentences:
            yield Objection(code=field, sentence=sentence)


def _set_retired(what: What, id: int, retired_at: datetime | None, *, deed: str, by: Actor, at: datetime) -> Thing:
    with recorded(deed, subject=what.value, by=by.author, at=at) as record:
        demand(by, Deed.EDIT_CATALOGUE)
        thing = _locked(what, id)
        record.subject = _subject(thing)
        if (thing.retired_at is None) == (retired_at is None):
            sentence = "It is retired already." if retired_at else "It is not retired."
            raise Conflict([Objection(code="not-now", sentence=sentence)])
        thing.retired_at = retired_at
        thing.save()
    return thing


def _locked(what: What, id: int) -> Thing:
    return MODELS[what]._default_manager.select_for_update().get(pk=id)


def _subject(thing: Thing) -> str:
    return f"{thing._meta.verbose_name} “{thing}”"


def _values(thing: Thing) -> dict[str, Fact]:
    return {
        field.name: _fact(getattr(thing, field.attname))
        for field in thing._meta.concrete_fields
        if not field.primary_key
    }


def _fact(value: object) -> Fact:
    return value if isinstance(value, str | int | None) else str(value)
