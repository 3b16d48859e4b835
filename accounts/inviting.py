"""Inviting people, and what they do with their invitation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import Q

from accounts import events, invitations, provider, rights
from accounts.authority import PEOPLE, Actor, Role, clashes
from accounts.managing import in_hand
from accounts.models import User
from accounts.rights import State
from audit.author import Origin
from audit.ledger import Record, recorded
from audit.refusal import Conflict, Objection, Unacceptable

# How a link goes to whom it is for, in the words of the log.
BY_MAIL = "by mail"


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """As a form has read it. `by_mail`: the worker mails the link; otherwise whoever invites hands it over."""

    username: str
    full_name: str
    email: str
    roles: frozenset[Role]
    by_mail: bool


def enlist(record: Record, invitation: Invitation, *, at: datetime) -> User:
    """Make the account, without a password. The inside of a deed, as in `managing`.

    Raises Unacceptable, named for the field, for a name or an address that is taken or none, and for roles that clash.
    """
    held = invitation.roles & PEOPLE
    record.facts |= {"roles": rights.listed(held), "how": _how(invitation.by_mail)}
    objections = (
        *rights.against_name(invitation.username),
        *_against_taken(invitation.username, invitation.email),
        *clashes(held),
    )
    if objections:
        raise Unacceptable(objections)
    first, _, last = invitation.full_name.partition(" ")
    person = User(username=invitation.username, email=invitation.email, first_name=first, last_name=last, invited_at=at)
    person.set_unusable_password()
    person.save()
    person.groups.set(Group.objects.filter(name__in=held))
    _await(person, at=at)
    return person


def invite_again(*, username: str, email: str, by_mail: bool, by: Actor, at: datetime) -> User:
    """Make another link for somebody who has never come; the one before holds no longer.

    Raises Conflict for everybody else: a link into an account that somebody uses would be a way to act in their name.
    """
    with recorded(events.LINK_MADE, subject=username, by=by.author, at=at) as record:
        record.facts = {"how": _how(by_mail)}
        person = in_hand(username, by=by)
        if person.state is not State.INVITED:
            sentence = f"{person} has come already, or is deactivated: there is nothing to invite them to."
            raise Conflict([Objection(code="not-invited", sentence=sentence)])
        if objections := _against_taken("", email, besides=person):
            raise Unacceptable(objections)
        person.email, person.invited_at = email, at
        person.save(update_fields=["email", "invited_at"])
        _await(person, at=at)
    return person


def accept(*, id: int, token: str, password: str, origin: Origin, at: datetime) -> User:
    """Set the password of whoever has the link. Raises Conflict when it holds no longer: it is valid once."""
    known = User.objects.get(pk=id)
    by = Actor(id=known.pk, username=known.username, name=known.name, roles=frozenset(), origin=origin)
    with recorded(events.JOINED, subject=known.username, by=by.author, at=at):
        person = User.objects.select_for_update(no_key=True).get(pk=id)
        if not invitations.tokens.check_token(person, token):
            raise Conflict([Objection(code="link", sentence="This link holds no longer. Ask for a new one.")])
        person.set_password(password)
        person.invited_at = None
        person.save(update_fields=["password", "invited_at"])
    return person


def _await(person: User, *, at: datetime) -> None:
    """Where there is a provider, whoever it knows by the address of the invitation comes in by it just as well."""
    if settings.OIDC_ISSUER and person.email:
        provider.await_person(person, person.email, at=at)


def _against_taken(username: str, email: str, *, besides: User | None = None) -> tuple[Objection, ...]:
    same = Q(username__iexact=username) | (Q(email__iexact=email) if email else Q(pk=None))
    for other in User.objects.filter(same).exclude(pk=besides.pk if besides else 0).order_by("pk")[:1]:
        if other.username.lower() == username.lower():
            return (Objection(code="username", sentence=f"There is an account named {other} already."),)
        return (Objection(code="email", sentence=f"{other} has this address. An account is for one person."),)
    return ()


def _how(by_mail: bool) -> str:
    return BY_MAIL if by_mail else "by hand"
