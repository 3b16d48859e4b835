"""Whose approval counts, and who has the right to go without one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.authority import Actor, Role
from accounts.models import User
from accounts.selectors import still
from mitigations.models import Mitigation, Team
from mitigations.policies import approval
from mitigations.policies.approval import Requirement
from mitigations.policies.rule_checks import Group


@dataclass(frozen=True, kw_only=True)
class Awaited:
    """How many approvals a request still waits for, and the usernames of those who may give them."""

    missing: int
    by: tuple[str, ...]

    @property
    def is_hopeless(self) -> bool:
        return len(self.by) < self.missing

    @property
    def is_all(self) -> bool:
        """Nobody of them can be spared."""
        return len(self.by) == self.missing


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


def awaited(waiting: Collection[Mitigation]) -> dict[int, Awaited]:
    """For each of these, by its ID, how many approvals are missing and who may give them: one query for all."""
    people: dict[int, tuple[str, set[int | None]]] = {}
    for person, name, team in _approvers(None).order_by("username").values_list("pk", "username", "teams"):
        people.setdefault(person, (name, {None}))[1].add(team)
    return {each.pk: _awaited(each, people) for each in waiting}


def _awaited(mitigation: Mitigation, people: Mapping[int, tuple[str, set[int | None]]]) -> Awaited:
    counting = {person: name for person, (name, teams) in people.items() if mitigation.approving_team_id in teams}
    votes = [decision.vote for decision in mitigation.decisions.all()]
    resolution = approval.resolve(
        votes, requester=mitigation.requested_by_id, needed=mitigation.approvals_needed, eligible=counting
    )
    done = {mitigation.requested_by_id, *(vote.by for vote in votes)}
    return Awaited(
        missing=resolution.missing, by=tuple(name for person, name in counting.items() if person not in done)
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


def names(requirement: Requirement, *, requester: Actor, at_most: int) -> list[str]:
    """Who may approve it; empty when they are more than that, or when nobody has to."""
    if not requirement.approvals:
        return []
    people = _approvers(requirement.team).exclude(pk=requester.id or 0).order_by("username")
    found = list(people.values_list("username", flat=True)[: at_most + 1])
    return found if len(found) <= at_most else []


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
