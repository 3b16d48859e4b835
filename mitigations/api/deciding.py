"""What is done to a mitigation that somebody asked for."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router

from accounts.authority import Deed
from mitigations.api import responses, rows
from mitigations.api.asking import row, whole
from mitigations.api.calls import answered, does, reads
from mitigations.api.door import ApiRequest
from mitigations.api.problems import finding_of
from mitigations.api.shapes.mitigations import MitigationWhole, Waiting, WaitingList
from mitigations.api.shapes.plain import Reference
from mitigations.api.shapes.sent import Approve, Note, Reason
from mitigations.policies.lifecycle import Status
from mitigations.selectors import mitigations, waiting
from mitigations.services import approvals, requests, stopping

router = Router(tags=["Decisions"])

# Nobody has to send a body that says nothing.
SILENT, WITHOUT_A_NOTE = Approve(), Note()


@router.get("/approvals", response=responses.read(WaitingList), summary="What waits for a decision")
@reads(Deed.APPROVE)
def queue(request: ApiRequest) -> HttpResponse:
    """What the owner of the token may still decide on, at most 300: never what they asked for.

    What expires first comes first.
    """
    ids = [each.pk for each in mitigations.awaiting(request.auth.actor)]
    seen = waiting.seen(mitigations.shown(ids), at=timezone.now())
    return answered(request, WaitingList(items=[_waiting(each) for each in seen]))


@router.post(
    "/mitigations/{ref:reference}/approve", response=responses.deed(MitigationWhole, 200, 202), summary="Approve"
)
@does(Deed.APPROVE)
def approve(request: ApiRequest, reference: Reference, body: Approve = SILENT) -> HttpResponse:
    """200: more approvals are needed. 202: this was the last one, and the worker sends it."""
    at, by = timezone.now(), request.auth.actor
    made = approvals.approve(reference=reference, by=by, note=body.note.strip(), shown=body.shown, at=at)
    status = HTTPStatus.ACCEPTED if made.status == Status.APPROVED else HTTPStatus.OK
    return answered(request, whole(row(reference), by=by, at=at), status=status)


@router.post("/mitigations/{ref:reference}/reject", response=responses.deed(MitigationWhole, 200), summary="Reject")
@does(Deed.REJECT)
def reject(request: ApiRequest, reference: Reference, body: Reason) -> HttpResponse:
    """One rejection ends it."""
    at, by = timezone.now(), request.auth.actor
    approvals.reject(reference=reference, by=by, note=body.note.strip(), at=at)
    return answered(request, whole(row(reference), by=by, at=at))


@router.post("/mitigations/{ref:reference}/withdraw", response=responses.deed(MitigationWhole, 200), summary="Withdraw")
@does(Deed.WITHDRAW)
def withdraw(request: ApiRequest, reference: Reference, body: Note = WITHOUT_A_NOTE) -> HttpResponse:
    """Take back what the owner of the token asked for, before it is sent."""
    at, by = timezone.now(), request.auth.actor
    requests.withdraw(reference=reference, by=by, note=body.note.strip(), at=at)
    return answered(request, whole(row(reference), by=by, at=at))


@router.post("/mitigations/{ref:reference}/stop", response=responses.deed(MitigationWhole, 202), summary="Stop")
@does(Deed.STOP)
def stop(request: ApiRequest, reference: Reference, body: Reason) -> HttpResponse:
    """The worker tells Kentik, and it is `stopped` when Kentik shows so. Where the portal cannot have it stopped, for
    Kentik does not show it, that is a conflict: then somebody stops it in Kentik.
    """
    at, by = timezone.now(), request.auth.actor
    stopping.order(reference=reference, by=by, note=body.note.strip(), at=at)
    return answered(request, whole(row(reference), by=by, at=at), status=HTTPStatus.ACCEPTED)


def _waiting(each: waiting.Waiting) -> Waiting:
    change = each.change
    return Waiting(
        mitigation=rows.mitigation(each.mitigation),
        findings=[finding_of(finding) for finding in each.findings],
        appeared=[finding_of(finding) for finding in change.appeared],
        gone=list(change.gone),
        approvals_missing=each.resolution.missing,
        shown=each.shown,
    )
