"""What administrators do to people: invite them, give and take roles and teams, deactivate and reactivate them.

What may be changed about an account, `accounts` says; here is what hangs on it, teams and approvals.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings

from accounts import events as accounts
from accounts import inviting, managing
from accounts.authority import Actor, Role
from accounts.inviting import Invitation
from accounts.models import User
from audit.ledger import Record, recorded
from audit.refusal import Objection, Unacceptable
from audit.ways import mail
from mitigations.models import Team
from mitigations.services import counting, events


def goes_by_mail(email: str) -> bool:
    """Whether the worker mails an invitation to this address; if not, whoever invites hands the link over."""
    return bool(email and settings.PORTAL_URL and mail.is_on())


def invite(*, invitation: Invitation, team_ids: Collection[int], by: Actor, at: datetime) -> User:
    """Make an account for somebody, who sets a password by the link of `accounts.invitations`."""
    with recorded(accounts.INVITED, subject=invitation.username, by=by.author, at=at) as record:
        record.facts = {"teams": "none"}
        managing.administering(by=by)
        person = inviting.enlist(record, invitation, at=at)
        teams = list(Team.objects.filter(pk__in=team_ids))
        person.teams.set(teams)
        record.facts |= {"teams": _names(teams)}
    return person


def change_roles(
    *, username: str, give: Collection[Role], take: Collection[Role], note: str, by: Actor, at: datetime
) -> User:
    with _changing(accounts.ROLES_CHANGED, username, {"changes": "roles"}, note=note, by=by, at=at) as (record, person):
        managing.change_roles(record, person, give=give, take=take, by=by)
    return person


def change_teams(
    *, username: str, give: Collection[int], take: Collection[int], note: str, by: Actor, at: datetime
) -> User:
    """`give` and `take`: teams by their IDs. Those that are gone by now are passed over."""
    with _changing(events.TEAMS_CHANGED, username, {"changes": "teams"}, note=note, by=by, at=at) as (record, person):
        held = set(person.teams.values_list("pk", flat=True))
        given = list(Team.objects.filter(pk__in=set(give) - held))
        taken = list(Team.objects.filter(pk__in=set(take) & held))
        words = [f"{verb} {_names(teams)}" for verb, teams in (("joins", given), ("leaves", taken)) if teams]
        if not words:
            sentence = "Nothing would change: somebody may have done it already."
            raise Unacceptable([Objection(code="nothing", sentence=sentence)])
        record.facts = {"changes": ", ".join(words)}
        person.teams.remove(*taken)
        person.teams.add(*given)
    return person


def deactivate(*, username: str, note: str, by: Actor, at: datetime) -> User:
    """Shut somebody out at once. What they asked for stays; what they approved counts no longer unless it is sent."""
    with _changing(accounts.DEACTIVATED, username, {}, note=note, by=by, at=at) as (_, person):
        managing.deactivate(person, at=at)
    return person


def reactivate(*, username: str, note: str, by: Actor, at: datetime) -> User:
    with _changing(accounts.REACTIVATED, username, {"roles": "roles"}, note=note, by=by, at=at) as (record, person):
        managing.reactivate(record, person)
    return person


@contextmanager
def _changing(
    deed: str, username: str, facts: dict[str, str], *, note: str, by: Actor, at: datetime
) -> Iterator[tuple[Record, User]]:
    with recorded(deed, subject=username, by=by.author, at=at) as record:
        record.facts, record.detail = {**facts}, {"note": note}
        person = managing.in_hand(username, by=by)
        with counting.followed(record, {person.pk}):
            yield record, person


def _names(teams: Collection[Team]) -> str:
    return ", ".join(team.name for team in teams) or "none"
