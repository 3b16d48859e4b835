"""Whose approval counts, and who has the right to go without one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.authority import Actor, Role
from accounts.models import User
from accounts.selectors import HAS_COME, still
from mitigations.models import Decision, Mitigation, Team
from mitigations.policies import approval
from mitigations.policies.approval import Requirement, Verdict
from mitigations.policies.lifecycle import Status
from mitigations.policies.rule_checks import Group

_NOT_SENT = (Status.PENDING, Status.APPROVED)


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


@dataclass(frozen=True, kw_only=True)
class Lapsed:
    """An approval that was given and counts no longer, by whom, and why."""

    name: str
    why: str


def resolution_of(mitigation: Mitigation) -> approval.Resolution:
    """What its decisions amount to as of now."""
    return resolutions_of([mitigation])[0]


def resolutions_of(mitigations: Sequence[Mitigation]) -> list[approval.Resolution]:
    """The same of several, in one number of queries however many they are."""
    votes = {each.pk: [decision.vote for decision in each.decisions.all()] for each in mitigations}
    approvers = still({vote.by for cast in votes.values() for vote in cast}, Role.APPROVER)
    members = _members({each.approving_team_id for each in mitigations}, approvers)
    broken = {each.pk: glass.broken_by_id for each in mitigations if (glass := each.broken_glass) is not None}
    entitled = still(set(broken.values()), Role.REQUESTER, Role.BREAK_GLASS)
    return [
        approval.resolve(
            votes[each.pk],
            requester=each.requested_by_id,
            needed=each.approvals_needed,
            eligible=approvers if each.approving_team_id is None else members[each.approving_team_id],
            glass_broken=broken.get(each.pk) in entitled,
        )
        for each in mitigations
    ]


def whose_word(mitigation: Mitigation) -> set[int]:
    """Everybody on whose word it may go out."""
    glass = mitigation.broken_glass
    return {each.decided_by_id for each in mitigation.decisions.all()} | ({glass.broken_by_id} if glass else set())


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


def counting(ids: Collection[int]) -> frozenset[tuple[str, str]]:
    """Which approvals by these people count, of requests that are not sent yet: the reference, and whose."""
    waiting = Mitigation.objects.open().filter(status__in=_NOT_SENT)
    given = Decision.objects.filter(decided_by_id__in=ids, verdict=Verdict.APPROVE, mitigation__in=waiting)
    rows = list(given.values_list("mitigation_id", "mitigation__approving_team_id", "decided_by_id"))
    names = dict(User.objects.filter(pk__in=still(ids, Role.APPROVER)).values_list("pk", "username"))
    members = _members({team for _, team, _ in rows}, names)
    return frozenset(
        (f"MIT-{pk}", names[person])
        for pk, team, person in rows
        if person in (names if team is None else members[team])
    )


def lapsed(mitigation: Mitigation, resolution: approval.Resolution) -> list[Lapsed]:
    """Of a request that is not sent yet, the approvals that count no longer."""
    given = [each for each in mitigation.decisions.all() if each.verdict == Verdict.APPROVE]
    if mitigation.status not in _NOT_SENT or resolution.approvals == len(given):
        return []
    approvers = still([each.decided_by_id for each in given], Role.APPROVER)
    team = mitigation.approving_team
    members = _members({mitigation.approving_team_id}, approvers).get(team.pk, set()) if team else approvers
    return [
        Lapsed(name=each.decided_by.username, why=_why(each.decided_by, approvers, team))
        for each in given
        if each.decided_by_id not in members
    ]


def _why(person: User, approvers: Collection[int], team: Team | None) -> str:
    if not person.is_active:
        return "the account is deactivated"
    return f"not in {team} any more" if person.pk in approvers else "no approver any more"


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
    people = User.objects.filter(HAS_COME, is_active=True, groups__name=Role.APPROVER)
    return people if team is None else people.filter(teams=team)


def _members(teams: Collection[int | None], among: Collection[int]) -> dict[int, set[int]]:
    """Of each of these teams those of its members who are among these people."""
    found: dict[int, set[int]] = {team: set() for team in teams if team is not None}
    rows = Team.members.through.objects.filter(team_id__in=list(found), user_id__in=among)
    for team, person in rows.values_list("team_id", "user_id"):
        found[team].add(person)
    return found
