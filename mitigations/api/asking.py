"""Mitigations: looked at, and asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from ninja import Query, Router

from accounts.authority import Actor, Deed
from audit.refusal import Objection, Unacceptable
from mitigations.api import cursors, queries, responses, rows
from mitigations.api.calls import answered, does, no_place, place, reads, strange
from mitigations.api.calls import number as number_at
from mitigations.api.door import ApiRequest
from mitigations.api.problems import Pointed, finding_of
from mitigations.api.shapes.mitigations import Asked, ExchangeList, MitigationList, MitigationWhole, Previewed
from mitigations.api.shapes.plain import Reference
from mitigations.api.shapes.sent import Ask, AskMany, Preview
from mitigations.forms.many import ManyForm
from mitigations.forms.mitigation import MitigationForm
from mitigations.policies import ordering
from mitigations.policies.guardrails import blocks
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import BadPrefix, Prefix, parse
from mitigations.selectors import approvers, exchanges, listing, mitigations, observed, plan, waiting
from mitigations.selectors.filtering import Filter
from mitigations.services import previewing, requests, together
from mitigations.services.possible import possible

if TYPE_CHECKING:
    from mitigations.models import Mitigation

router = Router(tags=["Mitigations"])

# Where a field of the form stands in what was sent.
_POINTERS = {"ip_cidr": "/target", "minutes_before_auto_stop": "/minutes"}


@router.get("", response=responses.read(MitigationList), summary="List mitigations")
@reads(Deed.VIEW)
def index(request: ApiRequest, query: Query[queries.Mitigations]) -> HttpResponse:
    """Newest first unless told otherwise. What a filter names must all hold."""
    below = ordering.read(place(query.cursor), order=query.order, group=None) if query.cursor else None
    if query.cursor and below is None:
        raise no_place()
    page = listing.page(_filter(query), order=query.order, columns=rows.COLUMNS, below=below, size=query.limit)
    onward = cursors.pack(str(page.onward)) if page.onward else None
    shape = MitigationList(items=[rows.mitigation(each) for each in page.rows], next=onward)
    return answered(request, shape, onward=onward)


@router.post("", response=responses.deed(MitigationWhole, 201), summary="Ask for a mitigation")
@does(Deed.ASK)
def ask(request: ApiRequest, body: Ask) -> HttpResponse:
    """The guardrails judge it, and the rules say who must approve it; the answer has both. What blocks it is an error
    with every finding in it, and then nothing is asked for. Approved, it goes to Kentik by itself.
    """
    form = MitigationForm(_typed(body, ip_cidr=body.target, reason=body.reason))
    if not form.is_valid():
        raise Unacceptable(list(_mistakes(form)))
    at = timezone.now()
    made = requests.ask(wanted=form.wanted, by=request.auth.actor, at=at)
    shape = whole(row(made.reference), by=request.auth.actor, at=at)
    return answered(request, shape, status=201, location=address(made.reference))


@router.post("/preview", response=responses.deed(Previewed, 200), summary="Preview a mitigation")
@reads(Deed.ASK)
def preview(request: ApiRequest, body: Preview) -> HttpResponse:
    """What would happen if it were asked for: nothing is asked for, nobody is told."""
    form = MitigationForm(_typed(body, ip_cidr=body.target, reason=""))
    form.is_valid()
    if not form.is_judgeable:
        raise Unacceptable([each for each in _mistakes(form) if each.pointer != "/reason"])
    found = previewing.preview(form.wanted, by=request.auth.actor, at=timezone.now())
    shape = Previewed(
        target=found.wanted.target.text,
        pairing=rows.pairing(found.pairing),
        minutes=found.wanted.minutes,
        findings=rows.findings(found.judgement),
        obstacles=[finding_of(each) for each in found.blocked],
        requirement=rows.requirement(found.judgement, plan.team_names()),
        may_be_approved_by=list(found.approvers),
        sentence=f"{found.once}, it {found.does}.",
        kentik_request=json.loads(found.body),
    )
    return answered(request, shape)


@router.post("/many", response=responses.deed(Asked, 201), summary="Ask for many at once")
@does(Deed.ASK)
def ask_many(request: ApiRequest, body: AskMany) -> HttpResponse:
    """All of them or none: each finding says by its `pointer` which target it is about."""
    form = ManyForm(_typed(body, targets="\n".join(body.targets), reason=body.reason))
    if not form.is_valid():
        raise Unacceptable(list(_mistakes(form)))
    if wrong := [_at_line(line.number, line.wrong) for line in form.lines if line.wrong]:
        raise Unacceptable(wrong)
    by, at = request.auth.actor, timezone.now()
    try:
        made = together.ask_all(wanted=form.wanted, by=by, at=at)
    except Unacceptable as refusal:
        raise Unacceptable(_blocked(form, by=by, at=at) or refusal.objections) from refusal
    shape = Asked(items=[rows.mitigation(each) for each in mitigations.shown([each.pk for each in made])])
    return answered(request, shape, status=201, location=address(made[0].reference))


@router.get("/{ref:reference}", response=responses.one(MitigationWhole), summary="Look at one mitigation")
@reads(Deed.VIEW)
def one(request: ApiRequest, reference: Reference) -> HttpResponse:
    """With what is true of it at this moment: findings, approvals that are missing, what this token may do to it."""
    return answered(request, whole(row(reference), by=request.auth.actor, at=timezone.now()))


@router.get("/{ref:reference}/exchanges", response=responses.one(ExchangeList), summary="Exchanges with Kentik")
@reads(Deed.VIEW)
def its_exchanges(request: ApiRequest, reference: Reference, query: Query[queries.Paged]) -> HttpResponse:
    """Each HTTP request about it, as sent and as received, newest first. Credentials are cut out before it is kept."""
    found, before = exchanges.of(reference, before=number_at(query.cursor), count=query.limit)
    onward = cursors.pack(str(before)) if before is not None else None
    return answered(request, ExchangeList(items=[rows.exchange(each) for each in found], next=onward), onward=onward)


def address(reference: str) -> str:
    return reverse("api-v1:one", args=[reference])


def row(reference: str) -> Mitigation:
    """With all that is shown of it. Raises ObjectDoesNotExist."""
    found = mitigations.shown([int(reference.removeprefix("MIT-"))])
    if not found:
        raise ObjectDoesNotExist(reference)
    return found[0]


def whole(mitigation: Mitigation, *, by: Actor, at: datetime) -> MitigationWhole:
    [now] = waiting.seen([mitigation], at=at) if mitigation.status == Status.PENDING else [None]
    named = approvers.awaited([mitigation])[mitigation.pk].by if now else ()
    beside = observed.observed(mitigation, observed.seen(at=at), at=at)
    return MitigationWhole.model_validate(
        {
            **rows.shown(mitigation),
            "findings": [finding_of(each) for each in now.findings] if now else [],
            "approvals_missing": now.resolution.missing if now else 0,
            "may_be_approved_by": list(named),
            "shown": now.shown if now else "",
            "disagreements": list(beside.disagreements) if beside else [],
            "may": [deed.value for deed in possible(by, mitigation, at=at)],
        }
    )


def sought(text: str, pointer: str) -> Prefix:
    """A prefix that is looked for. Raises Unacceptable."""
    found = parse(text)
    if isinstance(found, BadPrefix):
        mend = " or ".join(found.mends)
        raise Unacceptable([Pointed(code=found.code, sentence=found.sentence, pointer=pointer, mend=mend)])
    return found


def _filter(query: queries.Mitigations) -> Filter:
    if query.since and query.until and query.since >= query.until:
        raise strange("query:until", "It must lie after `since`.")
    place = {query.how: sought(query.target, "query:target")} if query.target is not None else {}
    return Filter(
        statuses=tuple(query.status),
        platform_id=query.platform,
        method_id=query.method,
        requester=query.by,
        ticket=query.ticket,
        approved_by=query.approved_by,
        rejected_by=query.rejected_by,
        since=query.since,
        until=query.until,
        live_at=query.live_at,
        glass=query.glass,
        **place,  # type: ignore[arg-type] # one of four names, each of a prefix
    )


def _typed(body: Ask | Preview | AskMany, **values: str) -> dict[str, Any]:
    """What was sent, as the form of the page takes it: one set of rules reads both."""
    return {
        "pairing": str(body.pairing),
        "minutes_before_auto_stop": "" if body.minutes is None else str(body.minutes),
        "comment": body.comment,
        "ticket": body.ticket,
        **values,
    }


def _mistakes(form: forms.Form) -> Iterator[Pointed]:
    for name, errors in form.errors.as_data().items():
        for error in errors:
            mends = (error.params or {}).get("mends", ())
            pointer = _POINTERS.get(name, "" if name == NON_FIELD_ERRORS else f"/{name}")
            sentence = " ".join(error.messages)
            if name == "pairing":
                sentence = "There is no such pairing, or it is not offered. The catalogue has those that are."
            code = (error.code or "shape").replace("_", "-")
            yield Pointed(code=code, sentence=sentence, pointer=pointer, mend=" or ".join(mends))


def _blocked(form: ManyForm, *, by: Actor, at: datetime) -> Sequence[Objection]:
    """What blocks each of them, by its place; nothing where something else stood in the way."""
    judgements = together.judge_all(form.wanted, by=by, at=at)
    return [
        Pointed(
            code=finding.code,
            sentence=finding.sentence,
            pointer=f"/targets/{place}",
            mend=finding.mend,
            severity=finding.severity,
            collides=finding.collides,
        )
        for place, judgement in enumerate(judgements)
        for finding in blocks(judgement.findings)
    ]


def _at_line(number: int, wrong: Objection) -> Pointed:
    mend = " or ".join(getattr(wrong, "mends", ()))
    return Pointed(code=wrong.code, sentence=wrong.sentence, pointer=f"/targets/{number - 1}", mend=mend)
