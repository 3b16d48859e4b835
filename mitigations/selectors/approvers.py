"""Whose approval counts, and who has the right to go without one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db.models import QuerySet

from accounts.authority import Actor, Role
from accounts.models import User
from accounts.selectors import still
from mitigations.models import Mitigation, Team
from mitigations.policies import approval
from mitigations.policies.approval import Requirement
from mitigations.policies.rule_checks import Group


def resolution_of(mitigation: Mitigation) -> approval.Resolution:
    """What its decisions amount to as of now."""
    votes = [decision.vote for decision in mitigation.decisions.all()]
    return approval.resolve(
        votes,
        requester=mitigation.requested_by_id,
        needed=mitigation.approvals_needed,
        eligible=_counting(mitigation, [vote.by for vote in votes]),
        glass_broken=_may_still_go_without(mitigation),
    )


def is_of_its_team(actor: Actor, mitigation: Mitigation) -> bool:
    """Whether this person's approval would count for it, as far as teams go."""
    team = mitigation.approving_team_id
    return team is None or Team.members.through.objects.filter(team_id=team, user_id=actor.id or 0).exists()


def is_beyond_reach(requirement: Requirement, *, requester: Actor) -> bool:
    """Whether so few people besides the requester may approve it that it could never be agreed to."""
    if not requirement.approvals:
        return False
    return _approvers(requirement.team).exclude(pk=requester.id or 0).count() < requirement.approvals


def groups() -> dict[int | None, Group]:
    """Each team, and None for all: how many may approve, and how many of those may also ask."""
    askers = still(_approvers(None).values_list("pk", flat=True), Role.REQUESTER)
    members: dict[int | None, set[int]] = defaultdict(set)
    for person, team in _approvers(None).values_list("pk", "teams"):
        members[None].add(person)
        if team is not None:
            members[team].add(person)
    return {team: Group(approvers=len(people), askers=len(people & askers)) for team, people in members.items()}


def _approvers(team: int | None) -> QuerySet[User]:
    people = User.objects.filter(is_active=True, groups__name=Role.APPROVER)
    return people if team is None else people.filter(teams=team)


def _counting(mitigation: Mitigation, ids: Collection[int]) -> frozenset[int]:
    approvers = still(ids, Role.APPROVER)
    if mitigation.approving_team_id is None:
        return approvers
    members = Team.members.through.objects.filter(team_id=mitigation.approving_team_id, user_id__in=approvers)
    return frozenset(members.values_list("user_id", flat=True))


def _may_still_go_without(mitigation: Mitigation) -> bool:
    glass = mitigation.broken_glass
    return glass is not None and bool(still([glass.broken_by_id], Role.REQUESTER, Role.BREAK_GLASS))
