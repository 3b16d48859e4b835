"""The facts that policies judge by, gathered from the database in a constant number of queries."""

from __future__ import annotations

from accounts.selectors import active_approvers
from mitigations.models import AddressSpace, Mitigation, Pairing, ProtectedPrefix, Team
from mitigations.models.mitigation import MitigationQuerySet
from mitigations.policies import approval, guardrails
from mitigations.policies.lifecycle import OPEN
from mitigations.policies.network import Prefix

# More collisions than a person reads; one is enough to block.
_SHOWN = 10


def facts_for(
    pairing: Pairing, target: Prefix, *, requester: int | None, besides: Mitigation | None = None
) -> guardrails.Facts:
    """`besides` is the request itself, which collides with nothing of its own."""
    terms = pairing.facts()
    wide = guardrails.acted_on(target, terms)
    others = Mitigation.objects.filter(status__in=OPEN)
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    taken = others.filter(target=target.text).first()
    return guardrails.Facts(
        pairing=terms,
        taken_by=taken.reference if taken else None,
        space_defined=AddressSpace.objects.exists(),
        holdings=_holdings(wide, requester),
        protections=_protections(wide),
        neighbours=_neighbours(others.overlapping(wide).exclude(target=target.text)),
    )


def findings_for(mitigation: Mitigation) -> tuple[guardrails.Finding, ...]:
    """What speaks against a request as of now."""
    facts = facts_for(mitigation.pairing, mitigation.prefix, requester=mitigation.requested_by_id, besides=mitigation)
    return guardrails.judge(mitigation.terms, facts)


def _holdings(target: Prefix, requester: int | None) -> tuple[guardrails.Holding, ...]:
    mine = frozenset(Team.objects.filter(members=requester).values_list("pk", flat=True))
    holders = AddressSpace.objects.containing(target).prefetch_related("teams")
    return tuple(holder.holding(mine) for holder in holders)


def _protections(target: Prefix) -> tuple[guardrails.Protection, ...]:
    """Those that block first, so that a cut list never hides one."""
    touched = (
        ProtectedPrefix.objects.overlapping(target).select_related("owner").order_by("severity", "first", "length")
    )
    return tuple(each.protection for each in touched[:_SHOWN])


def _neighbours(others: MitigationQuerySet) -> tuple[guardrails.Neighbour, ...]:
    return tuple(
        guardrails.Neighbour(reference=each.reference, target=each.target, status=each.status)
        for each in others.order_by("requested_at", "pk")[:_SHOWN]
    )


def resolution_of(mitigation: Mitigation) -> approval.Resolution:
    """What its decisions amount to as of now."""
    votes = [decision.vote for decision in mitigation.decisions.all()]
    return approval.resolve(
        votes,
        requester=mitigation.requested_by_id,
        needed=mitigation.approvals_needed,
        eligible=active_approvers([vote.by for vote in votes]),
    )
