"""People whom the OpenID provider vouches for: which account is theirs, and which roles their groups give.

Only the provider's own number for a person (`sub`) finds an account again. A name or an address that somebody may
choose for themselves never does (docs/adr/0026).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.models import Group

from accounts import consequences, events
from accounts.authority import Actor, Deed, Role, demand
from accounts.groups import Given, read, roles_of
from accounts.id_token import Claims, claim, texts
from accounts.models import Expected, User
from accounts.selectors import author_of
from audit import seldom
from audit.author import Author, Origin
from audit.ledger import recorded
from audit.refusal import Conflict, Forbidden, Objection

# One refusal of the same person in this time stands in the log: whoever tries again and again does not fill it.
_TOLD_EVERY = timedelta(hours=1)
_NO_NAME = re.compile(r"[^a-z0-9._-]+")
_LONGEST_NAME = 40


@dataclass(frozen=True, kw_only=True)
class Vouched:
    """What the provider says of somebody. `email` is empty unless it says that it verified it."""

    subject: str
    email: str
    username: str
    full_name: str
    groups: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Admitted:
    user: User
    account: SocialAccount
    clashing: frozenset[Role]


def vouched(claims: Claims) -> Vouched:
    email = claims.get("email")
    is_verified = claims.get("email_verified") is True or claims.get("email_verified") == "true"
    wanted = claims.get("preferred_username") or email or claims["sub"]
    return Vouched(
        subject=str(claims["sub"]),
        email=email.strip().lower() if isinstance(email, str) and is_verified else "",
        username=str(wanted),
        full_name=str(claims.get("name") or ""),
        groups=texts(claim(claims, settings.OIDC_GROUPS_CLAIM)),
    )


def admit(person: Vouched, *, origin: Origin, at: datetime) -> Admitted:
    """The account of this person, with the roles that their groups give now. Raises Forbidden where there is none."""
    given_by = read(settings.OIDC_GROUPS)
    given = roles_of(person.groups, given_by)
    account = (
        _account_of(person) or _expected(person, origin=origin, at=at) or _new(person, given, origin=origin, at=at)
    )
    if account is None or not account.user.is_active:
        raise _refused(person, origin=origin, at=at)
    if given_by:
        follow(account.user, given, origin=origin, at=at)
    return Admitted(user=account.user, account=account, clashing=given.clashing if given_by else frozenset())


def follow(user: User, given: Given, *, origin: Origin, at: datetime) -> None:
    """Their roles become those that the provider gives, and no others: one event for what goes, one for what comes."""
    by = author_of(user, origin=origin)
    held = frozenset(Role(name) for name in user.groups.values_list("name", flat=True) if name in set(Role))
    changes = ((events.PROVIDER_TOOK, held - given.roles), (events.PROVIDER_GAVE, given.roles - held))
    for deed, roles in changes:
        if roles:
            with recorded(deed, subject=user.username, by=by, at=at) as record:
                record.facts = {"provider": settings.OIDC_NAME, "roles": _listed(roles)}
                groups = Group.objects.filter(name__in=roles)
                with consequences.followed(record, {user.pk}):
                    (user.groups.remove if deed == events.PROVIDER_TOOK else user.groups.add)(*groups)
    if given.clashing:
        with recorded(events.PROVIDER_CLASHED, subject=user.username, by=by, at=at) as record:
            record.facts = {"provider": settings.OIDC_NAME, "roles": _listed(given.clashing)}


def expect(*, user_id: int, email: str, by: Actor, at: datetime) -> None:
    """Let whom the provider knows by this address, and vouches for it, take this account at their next sign-in.

    Raises Forbidden for whoever does not manage people, Conflict when another account waits for the address, or this
    one has its person.
    """
    user, wanted = User.objects.get(pk=user_id), email.strip().lower()
    with recorded(events.EXPECTED, subject=user.username, by=by.author, at=at) as record:
        record.facts, record.detail = {"provider": settings.OIDC_NAME}, {"email": wanted}
        demand(by, Deed.MANAGE_PEOPLE)
        if SocialAccount.objects.filter(user=user, provider=settings.OIDC_ISSUER).exists():
            raise Conflict([Objection(code="linked", sentence=f"{user.username} signs in by the provider already.")])
        await_person(user, wanted, at=at)


def await_person(user: User, email: str, *, at: datetime) -> None:
    """The inside of a deed. Raises Conflict when another account waits for the address."""
    wanted = email.strip().lower()
    if Expected.objects.filter(email=wanted).exclude(user=user).exists():
        raise Conflict([Objection(code="taken", sentence="Another account waits for this address already.")])
    Expected.objects.update_or_create(user=user, defaults={"email": wanted, "since": at})


def _account_of(person: Vouched) -> SocialAccount | None:
    found = SocialAccount.objects.filter(provider=settings.OIDC_ISSUER, uid=person.subject)
    return found.select_related("user").first()


def _expected(person: Vouched, *, origin: Origin, at: datetime) -> SocialAccount | None:
    found = Expected.objects.select_related("user").filter(email=person.email).first() if person.email else None
    if found is None:
        return None
    if not found.user.is_active:
        raise _refused(person, origin=origin, at=at)
    user = found.user
    by = author_of(user, origin=origin)
    with recorded(events.LINKED, subject=user.username, by=by, at=at) as record:
        record.facts = {"provider": settings.OIDC_NAME}
        record.detail = {"email": person.email}
        if not Expected.objects.filter(pk=found.pk).delete()[0]:
            raise Conflict([Objection(code="taken", sentence="Somebody else has taken this account.")])
        return _linked(user, person)


def _new(person: Vouched, given: Given, *, origin: Origin, at: datetime) -> SocialAccount | None:
    """An account for somebody unknown, when a group of theirs gives a role."""
    if not given.roles:
        return None
    name = _free_name(person.username)
    with recorded(events.ENROLLED, subject=name, by=_provider(origin), at=at) as record:
        first, _, last = person.full_name.partition(" ")
        user = User.objects.create_user(name, person.email, None, first_name=first[:150], last_name=last[:150])
        user.groups.set(Group.objects.filter(name__in=given.roles))
        record.facts = {"roles": _listed(given.roles)}
        return _linked(user, person)


def _linked(user: User, person: Vouched) -> SocialAccount:
    return SocialAccount.objects.create(user=user, provider=settings.OIDC_ISSUER, uid=person.subject)


def _free_name(wanted: str) -> str:
    """A name like the one they have there, that nobody has here: a name is no proof of anything."""
    plain = _NO_NAME.sub("-", wanted.partition("@")[0].lower()).strip("-.")[:_LONGEST_NAME] or "person"
    names = (plain if number == 1 else f"{plain}{number}" for number in count(1))
    return next(name for name in names if not User.objects.filter(username__iexact=name).exists())


def _refused(person: Vouched, *, origin: Origin, at: datetime) -> Forbidden:
    """What to raise; the log is told now and then."""
    sentence = f"{settings.OIDC_NAME} knows you, and this portal does not: no group of yours gives a role here."
    refusal = Forbidden([Objection(code="unknown", sentence=sentence)])
    if seldom.is_news("refused-person", person.subject, every=_TOLD_EVERY):
        name = _NO_NAME.sub("-", person.username.lower())[:80]
        with suppress(Forbidden), recorded(events.ENROLLED, subject=name, by=_provider(origin), at=at):
            raise refusal
    return refusal


def _provider(origin: Origin) -> Author:
    return Author(key="system:provider", name=settings.OIDC_NAME, origin=origin)


def _listed(roles: Collection[Role]) -> str:
    return ", ".join(sorted(roles)) or "no role"
