"""Changing who may do what.

Each of these is the inside of a deed: it is called within `audit.ledger.recorded`, is given the deed's record, and
tells it the facts. What else follows from the change, as with teams and approvals, whoever calls it adds.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import Group
from django.utils.crypto import get_random_string

from accounts import events, rights, sessions, tokens
from accounts.authority import Actor, Deed, Role, demand
from accounts.models import User
from accounts.selectors import HAS_COME, actor_for
from audit.ledger import Record, recorded
from audit.refusal import Conflict, Objection, Unacceptable

_STAMP = 32


def hold(ids: Collection[int]) -> None:
    """Lock these people until the transaction ends: nobody changes meanwhile what they may do."""
    list(User.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))


def administering(*, by: Actor) -> None:
    """Let one administrator at a time go on, who still is one. Raises Forbidden.

    Two who take the role from each other do so one after the other, and the second is none any more.
    """
    Group.objects.select_for_update(no_key=True).get(name=Role.ADMINISTRATOR)
    demand(by if by.id is None else actor_for(User.objects.get(pk=by.id), origin=by.origin), Deed.MANAGE_PEOPLE)


def in_hand(username: str, *, by: Actor) -> User:
    """The person, locked, for an administrator as above. Raises User.DoesNotExist."""
    administering(by=by)
    return User.objects.select_for_update(no_key=True).get(username=username)


def change_roles(record: Record, person: User, *, give: Collection[Role], take: Collection[Role], by: Actor) -> None:
    """Raises Unacceptable for roles that clash, for an own one, and for the last administrator's."""
    wanted = rights.change(person.roles, give=frozenset(give), take=frozenset(take))
    record.facts |= {"changes": wanted.words}
    others = _others_administer(person)
    if objections := rights.against_change(wanted, is_self=person.pk == by.id, others_administer=others):
        raise Unacceptable(objections)
    person.groups.remove(*Group.objects.filter(name__in=wanted.taken))
    person.groups.add(*Group.objects.filter(name__in=wanted.given))


def deactivate(person: User, *, at: datetime) -> None:
    """Nothing that they could do is possible from this moment on, and their tokens end for good.

    What they did stays, and so do their roles.
    """
    if not person.is_active:
        raise Conflict([Objection(code="inactive", sentence=f"{person} is deactivated already.")])
    if objections := rights.against_leaving(person.roles, others_administer=_others_administer(person)):
        raise Unacceptable(objections)
    person.is_active = False
    _stamp(person, "is_active")
    tokens.silence(owner_id=person.pk, at=at)


def reactivate(record: Record, person: User) -> None:
    """They may do what they might before. Sessions and invitations from before stay ended."""
    if person.is_active:
        raise Conflict([Objection(code="active", sentence=f"{person} is active already.")])
    record.facts |= {"roles": rights.listed(person.roles)}
    person.is_active = True
    person.save(update_fields=["is_active"])


def end_sessions(*, username: str, note: str, by: Actor, at: datetime) -> None:
    """Sign somebody out wherever they are signed in. An invitation of theirs ends as well."""
    with recorded(events.SESSIONS_ENDED, subject=username, by=by.author, at=at) as record:
        record.detail = {"note": note}
        _stamp(in_hand(username, by=by))


def _stamp(person: User, *changed: str) -> None:
    """Sessions end by it at once; those that the portal knows of are forgotten as well."""
    person.stamp = get_random_string(_STAMP)
    person.save(update_fields=["stamp", *changed])
    sessions.end_all(person.pk)


def _others_administer(person: User) -> bool:
    """Whoever was invited and has never come does not count: nobody could reach the portal if they never do."""
    others = User.objects.filter(HAS_COME, is_active=True, groups__name=Role.ADMINISTRATOR)
    return others.exclude(pk=person.pk).exists()
