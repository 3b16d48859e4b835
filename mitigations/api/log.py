"""The audit log: followed, and verified."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router

from accounts import tokens
from accounts.authority import Deed, demand
from audit import proofs, selectors
from audit.lines import exported, streamed
from mitigations.api import cursors, queries, responses, waiting
from mitigations.api.calls import answered, does, reads
from mitigations.api.calls import number as place
from mitigations.api.door import ApiRequest
from mitigations.api.shapes.log import (
    CheckpointList,
    CheckpointShown,
    Events,
    EventShown,
    ExchangeLogged,
    Exchanges,
    Verification,
)
from mitigations.api.shapes.plain import Number
from mitigations.api.shapes.sent import Verify
from mitigations.selectors import exchanges
from mitigations.services.auditing import following, keeping, proving

router = Router(tags=["Audit"])
FROM_A_CHECKPOINT = Verify()


@router.get("/events", response=responses.read(Events), summary="Follow the audit log")
@reads(Deed.READ_AUDIT)
def events(request: ApiRequest, query: Query[queries.Log]) -> HttpResponse:
    """Events after a number, oldest first. With `wait` the answer comes as soon as there is one, or when the time is
    over: so a follower that asks again and again misses nothing, and hears of it within about a second.
    """
    following.note(following.EVENTS, caller=request.auth, after=query.after, at=timezone.now())
    found = _read(query, query.after)
    if not found.items and query.wait:
        found = _waited(request, query, found)
    return answered(request, found)


@router.get("/events/{int:number}", response=responses.one(EventShown), summary="One event")
@reads(Deed.READ_AUDIT)
def event(request: ApiRequest, number: Number) -> HttpResponse:
    following.note(following.EVENTS, caller=request.auth, after=number - 1, at=timezone.now())
    found = selectors.following(selectors.Filter(), after=number - 1, up_to=number, count=1)
    if not found:
        raise ObjectDoesNotExist(number)
    return answered(request, EventShown.model_validate(streamed(found[0])))


@router.get("/exchanges", response=responses.read(Exchanges), summary="Follow what went to Kentik and came back")
@reads(Deed.READ_AUDIT)
def all_exchanges(request: ApiRequest, query: Query[queries.Exchanges]) -> HttpResponse:
    """Exchanges with Kentik after a number, oldest first, of whatever they were about. Each event states in its body
    which was the newest one when it was written, so that the two logs prove each other.
    """
    following.note(following.EXCHANGES, caller=request.auth, after=query.after, at=timezone.now())
    head = exchanges.head()
    found = exchanges.following(after=query.after, up_to=head, count=query.limit)
    items = [ExchangeLogged.model_validate(exported(each)) for each in found]
    return answered(
        request, Exchanges(items=items, next=found[-1].number if found else max(query.after, head), head=head)
    )


@router.get("/audit/verification", response=responses.read(Verification), summary="What the newest verification found")
@reads(Deed.VERIFY_AUDIT)
def verification(request: ApiRequest) -> HttpResponse:
    return answered(request, _verification())


@router.post("/audit/verification", response=responses.deed(Verification, 202), summary="Have the audit log verified")
@does(Deed.VERIFY_AUDIT)
def verify(request: ApiRequest, body: Verify = FROM_A_CHECKPOINT) -> HttpResponse:
    """The worker does it; what it found then stands at the same address."""
    proving.want_verification(whole=body.whole, by=request.auth.actor, at=timezone.now())
    return answered(request, _verification(), status=202)


@router.get("/audit/checkpoints", response=responses.read(CheckpointList), summary="Signed heads of the log")
@reads(Deed.VERIFY_AUDIT)
def checkpoints(request: ApiRequest, query: Query[queries.Paged]) -> HttpResponse:
    """Newest first. Kept elsewhere, they show when the log was cut off or written anew."""
    found, before = proofs.checkpoints(before=place(query.cursor), size=query.limit)
    onward = cursors.pack(str(before)) if before is not None else None
    items = [
        CheckpointShown(number=each.number, hash=each.hash, made_at=each.made_at, note=each.note) for each in found
    ]
    return answered(request, CheckpointList(items=items, next=onward), onward=onward)


def _waited(request: ApiRequest, query: queries.Log, found: Events) -> Events:
    """What comes meanwhile, or what there was. What was allowed when the wait began need not be allowed at its end."""
    latest = found

    def look() -> Events | None:
        nonlocal latest
        latest = _read(query, latest.next)
        return latest if latest.items else None

    waiting.until(look, seconds=query.wait, most=settings.API_WAITING_CALLS)
    demand(tokens.as_of_now(request.auth, at=timezone.now()), Deed.READ_AUDIT)
    return latest


def _read(query: queries.Log, after: int) -> Events:
    """The head is read first: whatever has a lower number was committed before it."""
    head = selectors.head()
    wanted = selectors.Filter(
        words=query.words,
        actor_name=query.person,
        deed=query.deed,
        subject=query.subject,
        outcome=query.outcome,
        review=query.review,
        since=query.since,
        until=query.until,
    )
    found = selectors.following(wanted, after=after, up_to=head, count=query.limit)
    is_cut = len(found) == query.limit
    return Events(
        items=[EventShown.model_validate(streamed(each)) for each in found],
        next=found[-1].number if is_cut else max(after, head),
        head=head,
    )


def _verification() -> Verification:
    found = proving.found()
    return Verification(
        head=selectors.head(),
        awaited=keeping.awaited_verification() is not None,
        sound=None if found is None else not found.is_flaw,
        sentence="" if found is None else found.sentence,
        from_number=None if found is None else found.start,
        to_number=None if found is None else found.number,
        at=None if found is None else found.at,
    )
