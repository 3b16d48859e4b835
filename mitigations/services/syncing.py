"""Kentik's catalogue and ours: what makes ours stricter follows at once, the rest when somebody takes it over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeAlias

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.authority import WORKER, Actor, Deed, demand
from audit.ledger import recorded
from audit.refusal import Conflict, Objection
from mitigations.kentik.v6 import values
from mitigations.models import KentikView, Method, Pairing, Platform
from mitigations.policies import catalogue_difference
from mitigations.policies.catalogue import What
from mitigations.policies.catalogue_difference import Difference, Tightening
from mitigations.policies.catalogue_shown import Pair, Snapshot
from mitigations.selectors import catalogue as reading
from mitigations.services import doorbell, events

Rows: TypeAlias = list[dict[str, Any]]

_MODELS: Mapping[What, type[Platform] | type[Method]] = {What.PLATFORM: Platform, What.METHOD: Method}
_TOLD = 3
_OFF = Objection(
    code="off", sentence="Kentik's mitigation API (V6) is switched off here, so there is nothing to read (KENTIK_V6)."
)
_STALE = Objection(code="stale", sentence="The difference is another one by now. Look again before you take it over.")
_NOTHING = Objection(code="nothing", sentence="There is nothing to take over.")


def keep(platforms: Sequence[values.Platform], methods: Sequence[values.Method], *, at: datetime) -> None:
    """Keep what Kentik shows, and apply what makes ours only stricter. The rest waits for an administrator."""
    view = KentikView.objects.get_or_create(pk=KentikView.THE_ONE)[0]
    before = reading.snapshot(view)
    view.platforms, view.methods = plain(platforms, methods)
    view.catalogue_read_at = at
    stricter = catalogue_difference.tighten(reading.snapshot(view), reading.ours(), before=before, at=at)
    with _recorded(stricter, at=at):
        view.save(update_fields=["platforms", "methods", "catalogue_read_at"])
        _make_stricter(stricter, at=at)


def plain(platforms: Iterable[values.Platform], methods: Iterable[values.Method]) -> tuple[Rows, Rows]:
    """As both are kept, and read again by `catalogue_shown.read`."""
    return (
        [{**_plain(each), "method_ids": list(each.method_ids)} for each in platforms],
        [{**_plain(each), "excluded": list(each.excluded_ip_cidrs)} for each in methods],
    )


def want(*, by: Actor, at: datetime) -> None:
    """Have the worker read Kentik's catalogue as soon as the lane lets it through."""
    with recorded(events.CATALOGUE_WANTED, subject="catalogue", by=by.author, at=at):
        demand(by, Deed.EDIT_CATALOGUE)
        if not settings.KENTIK_V6:
            raise Conflict([_OFF])
        KentikView.objects.update_or_create(pk=KentikView.THE_ONE, defaults={"catalogue_wanted_at": at})
        doorbell.ring()


def take_over(*, mark: str, by: Actor, at: datetime) -> Difference:
    """Take over the difference of this mark, whole. Raises Conflict when it is another one by now, or none.

    What is new is not offered until somebody has said what it does; what people have said of a pairing stays as it is.
    """
    with recorded(events.CATALOGUE_TAKEN_OVER, subject="catalogue", by=by.author, at=at) as record:
        demand(by, Deed.EDIT_CATALOGUE)
        view = KentikView.objects.select_for_update().filter(pk=KentikView.THE_ONE).first() or KentikView()
        difference = reading.difference(view)
        record.facts = {"changes": difference.count, **difference.facts()}
        if difference.mark != mark:
            raise Conflict([_STALE])
        if not difference:
            raise Conflict([_NOTHING])
        _apply(difference, reading.snapshot(view), at=at)
    return difference


# --- At once --------------------------------------------------------------------------------------------------------


@contextmanager
def _recorded(stricter: Tightening, *, at: datetime) -> Iterator[None]:
    """A transaction, with an event only where people feel something of it: a change of long ago is no news."""
    if not stricter.sentences:
        with transaction.atomic():
            yield
        return
    with recorded(events.CATALOGUE_TIGHTENED, subject="catalogue", by=WORKER.author, at=at) as record:
        record.facts = {
            "sentence": _in_short(stricter.sentences),
            "unlinked": [each.name for each in stricter.unlinked],
            "changed": [f"{each.what} {each.id}" for each in stricter.touched if each.again],
        }
        yield


def _in_short(sentences: Sequence[str]) -> str:
    """As many as a line of the log bears; all of them stand in its facts."""
    more = len(sentences) - _TOLD
    return " ".join([*sentences[:_TOLD], *([f"And {more} more."] if more > 0 else [])])


def _make_stricter(stricter: Tightening, *, at: datetime) -> None:
    for known in stricter.unlinked:
        Pairing.objects.filter(_of_pair(known.pair)).update(linked=False)
    for touched in stricter.touched:
        _MODELS[touched.what].objects.filter(kentik_id=touched.id).update(modified_at=touched.modified_at)
        if touched.again:
            _flag(touched.what, touched.id, at=at)


# --- When somebody takes it over ------------------------------------------------------------------------------------


def _apply(difference: Difference, shown: Snapshot, *, at: datetime) -> None:
    try:
        _add(difference, shown, at=at)
    except IntegrityError as error:
        raise Conflict([_STALE]) from error
    for change in difference.changed:
        _MODELS[change.what].objects.filter(kentik_id=change.id).update(**{change.field: change.after})
        _flag(change.what, change.id, at=at)
    for gone in difference.vanished:
        _MODELS[gone.what].objects.filter(kentik_id=gone.id).update(retired_at=at)
    for link in difference.links:
        if link.again:
            Pairing.objects.filter(_of_pair(link.pair)).update(linked=True, review_since=at)


def _add(difference: Difference, shown: Snapshot, *, at: datetime) -> None:
    for new in difference.new:
        changed_at = shown.of(new.what)[new.id].modified_at
        _MODELS[new.what].objects.create(
            kentik_id=new.id,
            name=new.name,
            kind=new.kind,
            description=new.description,
            modified_at=min(changed_at, at) if changed_at else None,
        )
    for link in difference.links:
        if not link.again:
            facts = catalogue_difference.first_facts(link.kind)
            ends = {f"{what}_id": _pk(what, getattr(link.pair, what)) for what in (What.PLATFORM, What.METHOD)}
            Pairing.objects.create(**ends, **facts, review_since=at)


def _flag(what: What, kentik_id: str, *, at: datetime) -> None:
    """Somebody has to look at its pairings. Those that wait for that already have waited since then."""
    Pairing.objects.filter(**{f"{what}__kentik_id": kentik_id}, review_since=None).update(review_since=at)


def _pk(what: What, kentik_id: str) -> int:
    return int(_MODELS[what].objects.values_list("pk", flat=True).get(kentik_id=kentik_id))


def _of_pair(pair: Pair) -> Q:
    return Q(platform__kentik_id=pair.platform, method__kentik_id=pair.method)


def _plain(thing: values.Platform | values.Method) -> dict[str, Any]:
    return {
        "id": thing.id,
        "name": thing.name,
        "description": thing.description,
        "type": thing.type_text,
        "modified_at": thing.modified_at.isoformat() if thing.modified_at else None,
    }
