"""Saving lists under a name.

What somebody keeps for themselves is their own taste, and no event; what stands above everybody's list is a deed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.authority import Actor, Deed, demand, may
from audit.ledger import Record, recorded
from audit.refusal import Forbidden, Objection, Unacceptable
from mitigations.models import SavedList
from mitigations.selectors.saved import MOST
from mitigations.services import events


def save(*, id: int | None, name: str, query: str, shared: bool, by: Actor, at: datetime) -> SavedList:
    """Keep a list under a name, or change the one with this ID; an empty `query` leaves what it shows.

    Raises Forbidden where it is somebody else's, or shared and this person may not share; Unacceptable, named for the
    value, for a name that they have given already, or where they have saved too many.
    """
    demand(by, Deed.VIEW)
    assert by.id is not None, "only people save lists"
    saved = SavedList(owner_id=by.id) if id is None else SavedList.objects.get(pk=id)
    with _deed(events.LIST_SHARED, name, by=by, at=at, is_one=shared or saved.shared) as record:
        record.facts = {"whose": "for everybody" if shared else "for its owner alone"}
        record.detail = {"query": query or saved.query, "before": saved.query}
        if id is not None:
            saved = SavedList.objects.select_for_update().get(pk=id)
        _permit(saved, shared=shared, by=by)
        _room(saved, shared=shared)
        saved.name, saved.query, saved.shared, saved.saved_at = name, query or saved.query, shared, at
        _write(saved)
    return saved


def delete(*, id: int, by: Actor, at: datetime) -> str:
    """Forget it; its name. Whoever has its address still sees the same list."""
    demand(by, Deed.VIEW)
    saved = SavedList.objects.get(pk=id)
    with _deed(events.LIST_DELETED, saved.name, by=by, at=at, is_one=saved.shared):
        _permit(saved, shared=saved.shared, by=by)
        saved.delete()
    return saved.name


def against(saved: SavedList, *, by: Actor) -> tuple[Objection, ...]:
    """What stands against changing it: a shared one is for whoever may share, any other for its owner."""
    if saved.shared:
        return may(by, Deed.SHARE_LISTS)
    return () if saved.owner_id == by.id else (_NOT_YOURS,)


@contextmanager
def _deed(deed: str, name: str, *, by: Actor, at: datetime, is_one: bool) -> Iterator[Record]:
    if is_one:
        with recorded(deed, subject=name, by=by.author, at=at) as record:
            yield record
    else:
        with transaction.atomic(durable=True):
            yield Record(deed=deed, subject=name, by=by.author, at=at)


def _permit(saved: SavedList, *, shared: bool, by: Actor) -> None:
    if shared:
        demand(by, Deed.SHARE_LISTS)
    if saved.pk is not None and (objections := against(saved, by=by)):
        raise Forbidden(objections)


def _room(saved: SavedList, *, shared: bool) -> None:
    others = SavedList.objects.exclude(pk=saved.pk)
    if others.filter(owner_id=saved.owner_id).count() >= MOST:
        raise Unacceptable([Objection(code="name", sentence=f"You have saved {MOST} lists. Delete one first.")])
    if shared and others.filter(shared=True).count() >= MOST:
        raise Unacceptable([Objection(code="shared", sentence=f"{MOST} lists are shared. Delete one first.")])


def _write(saved: SavedList) -> None:
    try:
        with transaction.atomic():
            saved.save()
    except IntegrityError as error:
        sentence = f"There is a list named “{saved.name}” already."
        raise Unacceptable([Objection(code="name", sentence=sentence)]) from error


_NOT_YOURS = Objection(code="not-own", sentence="Somebody else saved this list for themselves.")
