"""The facts that policies judge by, gathered from the database in a constant number of queries."""

from __future__ import annotations

from accounts.selectors import active_approvers
from mitigations.models import Mitigation, Pairing
from mitigations.policies import approval, guardrails
from mitigations.policies.lifecycle import OPEN
from mitigations.policies.network import Prefix


def facts_for(pairing: Pairing, target: Prefix, *, besides: Mitigation | None = None) -> guardrails.Facts:
    """`besides` is the request itself, which is no duplicate of its own."""
    others = Mitigation.objects.filter(target=target.text, status__in=OPEN)
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    taken = others.first()
    return guardrails.Facts(pairing=pairing.facts(), taken_by=taken.reference if taken else None)


def findings_for(mitigation: Mitigation) -> tuple[guardrails.Finding, ...]:
    """What speaks against a request as of now."""
    facts = facts_for(mitigation.pairing, mitigation.prefix, besides=mitigation)
    return guardrails.judge(mitigation.terms, facts)


def resolution_of(mitigation: Mitigation) -> approval.Resolution:
    """What its decisions amount to as of now."""
    votes = [decision.vote for decision in mitigation.decisions.all()]
    return approval.resolve(
        votes,
        requester=mitigation.requested_by_id,
        needed=mitigation.approvals_needed,
        eligible=active_approvers([vote.by for vote in votes]),
    )
